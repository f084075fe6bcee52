"""A Shopify order as our snapshot of it, and its buyer."""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.shopify.lines import PricedLine, priced_lines, shipping_minor
from integrations.shopify.reading import (
    Json,
    NotReadable,
    currency_code,
    first_moment,
    ident_or_empty,
    minor,
    moment,
    part,
    rows,
    stamp,
    total,
    words,
)
from integrations.shopify.tokens import tokens_of
from kit.text import normalise_email
from tracking.facts import PersonIn
from tracking.rules import Fact, FactKind

#: Everything was paid at some time. A deposit (partially_paid) is not.
PAID_STATES = frozenset({"paid", "partially_refunded", "refunded"})

_SECOND = timedelta(seconds=1)


def snapshot(order: Json, *, reports_shipping: bool, triggered_at: datetime | None) -> Fact:
    currency = currency_code(order.get("currency"))
    if "line_items" not in order:
        raise NotReadable("no_lines")
    lines, (shipping, shipping_tax) = priced_lines(order, currency), shipping_minor(order, currency)
    data = {
        "number": words(order.get("name"), longest=120) or ident_or_empty(order.get("order_number")),
        "currency": currency,
        "placed_at": stamp(_placed_at(order)),
        "paid_at": stamp(_paid_at(order)),
        "cancelled_at": stamp(moment(order.get("cancelled_at"))),
        "test": bool(order.get("test")),
        "country": _country(order),
        "lines": [line.to_fact() for line in lines],
        "stated_net_minor": _stated_net(order, lines, currency),
        "shipping_minor": shipping,
        "shipping_tax_minor": shipping_tax,
        "shipping_refunds_taxed": bool(order.get("taxes_included")),
        "codes": _codes(order, currency),
        "tokens": tokens_of(order),
        "shipped_all": _is_shipped(order),
        "reports_shipping": reports_shipping,
    }
    return Fact(FactKind.SNAPSHOT, "order", _as_of(order, triggered_at), data)


def _as_of(order: Json, triggered_at: datetime | None) -> datetime:
    """When the order was so. Shopify tells whole seconds; of versions within one, the one triggered later is newer.

    The trigger only orders inside the second, however late it came: ``updated_at`` stays what decides.
    """
    told = moment(order.get("updated_at")) or triggered_at or first_moment(order, "created_at")
    if told.microsecond:
        return told
    waited = max((triggered_at or told) - told, timedelta(0))
    # Payment follows placing, shipping follows payment, cancelling is the end: also when no trigger is told.
    step = bool(_paid_at(order)) + 2 * _is_shipped(order) + 4 * bool(order.get("cancelled_at"))
    return told + (_SECOND - 9 * timedelta.resolution) * (waited / (waited + _SECOND)) + step * timedelta.resolution


def _placed_at(order: Json) -> datetime:
    return first_moment(order, "processed_at", "created_at")


def _paid_at(order: Json) -> datetime | None:
    return _placed_at(order) if words(order.get("financial_status")) in PAID_STATES else None


def _is_shipped(order: Json) -> bool:
    return bool(order.get("fulfillment_status") == "fulfilled")


def _country(order: Json) -> str:
    places = [
        part(order, "shipping_address"),
        part(order, "billing_address"),
        part(part(order, "customer"), "default_address"),
    ]
    codes = (words(place.get("country_code"), longest=2).upper() for place in places)
    return next((code for code in codes if len(code) == 2), "")


def _stated_net(order: Json, lines: list[PricedLine], currency: str) -> int | None:
    """What the order itself says its lines come to, brought to our terms: without included tax and gift cards."""
    if order.get("subtotal_price") in (None, ""):
        return None
    stated = minor(order["subtotal_price"], currency)
    included_tax = sum(line.tax_minor for line in lines) if order.get("taxes_included") else 0
    return stated - included_tax - sum(line.net_minor for line in lines if line.is_gift_card)


def _codes(order: Json, currency: str) -> list[Json]:
    """Each code with what it really took off: the sum of its allocations, else what the order says of it."""
    granted = _granted(order, currency)
    found = {}
    for item in rows(order, "discount_codes"):
        code = words(item.get("code"), longest=80)
        if code:
            found[code] = granted.get(code.casefold(), minor(item.get("amount"), currency))
    return [{"code": code, "discount_minor": max(amount, 0)} for code, amount in found.items()]


def _granted(order: Json, currency: str) -> dict[str, int]:
    """Code (casefolded) -> what was allocated to lines and shipping in its name."""
    allocations = [
        allocation
        for line in [*rows(order, "line_items"), *rows(order, "shipping_lines")]
        for allocation in rows(line, "discount_allocations")
    ]
    sums: dict[str, int] = {}
    for index, application in enumerate(rows(order, "discount_applications")):
        own = [item for item in allocations if item.get("discount_application_index") == index]
        code = words(application.get("code"), longest=80).casefold()
        if code and own and application.get("type") == "discount_code":
            sums[code] = sums.get(code, 0) + total(own, "amount", currency)
    return sums


def person(order: Json) -> PersonIn | None:
    """The buyer; None without a usable address, for that is how we know people."""
    customer = part(order, "customer")
    told = [order.get("email"), order.get("contact_email"), customer.get("email")]
    email = next(filter(None, (normalise_email(words(item, longest=320)) for item in told)), None)
    if email is None:
        return None
    return PersonIn(
        email=email,
        name=_name(customer) or _name(part(order, "billing_address")),
        country=_country(order),
        external_id=ident_or_empty(customer.get("id")),
        language=words(order.get("customer_locale"), longest=10).partition("-")[0].lower(),
    )


def _name(of: Json) -> str:
    return words(f"{words(of.get('first_name'))} {words(of.get('last_name'))}", longest=120)
