"""The published terms of a program: all of them with what each changed, and a draft made of an earlier one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from kit.language import language_of_page
from programs.actions.edit import BadProgram, take_up_version
from programs.models import Program, TermsVersion
from programs.selectors import has_unpublished_changes, terms_versions
from programs.wording.changes import Difference, differences
from referral_saas.dashboard.access import program_for
from referral_saas.dashboard.answers import done, refused
from referral_saas.dashboard.drafts import changes_of
from referral_saas.dashboard.event_words import names_of
from referral_saas.dashboard.frame import DeskRequest, form_page, page, show
from referral_saas.dashboard.listing import page_of


@dataclass(frozen=True, slots=True)
class Published:
    """One version. ``changes``: against the one before it; None for the first. ``path``: a draft of it."""

    version: TermsVersion
    by: str
    is_live: bool
    changes: list[Difference] | None
    path: str


@page()
def versions(request: DeskRequest, program_slug: str) -> HttpResponse:
    program = program_for(program_slug)
    shown = page_of(request, terms_versions(program), by="published_at")
    context = {
        "program": program,
        "page": shown,
        "lines": _lines(program, shown.rows, f"/w/{request.desk.merchant.slug}/programs/{program.slug}/versions"),
        "has_changes": bool(program.terms) and has_unpublished_changes(program),
        "can_be_edited": can_be_edited(program),
    }
    return show(request, "dashboard/program_versions.html", context)


@form_page("program.edit")
def take_up(request: DeskRequest, program_slug: str, number: int) -> HttpResponse:
    """What the draft would lose and get, and the step itself."""
    program = program_for(program_slug)
    version = terms_versions(program).filter(number=number).first()
    if version is None or not can_be_edited(program):
        raise Http404
    if request.method == "POST":
        try:
            take_up_version(program=program, number=number, by=request.desk.by, now=request.desk.now)
        except BadProgram as error:
            return refused(request, f"/programs/{program.slug}/versions", str(error))
        said = _("The draft has the rules of version %(number)s. Publish it to make them count.") % {"number": number}
        return done(request, f"/programs/{program.slug}/edit", said)
    language = language_of_page()
    context = {
        "program": program,
        "version": version,
        "lost": changes_of(program, language),
        "changes": differences(program.draft_terms, version.as_terms(), program, language),
    }
    return show(request, "dashboard/program_take_up.html", context)


def can_be_edited(program: Program) -> bool:
    return program.state != Program.State.ENDED and not program.archived_at


def _lines(program: Program, rows: list[TermsVersion], here: str) -> list[Published]:
    """The names behind all of them in two statements; the one before the last row in one more."""
    names, language = names_of(row.published_by for row in rows), language_of_page()
    known = {row.number: row for row in [*rows, *_before(program, rows)]}
    return [
        Published(
            row,
            names[row.published_by],
            row.pk == program.terms_id,
            differences(known[row.number - 1].as_terms(), row.as_terms(), program, language)
            if row.number - 1 in known
            else None,
            f"{here}/{row.number}/take-up",
        )
        for row in rows
    ]


def _before(program: Program, rows: list[TermsVersion]) -> QuerySet[TermsVersion]:
    last = min((row.number for row in rows), default=1)
    found: QuerySet[TermsVersion] = terms_versions(program).filter(number=last - 1)
    return found
