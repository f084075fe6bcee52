"""Attribution by hand: an advocate for an order that tracking missed, with its own line in the log."""

from __future__ import annotations

from datetime import datetime

from advocates.models import Advocate
from kit.tenancy import transaction_required
from merchants.selectors import workspace
from rewards.actions.settle import Settled, settle_order
from rewards.selectors import was_released
from tracking.actions.attribute import buyer_of, evidence_key, touch_by_hand
from tracking.actions.facts import facts_of, lock_order
from tracking.actions.referrals import write_decision
from tracking.facts import OrderKey
from tracking.locks import lock_friend, referral_for_update
from tracking.models import Order
from tracking.rules import attribute, read_order


class NotAttributable(Exception):
    """The order cannot be given to this advocate; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def attribute_by_hand(*, order: Order, advocate: Advocate, by: str, now: datetime) -> Settled:
    """Give the order to the advocate and settle. The certain blocks (own purchase, not new) hold here too."""
    lock_order(OrderKey(order.platform, order.external_id))
    order.refresh_from_db()
    view = read_order(facts_of(order))
    if view is None or advocate.program.terms is None:
        raise NotAttributable("order_not_seen_yet" if view is None else "program_never_published")
    if order.customer_id:
        lock_friend(order.customer_id)
    standing = referral_for_update(order.pk)
    if standing and standing.state in ("PENDING", "QUALIFIED"):
        raise NotAttributable("already_attributed")
    if standing and was_released(standing):
        raise NotAttributable("already_released")
    terms = advocate.program.terms
    touch = touch_by_hand(advocate, terms, view)
    zone = workspace().time_zone
    decision = attribute(placed_at=view.placed_at, buyer=buyer_of(order, view.placed_at), touches=[touch], zone=zone)
    write_decision(
        order=order,
        decision=decision,
        evidence_key=evidence_key(view, order.customer_id),
        buyer_id=order.customer_id,
        standing=standing,
        now=now,
        by=by,
    )
    order.save()
    return settle_order(order=order, now=now, by=by)
