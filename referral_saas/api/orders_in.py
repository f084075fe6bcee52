"""An order as the shop's own software tells it: from a JSON body to the facts that settle it.

Two ways of telling, and both may be repeated without harm:

* with ``updated_at`` the body is the whole truth as of that moment, so versions may arrive in any order;
* without it the latest arrival counts, and what it leaves out stays as it was told before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kit.asked import asked_often
from referral_saas.api.body import CLOCK_SKEW, Body
from referral_saas.api.buyer_in import read_trace
from tracking.facts import OrderKey, PersonIn, TraceIn
from tracking.models import Order, OrderFact
from tracking.rules import Fact, FactKind
from tracking.selectors import order_by_key

PLATFORM = "api"
STATUSES = ("paid", "pending", "cancelled")
MOST_LINES = 250
MOST_CODES = 20
#: The SDK sends up to four tokens, oldest first, divided by commas.
LONGEST_TOKEN = 500
#: No program can look back further, so a code or token on an older order is a mistake, mostly in the date.
LONGEST_WINDOW = timedelta(days=366)
#: The one line of an order that was told as an amount.
WHOLE = "order"


@dataclass(frozen=True, slots=True)
class OrderIn:
    key: OrderKey
    fact: Fact
    person: PersonIn | None
    trace: TraceIn | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What was told before: the order's row and its newest version, if any."""

    order: Order | None
    data: dict[str, Any]
    as_of: datetime | None


NOTHING_TOLD = Told(None, {}, None)


def told_before(key: OrderKey) -> Told:
    """The caller holds the order's lock."""
    order = order_by_key(key)
    newest = next(iter(_newest(order.pk)), None) if order else None
    return Told(order, newest.data if newest else {}, newest.as_of if newest else None)


@asked_often
def _newest(order_id: UUID) -> QuerySet[OrderFact]:
    rows: QuerySet[OrderFact] = OrderFact.objects.filter(order=order_id, kind=FactKind.SNAPSHOT)
    return rows.order_by("-as_of", "-digest")[:1]


def read_order_body(body: Body, told: Told, *, key: OrderKey, now: datetime) -> OrderIn:
    """Raises a Problem that names every field in need of correction."""
    updated_at = body.time("updated_at", now=now)
    base = {} if updated_at else told.data
    currency = body.currency()
    times = _times(body, base, is_versioned=updated_at is not None, now=now)
    lines, stated = _goods(body, currency)
    is_known = bool(told.order and told.order.customer_id)
    person = _person(body, is_needed=updated_at is not None or not is_known)
    data = {
        "number": body.text("number") or base.get("number") or key.external_id,
        "currency": currency,
        **times,
        "test": body.flag("test", base.get("test", False)),
        "country": (person.country if person else "") or base.get("country", ""),
        "lines": lines,
        "stated_net_minor": stated,
        **_shipping(body, base, currency),
        "codes": _codes(body, currency) if body.has("codes") or body.has("code") else base.get("codes", []),
        "tokens": _tokens(body, base),
        "shipped_all": False,
        "reports_shipping": body.flag("reports_shipping", base.get("reports_shipping", False)),
    }
    trace = read_trace(body)
    _refuse_ancient_evidence(body, data, now)
    body.done()
    return OrderIn(key, Fact(FactKind.SNAPSHOT, "order", _as_of(data, told, updated_at, now), data), person, trace)


def cancelled(told: Told, *, now: datetime) -> Fact | None:
    """The newest version, cancelled; None when it is already."""
    if told.data.get("cancelled_at"):
        return None
    data = {**told.data, "cancelled_at": now.isoformat()}
    return Fact(FactKind.SNAPSHOT, "order", _as_of(data, told, None, now), data)


def _as_of(data: dict[str, Any], told: Told, updated_at: datetime | None, now: datetime) -> datetime:
    """A repetition is the version it repeats; news without a version is newer than all before it."""
    if updated_at:
        return updated_at
    if told.as_of is None:
        return now
    return told.as_of if data == told.data else max(now, told.as_of + timedelta(microseconds=1))


def _times(body: Body, base: dict[str, Any], *, is_versioned: bool, now: datetime) -> dict[str, str | None]:
    """placed, paid and cancelled; times left out are those told before, else now."""
    status = body.choice("status", STATUSES)
    placed_at = body.time("placed_at", now=now, required=is_versioned)
    paid_at = body.time("paid_at", now=now, required=is_versioned and status == "paid")
    cancelled_at = body.time("cancelled_at", now=now, required=is_versioned and status == "cancelled")
    if status == "pending" and paid_at:
        body.refuse(
            "paid_at", "not_paid", _('A pending order has no payment: leave this out or send the status "paid".')
        )
    if status != "cancelled" and cancelled_at:
        body.refuse("cancelled_at", "not_cancelled", _('Leave this out or send the status "cancelled".'))
    paid = _iso(paid_at) or base.get("paid_at")
    return {
        "placed_at": _iso(placed_at) or base.get("placed_at") or _iso(paid_at) or _iso(now),
        "paid_at": (paid or _iso(now)) if status == "paid" else (paid if status == "cancelled" else None),
        "cancelled_at": (_iso(cancelled_at) or base.get("cancelled_at") or _iso(now))
        if status == "cancelled"
        else None,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _goods(body: Body, currency: str) -> tuple[list[dict[str, Any]], int | None]:
    """The lines, and the amount stated beside them. An amount alone is an order of one line."""
    has_lines, has_amount = body.has("lines"), body.has("amount")
    if not has_lines and not has_amount:
        body.refuse("amount", "required", _("Send the amount (net of tax and shipping), or the lines."))
    amount = body.money("amount", currency, least=1) if has_amount else None
    tax = body.money("tax", currency) or 0
    if has_lines and tax:
        body.refuse("tax", "belongs_to_lines", _("Send the tax with each line."))
    if has_lines:
        return _lines(body, currency), amount
    return [_whole(amount, tax)] if amount else [], None


def _whole(amount: int, tax: int) -> dict[str, Any]:
    return _line_data(WHOLE, "", 1, amount, tax, [], gift_card=False, ships=True)


def _shipping(body: Body, base: dict[str, Any], currency: str) -> dict[str, int]:
    """What shipping cost, without its tax, and that tax; left out, they stay as they were told before."""
    names = {"shipping": "shipping_minor", "shipping_tax": "shipping_tax_minor"}
    told = {kept: body.money(name, currency) for name, kept in names.items()}
    return {kept: base.get(kept, 0) if amount is None else amount for kept, amount in told.items()}


def _lines(body: Body, currency: str) -> list[dict[str, Any]]:
    parts = body.each("lines", most=MOST_LINES)
    if not parts and not body.errors:
        body.refuse("lines", "empty", _("Send at least one line, or the amount alone."))
    lines = [_line(part, currency) for part in parts]
    seen: set[str] = set()
    for part, line in zip(parts, lines, strict=True):
        if line["id"] in seen:
            part.refuse("id", "twice", _("Two lines have this id: refunds could not tell them apart."))
        seen.add(line["id"])
    return lines


def _line(part: Body, currency: str) -> dict[str, Any]:
    return _line_data(
        part.key("id"),
        part.key("product_id", required=False),
        part.count("quantity", default=1),
        part.money("total", currency, required=True) or 0,
        part.money("tax", currency) or 0,
        part.texts("collection_ids"),
        gift_card=part.flag("gift_card", False),
        ships=part.flag("requires_shipping", True),
    )


def _line_data(
    line_id: str,
    product_id: str,
    quantity: int,
    net_minor: int,
    tax_minor: int,
    collection_ids: list[str],
    *,
    gift_card: bool,
    ships: bool,
) -> dict[str, Any]:
    return {
        "id": line_id,
        "product_id": product_id,
        "quantity": quantity,
        "net_minor": net_minor,
        "tax_minor": tax_minor,
        "collection_ids": collection_ids,
        "gift_card": gift_card,
        "ships": ships,
    }


def _codes(body: Body, currency: str) -> list[dict[str, Any]]:
    """``codes`` with what each took off, or one ``code`` by itself."""
    codes = [
        {"code": part.text("code", required=True, longest=80), "discount_minor": part.money("discount", currency) or 0}
        for part in body.each("codes", most=MOST_CODES)
    ]
    single = body.text("code", longest=80)
    return codes + ([{"code": single, "discount_minor": 0}] if single and not codes else [])


def _tokens(body: Body, base: dict[str, Any]) -> list[str]:
    tokens = body.text("referral_token", longest=LONGEST_TOKEN)
    sent = [token.strip() for token in tokens.split(",") if token.strip()]
    return sent or base.get("tokens", [])


def _person(body: Body, *, is_needed: bool) -> PersonIn | None:
    part = body.part("customer", required=is_needed)
    if part is None:
        return None
    return PersonIn(
        email=part.email(),
        name=part.text("name", longest=200),
        country=part.country(),
        external_id=part.key("id", required=False),
        language=part.text("language", longest=10),
    )


def _refuse_ancient_evidence(body: Body, data: dict[str, Any], now: datetime) -> None:
    """History may be told, but not as somebody's referral."""
    placed_at = datetime.fromisoformat(data["placed_at"])
    if placed_at < now - LONGEST_WINDOW - CLOCK_SKEW and (data["codes"] or data["tokens"]):
        body.refuse(
            "placed_at",
            "outside_attribution_window",
            _("No program looks back this far. Check the date, or leave out code and token to tell history."),
        )
