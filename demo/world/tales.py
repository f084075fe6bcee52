"""One referred order from the click to the end its fate says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from demo.world import goods
from demo.world.counts import Block, Fate, Match, Partial, SecondLook
from demo.world.doubts import Doubt
from demo.world.goods import COFFEE, CUPS, Basket, Sold
from demo.world.history import Ending, History, Recommender
from demo.world.looks import Looks, Team
from demo.world.people import Person
from merchants.events import by_advocate
from programs.rules import Fulfilment, Offer, Value
from rewards.actions.by_hand import attribute_by_hand
from rewards.actions.fulfil import WAITS
from rewards.actions.introduced import answer_introduction
from rewards.actions.manual import mark_sent
from rewards.actions.settle import Settled
from rewards.models import Reward
from tracking.actions.clicks import token_of
from tracking.actions.introductions import say_who
from tracking.models import Click, Introduction, Order
from tracking.rules import DisputeStatus

#: When a reward without an answer is tried again, each time a second late: then its last wait, a day, is under way.
TRIES_AFTER = tuple(accumulate(wait + timedelta(seconds=1) for wait in WAITS[:-1]))
#: Days ago. Before, the shop told of a parcel only when it had arrived.
SHIPPING_TOLD = 60
#: Days a winter voucher is good for, and after how many its owner is told that it will end.
ENDS, ENDS_TOLD = 25, 12


@dataclass(frozen=True)
class Tale:
    """What is planned. ``delivered_at`` is left out by orders that are cancelled before anything is sent."""

    ending: Fate | Block
    number: int
    who: Recommender
    buyer: Person
    channel: str
    match: Match
    clicked_at: datetime
    placed_at: datetime
    delivered_at: datetime
    basket: Basket
    currency: str
    partial: Partial = Partial.NONE
    refusal: str = ""
    #: What makes it look doubtful; and of a blocked one whether the advocate asks for a second look.
    doubt: Doubt | None = None
    second_look: SecondLook = SecondLook.NONE
    #: How a dispute about its payment ends; opened and without an end yet.
    dispute: DisputeStatus | None = None
    #: When the advocate uses the voucher they got, on an order of their own.
    redeemed_at: datetime | None = None
    redeemed_number: int = 0


class Telling:
    """A tale while it is played; its methods are the acts."""

    def __init__(self, tale: Tale, history: History, team: Team) -> None:
        self.tale, self.history, self.team = tale, history, team
        self.click: Click | None = None
        self.sold = Sold(
            external_id=str(5_600_000_000 + tale.number),
            number=f"#{tale.number}",
            currency=tale.currency,
            basket=tale.basket,
            placed_at=tale.placed_at,
            country=tale.buyer.country,
        )
        self.order: Order | None = None
        self.looks = Looks(tale, history, team)
        self.shipped_at = tale.placed_at

    def put_on(self) -> None:
        tale, stage = self.tale, self.history.stage
        if not tale.match.is_told_later:
            stage.at(tale.clicked_at, self.clicked)
        if tale.match in (Match.CODE, Match.EMAIL):
            stage.at(tale.clicked_at + timedelta(minutes=3), self.claimed)
        self.looks.put_on()
        stage.at(self.history.received_at(tale.placed_at), self.ordered)

    # --- before the purchase ---

    def clicked(self, now: datetime) -> None:
        self.click = self.history.click(self.tale.who, self.tale.channel, now, self.looks.visit)
        if self.tale.match == Match.TOKEN:
            self._carry(token=self._token())

    def claimed(self, now: datetime) -> None:
        assert self.click is not None
        named = self.tale.number % 3 != 0
        claim = self.history.claim(self.click, self.tale.buyer, name_shown=named, now=now)
        offer = claim.terms.as_terms().offer
        if self.tale.match == Match.CODE and offer:
            self._carry(token=self._token(), code=claim.code, offer=offer)

    def _token(self) -> str:
        assert self.click is not None
        return token_of(self.click)

    def _carry(self, *, token: str, code: str = "", offer: Offer | None = None) -> None:
        old = self.sold
        self.sold = Sold(
            old.external_id, old.number, old.currency, old.basket, old.placed_at, old.country,
            code=code,
            token=token,
            discount=offer.value if offer and offer.kind == Value.PERCENT else 0,
            discount_minor=offer.value if offer and offer.kind == Value.FIXED else 0,
        )  # fmt: skip

    # --- the order ---

    def ordered(self, now: datetime) -> None:
        tale, stage = self.tale, self.history.stage
        first = goods.snapshot(self.sold, as_of=tale.placed_at)
        settled = self.history.tell(self.sold, [first], tale.buyer, now, self.looks.trace)
        self.order = settled.order
        self.looks.after(settled.order, now)
        self._know(settled)
        if tale.match == Match.BY_HAND:
            stage.at(self.history.moments.after(now, 20, 60), self.attributed)
        elif tale.match == Match.INTRODUCED:
            stage.at(self.history.moments.after(now, 2, 9), self.named)
        if tale.ending == Fate.CANCELLED:
            stage.at(self.history.moments.after(now, 2, 20), self.cancelled)
        else:
            if tale.placed_at > self.history.moments.day(SHIPPING_TOLD):
                stage.at(now + (tale.delivered_at - tale.placed_at) * 0.4, self.shipped)
            stage.at(max(tale.delivered_at, now + timedelta(hours=1)), self.delivered)

    def attributed(self, now: datetime) -> None:
        """The friend wrote to support that the link had not worked."""
        assert self.order is not None
        assert self.tale.who.advocate is not None
        advocate = self.tale.who.advocate
        why = "The friend wrote to us: the link had not worked on their phone."
        self._know(attribute_by_hand(order=self.order, advocate=advocate, reason=why, by=self.team.support, now=now))

    def named(self, now: datetime) -> None:
        """On the shop's page after the order: who sent you?"""
        assert self.order is not None
        code = self.history.code_of(self.tale.who, self.tale.channel, now)
        say_who(order=self.order, said=code, friend_name=self.tale.buyer.first_name, now=now)
        self.history.stage.at(self.history.moments.after(now, 3, 30), self.confirmed)

    def confirmed(self, now: datetime) -> None:
        told = Introduction.objects.select_related("order").get(order=self.order)
        answer_introduction(introduction=told, yes=True, by=by_advocate(told.advocate_id), now=now)

    def cancelled(self, now: datetime) -> None:
        self.history.tell(self.sold, [goods.snapshot(self.sold, as_of=now, cancelled_at=now)], None, now)

    def shipped(self, now: datetime) -> None:
        self.shipped_at = now
        self._know(self.history.tell(self.sold, [goods.parcel(self.sold, now)], None, now))

    def delivered(self, now: datetime) -> None:
        told = [goods.parcel(self.sold, min(self.shipped_at, now), now)]
        settled = self.history.tell(self.sold, told, None, now)
        self._give_back_before_release(now)
        for reward in settled.rewards:
            if reward.release_at:
                self._after_hold(reward, reward.release_at + timedelta(minutes=5))

    def _know(self, settled: Settled) -> None:
        for reward in settled.rewards:
            if self.tale.refusal or self.tale.ending == Fate.FULFILLING:
                unanswered = self.tale.ending == Fate.FULFILLING
                self.history.endings[reward.pk] = Ending(self.tale.refusal, unanswered)

    # --- what comes back ---

    def _give_back_before_release(self, now: datetime) -> None:
        tale, moments = self.tale, self.history.moments
        if tale.ending == Fate.REFUNDED:
            self._refund_at(moments.after(now, 40, 500), list(range(1, len(tale.basket) + 1)))
        elif tale.ending == Fate.UNDER_MINIMUM or tale.partial in (Partial.BEFORE, Partial.BEFORE_TWICE):
            latest = min((self.history.moments.base - now).total_seconds() / 3600 - 2, 300)
            self._refund_at(moments.after(now, latest / 4, latest / 2), [2])
            if tale.partial == Partial.BEFORE_TWICE:
                self._refund_at(moments.after(now, latest / 2, latest), [3])

    def _give_back_after_release(self, released_at: datetime) -> None:
        tale, moments = self.tale, self.history.moments
        if tale.dispute:
            self._disputed(released_at, tale.dispute)
        elif tale.ending == Fate.REVERSED:
            self._refund_at(moments.after(released_at, 100, 500), list(range(1, len(tale.basket) + 1)))
        elif tale.partial in (Partial.AFTER, Partial.AFTER_TWICE):
            self._refund_at(moments.after(released_at, 100, 300), [2])
            if tale.partial == Partial.AFTER_TWICE:
                self._refund_at(moments.after(released_at, 320, 500), [3])

    def _disputed(self, released_at: datetime, ends: DisputeStatus) -> None:
        """Opened within some days; its end takes the bank two weeks."""
        opened_at = self.history.moments.after(released_at, 20, 100)
        self.history.stage.at(opened_at, lambda now: self._dispute_told(DisputeStatus.OPENED, now))
        if ends != DisputeStatus.OPENED:
            self.history.stage.at(opened_at + timedelta(days=14), lambda now: self._dispute_told(ends, now))

    def _dispute_told(self, status: DisputeStatus, now: datetime) -> None:
        self.history.tell(self.sold, [goods.dispute(self.sold, now, status)], None, now)
        self.history.disabled(now)

    def _refund_at(self, moment: datetime, lines: list[int]) -> None:
        self.history.stage.at(moment, lambda now: self._refunded(lines, now))

    def _refunded(self, lines: list[int], now: datetime) -> None:
        self.history.tell(self.sold, [goods.refund(self.sold, now, lines)], None, now)
        self.history.disabled(now)

    # --- the reward ---

    def _after_hold(self, reward: Reward, moment: datetime) -> None:
        stage, moments = self.history.stage, self.history.moments
        stage.at(moment, self.history.sweep)
        if self.tale.ending == Fate.FULFILLING:
            for later in TRIES_AFTER:
                stage.at(moment + later, self.history.sweep)
        sent_at = self.history.paid_by(moment) if reward.fulfilment == Fulfilment.PAYOUT else moment
        if reward.fulfilment == Fulfilment.MANUAL and self.tale.ending in (Fate.FULFILLED, Fate.REVERSED):
            sent_at = moments.after(moment, 5, 60)
            stage.at(sent_at, lambda now: self._sent(reward, now))
        if self.tale.redeemed_at:
            stage.at(self.tale.redeemed_at, lambda now: self._redeemed(reward, now))
        if self.tale.ending == Fate.EXPIRED:
            for days in ENDS_TOLD, ENDS:
                stage.at(moment + timedelta(days=days, hours=3), self.history.look_for_ends)
        self._give_back_after_release(sent_at)

    def _redeemed(self, reward: Reward, now: datetime) -> None:
        reward.refresh_from_db()
        who, number = self.tale.who.person, self.tale.redeemed_number
        sold = Sold(
            external_id=str(5_600_000_000 + number),
            number=f"#{number}",
            currency=self.tale.currency,
            basket=((COFFEE[0], 1), (CUPS, 1)),
            placed_at=now,
            country=who.country,
            code=reward.voucher,
            discount_minor=reward.amount_minor,
        )
        self.history.tell(sold, [goods.snapshot(sold, as_of=now)], who, now)

    def _sent(self, reward: Reward, now: datetime) -> None:
        mark_sent(reward=reward, voucher=f"Brief {self.tale.number}", by=self.team.finance, now=now)
