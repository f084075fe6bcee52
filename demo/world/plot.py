"""The plan of Nordlicht Kaffee, pure and repeatable: who lives there, who refers whom, and how each story ends.

Planned twice with the same seed it comes out the same, so two processes can each play their half of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from demo.world.counts import Counts, Fate
from demo.world.crowd import Purchase
from demo.world.history import CHANNELS, Recommender
from demo.world.moments import LONGEST, Moments
from demo.world.people import ARABIC, CHINESE, LONG_NAME, OTHER_TWIN, TWIN, Person, people
from demo.world.seasons import OFFICE, WINTER, Seasons
from demo.world.tales import Tale
from demo.world.writing import Writer

SEED = 20_010_331
MAIN = "freunde"
FIRST_NUMBER = 1_001
#: Share of the advocates who had bought before the workspace was opened.
OLD_ADVOCATES = 0.62
#: Days ago. The last of the main program's sharers is banned; what they brought came before.
BANNED, LAST_OF_BANNED = 8, 20


@dataclass
class Plot:
    counts: Counts
    seasons: Seasons
    moments: Moments
    old: list[Person] = field(default_factory=list)
    subscribers: list[Person] = field(default_factory=list)
    new: list[Person] = field(default_factory=list)
    friends: list[Person] = field(default_factory=list)
    sharers: list[Recommender] = field(default_factory=list)
    others: list[Recommender] = field(default_factory=list)
    #: Friends who recommend each other in turn; among the others.
    ring: list[Recommender] = field(default_factory=list)
    tales: list[Tale] = field(default_factory=list)
    purchases: list[Purchase] = field(default_factory=list)

    @property
    def redeemed(self) -> list[Tale]:
        """Of which the voucher was used: each an order more."""
        return [tale for tale in self.tales if tale.redeemed_at]

    @property
    def main_sharers(self) -> int:
        return self.counts.sharers - self.counts.winter_sharers - self.counts.office_sharers


def plan(base: datetime, counts: Counts, zone: str = "Europe/Berlin") -> Plot:
    rng = Random(SEED)
    moments = Moments(base, zone, rng)
    plot = Plot(counts, Seasons.before(base, zone), moments)
    _settle_people(plot, rng)
    plot.sharers = _sharers(plot)
    writer = Writer(counts, plot.seasons, moments, plot.sharers, first_number=FIRST_NUMBER)
    plot.tales = writer.tales(plot.friends, plot.old[-counts.existing_customer :])
    plot.friends, plot.ring = writer.friends, writer.doubting.ring
    plot.purchases = _purchases(plot)
    plot.others = _others(plot)
    _number_by_date(plot)
    return plot


def _number_by_date(plot: Plot) -> None:
    """A shop counts its orders as they are placed."""
    placed = [(tale.placed_at, tale.number) for tale in plot.tales]
    placed += [(purchase.placed_at, purchase.number) for purchase in plot.purchases]
    placed += [(tale.redeemed_at, -tale.number) for tale in plot.tales if tale.redeemed_at]
    numbers = {old: number for number, (_at, old) in enumerate(sorted(placed), start=FIRST_NUMBER)}
    plot.tales = [
        replace(tale, number=numbers[tale.number], redeemed_number=numbers.get(-tale.number, 0)) for tale in plot.tales
    ]
    plot.purchases = [replace(purchase, number=numbers[purchase.number]) for purchase in plot.purchases]


def _settle_people(plot: Plot, rng: Random) -> None:
    """Old customers begin with those who share; the first of them brings the most friends."""
    counts, born = plot.counts, people("de", rng, country="DE")
    plot.old = [next(born), LONG_NAME, CHINESE, ARABIC, TWIN, *islice(born, counts.old_customers)]
    plot.old.insert(max(counts.sharers, 5), OTHER_TWIN)
    plot.old = plot.old[: counts.old_customers]
    plot.subscribers = list(islice(born, counts.subscribers))
    plot.friends = list(islice(born, counts.converted))
    plot.new = list(islice(born, counts.new_customers - counts.converted))


# --- advocates --------------------------------------------------------------------------------------------------


def _sharers(plot: Plot) -> list[Recommender]:
    """In the order of the people: those of the main program first, the strongest at the head."""
    counts = plot.counts
    programs = [MAIN] * plot.main_sharers + [WINTER] * counts.winter_sharers + [OFFICE] * counts.office_sharers
    return [
        _sharer(plot, index, person, name) for index, (person, name) in enumerate(zip(plot.old, programs, strict=False))
    ]


def _sharer(plot: Plot, index: int, person: Person, program: str) -> Recommender:
    rng = plot.moments.rng
    first = rng.choice(CHANNELS)
    channels = tuple(dict.fromkeys([first, *rng.sample(CHANNELS, k=rng.randrange(1, 5))]))
    joined, until = _joining(plot, index, program)
    return Recommender(person, program, joined, channels, weight=1 / (index % 50 + 1.5) ** 0.7, until=until)


def _joining(plot: Plot, index: int, program: str) -> tuple[datetime, datetime | None]:
    """A dozen of the main program are there from the first days on, so that there always is somebody to refer."""
    moments, seasons = plot.moments, plot.seasons
    if program == WINTER:
        return seasons.winter_begins + timedelta(hours=index % 40 + 3), seasons.winter_ends
    if program == OFFICE:
        return moments.day(299 - index % 30), moments.day(26)
    early = index < max(4, plot.counts.sharers // 5)
    joined = moments.day(LONGEST - 2 - index % 6) if early else moments.ago(60, LONGEST - 15)
    return joined, moments.day(LAST_OF_BANNED) if index == plot.main_sharers - 1 else None


def _others(plot: Plot) -> list[Recommender]:
    """Advocates who never shared: old customers, new ones after their first order, and friends who became advocates."""
    counts, moments = plot.counts, plot.moments
    missing = counts.advocates - len(plot.sharers) - len(plot.ring)
    from_old = plot.old[len(plot.sharers) :][: round(missing * OLD_ADVOCATES)]
    from_friends = _grateful(plot, missing // 20)
    first = {purchase.buyer.email: purchase for purchase in reversed(plot.purchases)}
    early = [person for person in plot.new if first[person.email].placed_at < moments.day(25)]
    joined = [(person, moments.ago(5, LONGEST - 10)) for person in from_old]
    joined += [(tale.buyer, moments.after(tale.placed_at, 60 * 24, 80 * 24)) for tale in from_friends]
    for person in islice(early, missing - len(joined)):
        joined.append((person, moments.after(first[person.email].placed_at, 24, 20 * 24)))
    return [*(_other(plot, index, person, at) for index, (person, at) in enumerate(joined)), *plot.ring]


def _grateful(plot: Plot, number: int) -> list[Tale]:
    """Friends whose order went well, long enough ago."""
    happy = [tale for tale in plot.tales if tale.ending == Fate.FULFILLED and not tale.match.is_told_later]
    return [tale for tale in happy if tale.placed_at < plot.moments.day(100)][:number]


def _other(plot: Plot, index: int, person: Person, at: datetime) -> Recommender:
    """The first few belong to the smaller programs, at a time when these can be joined."""
    counts, seasons = plot.counts, plot.seasons
    winter = counts.winter_advocates - counts.winter_sharers
    office = counts.office_advocates - counts.office_sharers
    if index < winter:
        return Recommender(person, WINTER, plot.moments.between(seasons.winter_begins, seasons.winter_ends))
    if index < winter + office:
        return Recommender(person, OFFICE, plot.moments.between(plot.moments.day(298), plot.moments.day(30)))
    return Recommender(person, MAIN, at)


# --- everybody else ---------------------------------------------------------------------------------------------


def _purchases(plot: Plot) -> list[Purchase]:
    """Everybody new buys once; what is left of the orders are second and later ones."""
    first = [(person, plot.moments.ago(2, LONGEST - 3)) for person in plot.new]
    missing = plot.counts.orders - len(plot.tales) - len(plot.redeemed) - len(first)
    bought = [*first, *islice(_repeats(plot, first), missing)]
    bought.sort(key=lambda each: each[1])
    start = FIRST_NUMBER + len(plot.tales)
    return [Purchase(start + index, person, at) for index, (person, at) in enumerate(bought)]


def _repeats(plot: Plot, first: list[tuple[Person, datetime]]) -> Iterator[tuple[Person, datetime]]:
    moments = plot.moments
    regulars = [
        (person, moments.day(LONGEST)) for person in plot.old[len(plot.sharers) : -plot.counts.existing_customer]
    ]
    regulars += [(person, at) for person, at in first if at < moments.day(60)]
    while True:
        person, since = moments.rng.choice(regulars)
        days = (moments.base - since).days
        yield person, moments.ago(2, days - 15)
