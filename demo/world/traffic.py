"""Shares, clicks of people who did not buy, and claims that were never used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from demo.world.footprints import ROBOTS
from demo.world.history import History, Recommender
from demo.world.people import Person


class Traffic:
    """Puts the traffic of one program on stage. ``days``: between so many days ago it lived."""

    def __init__(self, history: History, sharers: list[Recommender], *, days: tuple[float, float]) -> None:
        self.history, self.sharers, self.days = history, sharers, days
        self.moments, self.rng = history.moments, history.moments.rng

    def shares(self, number: int) -> None:
        """Everybody shares once soon after joining; the keen ones again and again."""
        for who in self.sharers[:number]:
            self._share(who, who.channels[0], self.moments.after(who.enrolled_at, 1, 40))
        for _ in range(number - len(self.sharers)):
            who = self.rng.choices(self.sharers, weights=[each.weight for each in self.sharers])[0]
            latest = who.until or self.moments.day(self.days[0])
            at = self.moments.between(who.enrolled_at + timedelta(hours=3), latest)
            self._share(who, self.rng.choice(who.channels), at)

    def _share(self, who: Recommender, channel: str, at: datetime) -> None:
        latest = who.until - timedelta(minutes=10) if who.until else self.moments.base
        self.history.stage.at(min(at, latest), lambda now: self.history.share(who, channel, now))

    def clicks(self, number: int) -> None:
        for _ in range(number):
            self._visit(self._clicked)
        self.history.stage.at(self.moments.base, self.history.take_in_clicks)

    def robots(self, number: int) -> None:
        for _ in range(number):
            self._visit(self._crawled)

    def claims(self, number: int, named: list[Person]) -> None:
        """The first claimants leave their address; the others only take the code."""
        for index in range(number):
            friend = named[index] if index < len(named) else None
            self._visit(partial(self._claimed, friend))

    def _visit(self, act: Callable[[Recommender, str, datetime], object]) -> None:
        at = self.moments.ago(*self.days)
        able = [who for who in self.sharers if who.is_about(at)]
        if not able:
            able = sorted(self.sharers, key=lambda who: who.enrolled_at)[:1]
            at = able[0].enrolled_at + timedelta(hours=5)
        who = self.rng.choices(able, weights=[each.weight for each in able])[0]
        channel = self.rng.choice(who.channels)
        self.history.stage.at(at, lambda now: act(who, channel, now))

    def _clicked(self, who: Recommender, channel: str, now: datetime) -> None:
        self.history.look(who, channel, now)

    def _crawled(self, who: Recommender, channel: str, now: datetime) -> None:
        self.history.robot(who, channel, self.rng.choice(ROBOTS), now)

    def _claimed(self, friend: Person | None, who: Recommender, channel: str, now: datetime) -> None:
        click = self.history.look(who, channel, now)
        later = now + timedelta(minutes=self.rng.randrange(1, 9))
        self.history.claim(click, friend, name_shown=self.rng.random() < 0.7, now=later)
