"""Why a referral earns or does not, and what a reward still waits for, in words for the merchant and their software."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kit.wording import day
from programs.rules import Fulfilment
from rewards.models import Reward, RewardBlock
from rewards.rules import Why
from rewards.rules.restored import RESTORED
from tracking import wording as tracking_wording

_REASONS: dict[str, Promise | str] = {
    Why.QUALIFIES: _("The order meets the conditions of the program."),
    Why.NOT_PAID: _("The order is not paid yet."),
    Why.CANCELLED: _("The order was cancelled."),
    Why.REFUNDED: _("Everything that counted was given back."),
    Why.DISPUTE_LOST: _("The payment was disputed and the shop lost it."),
    Why.BELOW_MINIMUM: _("The order is below the program's minimum."),
    Why.BELOW_MINIMUM_AFTER_REFUND: _("After a refund the order is below the program's minimum."),
    Why.NOTHING_COUNTS: _("Nothing in the order counts for the program."),
    Why.OTHER_COUNTRY: _("The program does not include the country of the order."),
    Why.OTHER_CURRENCY: _(
        "The order is in another currency than the program. Amounts are never converted by themselves: somebody of the "
        "team has to say what it is worth."
    ),
    Why.TEST_ORDER: _("It is a test order."),
    Why.TOO_LATE: _("The order was paid after the qualification window had ended."),
    Why.OVER_CAP: _("The advocate has reached the largest number of rewards. The friend keeps the offer."),
    Why.BLOCKED: _("The referral is blocked."),
    Why.OTHER_ORDER_STANDS: _("Another order of the same friend counts already."),
    Why.WITHOUT_REWARDS: _("It counts as a referral, and nobody gets a reward for it: so it was decided by hand."),
    Why.NOT_THE_NTH: _("It counts towards the advocate's next reward: not every referral earns one."),
    Why.REJECTED: _("Somebody of the team refused it."),
    Why.EXPIRED: _("It was not claimed in time."),
    Why.OUT_OF_TIME: _("It was not used before it ended."),
    RESTORED: _("The database was restored from a backup, so nobody here knows if it was given before. Please look."),
}

_BLOCKS: dict[str, Promise | str] = {
    RewardBlock.Kind.REVIEW: _("Waiting for a review."),
    RewardBlock.Kind.DISPUTE: _("Waiting for the end of a payment dispute."),
    RewardBlock.Kind.BUDGET: _("Waiting for budget."),
    RewardBlock.Kind.CONNECTION: _("Waiting until the shop is connected again."),
    RewardBlock.Kind.TAX_FORM: _("Waiting for a tax form."),
    RewardBlock.Kind.CHOICE: _("Waiting for the recipient to choose."),
    RewardBlock.Kind.ADDRESS: _("Waiting for the recipient's address."),
    RewardBlock.Kind.MANUAL: _("Stopped by somebody of the team."),
}


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that has to happen before the reward is with the person. ``code`` is stable."""

    code: str
    text: str


def reason_text(code: str) -> str:
    """One sentence for a reason code of a referral, a reward or a service that refused to give one."""
    if code in _REASONS:
        return str(_REASONS[code])
    told: str = import_string(settings.REASON_WORDS)(code)
    return told or tracking_wording.reason_text(code)


def block_text(kind: str) -> str:
    return str(_BLOCKS[kind])


def missing_for(
    reward: Reward, blocks: Iterable[RewardBlock], *, zone: str, language: str, payout: Missing | None = None
) -> list[Missing]:
    """What the reward waits for, the next step first; empty when it is with the person or will never be.

    ``payout``: where a payout pays it, what that waits for (rewards.payout_words.payout_steps).
    """
    return list(_missing(reward, blocks, zone, language, payout))


def _missing(
    reward: Reward, blocks: Iterable[RewardBlock], zone: str, language: str, payout: Missing | None
) -> Iterator[Missing]:
    state = Reward.State
    if reward.state not in (state.HELD, state.RELEASED, state.FULFILLING, state.FAILED):
        return
    for block in blocks:
        yield Missing(str(block.kind).lower(), block_text(block.kind))
    if reward.state == state.HELD and reward.release_at is None:
        yield Missing("shipment", _now("Waiting for shipment. The hold begins with the delivery of the order."))
    elif reward.state == state.HELD and reward.release_at is not None:
        until = day(reward.release_at, zone, language)
        yield Missing("hold", _now("Held until %(day)s, the end of the return window.") % {"day": until})
    elif reward.state == state.FAILED:
        yield Missing("retry", _now("Delivering it failed. Correct the cause and try again in the dashboard."))
    elif reward.fulfilment == Fulfilment.MANUAL:
        yield Missing("hand", _now("Released. Waiting to be sent by somebody of the team."))
    elif reward.fulfilment == Fulfilment.SHIPMENT:
        yield Missing("parcel", _now("Released. Waiting to be packed and sent by somebody of the team."))
    elif reward.fulfilment == Fulfilment.PAYOUT:
        yield payout or Missing("payout", _now("Released. Waiting for the next payout."))
    else:
        yield Missing("delivery", _now("Released and being delivered."))
