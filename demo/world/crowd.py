"""Orders that nobody referred."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.world import goods
from demo.world.goods import Basket, Item, Sold
from demo.world.history import History
from demo.world.people import Person


@dataclass(frozen=True)
class Purchase:
    number: int
    buyer: Person
    placed_at: datetime


class Crowd:
    def __init__(self, history: History, items: tuple[Item, ...], currency: str) -> None:
        self.history, self.items, self.currency = history, items, currency
        self.moments, self.rng = history.moments, history.moments.rng

    def put_on(self, purchases: Iterable[Purchase]) -> None:
        for purchase in purchases:
            self._put_on(purchase)

    def _put_on(self, purchase: Purchase) -> None:
        sold = Sold(
            external_id=str(5_600_000_000 + purchase.number),
            number=f"#{purchase.number}",
            currency=self.currency,
            basket=self._basket(),
            placed_at=purchase.placed_at,
            country=purchase.buyer.country,
        )
        at = self.history.received_at(purchase.placed_at)
        self.history.stage.at(at, lambda now: self._told(sold, purchase.buyer, now))

    def _told(self, sold: Sold, buyer: Person, now: datetime) -> None:
        """Once, with the parcel if it has arrived by now; how long it took is the shop's business here."""
        facts = [goods.snapshot(sold, as_of=sold.placed_at)]
        sent, arrived = sold.placed_at + timedelta(hours=26), sold.placed_at + timedelta(hours=70)
        if arrived < self.moments.base:
            facts.append(goods.parcel(sold, sent, arrived))
        self.history.tell(sold, facts, buyer, now)

    def _basket(self) -> Basket:
        chosen = self.rng.sample(self.items, k=self.rng.choice((1, 1, 2)))
        return tuple((item, self.rng.choice((1, 1, 2))) for item in chosen)
