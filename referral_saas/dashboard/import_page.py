"""What the pages of files that are taken in are made of."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imports.actions import BYTE_ORDER_MARK
from imports.locks import WAITING, WORKING
from imports.models import Import
from imports.progress import rows_told
from imports.selectors import Look, faults_of
from kit.language import language_of_page
from kit.wording import number
from referral_saas.dashboard.forms.imports import ReadingForm, header_text
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.importing.kinds import KINDS
from referral_saas.dashboard.importing.words import ABOUT, WHY, place_of
from referral_saas.templatetags.ui import Tone

State = Import.State
_TONES: dict[str, Tone] = {
    State.DONE: "good", State.FAULTY: "bad", State.FAILED: "bad", State.DROPPED: "neutral", State.LOOKED_AT: "warn",
    State.CHECKED: "warn",
}  # fmt: skip
#: Rows of the sample, and rows at fault, that a page shows.
SHOWN, MOST_FAULTS = 5, 20


@dataclass(frozen=True)
class Fault:
    row: str
    column: str
    value: str
    message: str


@dataclass(frozen=True)
class Line:
    """One file in the list of those that were brought."""

    one: Import
    title: str
    state: str
    tone: Tone
    who: str
    counts: str


def line_of(one: Import) -> Line:
    return Line(
        one=one,
        title=str(ABOUT[one.kind].list) if one.kind != "codes" else _("Codes"),
        state=str(State(one.state).label),
        tone=_TONES.get(one.state, "info"),
        who=str(one.user),
        counts=_came_of(one),
    )


def _came_of(one: Import) -> str:
    if one.state == State.DONE or (one.state == State.FAILED and one.rows_done):
        return counts_text(one)
    return _("Nothing yet") if one.done_at is None else _("Nothing")


def counts_text(one: Import) -> str:
    return ", ".join(
        [
            ngettext("%(n)s added", "%(n)s added", one.added) % {"n": _number(one.added)},
            ngettext("%(n)s completed", "%(n)s completed", one.updated) % {"n": _number(one.updated)},
            ngettext("%(n)s unchanged", "%(n)s unchanged", one.unchanged) % {"n": _number(one.unchanged)},
        ]
    )


def _number(value: int) -> str:
    return number(value, language_of_page())


def import_context(desk: Desk, one: Import) -> dict[str, Any]:
    place, base = place_of(one), f"/w/{desk.merchant.slug}"
    done = max(one.rows_done, rows_told(one)) if one.state in WORKING else one.rows_done
    rows = max(one.rows, done)
    return {
        "one": one,
        "line": line_of(one),
        "about": ABOUT[one.kind],
        "place": place,
        "list_url": f"{base}{place.path}",
        "again_url": f"{base}{place.again}" if place.again else "",
        "is_under_way": one.state in WORKING,
        "is_open": one.state in WAITING,
        "done_rows": done,
        "share": done * 10_000 // rows if rows else 0,
        "faults": _faults(one) if one.state == State.FAULTY else [],
        "why": WHY.get(one.problem, ""),
    }


def reading_context(form: ReadingForm, look: Look) -> dict[str, Any]:
    """How the file is read now, with its first rows."""
    table = look.table
    return {
        "form": form,
        "problems": look.problems,
        "headers": [header_text(header, look.reading) for header in table.headers] if table else [],
        "sample": table.rows[:SHOWN] if table else [],
    }


def form_of(one: Import, look: Look, data: Any = None) -> ReadingForm:
    return ReadingForm(data, kind=one.kind, fields=KINDS[one.kind].fields, look=look)


def _faults(one: Import) -> list[Fault]:
    """The first ones, from the list that can be downloaded."""
    told = (faults_of(one) or b"").decode().removeprefix(BYTE_ORDER_MARK)
    lines = [*csv.reader(io.StringIO(told, newline=""))][1 : MOST_FAULTS + 1]
    return [Fault(*line) for line in lines]
