"""Where a tale's people were, and who of the team looks at it: what signals and reviews come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from demo.world.counts import SecondLook
from demo.world.doubts import BARGAINS, HAMMERED, STRANGERS, Doubt, Verdict
from demo.world.footprints import Footprint, footprint_of, other_agent
from demo.world.history import History
from merchants.events import by_advocate
from rewards.actions.reviews import ask_second_look, decide, undo
from tracking.facts import TraceIn
from tracking.models import Order, Referral, Review

if TYPE_CHECKING:
    from demo.world.tales import Tale

#: Days after which a review that nobody decided is called to mind.
REMINDED = 14
APPEALS = (
    "My friend had never bought from you before. Could you look again?",
    "I only helped her with the order on my laptop. It was her money and her coffee.",
    "He told me he had used my code. What went wrong?",
)
DECLINED = "Bought from us before, under the same address."


@dataclass
class Team:
    """Who of the merchant's people does what by hand, as the event log names them."""

    reviewer: str
    finance: str
    support: str


class Looks:
    def __init__(self, tale: Tale, history: History, team: Team) -> None:
        self.tale, self.history, self.team = tale, history, team
        self.doubt = tale.doubt or Doubt()
        self.order: Order | None = None

    # --- where people were ---

    @property
    def visit(self) -> Footprint:
        return replace(footprint_of(self.tale.buyer), referrer=self.doubt.site)

    @property
    def trace(self) -> TraceIn:
        """As a shop tells it with the order: address and browser, and how the card is called."""
        friend, advocate = footprint_of(self.tale.buyer), footprint_of(self.tale.who.person)
        at = advocate if self.doubt.at_home else friend
        agent = advocate.agent if self.doubt.same_browser else other_agent(advocate.agent)
        return TraceIn(
            ip=at.ip,
            user_agent=agent if self.doubt.at_home else friend.agent,
            payment_fingerprint=f"card of {self.tale.buyer.email}",
            referrer=self.doubt.site,
        )

    def put_on(self) -> None:
        tale, stage = self.tale, self.history.stage
        if self.doubt.at_home:
            before = timedelta(minutes=4) if self.doubt.in_haste else timedelta(hours=5)
            stage.at(tale.placed_at - before, self._signed_in)
        if self.doubt.leaked:
            stage.at(tale.clicked_at - timedelta(hours=2), self._leaked)
        if self.doubt.hammered:
            stage.at(tale.clicked_at, self._hammered)

    def _signed_in(self, now: datetime) -> None:
        place = footprint_of(self.tale.who.person)
        self.history.sign_in(self.tale.who, place, now)

    def _leaked(self, now: datetime) -> None:
        """Somebody put the link where everybody reads it; the next sweep sees where visitors come from."""
        for minutes in range(STRANGERS):
            at = now + timedelta(minutes=minutes)
            stranger = replace(self.history.stranger(), referrer=BARGAINS)
            self.history.click(self.tale.who, self.tale.channel, at, stranger)
        self.history.look_for_leaks(now + timedelta(minutes=STRANGERS))

    def _hammered(self, now: datetime) -> None:
        for number in range(1, HAMMERED):
            at = now - timedelta(milliseconds=600 * number)
            self.history.click(self.tale.who, self.tale.channel, at, self.visit)

    # --- who looks ---

    def after(self, order: Order, now: datetime) -> None:
        self.order = order
        stage, moments = self.history.stage, self.history.moments
        if self.tale.second_look != SecondLook.NONE:
            asked = moments.day(3) if self.tale.second_look == SecondLook.ASKED else moments.after(now, 24, 96)
            stage.at(asked, self._second_look_asked)
        elif self.doubt.verdict == Verdict.UNDONE:
            stage.at(moments.after(now, 20, 40), self._refused)
        elif self.doubt.verdict == Verdict.CLEARED:
            stage.at(moments.after(now, 20, 190), self._cleared)
        elif self.tale.doubt:
            stage.at(now + timedelta(minutes=10), self.history.look_at_reviews)
            stage.at(now + timedelta(days=REMINDED, minutes=20), self.history.look_at_reviews)

    def _second_look_asked(self, now: datetime) -> None:
        who = self.tale.who.advocate
        assert who is not None
        text = APPEALS[self.tale.number % len(APPEALS)]
        ask_second_look(referral=self._referral(), text=text, now=now, by=by_advocate(who.pk))
        if self.tale.second_look == SecondLook.ANSWERED:
            self.history.stage.at(self.history.moments.after(now, 10, 90), self._declined)

    def _declined(self, now: datetime) -> None:
        self._decide(False, DECLINED, now)

    def _cleared(self, now: datetime) -> None:
        self._decide(True, self.doubt.note, now)

    def _refused(self, now: datetime) -> None:
        """And thought better of it the next day, when the friend wrote."""
        self._decide(False, "Looks like one person with two addresses.", now)
        self.history.stage.at(now + timedelta(hours=22), self._undone)

    def _undone(self, now: datetime) -> None:
        undo(review=self._review(), now=now, by=self.team.reviewer)
        self.history.stage.at(now + timedelta(minutes=12), self._cleared)

    def _decide(self, advocate_ok: bool, note: str, now: datetime) -> None:
        by = self.team.reviewer
        decide(review=self._review(), advocate_ok=advocate_ok, friend_ok=None, note=note, tell=True, now=now, by=by)

    def _review(self) -> Review:
        found: Review = Review.objects.get(referral=self._referral())
        return found

    def _referral(self) -> Referral:
        found: Referral = Referral.objects.get(order=self.order)
        return found
