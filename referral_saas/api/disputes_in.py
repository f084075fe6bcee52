"""A payment dispute as the shop tells it: opened, and in the end won or lost."""

from __future__ import annotations

from datetime import datetime

from referral_saas.api.body import Body
from referral_saas.api.orders_in import Told
from referral_saas.api.refunds_in import as_of, currency_of
from tracking.rules import DisputeStatus, Fact, FactKind

STATUSES = tuple(status.value for status in DisputeStatus)


def read_dispute_body(body: Body, told: Told, *, now: datetime) -> Fact:
    """``amount`` is what the bank asks back; without it the whole order, or what was told of this dispute before."""
    key = body.key("dispute_id")
    status = body.choice("status", STATUSES)
    amount = body.money("amount", currency_of(body, told), least=1)
    opened_at = body.time("opened_at", now=now)
    updated_at = body.time("updated_at", now=now)
    body.done()
    data = {"status": status, "amount_minor": amount, "opened_at": opened_at.isoformat() if opened_at else None}
    return Fact(FactKind.DISPUTE, key, as_of(told, FactKind.DISPUTE, key, data, updated_at, now), data)
