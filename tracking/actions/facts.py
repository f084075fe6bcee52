"""Write down what a shop told us: the order's anchor row and its facts. Nothing is judged here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from kit.locks import Rank, lock_named
from kit.tenancy import transaction_required
from tracking.facts import OrderKey
from tracking.models import Order, OrderFact
from tracking.rules import Fact, FactKind


def lock_order(key: OrderKey) -> None:
    """Before anything about an order is read, be it there or not: its refund may be handled just now."""
    lock_named(Rank.ORDER, key.platform, key.external_id)


@transaction_required
def record_facts(*, key: OrderKey, facts: Sequence[Fact], now: datetime) -> tuple[Order, bool]:
    """The order's row and its facts, and whether anything was new. The caller holds ``lock_order``."""
    order, created = Order.objects.get_or_create(
        platform=key.platform, external_id=key.external_id, defaults={"received_at": now}
    )
    before = OrderFact.objects.filter(order=order).count()
    rows = [_row(order, fact, now) for fact in facts]
    OrderFact.objects.bulk_create(rows, ignore_conflicts=True)
    return order, created or OrderFact.objects.filter(order=order).count() > before


def facts_of(order: Order) -> list[Fact]:
    rows = OrderFact.objects.filter(order=order).order_by("as_of", "digest")
    return [Fact(FactKind(row.kind), row.key, row.as_of, row.data, row.digest) for row in rows]


def _row(order: Order, fact: Fact, now: datetime) -> OrderFact:
    return OrderFact(
        order=order,
        kind=fact.kind,
        key=fact.key,
        as_of=fact.as_of,
        digest=_digest(fact),
        data=fact.data,
        received_at=now,
    )


def _digest(fact: Fact) -> str:
    """Decides between two different rows of the same moment the same way whichever came first."""
    return hashlib.sha256(json.dumps(fact.data, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
