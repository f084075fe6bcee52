"""From a Shopify hook to facts of one order. Pure: the payload in, facts or the reason why not out.

Refunds and parcels inside an order become the same facts as those that come by themselves, so that what is told twice
is known once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.shopify.disputes import dispute_fact
from integrations.shopify.orders import person, snapshot
from integrations.shopify.parcels import parcel_fact
from integrations.shopify.reading import Json, NotReadable, ident, rows
from integrations.shopify.refunds import refund_fact
from integrations.shopify.traces import trace_of
from kit.text import clean_json
from tracking.facts import OrderKey, PersonIn, TraceIn
from tracking.rules import Fact

PLATFORM = "shopify"

ORDER_TOPICS = frozenset(
    {
        "orders/create",
        "orders/paid",
        "orders/updated",
        "orders/fulfilled",
        "orders/partially_fulfilled",
        "orders/cancelled",
    }
)
PARCEL_TOPICS = frozenset({"fulfillments/create", "fulfillments/update"})
REFUND_TOPICS = frozenset({"refunds/create"})
DISPUTE_TOPICS = frozenset({"disputes/create", "disputes/update"})
FACT_TOPICS = ORDER_TOPICS | PARCEL_TOPICS | REFUND_TOPICS | DISPUTE_TOPICS
#: The shop took our access away.
UNINSTALLED = "app/uninstalled"
TOPICS = FACT_TOPICS | {UNINSTALLED}


@dataclass(frozen=True, slots=True)
class Mapped:
    key: OrderKey
    facts: list[Fact]
    person: PersonIn | None = None
    trace: TraceIn | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """``reason``: not_an_object, unknown_topic, or a code of integrations.shopify.reading."""

    reason: str


def to_facts(
    topic: str,
    payload: Any,
    *,
    reports_shipping: bool,
    triggered_at: datetime | None = None,
    currency: str | None = None,
) -> Mapped | Unreadable:
    """What the hook says. Numbers of ``payload`` are int or Decimal (kit.jsonio). Never raises for what it says.

    ``currency`` is the workspace's, for refunds that do not tell theirs.
    """
    cleaned = _unwrapped(clean_json(payload))
    if cleaned is None:
        return Unreadable("not_an_object")
    try:
        return _mapped(topic, cleaned, reports_shipping, triggered_at, currency)
    except NotReadable as trouble:
        return Unreadable(trouble.reason)


def _unwrapped(payload: Any) -> Json | None:
    """Hooks send the object itself, the API and its examples wrap it: {"order": {...}}."""
    if not isinstance(payload, dict):
        return None
    for name in ("order", "refund", "fulfillment", "dispute"):
        if list(payload) == [name] and isinstance(payload[name], dict):
            return dict(payload[name])
    return payload


def _mapped(
    topic: str, payload: Json, reports_shipping: bool, triggered_at: datetime | None, currency: str | None
) -> Mapped | Unreadable:
    if topic in ORDER_TOPICS:
        key = OrderKey(PLATFORM, ident(payload.get("id")))
        facts = list(_order_facts(payload, reports_shipping, triggered_at))
        return Mapped(key, facts, person(payload), trace_of(payload))
    if topic in PARCEL_TOPICS:
        return Mapped(_order_key(payload), list(filter(None, [parcel_fact(payload)])))
    if topic in REFUND_TOPICS:
        return Mapped(_order_key(payload), [refund_fact(payload, usual_currency=currency)])
    if topic in DISPUTE_TOPICS:
        return Mapped(_order_key(payload), [dispute_fact(payload, triggered_at=triggered_at)])
    return Unreadable("unknown_topic")


def _order_key(payload: Json) -> OrderKey:
    return OrderKey(PLATFORM, ident(payload.get("order_id")))


def _order_facts(order: Json, reports_shipping: bool, triggered_at: datetime | None) -> Iterator[Fact]:
    yield snapshot(order, reports_shipping=reports_shipping, triggered_at=triggered_at)
    for refund in rows(order, "refunds"):
        yield refund_fact(refund, order_currency=order.get("currency"))
    for fulfilment in rows(order, "fulfillments"):
        fact = parcel_fact(fulfilment)
        if fact is not None:
            yield fact
