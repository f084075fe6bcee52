"""Orders that nobody referred."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from demo.world import goods
from demo.world.goods import Basket, Item, Sold
from demo.world.history import History
from demo.world.people import Person
from rewards.actions.plain import Told
from tracking.rules import Fact


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
        """The orders of a day come together: there are thousands, and nothing is known of any of them."""
        arrived = sorted(
            ((self.history.received_at(each.placed_at), each, self._sold(each)) for each in purchases),
            key=lambda arrival: arrival[0],
        )
        for _day, day in groupby(arrived, key=lambda arrival: arrival[0].date()):
            orders = list(day)
            told = [(purchase, sold) for _at, purchase, sold in orders]
            self.history.stage.at(orders[-1][0], partial(self._told, told))

    def _sold(self, purchase: Purchase) -> Sold:
        return Sold(
            external_id=str(5_600_000_000 + purchase.number),
            number=f"#{purchase.number}",
            currency=self.currency,
            basket=self._basket(),
            placed_at=purchase.placed_at,
            country=purchase.buyer.country,
        )

    def _told(self, orders: Sequence[tuple[Purchase, Sold]], now: datetime) -> None:
        told = [
            Told(self.history.key_of(sold), self._facts(sold), self.history.person_of(purchase.buyer))
            for purchase, sold in orders
        ]
        self.history.tell_together(told, now)

    def _facts(self, sold: Sold) -> list[Fact]:
        """Once, with the parcel if it has arrived by now; how long it took is the shop's business here."""
        facts = [goods.snapshot(sold, as_of=sold.placed_at)]
        sent, arrived = sold.placed_at + timedelta(hours=26), sold.placed_at + timedelta(hours=70)
        if arrived < self.moments.base:
            facts.append(goods.parcel(sold, sent, arrived))
        return facts

    def _basket(self) -> Basket:
        chosen = self.rng.sample(self.items, k=self.rng.choice((1, 1, 2)))
        return tuple((item, self.rng.choice((1, 1, 2))) for item in chosen)
