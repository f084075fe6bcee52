"""A Shopify refund as our fact: what was given back on which lines, and on goods without naming lines.

A refund reads the same whether it came by itself or inside its order: only what it says itself is used.
"""

from __future__ import annotations

from integrations.shopify.lines import gross_minor, tax_minor, tax_seems_included
from integrations.shopify.reading import (
    Json,
    NotReadable,
    currency_code,
    first_moment,
    ident,
    minor,
    part,
    pieces,
    rows,
    total,
    words,
)
from kit.money import divide_half_even, is_currency
from tracking.rules import Fact, FactKind

#: Money that never moved. Pending counts: it is on its way.
_NOT_MOVED = frozenset({"failure", "error"})


def refund_fact(refund: Json, *, order_currency: str | None = None, usual_currency: str | None = None) -> Fact:
    """``order_currency`` where the refund came inside its order, ``usual_currency`` (the workspace's) where not."""
    currency = _currency(refund, order_currency, usual_currency)
    lines = [_line(item, currency) for item in rows(refund, "refund_line_items")]
    data = {"lines": _merged(lines), "other_minor": _other_minor(refund, currency), **_shipping(refund, currency)}
    return Fact(FactKind.REFUND, ident(refund.get("id")), first_moment(refund, "processed_at", "created_at"), data)


def _currency(refund: Json, order_currency: str | None, usual_currency: str | None) -> str:
    """The shop's currency, which all plain amounts are in; refunds tell it only beside their amounts."""
    told = [part(part(item, "subtotal_set"), "shop_money").get("currency_code") for item in _lines(refund)]
    told += [order_currency, *(item.get("currency") for item in rows(refund, "transactions")), usual_currency]
    return currency_code(next((code for code in told if is_currency(code)), None))


def _lines(refund: Json) -> list[Json]:
    return rows(refund, "refund_line_items")


def _line(item: Json, currency: str) -> Json:
    line_item = part(item, "line_item")
    quantity = pieces(item.get("quantity"))
    return {
        "id": ident(item.get("line_item_id") or line_item.get("id")),
        "quantity": quantity,
        "net_minor": max(_net_minor(item, line_item, quantity, currency), 0),
    }


def _net_minor(item: Json, line_item: Json, quantity: int, currency: str) -> int:
    included = bool(line_item) and tax_seems_included(line_item, currency)
    if item.get("subtotal") not in (None, ""):
        return minor(item["subtotal"], currency) - minor(item.get("total_tax"), currency) * included
    if not line_item:
        raise NotReadable("no_lines")
    whole = gross_minor(line_item, currency) - tax_minor(line_item, currency) * included
    bought = pieces(line_item.get("quantity"))
    return divide_half_even(whole * quantity, bought) if bought else 0


def _merged(lines: list[Json]) -> list[Json]:
    """One entry per line: a refund may name a line twice (returned and removed)."""
    merged: dict[str, Json] = {}
    for line in lines:
        held = merged.setdefault(line["id"], {"id": line["id"], "quantity": 0, "net_minor": 0})
        held["quantity"] += line["quantity"]
        held["net_minor"] += line["net_minor"]
    return list(merged.values())


def _other_minor(refund: Json, currency: str) -> int:
    """Given back on goods without naming lines, tax included; shipping is told apart (``_shipping``).

    Beside named lines or adjustments only a stated discrepancy counts: the rest of the money is their tax and shipping.
    A discrepancy that keeps money (a restocking fee) makes nothing larger, for the goods are back.
    """
    adjustments = rows(refund, "order_adjustments")
    if _lines(refund) or adjustments:
        return max(-_discrepancy(adjustments, currency), 0)
    moved = [item for item in rows(refund, "transactions") if _moved(item, currency)]
    return max(total(moved, "amount", currency) - _shipping_minor(refund, currency), 0)


def _moved(transaction: Json, currency: str) -> bool:
    """Not what failed, and not what went back in a currency of the customer's: adjustments tell that in the shop's."""
    back = transaction.get("kind") in (None, "refund") and words(transaction.get("status")) not in _NOT_MOVED
    return back and transaction.get("currency") in (None, currency)


def _discrepancy(adjustments: list[Json], currency: str) -> int:
    """What was given back less (or, below zero, more) than the lines come to, tax included."""
    chosen = [item for item in adjustments if item.get("kind") == "refund_discrepancy"]
    return total(chosen, "amount", currency) + total(chosen, "tax_amount", currency)


def _shipping_minor(refund: Json, currency: str) -> int:
    """How newer versions tell refunded shipping, tax included."""
    return _shop_money(rows(refund, "refund_shipping_lines"), "subtotal_amount_set", currency)


def _shipping(refund: Json, currency: str) -> Json:
    """Shipping given back and the tax on it. Whether the tax is part of the amount, only the order can say."""
    lines = rows(refund, "refund_shipping_lines")
    if lines:
        amount, tax = _shipping_minor(refund, currency), _shop_money(lines, "tax_amount_set", currency)
    else:
        told = [item for item in rows(refund, "order_adjustments") if item.get("kind") == "shipping_refund"]
        amount, tax = -total(told, "amount", currency), -total(told, "tax_amount", currency)
    return {"shipping_minor": amount, "shipping_tax_minor": max(tax, 0)} if amount > 0 else {}


def _shop_money(lines: list[Json], name: str, currency: str) -> int:
    amounts = (part(part(line, name), "shop_money").get("amount") for line in lines)
    return sum(minor(amount, currency) for amount in amounts)
