"""Order lines in money: after all discounts, without tax, tips left out. The same arithmetic for orders and refunds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from integrations.shopify.reading import Json, NotReadable, ident, ident_or_empty, minor, pieces, rate, rows, total
from kit.money import split


@dataclass(frozen=True, slots=True)
class PricedLine:
    """Minor units. ``gross_minor``: price times quantity less discounts, with tax where prices include it."""

    item: Json
    quantity: int
    gross_minor: int
    tax_minor: int
    net_minor: int

    @property
    def is_gift_card(self) -> bool:
        return bool(self.item.get("gift_card"))

    def to_fact(self) -> Json:
        return {
            "id": ident(self.item.get("id")),
            "product_id": ident_or_empty(self.item.get("product_id")),
            "quantity": self.quantity,
            "net_minor": self.net_minor,
            "tax_minor": self.tax_minor,
            "collection_ids": [],
            "gift_card": self.is_gift_card,
            "ships": bool(self.item.get("requires_shipping", True)),
        }


def priced_lines(order: Json, currency: str) -> list[PricedLine]:
    items = [item for item in rows(order, "line_items") if not item.get("tip")]
    grosses = [gross_minor(item, currency) for item in items]
    taxes = _taxes(order, items, grosses, currency)
    included = bool(order.get("taxes_included"))
    return [
        PricedLine(item, pieces(item.get("quantity")), gross, tax, max(gross - tax * included, 0))
        for item, gross, tax in zip(items, grosses, taxes, strict=True)
    ]


def gross_minor(item: Json, currency: str) -> int:
    """Price times quantity less every discount; never below zero."""
    if item.get("price") in (None, ""):
        raise NotReadable("bad_amount")
    listed = minor(item.get("price"), currency) * pieces(item.get("quantity"))
    return max(listed - _discount(item, currency), 0)


def shipping_minor(order: Json, currency: str) -> tuple[int, int]:
    """Shipping after its discounts without tax, and that tax."""
    lines = [line for line in rows(order, "shipping_lines") if not line.get("is_removed")]
    tax = sum(tax_minor(line, currency) for line in lines)
    gross = sum(_shipping_price(line, currency) for line in lines)
    return max(gross - tax * bool(order.get("taxes_included")), 0), tax


def _shipping_price(line: Json, currency: str) -> int:
    """Newer versions tell the discounted price; the others what each discount took."""
    if line.get("discounted_price") not in (None, ""):
        return minor(line["discounted_price"], currency)
    return max(minor(line.get("price"), currency) - total(rows(line, "discount_allocations"), "amount", currency), 0)


def _discount(item: Json, currency: str) -> int:
    """Allocations hold all discounts of the line, also its share of the order's; total_discount only its own."""
    allocations = rows(item, "discount_allocations")
    return total(allocations, "amount", currency) if allocations else minor(item.get("total_discount"), currency)


def tax_minor(item: Json, currency: str) -> int:
    return total(rows(item, "tax_lines"), "price", currency)


def _taxes(order: Json, items: list[Json], grosses: list[int], currency: str) -> list[int]:
    """Each line's tax. Where only the order tells its tax, what is not shipping's is spread over the lines."""
    told = [tax_minor(item, currency) for item in items]
    shipping = sum(tax_minor(line, currency) for line in rows(order, "shipping_lines"))
    untold = minor(order.get("total_tax"), currency) - shipping
    if any(told) or not items or untold <= 0:
        return told
    weights = [0 if item.get("gift_card") else gross for item, gross in zip(items, grosses, strict=True)]
    return split(untold, weights)


def tax_seems_included(item: Json, currency: str) -> bool:
    """Whether the line's own tax lines say that its price holds the tax.

    A refund does not tell, so its tax is compared with both ways to compute it. In doubt the tax counts as added:
    then more is given back, and the smaller amount is what an order in doubt is worth.
    """
    tax = tax_minor(item, currency)
    share = sum((rate(line.get("rate")) for line in rows(item, "tax_lines")), Decimal(0))
    if not tax or not share:
        return False
    gross = gross_minor(item, currency)
    off_if_included = abs(tax - gross * share / (1 + share))
    off_if_added = abs(tax - gross * share)
    return off_if_included < off_if_added and off_if_included <= 1 + pieces(item.get("quantity"))
