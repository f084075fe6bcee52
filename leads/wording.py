"""Why a step with a lead was not taken, and how far it is, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from leads.models import Lead
from leads.rules import No
from tracking.rules import Reason
from tracking.wording import reason_text

_REFUSALS: dict[str, Promise | str] = {
    No.UNKNOWN: _("There is no such stage."),
    No.MOVED: _("Somebody moved this lead meanwhile. Look where it stands now."),
    No.SAME: _("The lead stands there already."),
    No.NEEDS_REASON: _("Say why it was lost."),
    No.NEEDS_AMOUNT: _("Write the amount that was agreed: it must be more than nothing."),
    No.IS_WON: _("This lead is won: take the sale back first."),
    "no_number": _("Write a number of at most 100 characters, or leave it empty."),
    "number_known": _("An order with this number is known already: look for it in the list of orders."),
    "won_too_early": _("The lead came after that day."),
    "future": _("This day lies in the future."),
    "not_won": _("This lead is not won."),
    "already_released": _(
        "A reward of this sale was released already, so it stays won. Cancel the sale on the page of its order: what "
        "was given is then taken back."
    ),
    "day_over": _("Choose today or a later day."),
    "no_email": _("Write a whole e-mail address, like name@example.com."),
    "no_link": _("This advocate has no code in use. Give them one first."),
    "no_code": _("No advocate has this code."),
    "too_much": _("Write a smaller amount."),
}


def refusal_text(code: str) -> str:
    return str(_REFUSALS.get(code) or _now("This cannot be done any more."))


_REASONS: dict[str, Promise | str] = {
    Reason.NO_EVIDENCE: _("Nobody's: neither a link nor a code came with it."),
    Reason.TYPED_CODE: _("This advocate's code was named."),
    Reason.OWN_PURCHASE: _("Nobody's: the advocate left their own details."),
    Reason.EXISTING_CUSTOMER: _("Nobody's: they had bought before, and the program is for new customers."),
}


def decision_text(lead: Lead) -> str:
    """Why it is, or is not, an advocate's lead."""
    code = str(lead.decision.get("reason", ""))
    return str(_REASONS[code]) if code in _REASONS else reason_text(code)


def progress_text(lead: Lead) -> str:
    """For the advocate: how far it is, and nothing of what was talked about."""
    if lead.stage == Lead.Stage.WON:
        return _now("Became a customer")
    if lead.stage == Lead.Stage.LOST:
        return _now("Did not work out this time")
    return _now("Has been in touch") if lead.stage == Lead.Stage.NEW else _now("In talks")
