"""Orders that nobody referred: told by the shop's hooks, or in its earlier months as a number in a monthly export."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.world import goods
from demo.world.goods import Basket, Item, Sold
from demo.world.history import History
from demo.world.opening import Known, import_people
from demo.world.people import Person
from kit.days import start_of_day


@dataclass(frozen=True)
class Purchase:
    """``is_exported``: this order is not told by itself, it counts among the customer's imported orders."""

    number: int
    buyer: Person
    placed_at: datetime
    is_exported: bool = False


class Crowd:
    def __init__(self, history: History, items: tuple[Item, ...], currency: str) -> None:
        self.history, self.items, self.currency = history, items, currency
        self.moments, self.rng = history.moments, history.moments.rng

    def put_on(self, purchases: Iterable[Purchase]) -> None:
        exported: dict[datetime, list[Purchase]] = defaultdict(list)
        for purchase in sorted(purchases, key=lambda each: each.placed_at):
            if purchase.is_exported:
                exported[self._next_export(purchase.placed_at)].append(purchase)
            else:
                self._put_on(purchase)
        self._put_on_exports(exported)

    # --- told one by one ---

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

    # --- exported by the month ---

    def _next_export(self, placed_at: datetime) -> datetime:
        """The night after the month's last day."""
        local = placed_at.astimezone(self.moments.zone).date()
        first_of_next = (local.replace(day=1) + timedelta(days=32)).replace(day=1)
        return start_of_day(first_of_next, self.moments.zone.key) + timedelta(hours=3)

    def _put_on_exports(self, exported: dict[datetime, list[Purchase]]) -> None:
        """Each export names whoever bought in the month, with all their orders so far and the first of them."""
        orders: Counter[Person] = Counter()
        first: dict[Person, datetime] = {}
        for at, purchases in sorted(exported.items()):
            for purchase in purchases:
                orders[purchase.buyer] += 1
                first.setdefault(purchase.buyer, purchase.placed_at)
            rows = [Known(each, orders[each], first[each]) for each in {one.buyer for one in purchases}]
            self._put_on_export(at, sorted(rows, key=lambda row: row.first_paid_at or at))

    def _put_on_export(self, at: datetime, rows: list[Known]) -> None:
        self.history.stage.at(at, lambda now: import_people(rows, by=self.history.by, now=now))
