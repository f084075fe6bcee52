"""Attribution by hand: an advocate for an order that tracking missed or gave to somebody else, with a reason.

Also for old orders: the terms that were in force when the order was placed count, and so does everything that blocks
for certain. It stays until it is undone, which is possible while no reward of the order has been released.
"""

from __future__ import annotations

from datetime import datetime

from advocates.models import Advocate
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants.events import record
from merchants.selectors import workspace
from rewards.actions.settle import Settled, settle_order
from rewards.selectors import was_released
from tracking.actions.attribute import buyer_of, terms_at, touch_by_hand, touches_of
from tracking.actions.facts import facts_of, lock_order
from tracking.actions.referrals import write_decision
from tracking.facts import OrderKey
from tracking.locks import lock_friend, referral_for_update
from tracking.models import Assignment, Order, Referral
from tracking.rules import Decision, OrderView, Touch, attribute, read_order

LONGEST_REASON = 500


class NotAttributable(Exception):
    """The order cannot be given to this advocate, or taken back; ``code`` says why. Nothing was changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def attribute_by_hand(
    *, order: Order, advocate: Advocate, reason: str, by: str, now: datetime, with_rewards: bool = True
) -> Settled:
    """Give the order to the advocate and settle. The certain blocks (own purchase, not new) hold here too.

    Without rewards it is a referral that counts, for levels too, and nobody gets anything for it.
    """
    words = clean_text(reason).strip()[:LONGEST_REASON]
    view, standing = _locked(order)
    touch = _touch(order, advocate, view, standing, words)
    referral = write_decision(
        order=order,
        decision=_decision(order, view, touch),
        evidence_key="",  # settling judges it once more, with everything that is only looked at there
        buyer_id=order.customer_id,
        standing=standing,
        ordered_at=view.placed_at,
        now=now,
        by=by,
    )
    order.save()
    assert referral is not None, "a decision by hand always has its touch"
    referral.without_rewards = not with_rewards
    referral.save(update_fields=["without_rewards"])
    _note(referral, words, with_rewards=with_rewards, by=by, now=now)
    return settle_order(order=order, now=now, by=by)


@transaction_required
def undo_by_hand(*, order: Order, by: str, now: datetime) -> Settled:
    """Take a decision by hand back: the order is whatever its evidence says it is."""
    _view, standing = _locked(order)
    open_one = Assignment.objects.filter(order=order, undone_at=None).first()
    if standing is None or open_one is None:
        raise NotAttributable("not_by_hand")
    if was_released(standing):
        raise NotAttributable("already_released")
    open_one.undone_at, open_one.undone_by = now, by
    open_one.save(update_fields=["undone_at", "undone_by"])
    standing.without_rewards = False
    standing.save(update_fields=["without_rewards"])
    record("referral.unassigned", subject=standing, by=by, now=now, data={"advocate_id": str(open_one.advocate_id)})
    Order.objects.filter(pk=order.pk).update(evidence_key="")
    return settle_order(order=order, now=now, by=by)


def _locked(order: Order) -> tuple[OrderView, Referral | None]:
    """The order, its friend and its referral, held and read anew."""
    lock_order(OrderKey(order.platform, order.external_id))
    order.refresh_from_db()
    view = read_order(facts_of(order))
    if view is None:
        raise NotAttributable("order_not_seen_yet")
    if order.customer_id:
        lock_friend(order.customer_id)
    return view, referral_for_update(order.pk)


def _touch(order: Order, advocate: Advocate, view: OrderView, standing: Referral | None, words: str) -> Touch:
    """The decision as a touch, or what stands against it."""
    terms = terms_at(advocate.program, view.placed_at)
    if not words:
        raise NotAttributable("reason_needed")
    if terms is None:
        raise NotAttributable("program_never_published")
    if standing and was_released(standing):
        raise NotAttributable("already_released")
    if standing and standing.state in ("PENDING", "QUALIFIED") and standing.advocate_id == advocate.pk:
        raise NotAttributable("already_theirs")
    if advocate.state != Advocate.State.ACTIVE:
        raise NotAttributable("advocate_not_active")
    return touch_by_hand(advocate, terms, view)


def _decision(order: Order, view: OrderView, touch: Touch) -> Decision:
    return attribute(
        placed_at=view.placed_at,
        buyer=buyer_of(order, view.placed_at),
        touches=[*touches_of(order, view), touch],
        zone=workspace().time_zone,
    )


def _note(referral: Referral, words: str, *, with_rewards: bool, by: str, now: datetime) -> None:
    """Who, when and why; an earlier decision by hand is thereby undone."""
    earlier = Assignment.objects.filter(order_id=referral.order_id, undone_at=None)
    earlier.update(undone_at=now, undone_by=by)
    made = Assignment.objects.create(
        order_id=referral.order_id,
        advocate_id=referral.advocate_id,
        reason=words,
        with_rewards=with_rewards,
        by=by,
        at=now,
    )
    data = {"advocate_id": str(referral.advocate_id), "assignment_id": str(made.pk), "with_rewards": with_rewards}
    record("referral.assigned", subject=referral, by=by, now=now, data=data)
