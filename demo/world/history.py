"""The verbs of a history: what people and shops do, each through the product's own action with ``now`` given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from advocates.actions.customers import know_customer
from advocates.actions.enrol import enrol_advocate
from advocates.actions.links import link_for, record_share
from advocates.models import Advocate, Channel, Customer, Link
from advocates.selectors import link_by_code
from demo.world.footprints import Footprint, of_a_stranger
from demo.world.goods import Sold
from demo.world.moments import Moments
from demo.world.people import Person
from demo.world.stage import Stage
from kit.clock import database_now
from kit.ids import uuid7
from merchants.events import SHOP, SYSTEM
from merchants.models import Merchant
from programs.actions.stock import take_code
from programs.models import CodePool, Program, RewardKind
from programs.rules import CodeSource, Fulfilment
from programs.selectors import program_by_id
from rewards.actions.expire import expire_unused, tell_of_ending
from rewards.actions.fulfil import ClaimedReward, claim_next, record_delivered, record_refused, record_unknown
from rewards.actions.plain import Told, take_in_plain
from rewards.actions.release import release_due
from rewards.actions.review_sweep import BATCH, asked_again, due_reviews, look_again, move_on
from rewards.actions.settle import Settled, take_in
from rewards.actions.tax import hold_for_tax
from rewards.actions.withdraw import end_withdrawal
from rewards.fulfilment import Delivered
from rewards.models import Withdrawal
from tracking.actions.claims import begin_claim, finish_claim
from tracking.actions.clicks import record_clicks
from tracking.actions.leaks import find_leaks
from tracking.actions.traces import keep_advocate_trace
from tracking.facts import OrderKey, PersonIn, TraceIn
from tracking.humans import agent_of, device_of, is_human
from tracking.models import Claim, Click, Order
from tracking.rules import Fact
from tracking.salts import LASTS, LiveSalt, hash_address, hash_network, salt_for
from tracking.stream import ClickEntry, milliseconds_of

PLATFORM = "shopify"
CHANNELS = tuple(Channel.values)
CLICKS_TOGETHER = 200


@dataclass
class Recommender:
    """An advocate of the story. ``advocate`` and ``links`` are there once enrolling was played."""

    person: Person
    program: str
    enrolled_at: datetime
    channels: tuple[str, ...] = ()
    #: Of those who shared: how much of the traffic they bring, and from when on it stops.
    weight: float = 0.0
    until: datetime | None = None
    #: Referrals planned that take a place under the cap.
    counted: int = 0
    kind: str = Advocate.Kind.CUSTOMER
    advocate: Advocate | None = None
    links: dict[str, Link] = field(default_factory=dict)

    def is_about(self, moment: datetime) -> bool:
        return self.enrolled_at + timedelta(hours=2) < moment and (self.until is None or moment < self.until)


@dataclass(frozen=True)
class Ending:
    """How delivering one reward goes: given, refused for good with this reason, or without an answer."""

    refusal: str = ""
    is_unanswered: bool = False


class History:
    """One workspace's past. ``programs`` holds the programs by a name of the story's."""

    def __init__(self, merchant: Merchant, stage: Stage, moments: Moments, *, by: str) -> None:
        self.merchant, self.stage, self.moments, self.by = merchant, stage, moments, by
        self.programs: dict[str, UUID] = {}
        #: By reward; what is not here is simply given.
        self.endings: dict[UUID, Ending] = {}
        #: While hooks did not arrive: what was placed then is told when it is over.
        self.outage: tuple[datetime, datetime] | None = None
        self._live_salt: LiveSalt | None = None
        self._waiting: list[ClickEntry] = []
        #: When payouts were made, the oldest first.
        self.paid_out: tuple[datetime, ...] = ()

    def program(self, name: str) -> Program:
        """As it stands now: its terms change with every publishing."""
        found = program_by_id(self.programs[name])
        assert found is not None, name
        return found

    def received_at(self, placed_at: datetime) -> datetime:
        if self.outage and self.outage[0] <= placed_at < self.outage[1]:
            return self.moments.after(self.outage[1], 0.1, 2)
        return placed_at + timedelta(seconds=self.moments.rng.randrange(2, 40))

    # --- advocates and friends ---

    def enrol(self, who: Recommender, now: datetime) -> None:
        person = who.person
        customer = know_customer(
            email=person.email, name=person.name, country=person.country, source=Customer.Source.PORTAL, now=now
        )
        program = self.program(who.program)
        enrolled = enrol_advocate(program=program, customer=customer, kind=who.kind, by=self.by, now=now)
        who.advocate = enrolled.advocate

    def sign_in(self, who: Recommender, place: Footprint, now: datetime) -> None:
        """To the portal, which keeps where from as the portal does."""
        assert who.advocate is not None
        keep_advocate_trace(
            advocate=who.advocate, trace=TraceIn(ip=place.ip, user_agent=place.agent, referrer=None), now=now
        )

    def share(self, who: Recommender, channel: str, now: datetime) -> None:
        assert who.advocate is not None
        record_share(advocate=who.advocate, channel=channel, now=now)

    def stranger(self) -> Footprint:
        return of_a_stranger(self.moments.rng)

    def click(self, who: Recommender, channel: str, now: datetime, visit: Footprint | None = None) -> Click:
        """Written down at once, for somebody who buys."""
        entry = self._entry(who, channel, now, visit or self.stranger())
        record_clicks(entries=[entry], now=now)
        return self._as_click(entry, who.links[channel], now)

    @staticmethod
    def _as_click(entry: ClickEntry, link: Link, now: datetime) -> Click:
        return Click(id=entry.click_id, merchant_id=link.merchant_id, link=link, program_id=entry.program_id, at=now)

    def look(self, who: Recommender, channel: str, now: datetime, visit: Footprint | None = None) -> Click:
        """Clicks that no purchase follows wait and are taken in together, as they are from the stream."""
        entry = self._entry(who, channel, now, visit or self.stranger())
        self._waiting.append(entry)
        if len(self._waiting) >= CLICKS_TOGETHER:
            self.take_in_clicks(now)
        return self._as_click(entry, who.links[channel], now)

    def take_in_clicks(self, now: datetime) -> None:
        record_clicks(entries=self._waiting, now=now)
        self._waiting.clear()

    def _entry(self, who: Recommender, channel: str, now: datetime, seen: Footprint) -> ClickEntry:
        """As the stream tells it: what was seen of the visitor, and where from as keyed hashes."""
        link = self._link(who, channel, now)
        salt = self._salt(now)
        return ClickEntry(
            click_id=uuid7(),
            merchant_id=link.merchant_id,
            link_id=link.pk,
            program_id=link.advocate.program_id,
            at_ms=milliseconds_of(now),
            channel=link.channel,
            variant=link.advocate.variant,
            device=device_of(seen.agent),
            agent=agent_of(seen.agent),
            referrer=seen.referrer,
            salt=salt.number,
            address=hash_address(salt.secret, seen.ip),
            network=hash_network(salt.secret, seen.ip),
        )

    def robot(self, who: Recommender, channel: str, agent: str, now: datetime) -> None:
        """It opens the link and is told from a person: nothing is kept of it."""
        if is_human("GET", {"User-Agent": agent}):
            self.look(who, channel, now, replace(self.stranger(), agent=agent))

    def _salt(self, now: datetime) -> LiveSalt:
        if self._live_salt is None or not self._live_salt.until_at - LASTS <= now < self._live_salt.until_at:
            self._live_salt = salt_for(now)
        return self._live_salt

    def _link(self, who: Recommender, channel: str, now: datetime) -> Link:
        if channel not in who.links:
            assert who.advocate is not None
            who.links[channel] = link_for(advocate=who.advocate, channel=channel, now=now)
        return who.links[channel]

    def code_of(self, who: Recommender, channel: str, now: datetime) -> str:
        """As the advocate says it aloud."""
        return self._link(who, channel, now).code

    def claim(self, click: Click, friend: Person | None, *, name_shown: bool, now: datetime) -> Claim:
        """As the friend's page does: begin, take the code from its source, finish."""
        link = link_by_code(click.link.code)
        assert link is not None
        customer = self._claimant(friend, now) if friend else None
        begun = begin_claim(link=link, friend=customer, click_id=click.pk, name_shown=name_shown, now=now)
        assert begun.request is not None, "every friend of the story claims once"
        own = begun.source == CodeSource.POOL
        code = self._pool_code(CodePool.Purpose.OFFER, link.advocate.program, begun.claim.pk, now) if own else None
        return finish_claim(claim=begun.claim, code=code or begun.request.shop_code, is_own=own, now=now)

    @staticmethod
    def _claimant(friend: Person, now: datetime) -> Customer:
        return know_customer(email=friend.email, name=friend.name, source=Customer.Source.CLAIM, now=now)

    @staticmethod
    def _pool_code(purpose: str, program: Program, holder: UUID, now: datetime, kind: RewardKind | None = None) -> str:
        code = take_code(program=program, purpose=purpose, holder=holder, now=now, kind=kind)
        assert code, f"the pool of {program.name} is large enough"
        return code

    # --- orders ---

    @staticmethod
    def key_of(sold: Sold) -> OrderKey:
        return OrderKey(PLATFORM, sold.external_id)

    @staticmethod
    def person_of(buyer: Person) -> PersonIn:
        return PersonIn(email=buyer.email, name=buyer.name, country=buyer.country)

    def tell(
        self, sold: Sold, facts: Sequence[Fact], buyer: Person | None, now: datetime, trace: TraceIn | None = None
    ) -> Settled:
        person = self.person_of(buyer) if buyer else None
        return take_in(key=self.key_of(sold), facts=facts, person=person, trace=trace, now=now, by=SHOP)

    def tell_together(self, told: Sequence[Told], now: datetime) -> None:
        """Plain orders as the inbox takes them in: those of a day in one go, and one by one what is not plain."""
        take_in_plain(told=told, now=now, by=SHOP)
        keys = [one.key.external_id for one in told]
        taken = set(Order.objects.filter(external_id__in=keys).values_list("external_id", flat=True))
        for one in told:
            if one.key.external_id not in taken:
                take_in(key=one.key, facts=one.facts, person=one.person, trace=one.trace, now=now, by=SHOP)

    # --- what the sweeps find ---

    def look_for_leaks(self, now: datetime) -> None:
        self.take_in_clicks(now)
        find_leaks(now=now, real_now=database_now())

    def look_at_reviews(self, now: datetime) -> None:
        """Judge again what new orders speak about, then call to mind what nobody decided."""
        for asked_id in asked_again(limit=BATCH):
            look_again(asked_id=asked_id, now=now)
        for review_id in due_reviews(now=now, limit=BATCH):
            move_on(review_id=review_id, now=now)

    # --- rewards ---

    def sweep(self, now: datetime) -> None:
        """What the workers do by themselves: release what is due, then deliver it."""
        hold_for_tax(now=now)
        release_due(now=now)
        while claimed := claim_next(real_now=now):
            self._deliver(claimed, now)

    def _deliver(self, claimed: ClaimedReward, now: datetime) -> None:
        ending = self.endings.get(claimed.order.reward_id, Ending())
        if ending.refusal:
            record_refused(attempt=claimed.attempt, reason=ending.refusal, now=now, real_now=now)
        elif ending.is_unanswered:
            record_unknown(attempt=claimed.attempt, reason="http_timeout", now=now, real_now=now)
        else:
            delivered = Delivered(voucher=self._voucher(claimed, now))
            record_delivered(attempt=claimed.attempt, delivered=delivered, now=now, real_now=now)

    def _voucher(self, claimed: ClaimedReward, now: datetime) -> str:
        if claimed.kind != Fulfilment.COUPON_POOL:
            return f"GS-{claimed.order.reward_id.hex[-10:].upper()}"
        program = program_by_id(claimed.order.program_id)
        assert program is not None
        kind = RewardKind.objects.get(pk=claimed.order.kind_id) if claimed.order.kind_id else None
        return self._pool_code(CodePool.Purpose.REWARD, program, claimed.order.reward_id, now, kind)

    def look_for_ends(self, now: datetime) -> None:
        """Recipients are told in time, and what nobody used ends."""
        tell_of_ending(now=now)
        expire_unused(now=now)

    def disabled(self, now: datetime) -> None:
        """The service could disable what was asked back of it."""
        for asked in Withdrawal.objects.filter(state=Withdrawal.State.WAITING).select_related("reward"):
            end_withdrawal(
                withdrawal=asked, reward=asked.reward, state=Withdrawal.State.DISABLED, detail="", by=SYSTEM, now=now
            )

    def paid_by(self, released_at: datetime) -> datetime:
        """When money released at that moment is with the person: after the next payout, as the bank takes two days."""
        made = [moment for moment in self.paid_out if moment > released_at]
        return made[0] + timedelta(days=2, hours=1) if made else released_at
