"""What a cart costs: pure functions from lines and a code to prices that add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .catalogue import Product
from .money import ratio, split

SHIPPING = 490
FREE_SHIPPING_FROM = 5000
TAX_PERCENT = 19


@dataclass(frozen=True)
class Code:
    """A discount code of the shop. `value` is a percentage, or cents for a fixed amount."""

    code: str
    kind: Literal["percentage", "fixed_amount"]
    value: int
    single_use: bool = True
    new_customers_only: bool = False
    expires_at: datetime | None = None
    uses: int = 0

    def used_up(self) -> bool:
        return self.single_use and self.uses > 0

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True)
class PricedLine:
    product: Product
    quantity: int
    discount: int
    tax: int

    @property
    def gross(self) -> int:
        return self.product.price * self.quantity

    @property
    def net(self) -> int:
        """After the discount, tax included."""
        return self.gross - self.discount


@dataclass(frozen=True)
class PricedCart:
    lines: tuple[PricedLine, ...]
    code: Code | None
    discount: int
    shipping: int
    shipping_tax: int

    @property
    def gross(self) -> int:
        return sum(line.gross for line in self.lines)

    @property
    def subtotal(self) -> int:
        return sum(line.net for line in self.lines)

    @property
    def tax(self) -> int:
        return sum(line.tax for line in self.lines) + self.shipping_tax

    @property
    def total(self) -> int:
        return self.subtotal + self.shipping


def price_cart(lines: Sequence[tuple[Product, int]], code: Code | None = None) -> PricedCart:
    """Gift cards are neither reduced nor taxed. Tax is found once on the whole and split, so its parts add up to it."""
    grosses = [product.price * quantity for product, quantity in lines]
    reducible = [0 if product.gift_card else gross for (product, _), gross in zip(lines, grosses, strict=True)]
    discounts = split(discount_on(sum(reducible), code), reducible)
    shipping = shipping_for(lines, subtotal=sum(grosses) - sum(discounts))
    taxable = [gross - discount for gross, discount in zip(reducible, discounts, strict=True)] + [shipping]
    *taxes, shipping_tax = split(ratio(sum(taxable), TAX_PERCENT, 100 + TAX_PERCENT), taxable)
    priced = (
        PricedLine(product, quantity, discount, tax)
        for (product, quantity), discount, tax in zip(lines, discounts, taxes, strict=True)
    )
    return PricedCart(tuple(priced), code, sum(discounts), shipping, shipping_tax)


def discount_on(amount: int, code: Code | None) -> int:
    if code is None:
        return 0
    if code.kind == "percentage":
        return ratio(amount, code.value, 100)
    return min(code.value, amount)


def shipping_for(lines: Sequence[tuple[Product, int]], *, subtotal: int) -> int:
    needs_parcel = any(not product.gift_card for product, _ in lines)
    return SHIPPING if needs_parcel and subtotal < FREE_SHIPPING_FROM else 0
