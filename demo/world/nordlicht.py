"""Nordlicht Kaffee: fourteen months of a coffee shop in Berlin.

All 2,600 orders are settled one by one as the shop's hooks would tell them: the referred ones version by version
(placed, shipped, delivered, given back), the others once, with their parcel. What old customers had bought before the
workspace was opened is imported with them as a number and is not among the 2,600.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from advocates.actions.standing import ban_advocate
from demo.world.cashier import Calendar, Cashier
from demo.world.counts import Counts
from demo.world.crowd import Crowd
from demo.world.giving import Giving, gift_card, winter_voucher
from demo.world.goods import KAFFEE
from demo.world.history import History, Recommender
from demo.world.looks import Team
from demo.world.moments import LONGEST
from demo.world.opening import import_history, join_all, names_of, open_for
from demo.world.people import COLLEAGUES, OWNER
from demo.world.plot import BANNED, MAIN, Plot
from demo.world.seasons import OFFICE, WINTER, WINTER_HOLD
from demo.world.shopside import ShopSide
from demo.world.stage import Act, Stage, Tell
from demo.world.tales import Match, Tale, Telling
from demo.world.traffic import Traffic
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Merchant, Role
from programs.actions.edit import create_program, save_draft
from programs.actions.lifecycle import end_program, pause_program, publish_program
from programs.actions.stock import upload_codes
from programs.models import CodePool, Program
from programs.rules import CodeSource, Fulfilment, Gives, Offer, RewardRule, Terms, Tier, Value
from programs.selectors import program_by_slug
from tracking.actions.checks import add_entry
from tracking.actions.introductions import say_who
from tracking.models import ListEntry, Order
from tracking.selectors import who_sent_until

NAME, ZONE, SHOP = "Nordlicht Kaffee", "Europe/Berlin", "https://nordlicht-kaffee.example"
SECOND_VERSION, THIRD_VERSION, OFFICE_OPENS, OFFICE_PAUSES = 270, 50, 300, 25  # days ago
#: The shop's hooks did not come for two days; then it sent everything again.
OUTAGE = (101, 99)  # days ago
#: Three months were paid, in the second of them one transfer came back; the fourth payout waits for a second person.
PAYOUTS = Calendar(paid=(92, 61, 27), open_since=1, returned=1)


def open_nordlicht(plot: Plot) -> Merchant:
    """Workspace, team and the shop's old customers: what both halves of the history stand on."""
    now = plot.moments.day(LONGEST)
    merchant = open_for(OWNER, name=NAME, currency="EUR", zone=ZONE, shop_url=SHOP, now=now, language="de")
    join_all(merchant, COLLEAGUES, now)
    import_history(merchant, plot.old, plot.subscribers, now=now + timedelta(hours=2), rng=plot.moments.rng)
    return merchant


#: What the team blocks and trusts; nobody of the story fits.
LISTED = (
    (ListEntry.List.BLOCK, ListEntry.Field.DOMAIN, "postfach-fuer-eine-stunde.example", "Four orders, none paid."),
    (ListEntry.List.BLOCK, ListEntry.Field.EMAIL, "gutschein*@*", "Resells our codes under ever new names."),
    (ListEntry.List.TRUST, ListEntry.Field.DOMAIN, "nordlicht.example", "Our own team."),
)


class Story:
    """Programs, advocates, friends and everything they bring: the first half."""

    def __init__(self, merchant: Merchant, plot: Plot, tell: Tell) -> None:
        self.plot, self.counts, self.cap, self.moments = plot, plot.counts, plot.counts.cap, plot.moments
        self.stage = Stage(merchant, tell=tell, title=f"{NAME}, the story")
        self.who = names_of(merchant)
        self.history = History(merchant, self.stage, self.moments, by=self.who[Role.MARKETER])
        self.history.outage = outage_of(plot)

    def begin(self) -> None:
        """Everything is put on; played is the first day, whose program the second half stands on."""
        ShopSide(self.history, self.counts, self.who).put_on()
        Giving(self.stage.merchant, self.history, self.plot, self.who).put_on()
        cashier = Cashier(self.history, PAYOUTS, unit="EUR", clerk=self.who[Role.FINANCE], second=self.who[Role.ADMIN])
        cashier.put_on([who for who in self.plot.sharers if who.program == OFFICE])
        self._programs()
        self._advocates()
        self._traffic()
        team = Team(self.who[Role.REVIEWER], self.who[Role.FINANCE], self.who[Role.SUPPORT])
        for tale in self.plot.tales:
            Telling(tale, self.history, team).put_on()
        self.stage.play(self.moments.day(LONGEST - 0.5))

    def go_on(self) -> None:
        self.stage.play(self.moments.base)

    # --- programs ---

    def _programs(self) -> None:
        day, seasons, by = self.moments.day, self.plot.seasons, self.history.by
        acts: list[tuple[datetime, Act]] = [
            (day(LONGEST - 0.4), self._found_main),
            (day(SECOND_VERSION), lambda now: self._publish(MAIN, second_version(self._draft(MAIN)), now)),
            (day(THIRD_VERSION), self._publish_third),
            (seasons.winter_begins, self._found_winter),
            (seasons.winter_ends, lambda now: end_program(program=self._program(WINTER), by=by, now=now)),
            (day(OFFICE_OPENS), self._found_office),
            (day(OFFICE_PAUSES), lambda now: pause_program(program=self._program(OFFICE), by=by, now=now)),
            (day(75), self._lists),
            (day(12), lambda now: create_program(name="Lieblingscafé", template="fixed", by=by, now=now)),
        ]
        for moment, act in acts:
            self.stage.at(moment, act)

    def _found_main(self, now: datetime) -> None:
        program = self._create("Freunde", "shop", MAIN, now)
        codes = [f"FREUND-{number:04d}" for number in range(1, self.counts.codes + 1)]
        self._upload(program, CodePool.Purpose.OFFER, codes, now)
        self._upload(
            program, CodePool.Purpose.REWARD, [f"DANKE-{n:04d}" for n in range(1, self.counts.converted + 40)], now
        )
        self._publish(MAIN, first_version(program.draft_terms, self.cap), now)

    def _publish_third(self, now: datetime) -> None:
        cards = gift_card(self.history, now)
        self._publish(MAIN, third_version(self._draft(MAIN), self.counts, cards), now)

    def _found_winter(self, now: datetime) -> None:
        program = self._create("Winterbonus", "fixed", WINTER, now)
        codes = [f"WINTER-{n:03d}" for n in range(1, self.counts.winter_claims + 11)]
        voucher = winter_voucher(self.history, codes, now)
        self._publish(WINTER, winter_terms(program.draft_terms, voucher), now)

    def _found_office(self, now: datetime) -> None:
        program = self._create("Büro", "b2b", OFFICE, now)
        self._publish(OFFICE, office_terms(program.draft_terms), now)

    def _lists(self, now: datetime) -> None:
        """Whom nobody needs to look at again."""
        by = self.who[Role.REVIEWER]
        for to, field, pattern, note in LISTED:
            add_entry(to=to, field=field, pattern=pattern, note=note, by=by, now=now)

    def _create(self, name: str, template: str, key: str, now: datetime) -> Program:
        program = create_program(name=name, template=template, by=self.history.by, now=now)
        self.history.programs[key] = program.pk
        return program

    def _upload(self, program: Program, purpose: str, codes: list[str], now: datetime) -> None:
        upload_codes(program=program, purpose=purpose, codes=codes, by=self.history.by, now=now)

    def _publish(self, key: str, terms: Terms, now: datetime) -> None:
        program, by = self._program(key), self.history.by
        saved = save_draft(
            program=program, terms=terms, name=program.name, auto_enrol="OFF", self_sign_up=True, by=by, now=now
        )
        publish_program(program=saved, by=by, now=now)

    def _draft(self, key: str) -> Terms:
        return self._program(key).draft_terms

    def _program(self, key: str) -> Program:
        return self.history.program(key)

    # --- people ---

    def _advocates(self) -> None:
        known = {person.email for person in self.plot.friends}
        for who in [*self.plot.sharers, *self.plot.others]:
            if who.channels or who.program != MAIN or who.person.email in known:
                self.stage.at(who.enrolled_at, partial(self.history.enrol, who))
        banned = self.plot.sharers[self.plot.main_sharers - 1]
        self.stage.at(self.moments.day(BANNED), lambda now: self._ban(banned, now))

    def _ban(self, who: Recommender, now: datetime) -> None:
        """Bought through their own link more than once."""
        assert who.advocate is not None
        ban_advocate(advocate=who.advocate, by=self.who[Role.REVIEWER], now=now, reason="own_purchases")

    def _traffic(self) -> None:
        """What the tales need of clicks and claims is part of the numbers."""
        counts, base, seasons = self.counts, self.moments.base, self.plot.seasons
        winter = ((base - seasons.winter_ends).days + 1, (base - seasons.winter_begins).days - 4)
        lived = {MAIN: (1, LONGEST - 8), WINTER: winter, OFFICE: (OFFICE_PAUSES + 3, 264)}
        planned = {MAIN: counts.pool_claims, WINTER: counts.winter_claims, OFFICE: counts.office_claims}
        sharers = {key: [who for who in self.plot.sharers if who.program == key] for key in lived}
        tales = {key: self._tales_after_clicks(key) for key in lived}
        claims = {key: planned[key] - sum(_claims(tale) for tale in tales[key]) for key in lived}
        clicked = {key: sum(_clicks(tale) for tale in tales[key]) + claims[key] for key in lived}
        shares = _parts(counts.shares, least={key: len(sharers[key]) for key in lived})
        clicks = _parts(counts.clicks, least=clicked)
        for key, days in lived.items():
            traffic = Traffic(self.history, sharers[key], days=days)
            traffic.shares(shares[key])
            traffic.claims(claims[key], self.plot.subscribers if key == MAIN else [])
            traffic.clicks(clicks[key] - clicked[key])
            traffic.robots(counts.bot_hits if key == MAIN else 0)

    def _tales_after_clicks(self, key: str) -> list[Tale]:
        return [tale for tale in self.plot.tales if tale.who.program == key and not tale.match.is_told_later]


def _clicks(tale: Tale) -> int:
    return 1 + (tale.doubt.more_clicks if tale.doubt else 0)


def _claims(tale: Tale) -> bool:
    return tale.match in (Match.CODE, Match.EMAIL)


def _parts(total: int, *, least: dict[str, int]) -> dict[str, int]:
    """By program: the smaller ones get their share of it, or as much as their stories need."""
    winter, office = max(round(total * 0.075), least[WINTER]), max(round(total * 0.02), least[OFFICE])
    return {WINTER: winter, OFFICE: office, MAIN: total - winter - office}


def play_crowd(merchant: Merchant, plot: Plot, tell: Tell) -> None:
    """Orders that nobody referred and advocates who never shared: the second half, of people the story never meets."""
    stage = Stage(merchant, tell=tell, title=f"{NAME}, the other orders")
    history = History(merchant, stage, plot.moments, by=names_of(merchant)[Role.ADMIN])
    history.outage = outage_of(plot)
    history.programs[MAIN] = _main_program(merchant)
    known = {person.email for person in plot.friends}
    for who in plot.others:
        if who.program == MAIN and who.person.email not in known:
            stage.at(who.enrolled_at, partial(history.enrol, who))
    Crowd(history, KAFFEE, "EUR").put_on(plot.purchases)
    stage.play(plot.moments.base)


def say_who_sent_them(merchant: Merchant, plot: Plot) -> None:
    """Friends of the last days who came without a link name somebody on the thank-you page; one name fits nobody. The
    advocates have not answered yet."""
    now = plot.moments.day(0.1)
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        orders = Order.objects.filter(outcome=Order.Outcome.NOT_REFERRED, placed_at__gt=plot.moments.day(13))
        askable = [order for order in orders.order_by("-placed_at") if who_sent_until(order, zone=ZONE)]
        names = [plot.sharers[1].person.name, "Mein Bruder", plot.sharers[3].person.name]
        for order, said in zip(askable, names, strict=False):
            say_who(order=order, said=said, friend_name="", now=now)


def _main_program(merchant: Merchant) -> UUID:
    with tenant_scope(merchant.tenant_ref()), tenant_transaction(read_only=True):
        found = program_by_slug(MAIN)
    assert found is not None, "published on the first day"
    return found.pk


def outage_of(plot: Plot) -> tuple[datetime, datetime]:
    return plot.moments.day(OUTAGE[0]), plot.moments.day(OUTAGE[1])


# --- terms ------------------------------------------------------------------------------------------------------


def first_version(terms: Terms, cap: int) -> Terms:
    reward = RewardRule(kind=Value.PERCENT, value=500, fulfilment=Fulfilment.COUPON_POOL)
    offer = Offer(kind=Value.PERCENT, value=500, source=CodeSource.POOL)
    return replace(terms, offer=offer, advocate_reward=reward, min_order_minor=2_000, advocate_cap=cap)


def second_version(terms: Terms) -> Terms:
    """Ten for both, and rewards come as gift cards from a partner's system."""
    reward = RewardRule(kind=Value.PERCENT, value=1_000, fulfilment=Fulfilment.WEBHOOK)
    return replace(terms, offer=Offer(kind=Value.PERCENT, value=1_000, source=CodeSource.POOL), advocate_reward=reward)


def third_version(terms: Terms, counts: Counts, cards: Gives) -> Terms:
    """Back to codes of the shop's own, with a limit per referral; the keenest get gift cards."""
    reward = RewardRule(kind=Value.PERCENT, value=1_000, cap_minor=2_500, fulfilment=Fulfilment.COUPON_POOL)
    card = RewardRule(kind=Value.PERCENT, value=1_200, cap_minor=3_000, fulfilment=cards.fulfilment, gives=cards)
    regulars = Tier("Stammgast", threshold=counts.regular_from, advocate_reward=card)
    return replace(terms, advocate_reward=reward, advocate_cap=counts.cap, tiers=(regulars,))


def winter_terms(terms: Terms, voucher: Gives) -> Terms:
    """Vouchers for the quiet weeks after the feast: soon there, and soon over."""
    offer = Offer(kind=Value.FIXED, value=500, source=CodeSource.SHOP_CODE, shop_code="WINTER5", valid_days=30)
    reward = RewardRule(kind=Value.FIXED, value=1_000, fulfilment=voucher.fulfilment, gives=voucher)
    return replace(terms, offer=offer, advocate_reward=reward, min_order_minor=2_000, return_window_days=WINTER_HOLD)


def office_terms(terms: Terms) -> Terms:
    """Offices want money, not coffee."""
    offer = Offer(kind=Value.PERCENT, value=500, source=CodeSource.SHOP_CODE, shop_code="BUERO5", valid_days=60)
    reward = RewardRule(kind=Value.PERCENT, value=1_000, cap_minor=50_000, fulfilment=Fulfilment.PAYOUT)
    return replace(terms, offer=offer, advocate_reward=reward, advocates_must_be_customers=False)
