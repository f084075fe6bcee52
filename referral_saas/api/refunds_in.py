"""A refund as the shop tells it. Its order may come later: until then it waits beside it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from merchants.selectors import workspace
from referral_saas.api.body import Body
from referral_saas.api.orders_in import MOST_LINES, Told
from tracking.models import OrderFact
from tracking.rules import Fact, FactKind


def read_refund_body(body: Body, told: Told, *, now: datetime) -> Fact:
    """``lines`` name what was given back; ``amount`` is what was given back on goods without naming lines."""
    key = body.key("refund_id")
    refunded_at = body.time("refunded_at", now=now)
    currency = currency_of(body, told)
    lines = [_line(part, currency, told) for part in body.each("lines", most=MOST_LINES)]
    amount = body.money("amount", currency, least=1)
    shipping = body.money("shipping", currency, least=1)
    if not any([body.has("lines"), body.has("amount"), body.has("shipping")]):
        body.refuse("amount", "required", _("Send the amount given back, or the lines."))
    body.done()
    data = {"lines": lines, "other_minor": amount or 0, "shipping_minor": shipping or 0}
    return Fact(FactKind.REFUND, key, as_of(told, FactKind.REFUND, key, data, refunded_at, now), data)


def delivery(told: Told, delivered_at: datetime | None, *, now: datetime) -> Fact:
    """Delivered, or (None) not delivered after all. The last one told counts."""
    data = {"delivered_at": delivered_at.isoformat() if delivered_at else None}
    return Fact(FactKind.DELIVERY, "order", as_of(told, FactKind.DELIVERY, "order", data, None, now), data)


def delivered_at_told(told: Told) -> str | None:
    newest = _newest(told, FactKind.DELIVERY, "order")
    return newest.data.get("delivered_at") if newest else None


def as_of(
    told: Told, kind: FactKind, key: str, data: dict[str, Any], stated: datetime | None, now: datetime
) -> datetime:
    """A repetition is the fact it repeats; a correction is newer than what it corrects."""
    newest = _newest(told, kind, key)
    if newest is None:
        return stated or now
    if newest.data == data:
        return newest.as_of
    return max(stated or now, newest.as_of + timedelta(microseconds=1))


def _newest(told: Told, kind: FactKind, key: str) -> OrderFact | None:
    if told.order is None:
        return None
    facts = OrderFact.objects.filter(order=told.order, kind=kind, key=key)
    newest: OrderFact | None = facts.order_by("-as_of", "-digest").first()
    return newest


def currency_of(body: Body, told: Told) -> str:
    """The order's; before the order came, the one stated here or else the workspace's."""
    known = str(told.data.get("currency", ""))
    if not body.has("currency"):
        return known or workspace().currency
    currency = body.currency()
    if known and currency and currency != known:
        body.refuse("currency", "not_the_orders", _("The order is in %(currency)s.") % {"currency": known})
    return currency


def _line(part: Body, currency: str, told: Told) -> dict[str, Any]:
    """Without ``quantity`` money alone came back: the pieces are taken to be kept, and their return window goes on."""
    line_id = part.key("id")
    known = [line["id"] for line in told.data.get("lines", ())]
    if known and line_id and line_id not in known:
        part.refuse("id", "no_such_line", _("The order has no line with this id."))
    quantity = part.count("quantity", default=0)
    return {"id": line_id, "quantity": quantity, "net_minor": part.money("total", currency, required=True) or 0}
