"""The advocate's answer to what a friend said after the order."""

from __future__ import annotations

from datetime import datetime

from kit.tenancy import transaction_required
from merchants.events import record
from rewards.actions.settle import settle_order
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey
from tracking.locks import introduction_for_update
from tracking.models import Introduction, Order


class NotAsked(Exception):
    """There is no such question (any more): it was answered, or its time is over. Nothing was changed."""


@transaction_required
def answer_introduction(*, introduction: Introduction, yes: bool, by: str, now: datetime) -> Introduction:
    """Yes makes it a touch of the order, which is judged and settled again under every check; no leaves it as it is."""
    order: Order = introduction.order
    lock_order(OrderKey(order.platform, order.external_id))
    told = introduction_for_update(introduction.pk)
    if told.state != Introduction.State.NAMED or told.expires_at <= now or told.advocate_id != introduction.advocate_id:
        raise NotAsked
    told.state = Introduction.State.CONFIRMED if yes else Introduction.State.DENIED
    told.answered_at = now
    told.save(update_fields=["state", "answered_at"])
    data = {"order_id": str(order.pk), "advocate_id": str(told.advocate_id)}
    record("introduction.confirmed" if yes else "introduction.denied", subject=told, by=by, now=now, data=data)
    if yes:
        Order.objects.filter(pk=order.pk).update(evidence_key="")
        settle_order(order=order, now=now, by=by)
    return told
