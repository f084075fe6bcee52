"""The promotion kit: which program is told of, where, and which of these places are live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.http import Http404

from engagement.models import PlaceWord
from engagement.promotion import Told, block_for, card_words, text_for, told_of
from engagement.promotion_blocks import html_of
from engagement.rules.coverage import BY_WORD, LIVE_DAYS, ON_PAGES, Coverage, How, Line, Place, Sign, State, coverage
from engagement.selectors import (
    LOOKED_BACK_DAYS,
    Came,
    Seen,
    came_by_staff_links,
    seen_at_places,
    staff_links,
)
from integrations.heartbeats import last_day_by_placement
from kit.days import local_date
from kit.ids import public_id
from merchants.models import Workspace
from programs.models import Program
from programs.selectors import is_open, live_programs, programs
from referral_saas.cards import SHEETS
from referral_saas.dashboard.access import program_for
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.promote_words import ABOUT, SIGNS, STATES, About, Text
from referral_saas.templatetags.ui import Tone


class Lack(StrEnum):
    """Why there is nothing to tell of."""

    NO_PROGRAM = "no_program"
    #: Live, but nobody can join by themselves.
    CLOSED_TO_SIGN_UP = "closed_to_sign_up"
    #: Live and out of budget, or not begun.
    NOT_OPEN = "not_open"


@dataclass(frozen=True, slots=True)
class Kit:
    """Programs that customers can join today, the oldest first; ``lack`` and ``lacking`` say why there is none."""

    programs: tuple[Program, ...]
    lack: Lack | None = None
    lacking: Program | None = None

    def chosen(self, slug: str) -> Program:
        return next((program for program in self.programs if program.slug == slug), self.programs[0])


def kit_of(desk: Desk) -> Kit:
    live = list(live_programs())
    ready = tuple(program for program in live if is_ready(desk, program))
    if ready:
        return Kit(ready)
    if not live:
        return Kit((), Lack.NO_PROGRAM, programs().first())
    closed = next((program for program in live if not program.self_sign_up), None)
    return Kit((), Lack.CLOSED_TO_SIGN_UP, closed) if closed else Kit((), Lack.NOT_OPEN, live[0])


def is_ready(desk: Desk, program: Program) -> bool:
    """Customers can join it, and their friends get something today."""
    is_live = program.state == Program.State.ACTIVE and program.archived_at is None
    return is_live and program.self_sign_up and is_open(program, desk.now, desk.workspace.time_zone)


def told_here(desk: Desk, slug: str) -> Told:
    """404 for a program that there is nothing to tell of."""
    program = program_for(slug)
    if not is_ready(desk, program):
        raise Http404
    return told_of(program, desk.workspace)


def place_named(name: str) -> Place:
    try:
        return Place(name)
    except ValueError as error:
        raise Http404 from error


@dataclass(frozen=True, slots=True)
class Row:
    """A place as it stands on the page."""

    place: Place
    about: About
    tone: Tone
    word: Text
    seen_on: date | None
    sign: Text
    came: Came
    is_live: bool
    #: What the team said of it, if anything stands.
    said: PlaceWord | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The score and all rows, by effect; ``to_do`` are those that are not live."""

    score: Coverage
    rows: tuple[Row, ...]
    to_do: tuple[Row, ...]

    @property
    def share(self) -> int:
        """In basis points."""
        return self.score.live * 10_000 // max(self.score.of, 1)

    def row(self, place: Place) -> Row:
        return next(row for row in self.rows if row.place == place)


def standing(workspace: Workspace, now: datetime) -> Standing:
    seen, today = seen_at_places(now, workspace.time_zone), local_date(now, workspace.time_zone)
    score = coverage([*seen.signs, *_signs_of_snippet(today)], today=today, not_ours=seen.not_ours)
    rows = tuple(_row(line, seen) for line in score.lines)
    waiting = {line.place for line in score.to_do}
    return Standing(score, rows, tuple(row for row in rows if row.place in waiting))


def _signs_of_snippet(today: date) -> Iterator[Sign]:
    since = today - timedelta(days=LOOKED_BACK_DAYS)
    for placement, day in last_day_by_placement(ON_PAGES, since=since).items():
        yield Sign(Place(placement), How.SNIPPET, day)


def _row(line: Line, seen: Seen) -> Row:
    tone, word = STATES[line.state]
    last = line.last
    sign = SIGNS[last.how] if last else ""
    came, is_live, said = seen.came[line.place], line.state == State.LIVE, seen.words.get(line.place)
    return Row(line.place, ABOUT[line.place], tone, word, last.day if last else None, sign, came, is_live, said)


def place_context(desk: Desk, told: Told, where: Place) -> dict[str, Any]:
    block = block_for(where, told)
    return {
        "program": told.program,
        "place": where,
        "row": standing(desk.workspace, desk.now).row(where),
        "by_word": where in BY_WORD,
        "html": html_of(where, block, desk.workspace) if block else "",
        "text": text_for(where, told),
        "address": told.address(where),
        "days": LIVE_DAYS,
    }


# --- links for staff, and what is printed -----------------------------------------------------------------------


def staff_rows(desk: Desk, told: Told) -> list[dict[str, Any]]:
    links = list(staff_links(told.program))
    came = came_by_staff_links(links, desk.now, desk.workspace.time_zone)
    return [
        {"link": link, "public": public_id("stf", link.pk), "address": told.address(link.mark), "came": came[link.pk]}
        for link in links
    ]


def sheet_to_print(told: Told, mark: str, *, asked: str, usual: int) -> dict[str, Any]:
    """For components/cards.html. ``asked``: 1, 2 or 8 cards on the sheet; anything else is as usual."""
    count = int(asked) if asked in map(str, SHEETS) else usual
    headline, small = card_words(told)
    return {
        "program": told.program,
        "count": count,
        "cards": range(count),
        "sheets": [(each, each == count) for each in SHEETS],
        "address": told.address(mark),
        "spoken": told.spoken(mark),
        "headline": headline,
        "disclosure": small,
    }
