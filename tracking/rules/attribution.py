"""Whose referral an order is. Pure: frozen dataclasses in, a frozen decision with all its reasons out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from kit.days import add_days, add_months
from programs.rules import CodeRule, Terms, TouchRule

#: Clocks of shops and ours may differ by this much before "ordered before the click" counts.
CLOCK_SKEW = timedelta(minutes=5)


class MatchedBy(StrEnum):
    CODE = "CODE"
    TOKEN = "TOKEN"  # noqa: S105 -- a way of matching, no password
    EMAIL = "EMAIL"
    MANUAL = "MANUAL"
    BOUND = "BOUND"
    INTRODUCED = "INTRODUCED"  # said by the friend after the order, confirmed by the advocate


class Reason(StrEnum):
    """Why a touch or an order was or was not taken. Words for people: tracking.wording."""

    NO_EVIDENCE = "no_evidence"
    TYPED_CODE = "typed_code"
    FIRST_TOUCH = "first_touch"
    LAST_TOUCH = "last_touch"
    CLAIM_EMAIL = "claim_email"
    BY_HAND = "by_hand"
    FURTHER_ORDER = "further_order"
    INTRODUCED = "introduced"
    WINDOW_OVER = "attribution_window_over"
    BEFORE_TOUCH = "ordered_before_touch"
    ADVOCATE_INACTIVE = "advocate_not_active"
    JOINED_LATER = "advocate_joined_later"
    PROGRAM_CLOSED = "program_closed_at_touch"
    OTHER_TOUCH_WON = "other_touch_won"
    OWN_PURCHASE = "own_purchase"
    EXISTING_CUSTOMER = "existing_customer"
    SECOND_ADVOCATE = "already_referred"
    SAME_CARD = "same_means_of_payment"
    SAME_PAYOUT_ACCOUNT = "same_payout_account"
    BLOCK_LISTED = "on_block_list"


class Verdict(StrEnum):
    NOT_REFERRED = "NOT_REFERRED"
    ATTRIBUTED = "ATTRIBUTED"
    BLOCKED = "BLOCKED"


@dataclass(frozen=True, slots=True)
class Touch:
    """One way in which the order may be an advocate's: a token's click, a typed code, a claim with the same e-mail,
    what the friend said afterwards, a decision by hand."""

    by: MatchedBy
    at: datetime
    advocate_id: UUID
    advocate_customer_id: UUID
    advocate_active: bool
    program_id: UUID
    terms_id: UUID
    terms: Terms
    link_id: UUID | None = None
    claim_id: UUID | None = None
    click_id: UUID | None = None
    variant: str = ""
    program_open: bool = True
    #: Where the order must not be older than the advocate: from when on they were one.
    joined_at: datetime | None = None
    #: The friend's first referral, where this is a further order.
    follows_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Buyer:
    """The friend as the shop knows them. ``referred_by``: program id -> advocate of an earlier referral that stands."""

    customer_id: UUID | None
    paid_before: bool
    referred_by: dict[UUID, UUID] = field(default_factory=dict)
    #: Customers who paid with the card this order was paid with, and who are paid out to the friend's own account.
    same_fingerprint: frozenset[UUID] = frozenset()
    same_payout_account: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Considered:
    """One line of the trace: a touch and what became of it."""

    by: str
    at: str
    advocate_id: str
    link_id: str | None
    claim_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    verdict: Verdict
    reason: Reason
    touch: Touch | None = None
    how: Reason | None = None
    considered: tuple[Considered, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "how": self.how,
            "considered": [asdict(item) for item in self.considered],
        }


def attribute(*, placed_at: datetime, buyer: Buyer, touches: Sequence[Touch], zone: str) -> Decision:
    """Whose referral an order is. A decision by hand wins; then a typed code, where the program lets it override; then
    the first valid touch (or the last, by the program). What the friend said afterwards counts where nothing else does.

    Blocked for certain: the advocate's own purchase, an existing customer, a friend whom another advocate referred.
    """
    if not touches:
        return Decision(Verdict.NOT_REFERRED, Reason.NO_EVIDENCE)
    ordered = sorted(touches, key=_touch_order)
    faults = {index: _fault(touch, placed_at, zone) for index, touch in enumerate(ordered)}
    valid = [touch for index, touch in enumerate(ordered) if faults[index] is None]
    if not valid:
        considered = tuple(_considered(touch, faults[index]) for index, touch in enumerate(ordered))
        return Decision(Verdict.NOT_REFERRED, faults[len(ordered) - 1] or Reason.NO_EVIDENCE, considered=considered)
    chosen, how = _choose(valid)
    considered = tuple(
        _considered(touch, faults[index] or (how if touch is chosen else Reason.OTHER_TOUCH_WON))
        for index, touch in enumerate(ordered)
    )
    block = _block(chosen, buyer)
    verdict = Verdict.BLOCKED if block else Verdict.ATTRIBUTED
    return Decision(verdict, block or how, touch=chosen, how=how, considered=considered)


def attribute_further(
    *,
    placed_at: datetime,
    first_placed_at: datetime,
    touch: Touch,
    months: int,
    zone: str,
    others: Sequence[Touch] = (),
) -> Decision | None:
    """A further order of a friend whose referral earns for ``months``: their advocate's again, without a new touch.

    None when the time is over; then the order is judged like any other. ``others`` are named in the trace only.
    """
    if not first_placed_at <= placed_at <= add_months(first_placed_at, months, zone):
        return None
    trace = [(touch, Reason.FURTHER_ORDER)]
    trace += [(other, _fault(other, placed_at, zone) or Reason.OTHER_TOUCH_WON) for other in others]
    considered = tuple(_considered(*line) for line in sorted(trace, key=lambda line: _touch_order(line[0])))
    return Decision(
        Verdict.ATTRIBUTED, Reason.FURTHER_ORDER, touch=touch, how=Reason.FURTHER_ORDER, considered=considered
    )


def _touch_order(touch: Touch) -> tuple[datetime, str, str]:
    """By time; what came in the same moment by what it is, so that the order of arrival never decides."""
    named = (touch.advocate_id, touch.program_id, touch.terms_id, touch.claim_id, touch.link_id, touch.click_id)
    return touch.at, touch.by, "|".join(map(str, named))


def _fault(touch: Touch, placed_at: datetime, zone: str) -> Reason | None:
    if not touch.advocate_active:
        return Reason.ADVOCATE_INACTIVE
    if not touch.program_open:
        return Reason.PROGRAM_CLOSED
    if placed_at < touch.at - CLOCK_SKEW:
        return Reason.BEFORE_TOUCH
    if touch.joined_at and placed_at < touch.joined_at - CLOCK_SKEW:
        return Reason.JOINED_LATER
    if placed_at > add_days(touch.at, touch.terms.attribution_window_days, zone):
        return Reason.WINDOW_OVER
    return None


def _choose(valid: Sequence[Touch]) -> tuple[Touch, Reason]:
    """``valid`` is in order of time."""
    by_hand = [touch for touch in valid if touch.by == MatchedBy.MANUAL]
    if by_hand:
        return by_hand[-1], Reason.BY_HAND
    overriding = [
        touch for touch in valid if touch.by == MatchedBy.CODE and touch.terms.code_rule == CodeRule.OVERRIDES
    ]
    seen_before = [touch for touch in valid if touch.by != MatchedBy.INTRODUCED]
    return _by_rule(overriding or seen_before or valid)


def _by_rule(touches: Sequence[Touch]) -> tuple[Touch, Reason]:
    """First or last, as the program of the first of them has it."""
    last_wins = touches[0].terms.touch_rule == TouchRule.LAST
    chosen = touches[-1] if last_wins else touches[0]
    own_words = {
        MatchedBy.CODE: Reason.TYPED_CODE,
        MatchedBy.EMAIL: Reason.CLAIM_EMAIL,
        MatchedBy.INTRODUCED: Reason.INTRODUCED,
    }
    return chosen, own_words.get(chosen.by) or (Reason.LAST_TOUCH if last_wins else Reason.FIRST_TOUCH)


def _block(touch: Touch, buyer: Buyer) -> Reason | None:
    if buyer.customer_id == touch.advocate_customer_id:
        return Reason.OWN_PURCHASE
    if touch.advocate_customer_id in buyer.same_fingerprint:
        return Reason.SAME_CARD
    if touch.advocate_customer_id in buyer.same_payout_account:
        return Reason.SAME_PAYOUT_ACCOUNT
    earlier = buyer.referred_by.get(touch.program_id)
    if earlier is not None and earlier != touch.advocate_id:
        return Reason.SECOND_ADVOCATE
    if earlier is not None or (touch.terms.new_customers_only and buyer.paid_before):
        return Reason.EXISTING_CUSTOMER
    return None


def _considered(touch: Touch, reason: Reason | None) -> Considered:
    return Considered(
        by=touch.by,
        at=touch.at.isoformat(),
        advocate_id=str(touch.advocate_id),
        link_id=str(touch.link_id) if touch.link_id else None,
        claim_id=str(touch.claim_id) if touch.claim_id else None,
        reason=reason or "",
    )
