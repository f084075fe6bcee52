"""Programs: the list, a new one, its page, its editor with a live summary, publishing and the other steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from insights.programs import NO_COUNTS, NO_STOCK, counts_by_program, stock_by_pool, stock_of
from programs.actions.edit import BadProgram, create_program, save_draft
from programs.actions.lifecycle import (
    NotPossible,
    archive_program,
    end_program,
    pause_program,
    publish_program,
    publishing_problems,
    publishing_warnings,
    resume_program,
)
from programs.models import Program
from programs.selectors import (
    archived_programs,
    has_unpublished_changes,
    kinds_for_rules,
    pools_needed,
    programs,
    terms_versions,
)
from programs.wording import (
    advocate_promise,
    disclosure,
    friend_conditions,
    friend_headline,
    plain_summary,
    problem_text,
    terms_page,
)
from referral_saas.dashboard.access import program_for
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.drafts import changes_of, ways_out
from referral_saas.dashboard.forms.program import NewProgramForm, ProgramForm
from referral_saas.dashboard.frame import DeskRequest, change, form_page, look, page, show
from referral_saas.dashboard.limits_page import bonus_lines, budget_card

TONES = {"DRAFT": "neutral", "ACTIVE": "good", "PAUSED": "warn", "ENDED": "neutral"}
STEPS = {
    "pause": (pause_program, gettext_lazy("Paused. Links say so; orders inside their window still count.")),
    "resume": (resume_program, gettext_lazy("Active again: links give the offer from now on.")),
    "end": (end_program, gettext_lazy("Ended. Open windows and holds run out by themselves.")),
    "archive": (archive_program, gettext_lazy("Archived. Its referrals and rewards stay where they are.")),
}


@page()
def listed(request: DeskRequest) -> HttpResponse:
    shows_archive = request.GET.get("show") == "archived"
    counts, stock = counts_by_program(), stock_by_pool()
    rows = [
        {
            "program": program,
            "tone": TONES[program.state],
            "counts": counts.get(program.pk, NO_COUNTS),
            "promise": advocate_promise(program.live_terms, program, _language()),
            "low": [
                purpose
                for purpose in pools_needed(program.live_terms)
                if program.state == Program.State.ACTIVE and stock.get((program.pk, purpose), NO_STOCK).is_low
            ],
        }
        for program in (archived_programs() if shows_archive else programs())
    ]
    context = {"rows": rows, "shows_archive": shows_archive, "has_archived": archived_programs().exists()}
    return show(request, "dashboard/programs.html", context)


@form_page("program.edit")
def new(request: DeskRequest) -> HttpResponse:
    form = NewProgramForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            program = create_program(**form.cleaned_data, by=request.desk.by, now=request.desk.now)
            return done(request, f"/programs/{program.slug}", _("A draft was made. Look at its rules, then publish."))
        except BadProgram as error:
            point_out(form, error.field, str(error))
    return show(request, "dashboard/program_new.html", {"form": form}, status=422 if form.errors else 200)


@page()
def one(request: DeskRequest, program_slug: str) -> HttpResponse:
    program = program_for(program_slug)
    return show(request, "dashboard/program.html", _program_context(request, program))


@form_page("program.edit")
def edit(request: DeskRequest, program_slug: str) -> HttpResponse:
    program = program_for(program_slug)
    if program.state == Program.State.ENDED or program.archived_at:
        raise Http404
    form = _editor(request, program)
    if request.method == "POST" and form.is_valid() and _saved(request, program, form):
        return done(request, f"/programs/{program.slug}", _saved_words(program))
    wrong = request.method == "POST" and form.errors
    return show(request, "dashboard/program_edit.html", _editor_context(program, form), status=422 if wrong else 200)


@look("program.edit")
def preview(request: DeskRequest, program_slug: str) -> HttpResponse:
    """The summary of what is being typed. Nothing is kept."""
    program = program_for(program_slug)
    form = ProgramForm(request.POST, program=program, kinds=kinds_for_rules())
    lines = plain_summary(form.terms(), program, _language()) if form.is_valid() else []
    headline = friend_headline(form.terms(), program, _language()) if form.is_valid() else ""
    context = {"lines": lines, "headline": headline, "program": program}
    return show(request, "dashboard/program_summary.html", context)


@form_page("program.edit")
def publish(request: DeskRequest, program_slug: str) -> HttpResponse:
    """What would change, and what stands against it; then the step itself."""
    program = program_for(program_slug)
    if program.archived_at or program.state == Program.State.ENDED:
        raise Http404
    status = 200
    if request.method == "POST":
        try:
            publish_program(program=program, by=request.desk.by, now=request.desk.now)
            return done(request, f"/programs/{program.slug}", _("Published. New referrals get these terms."))
        except NotPossible:
            status = 422
    return show(request, "dashboard/program_publish.html", _publish_context(program, request.desk.now), status=status)


@change("program.edit")
def move(request: DeskRequest, program_slug: str, step: str) -> HttpResponse:
    program, path = program_for(program_slug), f"/programs/{program_slug}"
    if step not in STEPS:
        raise Http404
    action, words = STEPS[step]
    try:
        action(program=program, by=request.desk.by, now=request.desk.now)
    except NotPossible as error:
        return refused(request, path, " ".join(problem_text(problem) for problem in error.problems))
    return done(request, path, str(words))


@page()
def terms(request: DeskRequest, program_slug: str) -> HttpResponse:
    """How the terms read to people: the draft, or a published version by its number."""
    program, number = program_for(program_slug), request.GET.get("version", "")
    versions = list(terms_versions(program))
    chosen = next((version for version in versions if str(version.number) == number), None)
    if number and chosen is None:
        raise Http404
    read, language = chosen.as_terms() if chosen else program.draft_terms, request.desk.workspace.language
    context = {
        "program": program,
        "chosen": chosen,
        "versions": versions,
        "clauses": terms_page(read, program, language),
        "headline": friend_headline(read, program, language),
        "conditions": friend_conditions(read, program, language),
        "disclosure": disclosure(read, program, language),
    }
    return show(request, "dashboard/program_terms.html", context)


def _program_context(request: DeskRequest, program: Program) -> dict[str, Any]:
    stock = stock_of(program.pk)
    needed = {*pools_needed(program.live_terms), *pools_needed(program.draft_terms)}
    desk = request.desk
    return {
        "program": program,
        "tone": TONES[program.state],
        "budget": budget_card(program) if desk.may("budget.view") else None,
        "bonuses": [
            line
            for line in bonus_lines(program, now=desk.now, zone=desk.workspace.time_zone, language=_language())
            if line.can_end
        ],
        "counts": counts_by_program().get(program.pk, NO_COUNTS),
        "pools": [(purpose, stock[purpose]) for purpose in stock if purpose in needed or stock[purpose].total],
        "lines": plain_summary(program.live_terms, program, _language()),
        "versions": list(terms_versions(program)),
        "has_changes": has_unpublished_changes(program),
        "can_be_edited": program.state != Program.State.ENDED and not program.archived_at,
    }


def _editor(request: DeskRequest, program: Program) -> ProgramForm:
    kinds = kinds_for_rules()
    if request.method == "POST":
        return ProgramForm(request.POST, program=program, kinds=kinds)
    if "check" in request.GET:
        return ProgramForm.checked(program, publishing_problems(program, now=request.desk.now), kinds)
    return ProgramForm(program=program, kinds=kinds)


def _editor_context(program: Program, form: ProgramForm) -> dict[str, Any]:
    read = form.terms() if form.is_bound and form.is_valid() else program.draft_terms
    return {
        "program": program,
        "form": form,
        "currency": form.before.currency,
        "stock": stock_of(program.pk),
        "groups": form.groups(),
        "opens": form.open_folds(),
        "lines": plain_summary(read, program, _language()),
        "headline": friend_headline(read, program, _language()),
    }


def _saved(request: DeskRequest, program: Program, form: ProgramForm) -> bool:
    data = form.cleaned_data
    at_once = ("name", "auto_enrol", "self_sign_up", "introduction_days", "introduction_mail")
    ways = {name: data[name] for name in at_once}
    try:
        save_draft(program=program, terms=form.terms(), **ways, by=request.desk.by, now=request.desk.now)
    except BadProgram as error:
        point_out(form, error.field, str(error))
    return not form.errors


def _saved_words(program: Program) -> str:
    if program.state == Program.State.DRAFT:
        return _("Saved. Publish it when the rules are right.")
    return _("Saved. Publish to make the changed rules count for new referrals.")


def _publish_context(program: Program, now: datetime) -> dict[str, Any]:
    return {
        "program": program,
        "changes": changes_of(program, _language()) if program.terms else [],
        "has_changes": has_unpublished_changes(program),
        "problems": ways_out(program, publishing_problems(program, now=now)),
        "warnings": ways_out(program, publishing_warnings(program)),
        "lines": plain_summary(program.draft_terms, program, _language()),
    }


def _language() -> str:
    return get_language() or "en"
