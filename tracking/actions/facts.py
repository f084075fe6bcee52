"""Write down what a shop told us: the order's anchor row and its facts. Nothing is judged here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from kit.asked import asked_often
from kit.ids import uuid7
from kit.locks import Rank, lock_all_named, lock_named
from kit.many import columns, insert_many
from kit.tenancy import transaction_required
from tracking.facts import OrderKey
from tracking.models import Order, OrderFact
from tracking.rules import Fact, FactKind
from tracking.selectors import order_by_key


def lock_order(key: OrderKey) -> None:
    """Before anything about an order is read, be it there or not: its refund may be handled just now."""
    lock_named(Rank.ORDER, key.platform, key.external_id)


def lock_orders(keys: Iterable[OrderKey]) -> None:
    lock_all_named(Rank.ORDER, [(key.platform, key.external_id) for key in keys])


@dataclass(frozen=True, slots=True)
class Recorded:
    """The order's row, all its facts, and whether anything told was new."""

    order: Order
    facts: list[Fact]
    is_new: bool
    is_new_order: bool


@transaction_required
def record_facts(*, key: OrderKey, facts: Sequence[Fact], now: datetime) -> Recorded:
    """Write down what is not known yet. The caller holds ``lock_order``, so nobody else makes this order meanwhile."""
    order = order_by_key(key)
    is_new_order = order is None
    if order is None:
        order = Order.objects.create(platform=key.platform, external_id=key.external_id, received_at=now)
    known = [] if is_new_order else facts_of(order)
    fresh = _fresh(digested(facts), known)
    write_facts([(order, fact) for fact in fresh], now)
    return Recorded(order, [*known, *fresh], is_new_order or bool(fresh), is_new_order)


def facts_of(order: Order) -> list[Fact]:
    return as_facts(told_of(order.pk))


@asked_often
def told_of(order_id: UUID) -> QuerySet[OrderFact]:
    rows: QuerySet[OrderFact] = OrderFact.objects.filter(order=order_id)
    return rows.order_by("as_of", "digest")


def as_facts(rows: Iterable[OrderFact]) -> list[Fact]:
    return [Fact(FactKind(row.kind), row.key, row.as_of, row.data, row.digest) for row in rows]


def _fresh(told: Sequence[Fact], known: Sequence[Fact]) -> list[Fact]:
    seen = {_identity(fact) for fact in known}
    return list({_identity(fact): fact for fact in told if _identity(fact) not in seen}.values())


def _identity(fact: Fact) -> tuple[object, ...]:
    return fact.kind, fact.key, fact.as_of, fact.digest


def digested(facts: Sequence[Fact]) -> list[Fact]:
    """As they are stored; what was told twice in one breath is told once."""
    return _fresh([replace(fact, digest=_digest(fact)) for fact in facts], ())


def write_facts(facts: Sequence[tuple[Order, Fact]], now: datetime) -> None:
    """Insert facts that are not known yet, each with its order."""
    rows = [(uuid7(), order.pk, fact.kind.value, fact.key, fact.as_of, fact.digest, fact.data) for order, fact in facts]
    if rows:
        names = ("id", "order_id", "kind", "key", "as_of", "digest", "data")
        insert_many(OrderFact, same={"received_at": now}, each=columns(names, rows))


def _digest(fact: Fact) -> str:
    """Decides between two different rows of the same moment the same way whichever came first."""
    return hashlib.sha256(json.dumps(fact.data, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
