"""Three more merchants: Studio Kumo (yen, Tokyo, a subscription), Halcyon (dollars, New York, business customers) and
Neu, which has just signed up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from demo.world.cashier import Calendar, Cashier
from demo.world.counts import Fate
from demo.world.goods import COMPANY, Item
from demo.world.goods import HALCYON as PLANS
from demo.world.goods import KUMO as BOXES
from demo.world.history import CHANNELS, History, Recommender
from demo.world.looks import Team
from demo.world.moments import Moments
from demo.world.opening import import_history, names_of, open_for
from demo.world.people import HALCYON, KUMO, NEU, Login, Person, people
from demo.world.pipeline import Pipeline
from demo.world.services import connect_stripe
from demo.world.stage import Stage, Tell
from demo.world.tales import Match, Tale, Telling
from demo.world.traffic import Traffic
from kit.units import MONTHS
from merchants.models import Merchant, Role
from programs.actions.edit import create_program, save_draft
from programs.actions.kinds import create_kind
from programs.actions.lifecycle import publish_program
from programs.rules import CodeSource, Form, Fulfilment, Gives, Offer, RewardRule, Terms, Value

MAIN = "main"
AGE = 240  # days since these merchants opened their workspaces


@dataclass(frozen=True)
class Neighbour:
    login: Login
    name: str
    currency: str
    zone: str
    shop_url: str
    language: str  # of people's names
    country: str
    program: str
    template: str
    items: tuple[Item, ...]
    advocates: int
    sharers: int
    shares: int
    clicks: int
    claims: int
    fates: dict[Fate, int]
    terms: Callable[[Terms, Gives | None], Terms]
    #: What is given, where it is more than money.
    kind: Gives | None = None
    #: Whether companies leave their details and are talked to.
    has_talks: bool = False
    #: Where rewards are paid in money.
    payouts: Calendar | None = None
    #: The first that is released brings so large an order that the tax office asks for a form.
    large: Item | None = None

    def scaled(self, scale: float) -> Neighbour:
        if scale == 1:
            return self
        part = {
            name: max(2, round(getattr(self, name) * scale)) for name in ("advocates", "sharers", "shares", "clicks")
        }
        least = {Fate.RELEASED: 2}
        fates = {fate: max(least.get(fate, 1), round(number * scale)) for fate, number in self.fates.items()}
        claims = max(round(self.claims * scale), sum(fates.values()))
        return replace(self, **part, fates=fates, claims=claims)  # type: ignore[arg-type]

    @property
    def referred(self) -> int:
        return sum(self.fates.values())


def _kumo_terms(terms: Terms, month: Gives | None) -> Terms:
    """A month for nothing, credited where the subscription is billed."""
    assert month is not None
    offer = Offer(kind=Value.PERCENT, value=2_000, source=CodeSource.SHOP_CODE, shop_code="KUMO20", valid_days=30)
    reward = RewardRule(kind=Value.FIXED, value=1, fulfilment=month.fulfilment, gives=month)
    return replace(terms, offer=offer, advocate_reward=reward, attribution_window_days=60)


def _halcyon_terms(terms: Terms, _kind: Gives | None) -> Terms:
    """A tenth of the first year, in money."""
    offer = Offer(kind=Value.PERCENT, value=500, source=CodeSource.SHOP_CODE, shop_code="HALCYON5", valid_days=90)
    reward = RewardRule(kind=Value.PERCENT, value=1_000, fulfilment=Fulfilment.PAYOUT)
    return replace(terms, offer=offer, advocate_reward=reward, qualification_window_days=180)


STUDIO_KUMO = Neighbour(
    KUMO, "Studio Kumo", "JPY", "Asia/Tokyo", "https://kumo.example", "ja", "JP", "お友だち紹介", "subscription", BOXES,
    advocates=85, sharers=24, shares=70, clicks=260, claims=58,
    fates={Fate.FULFILLED: 24, Fate.HELD: 11, Fate.REFUNDED: 2, Fate.CANCELLED: 2, Fate.REVERSED: 1},
    terms=_kumo_terms,
    kind=Gives("", "1か月無料", Form.FREE_TIME, MONTHS, Fulfilment.STRIPE_BALANCE, fair_minor=3_300),
)  # fmt: skip
HALCYON_WORKS = Neighbour(
    HALCYON, "Halcyon", "USD", "America/New_York", "https://halcyon.example", "en", "US", "Partners", "b2b", PLANS,
    advocates=22, sharers=9, shares=26, clicks=90, claims=31,
    fates={Fate.FULFILLED: 2, Fate.RELEASED: 2, Fate.HELD: 2},
    terms=_halcyon_terms, payouts=Calendar(paid=(100, 11), open_since=1), large=COMPANY,
    has_talks=True,
)  # fmt: skip
NEIGHBOURS = (STUDIO_KUMO, HALCYON_WORKS)
WINDOWS: dict[Fate, tuple[float, float]] = {
    Fate.FULFILLED: (46, AGE - 20),
    Fate.HELD: (5, 28),
    Fate.RELEASED: (36, 40),
    Fate.REFUNDED: (35, AGE - 20),
    Fate.CANCELLED: (6, AGE - 20),
    Fate.REVERSED: (85, AGE - 20),
}


def play_neighbour(place: Neighbour, base: datetime, tell: Tell) -> Merchant:
    rng = Random(place.name)
    moments = Moments(base, place.zone, rng)
    merchant = open_for(
        place.login, name=place.name, currency=place.currency, zone=place.zone, shop_url=place.shop_url,
        now=moments.day(AGE),
    )  # fmt: skip
    born = people(place.language, rng, country=place.country)
    customers = list(islice(born, place.advocates))
    import_history(merchant, customers, [], now=moments.day(AGE - 0.2), rng=rng)
    Neighbourhood(place, merchant, moments, customers, list(islice(born, place.referred)), tell).play()
    return merchant


class Neighbourhood:
    def __init__(
        self,
        place: Neighbour,
        merchant: Merchant,
        moments: Moments,
        customers: list[Person],
        friends: list[Person],
        tell: Tell,
    ) -> None:
        self.place, self.moments, self.rng, self.friends = place, moments, moments.rng, friends
        self.stage = Stage(merchant, tell=tell)
        owner = names_of(merchant)[Role.OWNER]
        self.team = Team(owner, owner, owner)
        self.history = History(merchant, self.stage, moments, by=owner)
        self.advocates = [self._advocate(index, person) for index, person in enumerate(customers)]

    def play(self) -> None:
        self.stage.at(self.moments.day(AGE - 0.4), self._found)
        for who in self.advocates:
            self._enrolled(who)
        if self.place.payouts:
            cashier = Cashier(
                self.history, self.place.payouts, unit=self.place.currency, clerk=self.history.by, second=None
            )
            cashier.put_on([who for who in self.advocates if who.channels])
        tales = self._one_large([self._tale(index, fate) for index, fate in enumerate(self._fates())])
        for tale in tales:
            Telling(tale, self.history, self.team).put_on()
        sharers = [who for who in self.advocates if who.channels]
        traffic = Traffic(self.history, sharers, days=(1, AGE - 12))
        traffic.shares(self.place.shares)
        claims = self.place.claims - sum(tale.match == Match.CODE for tale in tales)
        traffic.claims(claims, [])
        traffic.clicks(max(self.place.clicks - len(tales) - claims, 0))
        if self.place.has_talks:
            Pipeline(self.history, sharers, MAIN).put_on()
        self.stage.play(self.moments.base)

    def _found(self, now: datetime) -> None:
        place, by = self.place, self.history.by
        program = create_program(name=place.program, template=place.template, by=by, now=now)
        self.history.programs[MAIN] = program.pk
        terms = place.terms(program.draft_terms, self._kind(now))
        saved = save_draft(
            program=program, terms=terms, name=place.program, auto_enrol="OFF", self_sign_up=True, by=by, now=now
        )
        publish_program(program=saved, by=by, now=now)

    def _kind(self, now: datetime) -> Gives | None:
        if self.place.kind is None:
            return None
        connect_stripe(by=self.history.by, now=now)
        return create_kind(gives=self.place.kind, by=self.history.by, now=now).as_gives()

    def _advocate(self, index: int, person: Person) -> Recommender:
        """Those who share join first."""
        if index < self.place.sharers:
            channels = tuple(self.rng.sample(CHANNELS, k=self.rng.randrange(1, 4)))
            joined = self.moments.day(AGE - 1 - index % 8)
            return Recommender(person, MAIN, joined, channels, weight=1 / (index + 1.5) ** 0.5)
        return Recommender(person, MAIN, self.moments.ago(4, AGE - 8))

    def _enrolled(self, who: Recommender) -> None:
        self.stage.at(who.enrolled_at, lambda now: self.history.enrol(who, now))

    def _fates(self) -> list[Fate]:
        return [fate for fate, number in self.place.fates.items() for _ in range(number)]

    def _tale(self, index: int, fate: Fate) -> Tale:
        least, most = WINDOWS[fate]
        placed = self.moments.ago(least, most)
        clicked = self.moments.after(placed, -9 * 24, -2)
        able = [who for who in self.advocates if who.channels and who.is_about(clicked)]
        who = self.rng.choice(able)
        return Tale(
            ending=fate,
            number=2_001 + index,
            who=who,
            buyer=self.friends[index],
            channel=self.rng.choice(who.channels),
            match=Match.CODE,
            clicked_at=clicked,
            placed_at=placed,
            delivered_at=placed + timedelta(hours=self.rng.uniform(50, 90)),
            basket=((self.rng.choice(self.place.items), 1),),
            currency=self.place.currency,
        )

    def _one_large(self, tales: list[Tale]) -> list[Tale]:
        """Of those released; brought by somebody who has nothing else coming, so that only this waits."""
        if self.place.large is None:
            return tales
        first, *others = [tale for tale in tales if tale.ending == Fate.RELEASED]
        busy = {id(tale.who) for tale in others}
        who = next(each for each in self.advocates if each.channels and id(each) not in busy)
        large = replace(first, who=who, channel=who.channels[0], basket=((self.place.large, 1),))
        return [large if tale is first else tale for tale in tales]


def open_neu(now: datetime) -> Merchant:
    """Signed up a moment ago: every page has to be friendly without a row."""
    return open_for(NEU, name="Neu", currency="EUR", zone="Europe/Berlin", shop_url="https://neu.example", now=now)
