"""What an order is worth, computed a second time and in another way: event by event, with exact fractions.

Written from the words of the glossary and of the issue. It knows nothing of the product's code and shares none.

* The base is what the friend paid for counting goods after discounts; tax and shipping belong to it if the program
  counts them. Gift cards never do. Shipping belongs to the goods it was paid for, in proportion to their net price.
* Money given back on a line is that line's, with its tax in proportion. Money given back without naming goods belongs
  to all goods, tax included, in proportion; money lost in a dispute belongs to all the payment was for.
* Whatever is a part of something is a whole number of minor units, halves to the even neighbour; and what came back on
  one thing is one part of it, in however many steps it came.
* Nothing is ever worth less than nothing. Shipping without goods is worth nothing, and neither is an order of which
  all the money is back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction


def rounded(exact: Fraction) -> int:
    """Halves to the even neighbour."""
    below = exact.numerator // exact.denominator
    over = exact - below
    if over == Fraction(1, 2):
        return below + below % 2
    return below + (over > Fraction(1, 2))


@dataclass
class Article:
    name: str
    net: int
    tax: int
    counts: bool = True
    is_card: bool = False
    back: int = 0  # net

    def returned(self) -> int:
        return min(self.back, self.net)

    def tax_returned(self) -> int:
        return rounded(Fraction(self.tax) * self.returned() / self.net) if self.net else 0


@dataclass
class Ledger:
    """One order's account."""

    articles: list[Article]
    shipping: int = 0
    shipping_tax: int = 0
    shipping_back: int = 0
    unnamed_back: int = 0
    lost: int = 0
    all_lost: bool = False
    cancelled: bool = False
    disputes: dict[str, tuple[str, int | None]] = field(default_factory=dict)

    # What happens to it

    def give_back(self, name: str, net: int) -> None:
        for article in self.articles:
            if article.name == name:
                article.back += net

    def dispute(self, name: str, status: str, amount: int | None) -> None:
        before = self.disputes.get(name, ("opened", None))
        said = amount if amount is not None else before[1]
        self.disputes[name] = (status if before[0] == "opened" else before[0], said)

    # What it comes to

    def goods(self) -> list[Article]:
        return [article for article in self.articles if not article.is_card]

    def counting(self) -> list[Article]:
        return [article for article in self.goods() if article.counts]

    def shipping_share(self, left: int, with_tax: bool) -> int:
        whole = sum(article.net for article in self.goods())
        if left <= 0 or not whole:
            return 0
        tax = rounded(Fraction(self.shipping_tax) * left / self.shipping) if with_tax else 0
        return rounded(Fraction(left + tax) * sum(article.net for article in self.counting()) / whole)

    def base(self, *, tax: bool, shipping: bool) -> int:
        goods = sum(article.net + article.tax * tax for article in self.counting())
        return goods + (self.shipping_share(self.shipping, tax) if shipping and goods else 0)

    def net_base(self, *, tax: bool, shipping: bool) -> int:
        kept_goods = sum(
            article.net + article.tax * tax - article.returned() - article.tax_returned() * tax
            for article in self.counting()
        )
        goods_price = sum(article.net + article.tax for article in self.goods())
        if goods_price:
            counting_price = sum(article.net + article.tax * tax for article in self.counting())
            kept_goods -= rounded(Fraction(self.unnamed_back) * counting_price / goods_price)
        if kept_goods <= 0 or self.all_is_back():
            return 0
        left = max(self.shipping - self.shipping_back, 0)
        kept = kept_goods + (self.shipping_share(left, tax) if shipping else 0)
        payment = self.payment()
        lost = min(self.lost_money(), payment)
        return max(kept - rounded(Fraction(lost) * self.base(tax=tax, shipping=shipping) / payment), 0)

    def payment(self) -> int:
        return sum(article.net + article.tax for article in self.articles) + self.shipping + self.shipping_tax

    def lost_money(self) -> int:
        return sum(amount or 0 for status, amount in self.disputes.values() if status == "lost")

    def all_is_back(self) -> bool:
        if any(status == "lost" and amount is None for status, amount in self.disputes.values()):
            return True
        goods_back = self.unnamed_back + sum(item.returned() + item.tax_returned() for item in self.goods())
        if goods_back >= sum(item.net + item.tax for item in self.goods()):
            return True
        cards_back = sum(item.returned() + item.tax_returned() for item in self.articles if item.is_card)
        freight = min(self.shipping_back, self.shipping)
        freight += rounded(Fraction(self.shipping_tax) * freight / self.shipping) if self.shipping else 0
        return goods_back + cards_back + freight + self.lost_money() >= self.payment()


@dataclass(frozen=True)
class Promise:
    """``percent_bp`` of the base, or ``fixed``; at most ``cap``; nothing below ``minimum``."""

    percent_bp: int | None
    fixed: int
    cap: int | None
    minimum: int
    tax: bool
    shipping: bool

    def of(self, base: int) -> int:
        plain = self.fixed if self.percent_bp is None else rounded(Fraction(base * self.percent_bp, 10_000))
        return plain if self.cap is None else min(plain, self.cap)

    def full(self, order: Ledger) -> int:
        base = order.base(tax=self.tax, shipping=self.shipping)
        return self.of(base) if base else 0

    def now(self, order: Ledger) -> int:
        base = order.base(tax=self.tax, shipping=self.shipping)
        kept = order.net_base(tax=self.tax, shipping=self.shipping)
        if order.cancelled or kept <= 0 or base < self.minimum or kept < self.minimum:
            return 0
        return self.of(kept)
