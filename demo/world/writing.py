"""Writes the tales: for every ending the dates it needs, somebody who referred, and what was bought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from demo.world.counts import COUNTING, Block, Counts, Fate, Match, Partial, SecondLook
from demo.world.doubts import IN_ONE_HOUR, Doubting
from demo.world.goods import COFFEE, CUPS, MILL, Basket
from demo.world.history import Recommender
from demo.world.moments import LONGEST, Moments
from demo.world.people import Person
from demo.world.seasons import OFFICE, WINTER, WINTER_HOLD, Seasons
from demo.world.tales import ENDS, Tale
from kit.days import add_days
from tracking.rules import DisputeStatus

#: Days before the first start between which an order was placed, by how its story ends.
WINDOWS: dict[Fate | Block, tuple[float, float]] = {
    Fate.FULFILLED: (46, LONGEST - 12),
    Fate.EXPIRED: (46, LONGEST - 12),
    Fate.HELD: (5, 30),
    Fate.REVIEW: (5, 30),
    Fate.RELEASED: (36, 41),
    Fate.FAILED: (37, 42),
    Fate.REFUNDED: (35, LONGEST - 12),
    Fate.CANCELLED: (5, LONGEST - 12),
    Fate.UNDER_MINIMUM: (30, LONGEST - 12),
    Fate.REVERSED: (85, LONGEST - 12),
    Fate.FOREIGN: (3, 9),
    Block.OWN_PURCHASE: (10, LONGEST - 15),
    Block.EXISTING_CUSTOMER: (10, LONGEST - 15),
}
#: Long enough ago for a refund after the reward was paid; and when claims still got the second version's terms.
LATE_REFUND, SECOND_TERMS = (85, LONGEST - 12), (53, 58)
#: What offices brought, by the payout that paid it; the hold is over some days before each (nordlicht.PAYOUTS).
PAID_MONTHS = ((128, 148), (97, 122), (64, 90))
ABROAD = "CH", "CHF"
#: Days ago in which friends who came without a link may have told who sent them.
TOLD_LATER = (4, 8)
REFUSALS = ("http_422", "http_410", "http_401")
#: Of a hundred friends this many come with the code they claimed, with the link alone, with their address alone.
MATCHES = ((Match.CODE, 76), (Match.TOKEN, 17), (Match.EMAIL, 7))
LARGE: tuple[Basket, ...] = (((MILL, 1), (COFFEE[0], 2)), ((CUPS, 1), (COFFEE[2], 2)), ((MILL, 1), (CUPS, 1)))
USUAL: tuple[Basket, ...] = (
    ((COFFEE[0], 2),), ((COFFEE[1], 2),), ((COFFEE[0], 1), (COFFEE[1], 1)), ((COFFEE[2], 3),), ((CUPS, 1),),
    ((COFFEE[0], 2), (CUPS, 1)), *LARGE,
)  # fmt: skip
GIVEN_BACK_IN_PART: Basket = ((MILL, 1), (COFFEE[0], 1), (COFFEE[1], 1))
NEAR_THE_MINIMUM: Basket = ((COFFEE[0], 1), (COFFEE[2], 1))


class Writer:
    def __init__(
        self,
        counts: Counts,
        seasons: Seasons,
        moments: Moments,
        sharers: list[Recommender],
        *,
        first_number: int,
        main: str = "freunde",
    ) -> None:
        self.counts, self.seasons, self.moments, self.sharers, self.main = counts, seasons, moments, sharers, main
        self.rng, self.numbers = moments.rng, count(first_number)
        self.doubting = Doubting(counts, moments, sharers, main)
        #: Under the names and addresses they have when the plan is made.
        self.friends: list[Person] = []

    def tales(self, friends: list[Person], old_customers: list[Person]) -> list[Tale]:
        made = [
            self._tale(fate, partial, buyer) for (fate, partial), buyer in zip(self._endings(), friends, strict=True)
        ]
        made = self._one_in_advent(self._matched_by_hand(self._with_programs(made)))
        made = self._disputed([self._with_advocate(tale) for tale in self._owing(self._strongest_first(made))])
        made = self.doubting.over(self._introduced(made))
        self.friends = [tale.buyer for tale in made]
        return [*made, *self._second_looks([*self._blocked(made, old_customers)])]

    # --- endings and dates ---

    def _endings(self) -> Iterator[tuple[Fate, Partial]]:
        counts = self.counts
        before, after = self._partials(counts.partial_before, early=True), self._partials(counts.partial_after)
        for fate, number in counts.fates.items():
            for index in range(number):
                if fate == Fate.FULFILLED and index < len(after):
                    yield fate, after[index]
                elif fate == Fate.FULFILLED and index < len(after) + len(before):
                    yield fate, before[index - len(after)]
                else:
                    yield fate, Partial.NONE

    @staticmethod
    def _partials(number: int, *, early: bool = False) -> list[Partial]:
        """One of them is given back twice."""
        twice, once = (Partial.BEFORE_TWICE, Partial.BEFORE) if early else (Partial.AFTER_TWICE, Partial.AFTER)
        return [twice] + [once] * (number - 1)

    def _tale(self, fate: Fate, partial: Partial, buyer: Person) -> Tale:
        number = next(self.numbers)
        placed, delivered = self._dates(fate, partial, number)
        is_abroad = fate == Fate.FOREIGN
        return Tale(
            ending=fate,
            number=number,
            who=self.sharers[0],
            buyer=replace(buyer, country=ABROAD[0]) if is_abroad else buyer,
            channel="",
            match=self._match(fate),
            clicked_at=self._clicked(fate, placed),
            placed_at=placed,
            delivered_at=delivered,
            basket=self._basket(fate, partial),
            currency=ABROAD[1] if is_abroad else "EUR",
            partial=partial,
            refusal=REFUSALS[number % len(REFUSALS)] if fate == Fate.FAILED else "",
        )

    def _dates(self, fate: Fate, partial: Partial, number: int) -> tuple[datetime, datetime]:
        """Placed and delivered. Where the day of the release matters, they are reckoned back from it."""
        moments, zone = self.moments, self.moments.zone.key
        if fate == Fate.DUE_TOMORROW:
            tomorrow = (moments.base.astimezone(moments.zone) + timedelta(days=1)).replace(
                hour=9 + number % 9, minute=20
            )
            return self._before(add_days(tomorrow, -30, zone))
        if fate == Fate.FULFILLING:
            return self._before(add_days(moments.base - timedelta(hours=20, minutes=number % 40), -30, zone))
        least, most = LATE_REFUND if partial in (Partial.AFTER, Partial.AFTER_TWICE) else WINDOWS[fate]
        placed = moments.ago(least, most)
        return placed, moments.after(placed, 50, 90)

    def _before(self, delivered: datetime) -> tuple[datetime, datetime]:
        return delivered - timedelta(hours=self.rng.uniform(60, 84)), delivered

    def _clicked(self, fate: Fate, placed: datetime) -> datetime:
        if fate in (Fate.FULFILLING, Fate.FAILED):
            return self.moments.ago(*SECOND_TERMS)
        return self.moments.after(placed, -6 * 24, -0.4)

    def _match(self, fate: Fate) -> Match:
        if fate in (Fate.FULFILLING, Fate.FAILED, Fate.RELEASED):
            return Match.CODE
        return self.rng.choices([way for way, _ in MATCHES], [weight for _, weight in MATCHES])[0]

    def _basket(self, fate: Fate, partial: Partial) -> Basket:
        if fate == Fate.UNDER_MINIMUM:
            return NEAR_THE_MINIMUM
        return GIVEN_BACK_IN_PART if partial else self.rng.choice(USUAL)

    # --- who referred ---

    def _with_programs(self, tales: list[Tale]) -> list[Tale]:
        """The winter's vouchers were used or ended unused; what offices bring is paid in money, month by month."""
        counts, plain = self.counts, [t for t in tales if t.ending == Fate.FULFILLED and not t.partial]
        used, rest = plain[: counts.expired], plain[counts.expired :]
        moved = {tale.number: self._in_winter(tale) for tale in used}
        moved |= {tale.number: self._in_winter(tale) for tale in tales if tale.ending == Fate.EXPIRED}
        paid = rest[: counts.office_claims - counts.released - counts.owing]
        for index, tale in enumerate(paid):
            moved[tale.number] = self._in_office(tale, self.moments.ago(*PAID_MONTHS[index % 3]))
        for tale in tales:
            if tale.ending == Fate.RELEASED:
                moved[tale.number] = self._in_office(tale, tale.placed_at)
        for tale in [tale for tale in tales if tale.ending == Fate.REVERSED][-counts.owing :]:
            moved[tale.number] = self._in_office(tale, self.moments.ago(*PAID_MONTHS[-1]))
        return [moved.get(tale.number, tale) for tale in tales]

    def _in_winter(self, tale: Tale) -> Tale:
        base, seasons = self.moments.base, self.seasons
        first = (base - seasons.winter_begins).days - 5
        last = max((base - seasons.winter_ends).days + 1, 46)
        placed = self.moments.ago(min(last, first), first)
        clicked = max(self.moments.after(placed, -60, -0.4), seasons.winter_begins + timedelta(days=3))
        made = self._at(tale, WINTER, min(clicked, placed - timedelta(minutes=20)), placed)
        if tale.ending == Fate.EXPIRED:
            return made
        given = add_days(made.delivered_at, WINTER_HOLD, self.moments.zone.key)
        return replace(made, redeemed_at=self.moments.after(given, 24, (ENDS - 3) * 24))

    def _in_office(self, tale: Tale, placed: datetime) -> Tale:
        made = self._at(tale, OFFICE, self.moments.after(placed, -6 * 24, -0.4), placed)
        return replace(made, basket=LARGE[-1])

    def _at(self, tale: Tale, program: str, clicked: datetime, placed: datetime) -> Tale:
        who = next(each for each in self.sharers if each.program == program)
        delivered = self.moments.after(placed, 50, 90)
        return replace(tale, who=who, clicked_at=clicked, placed_at=placed, delivered_at=delivered, match=Match.CODE)

    def _matched_by_hand(self, tales: list[Tale]) -> list[Tale]:
        able = [t for t in tales if t.ending == Fate.FULFILLED and not t.partial and t.who.program == self.main]
        chosen = {tale.number for tale in able[-self.counts.by_hand :]}
        return [replace(tale, match=Match.BY_HAND) if tale.number in chosen else tale for tale in tales]

    def _introduced(self, tales: list[Tale]) -> list[Tale]:
        """Of those whose rewards are held, the last: the first are ordered within one hour."""
        held = [tale for tale in tales if tale.ending == Fate.HELD and tale.who.until is None]
        chosen = {tale.number for tale in held[-self.counts.introduced :]}
        return [self._told_later(tale) if tale.number in chosen else tale for tale in tales]

    def _told_later(self, tale: Tale) -> Tale:
        placed = self.moments.ago(*TOLD_LATER)
        clicked, delivered = self.moments.after(placed, -20, -1), self.moments.after(placed, 50, 70)
        return replace(tale, match=Match.INTRODUCED, clicked_at=clicked, placed_at=placed, delivered_at=delivered)

    def _one_in_advent(self, tales: list[Tale]) -> list[Tale]:
        """So that somebody got the doubled reward, however small the world is."""
        able = [t for t in tales if t.ending == Fate.FULFILLED and not t.partial and t.who.program == self.main]
        placed = self.moments.between(*self.seasons.advent)
        clicked, delivered = self.moments.after(placed, -20, -1), self.moments.after(placed, 50, 90)
        moved = replace(able[0], clicked_at=clicked, placed_at=placed, delivered_at=delivered)
        return [moved if tale.number == moved.number else tale for tale in tales]

    def _strongest_first(self, tales: list[Tale]) -> list[Tale]:
        """The first sharer gets exactly as many as the cap allows, all of a kind that counts. One is due
        tomorrow, when they have long been a regular."""
        able = [tale for tale in self._without_doubtful(tales) if tale.who.program == self.main]
        due = next(tale for tale in able if tale.ending == Fate.DUE_TOMORROW)
        plain = [tale for tale in able if tale.ending == Fate.FULFILLED and not tale.partial]
        early = [tale for tale in plain if tale.match != Match.BY_HAND][-self.counts.regular_from :]
        rest = [tale for tale in able if tale is not due and tale not in early]
        others = self.rng.sample(rest, k=min(self.counts.cap, len(able)) - len(early) - 1)
        chosen = {tale.number for tale in (due, *early, *others)}
        self.sharers[0].counted = self.counts.cap
        kept = {early[-1].number: self._first_of_third_version(early[-1])}
        return [
            kept.get(tale.number, tale) if tale.number in chosen else replace(tale, who=self._somebody(tale))
            for tale in tales
        ]

    @staticmethod
    def _without_doubtful(tales: list[Tale]) -> list[Tale]:
        """Of a kind that counts. The reviews and those ordered within one hour get advocates of their own."""
        held = [tale for tale in tales if tale.ending == Fate.HELD][: IN_ONE_HOUR - 1]
        return [t for t in tales if t.ending in COUNTING and t.ending != Fate.REVIEW and t not in held]

    def _first_of_third_version(self, tale: Tale) -> Tale:
        """It moves its advocate to the level that version has; what comes after it is given as to a regular."""
        placed = self.moments.ago(46, 48)
        clicked, delivered = self.moments.after(placed, -20, -1), self.moments.after(placed, 50, 90)
        return replace(tale, clicked_at=clicked, placed_at=placed, delivered_at=delivered)

    def _owing(self, tales: list[Tale]) -> list[Tale]:
        """Who brought what offices gave back has the least of what is due to offices, and owes more than that."""
        gone = next(tale for tale in tales if tale.ending == Fate.REVERSED and tale.who.program == OFFICE)
        due = next(tale for tale in tales if tale.ending == Fate.RELEASED)
        rest = [each for each in self.sharers if each.program == OFFICE and each is not gone.who]
        changed = {due.number: replace(due, who=gone.who, basket=USUAL[0])}
        for index, tale in enumerate(tale for tale in tales if tale.ending == Fate.RELEASED and tale is not due):
            changed[tale.number] = replace(tale, who=rest[index % len(rest)])
        return [changed.get(tale.number, tale) for tale in tales]

    def _disputed(self, tales: list[Tale]) -> list[Tale]:
        """Lost ones took the reward back; what was given for a won and an open one stays."""
        counts, ended_by = self.counts, self.moments.day(85)
        able = [t for t in tales if t.ending == Fate.FULFILLED and not t.partial and t.who.program == self.main]
        given = sorted((tale for tale in able if tale.delivered_at < ended_by), key=lambda tale: tale.delivered_at)
        newest = given[::-1][: counts.open_disputes + counts.won_disputes]
        ends = {tale.number: DisputeStatus.OPENED for tale in newest[: counts.open_disputes]}
        ends |= {tale.number: DisputeStatus.WON for tale in newest[counts.open_disputes :]}
        taken = [tale for tale in tales if tale.ending == Fate.REVERSED][: counts.lost_disputes]
        ends |= {tale.number: DisputeStatus.LOST for tale in taken}
        return [replace(tale, dispute=ends.get(tale.number)) for tale in tales]

    def _with_advocate(self, tale: Tale) -> Tale:
        return replace(tale, channel=self.rng.choice(tale.who.channels))

    def _somebody(self, tale: Tale) -> Recommender:
        """Nobody with the friend's family name: alike by chance would be alike by intent."""
        able = self.about(tale.clicked_at, tale.who.program, below_cap=True)
        able = [each for each in able if each.person.family_name != tale.buyer.family_name] or able
        who = self.rng.choices(able, weights=[each.weight for each in able])[0]
        who.counted += tale.ending in COUNTING
        return who

    def about(self, moment: datetime, program: str, *, below_cap: bool = False) -> list[Recommender]:
        able = [each for each in self.sharers if each.program == program and each.is_about(moment)]
        return [each for each in able if each.counted < self.counts.cap - 1] if below_cap else able

    # --- blocked from the start ---

    def _blocked(self, tales: list[Tale], old_customers: list[Person]) -> Iterator[Tale]:
        for index in range(self.counts.own_purchase):
            who = self._of_main()[-1 - index % len(self._of_main())]
            yield self._blocked_tale(Block.OWN_PURCHASE, who.person, who)
        for person in old_customers:
            yield self._blocked_tale(Block.EXISTING_CUSTOMER, person, None)
        yield from self._second_advocates(tales)

    def _of_main(self) -> list[Recommender]:
        return [each for each in self.sharers if each.program == self.main]

    def _blocked_tale(self, block: Block, buyer: Person, who: Recommender | None) -> Tale:
        least, most = WINDOWS[block]
        placed = self.moments.ago(least, most)
        if who:
            days = (self.moments.base - who.enrolled_at).days
            placed = self.moments.ago(10 if who.until is None else 40, max(days - 8, 12))
        clicked = self.moments.after(placed, -30, -0.4)
        who = who or self.rng.choice(self.about(clicked, self.main))
        return self._blocked_by(block, buyer, who, clicked, placed)

    def _blocked_by(self, block: Block, buyer: Person, who: Recommender, clicked: datetime, placed: datetime) -> Tale:
        return Tale(
            ending=block,
            number=next(self.numbers),
            who=who,
            buyer=buyer,
            channel=self.rng.choice(who.channels),
            match=Match.TOKEN,
            clicked_at=clicked,
            placed_at=placed,
            delivered_at=self.moments.after(placed, 50, 90),
            basket=self.rng.choice(USUAL),
            currency="EUR",
        )

    def _second_looks(self, blocked: list[Tale]) -> list[Tale]:
        """Some ask what was wrong; the last of them not long ago."""
        counts, wanted = self.counts, len(blocked)
        step = max(wanted // (counts.second_looks + counts.appeals), 1)
        asking = blocked[::step][: counts.second_looks + counts.appeals]
        waiting = asking[: counts.appeals]
        looks = {tale.number: SecondLook.ANSWERED for tale in asking} | {
            tale.number: SecondLook.ASKED for tale in waiting
        }
        return [replace(tale, second_look=looks.get(tale.number, SecondLook.NONE)) for tale in blocked]

    def _second_advocates(self, tales: list[Tale]) -> Iterator[Tale]:
        """Friends who come back through somebody else's link, when the first claim's window is over."""
        happy = [t for t in tales if t.ending == Fate.FULFILLED and t.who.program == self.main and not t.partial]
        happy = [t for t in happy if t.match != Match.BY_HAND and t.placed_at < self.moments.day(100)]
        for tale in happy[: self.counts.second_advocate]:
            placed = self.moments.after(tale.placed_at, 40 * 24, 60 * 24)
            clicked = self.moments.after(placed, -30, -0.4)
            others = [each for each in self.about(clicked, self.main) if each is not tale.who]
            yield self._blocked_by(Block.SECOND_ADVOCATE, tale.buyer, self.rng.choice(others), clicked, placed)
