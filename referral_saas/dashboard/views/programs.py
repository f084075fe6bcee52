"""Programs: the list, a new one, its page, its editor with a live summary, publishing and the other steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.program_stakes import stakes_of
from insights.program_states import states_of
from insights.programs import NO_COUNTS, NO_STOCK, counts_by_program, stock_by_pool, stock_of
from kit.language import language_of_page
from programs.actions.edit import BadProgram, MovedOn, create_program, save_draft
from programs.actions.lifecycle import (
    NotPossible,
    publish_program,
    publishing_problems,
    publishing_warnings,
)
from programs.models import Program
from programs.rules import Transition, allowed_transitions
from programs.selectors import (
    archived_programs,
    has_unpublished_changes,
    kinds_for_rules,
    pools_needed,
    programs,
    terms_digest,
    terms_versions,
)
from programs.wording import (
    advocate_promise,
    disclosure,
    friend_conditions,
    friend_headline,
    plain_summary,
    terms_page,
)
from programs.wording.changes import Difference, differences
from referral_saas.dashboard import consequences
from referral_saas.dashboard.access import program_for
from referral_saas.dashboard.answers import done, point_out
from referral_saas.dashboard.drafts import changes_of, ways_out
from referral_saas.dashboard.editor_page import editor_context, reading_of
from referral_saas.dashboard.forms.program import NewProgramForm, ProgramForm
from referral_saas.dashboard.frame import DeskRequest, form_page, look, page, show
from referral_saas.dashboard.limits_page import bonus_lines, budget_card
from referral_saas.dashboard.state_map import StateMap, state_map
from referral_saas.dashboard.views.program_life import reader_for

#: The newest ones stand on the program's page.
VERSIONS_SHOWN = 5
STEP_WORDS = {
    Transition.PAUSE: gettext_lazy("Pause …"),
    Transition.RESUME: gettext_lazy("Resume …"),
    Transition.END: gettext_lazy("End …"),
    Transition.ARCHIVE: gettext_lazy("Archive …"),
}
TONES = {"DRAFT": "neutral", "ACTIVE": "good", "PAUSED": "warn", "ENDED": "neutral"}


@page()
def listed(request: DeskRequest) -> HttpResponse:
    shows_archive = request.GET.get("show") == "archived"
    counts, stock = counts_by_program(), stock_by_pool()
    rows = [
        {
            "program": program,
            "tone": TONES[program.state],
            "counts": counts.get(program.pk, NO_COUNTS),
            "promise": advocate_promise(program.live_terms, program, language_of_page()),
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
    theirs: list[Difference] = []
    if request.method == "POST" and form.is_valid():
        try:
            if _saved(request, program, form):
                return done(request, f"/programs/{program.slug}", _saved_words(program))
        except MovedOn as error:
            program = program_for(program_slug)
            theirs = differences(form.terms(), program.draft_terms, program, language_of_page())
            form.add_error(None, str(error))
    return _editor_page(request, program, form, theirs=theirs)


@look("program.edit")
def look_at(request: DeskRequest, program_slug: str) -> HttpResponse:
    """The editor with what is typed and how that reads, for browsers that do not ask by themselves. Nothing is kept."""
    program = program_for(program_slug)
    if program.state == Program.State.ENDED or program.archived_at:
        raise Http404
    return _editor_page(request, program, _editor(request, program), looks=True)


@look("program.edit")
def preview(request: DeskRequest, program_slug: str) -> HttpResponse:
    """The summary of what is being typed. Nothing is kept."""
    program = program_for(program_slug)
    form = ProgramForm(request.POST, program=program, kinds=kinds_for_rules())
    context = {"reading": reading_of(program, form, language_of_page()), "program": program, "is_update": True}
    return show(request, "dashboard/program_summary.html", context)


@form_page("program.edit")
def publish(request: DeskRequest, program_slug: str) -> HttpResponse:
    """What would change, and what stands against it; then the step itself."""
    program = program_for(program_slug)
    if program.archived_at or program.state == Program.State.ENDED:
        raise Http404
    status, moved = 200, False
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        try:
            publish_program(program=program, seen=seen, by=request.desk.by, now=request.desk.now)
            return done(request, f"/programs/{program.slug}", _("Published. New referrals get these terms."))
        except NotPossible as error:
            program = program_for(program_slug)
            status, moved = 422, any(problem.code == "draft_moved_on" for problem in error.problems)
    context = _publish_context(request, program) | {"moved": moved}
    return show(request, "dashboard/program_publish.html", context, status=status)


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
            for line in bonus_lines(program, now=desk.now, zone=desk.workspace.time_zone, language=language_of_page())
            if line.can_end
        ],
        "counts": counts_by_program(program.pk).get(program.pk, NO_COUNTS),
        "pools": [(purpose, stock[purpose]) for purpose in stock if purpose in needed or stock[purpose].total],
        "lines": plain_summary(program.live_terms, program, language_of_page()),
        "versions": list(terms_versions(program)[:VERSIONS_SHOWN]),
        "map": _map(request, program) if program.terms else None,
        "steps": [(step.value, STEP_WORDS[step]) for step in STEP_WORDS if step in _open_steps(program)],
        "has_changes": has_unpublished_changes(program),
        "can_be_edited": program.state != Program.State.ENDED and not program.archived_at,
    }


def _open_steps(program: Program) -> list[Transition]:
    return allowed_transitions(program.state, archived=program.archived_at is not None)


def _map(request: DeskRequest, program: Program) -> StateMap:
    base_url = f"/w/{request.desk.merchant.slug}"
    return state_map(program, states_of(program.pk), base_url=base_url, language=language_of_page())


def _editor_page(
    request: DeskRequest,
    program: Program,
    form: ProgramForm,
    *,
    looks: bool = False,
    theirs: Sequence[Difference] = (),
) -> HttpResponse:
    """``theirs``: how the draft that somebody else saved meanwhile differs from what is typed; seeing it, one may save
    over it."""
    wrong = request.method == "POST" and bool(form.errors)
    begun = request.POST.get("seen", "")
    told = {
        "looked": looks and not wrong,
        "checks": request.method == "GET",
        "theirs": theirs,
        "seen": begun if begun and not theirs else terms_digest(program.draft_terms),
        "stock": stock_of(program.pk),
    }
    context = editor_context(program, form, language_of_page()) | told
    return show(request, "dashboard/program_edit.html", context, status=422 if wrong else 200)


def _editor(request: DeskRequest, program: Program) -> ProgramForm:
    kinds = kinds_for_rules()
    if request.method == "POST":
        return ProgramForm(request.POST, program=program, kinds=kinds)
    if "check" in request.GET:
        return ProgramForm.checked(program, publishing_problems(program, now=request.desk.now), kinds)
    return ProgramForm(program=program, kinds=kinds)


def _saved(request: DeskRequest, program: Program, form: ProgramForm) -> bool:
    data = form.cleaned_data
    at_once = ("name", "auto_enrol", "self_sign_up", "introduction_days", "introduction_mail")
    ways = {name: data[name] for name in at_once}
    try:
        seen = request.POST.get("seen", "")
        save_draft(program=program, terms=form.terms(), seen=seen, **ways, by=request.desk.by, now=request.desk.now)
    except MovedOn:
        raise
    except BadProgram as error:
        point_out(form, error.field, str(error))
    return not form.errors


def _saved_words(program: Program) -> str:
    if program.state == Program.State.DRAFT:
        return _("Saved. Publish it when the rules are right.")
    return _("Saved. Publish to make the changed rules count for new referrals.")


def _publish_context(request: DeskRequest, program: Program) -> dict[str, Any]:
    now, changes = request.desk.now, changes_of(program, language_of_page())
    stakes = stakes_of(program, now) if changes else None
    return {
        "program": program,
        "seen": terms_digest(program.draft_terms),
        "changes": changes,
        "affected": consequences.of_publishing(program, stakes, reader_for(request)) if stakes else [],
        "has_changes": has_unpublished_changes(program),
        "problems": ways_out(program, publishing_problems(program, now=now)),
        "warnings": ways_out(program, publishing_warnings(program)),
        "lines": plain_summary(program.draft_terms, program, language_of_page()),
    }
