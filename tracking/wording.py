"""Why an order is or is not somebody's referral, in words for the merchant and their software."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from tracking.models import Order
from tracking.rules import Reason

_REASONS: dict[str, Promise | str] = {
    Reason.NO_EVIDENCE: _("The order carries no referral code or token, and its customer claimed no offer."),
    Reason.TYPED_CODE: _("The advocate's code, or one that was given to their friend, was used at checkout."),
    Reason.FIRST_TOUCH: _("The friend opened this advocate's link first."),
    Reason.LAST_TOUCH: _("The friend opened this advocate's link last."),
    Reason.CLAIM_EMAIL: _("The customer claimed this advocate's offer with the same e-mail address."),
    Reason.FURTHER_ORDER: _("A further order of a friend whom this advocate brought; the program rewards those too."),
    Reason.INTRODUCED: _(
        "The customer said after the order that this advocate sent them, and the advocate confirmed it."
    ),
    Reason.BY_HAND: _("Somebody of the team assigned the order to this advocate."),
    Reason.WINDOW_OVER: _("The order came after the attribution window had ended."),
    Reason.BEFORE_TOUCH: _("The order was placed before the friend opened the link or claimed the offer."),
    Reason.ADVOCATE_INACTIVE: _("The advocate is not active."),
    Reason.JOINED_LATER: _("The advocate joined only after the order had been placed."),
    Reason.PROGRAM_CLOSED: _("The program was not open when the friend opened the link or used the code."),
    Reason.OTHER_TOUCH_WON: _("Another link or code of the same friend counts instead."),
    Reason.OWN_PURCHASE: _("The advocate bought this for themselves."),
    Reason.EXISTING_CUSTOMER: _("The customer had bought before, and the program is for new customers."),
    Reason.SECOND_ADVOCATE: _("Another advocate referred this customer before."),
    Reason.SAME_CARD: _("It was paid with a card or account the advocate has paid with too."),
    Reason.SAME_PAYOUT_ACCOUNT: _("The friend and the advocate are paid out to the same account."),
    Reason.BLOCK_LISTED: _("It fits an entry of your block list."),
}


def reason_text(code: str) -> str:
    """One sentence for a reason code (tracking.rules.Reason); an unknown code stays readable as it is."""
    return str(_REASONS[code]) if code in _REASONS else code.replace("_", " ")


_ASIDE: dict[str, Promise | str] = {
    "unknown_link": _("The link is not one of yours any more."),
    "unknown_program": _("The program of the link is not one of yours any more."),
    "no_partition": _("Older than the time clicks are kept, or dated far ahead."),
    "refused": _("Refused by the database."),
}


def aside_text(code: str) -> str:
    """Why a click could not be recorded (tracking.steps.ingest.reason_of)."""
    return str(_ASIDE.get(code, _ASIDE["refused"]))


def beaten_text(how: str) -> str:
    """Why another touch was not taken, by what the one that was taken had before it (tracking.rules.Reason)."""
    return str(_BEATEN.get(how) or _REASONS[Reason.OTHER_TOUCH_WON])


_BEATEN: dict[str, Promise | str] = {
    Reason.BY_HAND: _("Somebody of the team decided otherwise."),
    Reason.TYPED_CODE: _("The code typed at checkout counts instead."),
    Reason.FIRST_TOUCH: _("It was not the first: in this program the first one counts."),
    Reason.LAST_TOUCH: _("It was not the last: in this program the last one counts."),
    Reason.CLAIM_EMAIL: _("The offer that the customer claimed with their e-mail address counts instead."),
    Reason.FURTHER_ORDER: _("The customer is still their first advocate's."),
}


def decision_text(order: Order) -> str:
    """What was decided about the order, with the deciding reason."""
    if order.outcome == Order.Outcome.AWAITED:
        return _now("The order itself has not come yet. What was told about it is kept and counts when it comes.")
    return _SENTENCES[order.outcome] % {"reason": reason_text(str(order.decision.get("reason", "")))}


_SENTENCES: dict[str, Promise | str] = {
    Order.Outcome.ATTRIBUTED: _("Attributed. %(reason)s"),
    Order.Outcome.BLOCKED: _("Blocked. %(reason)s"),
    Order.Outcome.NOT_REFERRED: _("Not referred. %(reason)s"),
}
