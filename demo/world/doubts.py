"""What makes a referral look doubtful, planned: who, when, from where. Which signals that gives, and what comes of
them, is up to the product; nothing here opens a review.

Twelve reviews stay open and show every signal there is. Others were decided long ago; some of those were undone and
decided anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from demo.world.counts import Counts, Fate, Match, Partial
from demo.world.history import CHANNELS, Recommender
from demo.world.moments import Moments
from demo.world.people import DOMAINS, Person

if TYPE_CHECKING:
    from demo.world.tales import Tale

#: A site of bargains, a relay of forwarding addresses and one of mailboxes for ten minutes: real ones, for the lists
#: know no others. The demo mails nobody.
BARGAINS, RELAY, THROW_AWAY = "www.mydealz.de", "privaterelay.appleid.com", "mailinator.com"
#: Clicks of one impatient person, the friend's own among them; and strangers who came from where the link leaked to.
HAMMERED, STRANGERS = 30, 14
IN_ONE_HOUR = 6


class Mail(StrEnum):
    """How the friend's address and name go with the advocate's."""

    OWN = ""
    TAGGED = "TAGGED"
    #: One person twice: a tag and the same name.
    ONESELF = "ONESELF"
    NAMESAKE = "NAMESAKE"
    NEAR = "NEAR"
    SAME_BOX = "SAME_BOX"
    THROW_AWAY = "THROW_AWAY"
    RELAY = "RELAY"


class Verdict(StrEnum):
    OPEN = ""
    CLEARED = "CLEARED"
    #: Refused first, then taken back and given.
    UNDONE = "UNDONE"


@dataclass(frozen=True)
class Doubt:
    mail: Mail = Mail.OWN
    #: The order came from where the advocate had signed in; with their browser; minutes after they had.
    at_home: bool = False
    same_browser: bool = False
    in_haste: bool = False
    #: Bought twenty seconds after the click.
    too_fast: bool = False
    site: str = ""
    hammered: bool = False
    leaked: bool = False
    verdict: Verdict = Verdict.OPEN
    note: str = ""
    #: When the order was placed; 0: as planned for its ending.
    days_ago: float = 0.0

    @property
    def more_clicks(self) -> int:
        return (HAMMERED - 1) * self.hammered + STRANGERS * self.leaked


#: Two of three weeks ago and of two months ago wait for somebody, whatever happens; the others' holds are running.
OPEN = (
    Doubt(mail=Mail.ONESELF, at_home=True, days_ago=58),
    Doubt(mail=Mail.NAMESAKE, at_home=True, same_browser=True, in_haste=True, too_fast=True, days_ago=20),
    Doubt(mail=Mail.THROW_AWAY, at_home=True, too_fast=True, days_ago=31),
    Doubt(mail=Mail.RELAY, site=BARGAINS, at_home=True, days_ago=17),
    Doubt(leaked=True, too_fast=True, days_ago=7),
    Doubt(hammered=True, too_fast=True, days_ago=11),
    Doubt(mail=Mail.NEAR, at_home=True, same_browser=True, days_ago=14),
    Doubt(mail=Mail.SAME_BOX, days_ago=6),
)
#: The last of six within one hour, found on a site of bargains; and three people who recommend each other in turn.
LAST_OF_SIX = Doubt(site=BARGAINS, too_fast=True, days_ago=9)
RING_DAYS = (22.0, 18.0, 13.0)
HARMLESS = (
    Doubt(at_home=True, same_browser=True, in_haste=True, note="Flatmates: both wrote to us, both keep buying."),
    Doubt(at_home=True, site=BARGAINS, note="She runs the coffee thread there and marks her link as an advert."),
    Doubt(at_home=True, mail=Mail.THROW_AWAY, note="Paid by card, parcel signed for at a real address."),
    Doubt(at_home=True, mail=Mail.TAGGED, note="Mother and daughter share a mailbox. Two names, two cards."),
)


class Doubting:
    """Goes over the planned tales once, in their order."""

    def __init__(self, counts: Counts, moments: Moments, sharers: Sequence[Recommender], program: str) -> None:
        self.counts, self.moments, self.program = counts, moments, program
        self.sharers = [who for who in sharers if who.program == program]
        #: Who recommend each other in turn: advocates that the plan must enrol besides those who share in public.
        self.ring: list[Recommender] = []
        self._taken: list[Recommender] = []

    def over(self, tales: Sequence[Tale]) -> list[Tale]:
        reviews = [tale for tale in tales if tale.ending == Fate.REVIEW]
        opened, last, ringed = reviews[: len(OPEN)], reviews[len(OPEN)], reviews[len(OPEN) + 1 :]
        changed = [self._open(tale, doubt) for tale, doubt in zip(opened, OPEN, strict=True)]
        changed += self._six([*self._five(tales), last])
        changed += self._in_a_ring(ringed)
        changed += self._decided(tales)
        by_number = {tale.number: tale for tale in changed}
        return [by_number.get(tale.number, tale) for tale in tales]

    # --- open ones ---

    def _open(self, tale: Tale, doubt: Doubt) -> Tale:
        placed = self.moments.in_opening_hours(self.moments.day(doubt.days_ago))
        made = self._by(self._newcomer(placed - timedelta(days=1)), self._at(tale, placed, doubt))
        unused = [channel for channel in CHANNELS if channel not in made.who.channels]
        return replace(made, channel=unused[0]) if unused and (doubt.leaked or doubt.hammered) else made

    def _at(self, tale: Tale, placed: datetime, doubt: Doubt) -> Tale:
        before = timedelta(seconds=20) if doubt.too_fast else timedelta(hours=self.moments.rng.uniform(2, 20))
        delivered = self.moments.after(placed, 50, 70)
        return replace(tale, clicked_at=placed - before, placed_at=placed, delivered_at=delivered, doubt=doubt)

    def _by(self, who: Recommender, tale: Tale) -> Tale:
        """By the link alone: who claims a code has time."""
        who.counted += 1
        changed = replace(tale, who=who, channel=who.channels[0], match=Match.TOKEN)
        return self._known_as(changed)

    def _newcomer(self, moment: datetime) -> Recommender:
        """Somebody with the shortest history: nothing speaks for them yet. Each has one such story at most."""
        about = [who for who in self.sharers[1:] if who.is_about(moment) and who.until is None]
        able = [who for who in about if " " in who.person.name]
        fresh = [who for who in able if who not in self._taken] or able
        chosen = min(fresh, key=lambda who: (who.counted, who.weight))
        self._taken.append(chosen)
        return chosen

    def _five(self, tales: Sequence[Tale]) -> list[Tale]:
        held = [tale for tale in tales if tale.ending == Fate.HELD and tale.who is not self.sharers[0]]
        return held[: IN_ONE_HOUR - 1]

    def _six(self, tales: list[Tale]) -> Iterator[Tale]:
        last = self.moments.in_opening_hours(self.moments.day(LAST_OF_SIX.days_ago))
        who = self._newcomer(last - timedelta(days=1))
        for index, tale in enumerate(tales):
            placed = last - timedelta(minutes=9 * (IN_ONE_HOUR - 1 - index))
            is_last = index == IN_ONE_HOUR - 1
            yield self._by(who, self._at(tale, placed, LAST_OF_SIX if is_last else Doubt()))

    def _in_a_ring(self, tales: list[Tale]) -> Iterator[Tale]:
        """The first was invited as a partner without having bought; each of the others joins after their order."""
        placed = [self.moments.in_opening_hours(self.moments.day(days)) for days in RING_DAYS]
        for index, tale in enumerate(tales):
            person = tales[index - 1].buyer
            joined = placed[index] - timedelta(days=2)
            kind = "PARTNER" if index == 0 else "CUSTOMER"
            self.ring.append(Recommender(person, self.program, joined, (CHANNELS[0],), kind=kind))
            yield self._by(self.ring[-1], self._at(tale, placed[index], Doubt()))

    # --- decided ones ---

    def _decided(self, tales: Sequence[Tale]) -> Iterator[Tale]:
        """They went well in the end, as their tales say."""
        able = [tale for tale in tales if self._is_plain(tale)]
        verdicts = [Verdict.UNDONE] * self.counts.undone + [Verdict.CLEARED] * self.counts.cleared
        step = max(len(able) // len(verdicts), 1)
        for index, (tale, verdict) in enumerate(zip(able[::step], verdicts, strict=False)):
            doubt = replace(HARMLESS[index % len(HARMLESS)], verdict=verdict)
            yield self._known_as(replace(tale, doubt=doubt))

    def _is_plain(self, tale: Tale) -> bool:
        is_usual = tale.ending == Fate.FULFILLED and tale.who.program == self.program and not tale.redeemed_at
        return is_usual and tale.partial == Partial.NONE and not tale.dispute and not tale.match.is_told_later

    # --- names and addresses ---

    def _known_as(self, tale: Tale) -> Tale:
        doubt = tale.doubt
        assert doubt is not None, "planned just before"
        return replace(tale, buyer=_alike(doubt.mail, tale.who.person, tale.buyer, tale.number))


def _alike(mail: Mail, advocate: Person, friend: Person, number: int) -> Person:
    local, _, domain = advocate.email.partition("@")
    own = friend.email.partition("@")[0]
    match mail:
        case Mail.TAGGED:
            return replace(friend, email=f"{local}+{number}@{domain}")
        case Mail.ONESELF:
            return replace(friend, email=f"{local}+{number}@{domain}", name=advocate.name)
        case Mail.NAMESAKE:
            return replace(friend, name=advocate.name)
        case Mail.NEAR:
            return replace(friend, email=f"{_slipped(local)}@{domain}")
        case Mail.SAME_BOX:
            elsewhere = next(each for each in DOMAINS if each != domain)
            return replace(friend, email=f"{local}@{elsewhere}", name=advocate.name)
        case Mail.THROW_AWAY:
            return replace(friend, email=f"{own}@{THROW_AWAY}")
        case Mail.RELAY:
            return replace(friend, email=f"{own}@{RELAY}")
    return friend


def _slipped(local: str) -> str:
    """Two neighbouring letters swapped, the first two that differ."""
    at = next(place for place in range(1, len(local) - 1) if local[place] != local[place + 1])
    return local[:at] + local[at + 1] + local[at] + local[at + 2 :]
