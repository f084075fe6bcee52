"""Companies that partners recommended to Halcyon and that buy after talking, from the form to where the talks are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from demo.world.history import History, Recommender
from kit.days import local_date
from leads.actions.arrive import LeadIn, take_lead
from leads.actions.asked import FRIEND
from leads.actions.care import Plan, plan_lead
from leads.actions.moves import lose_lead, move_lead, win_lead
from leads.models import Lead
from leads.rules import OPEN, Stage
from merchants.selectors import team, workspace
from programs.models import Program
from tracking.actions.clicks import token_of


@dataclass(frozen=True)
class Talks:
    """``days``: how long ago they wrote. ``due``: in how many days the next step is due; below zero it is overdue.
    ``thousands``: of what it may be worth. ``owned``: whether somebody looks after it."""

    company: str
    name: str
    stage: Stage
    days: int
    thousands: int
    due: int | None = None
    owned: bool = True
    reason: str = ""
    words: str = ""

    @property
    def email(self) -> str:
        host = "".join(filter(str.isalpha, self.company.lower()))
        return f"{self.name.partition(' ')[0].lower()}@{host}.example"


TALKS = (
    Talks("Harbor & Pine Studio", "June Alvarez", Stage.NEW, 1, 9, owned=False,
          words="We are twelve designers and outgrew our spreadsheets. How long does moving take?"),
    Talks("Tidewater Legal", "Marcus Reed", Stage.NEW, 2, 18, due=1),
    Talks("Bright Acre Farms", "Nell Okafor", Stage.NEW, 4, 6, owned=False),
    Talks("Foundry Nine", "Priya Raman", Stage.QUALIFIED, 9, 24, due=2),
    Talks("Kestrel Freight", "Tom Lindqvist", Stage.QUALIFIED, 13, 42, due=-3,
          words="Forty dispatchers in three time zones. Our partner says you handle that."),
    Talks("Lumen Dental Group", "Ana Castillo", Stage.MEETING, 16, 15, due=3),
    Talks("Overlook Hotels", "Ben Sato", Stage.MEETING, 21, 60, due=-1),
    Talks("Parkway Schools", "Grace Whitfield", Stage.NEGOTIATION, 34, 33, due=5),
    Talks("Copperline Energy", "Dev Malhotra", Stage.NEGOTIATION, 48, 75, due=1),
    Talks("Saltbox Interiors", "Ida Moreau", Stage.WON, 40, 12),
    Talks("Northgate Clinics", "Omar Haddad", Stage.WON, 66, 48),
    Talks("Quarry Street Books", "Lena Fox", Stage.LOST, 29, 5, reason="NO_NEED"),
    Talks("Vantage Realty", "Carl Jensen", Stage.LOST, 52, 21, reason="PRICE", words="Compared three of us."),
)  # fmt: skip


class Pipeline:
    """Its chances are its own: the rest of the story stays as it was without it."""

    def __init__(self, history: History, advocates: Sequence[Recommender], program: str) -> None:
        self.history, self.advocates, self.program = history, advocates, program
        self.rng = Random("pipeline")

    def put_on(self) -> None:
        for talks in TALKS:
            self.history.stage.at(self._moment(talks.days), lambda now, talks=talks: self._comes(talks, now))

    def _moment(self, days_ago: float) -> datetime:
        moments = self.history.moments
        return moments.base - timedelta(days=days_ago, minutes=self.rng.randrange(20, 400))

    def _comes(self, talks: Talks, now: datetime) -> None:
        """By a link that was opened a while before, as the friend's page tells it."""
        able = [who for who in self.advocates if who.channels and who.is_about(now)]
        who = self.rng.choice(able)
        token = token_of(self.history.click(who, self.rng.choice(who.channels), now - timedelta(minutes=9)))
        told = LeadIn(
            email=talks.email,
            source=Lead.Source.FORM,
            name=talks.name,
            company=talks.company,
            message=talks.words,
            name_shown=self.rng.random() < 0.5,
            token=token,
        )
        program: Program = self.history.program(self.program)
        lead = take_lead(program=program, told=told, by=FRIEND, now=now).lead
        self.history.stage.at(self._later(now, 0.1), lambda at: self._planned(lead, talks, at))
        self._goes_on(lead, talks, now)

    def _later(self, moment: datetime, share: float) -> datetime:
        """So far on the way from there to the first start."""
        return moment + (self.history.moments.base - timedelta(minutes=5) - moment) * share

    def _planned(self, lead: Lead, talks: Talks, now: datetime) -> None:
        owner = team().first() if talks.owned else None
        today = local_date(self.history.moments.base, workspace().time_zone)
        due = today + timedelta(days=talks.due) if talks.due is not None else None
        plan = Plan(owner=owner, due_date=due, value_minor=talks.thousands * 100_000)
        plan_lead(lead=lead, plan=plan, by=self.history.by, now=now)

    def _goes_on(self, lead: Lead, talks: Talks, began: datetime) -> None:
        """Each stage in its turn, up to where the talks are."""
        last = OPEN.index(talks.stage) if talks.stage in OPEN else len(OPEN) - 1
        told = {"lead": lead, "by": self.history.by}
        for n in range(1, last + 1):
            step = {"expected": OPEN[n - 1].value, "to": OPEN[n].value}
            self.history.stage.at(self._later(began, 0.15 * n), lambda at, step=step: move_lead(**told, **step, now=at))
        if talks.stage in OPEN:
            return
        end = {"expected": OPEN[last].value}
        self.history.stage.at(self._later(began, 0.8), lambda at: self._ends(told | end, talks, at))

    def _ends(self, told: dict[str, object], talks: Talks, now: datetime) -> None:
        if talks.stage == Stage.WON:
            win_lead(**told, amount_minor=talks.thousands * 100_000, won_at=now, now=now)  # type: ignore[arg-type]
        else:
            lose_lead(**told, reason=talks.reason, now=now)  # type: ignore[arg-type]
