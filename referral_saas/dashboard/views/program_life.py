"""What becomes of a program: paused, resumed, ended, put away, each with what it means said before; and copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.program_stakes import stakes_of
from kit.ids import uuid7
from kit.language import language_of_page
from programs.actions.edit import duplicate_program
from programs.actions.lifecycle import NotPossible, archive_program, end_program, pause_program, resume_program
from programs.models import Program
from programs.rules import Problem, Transition, allowed_transitions
from programs.wording import plain_summary, problem_text
from referral_saas.dashboard import consequences
from referral_saas.dashboard.access import program_for
from referral_saas.dashboard.answers import done, refused
from referral_saas.dashboard.consequences import Consequence, Reader
from referral_saas.dashboard.forms.program.ending import EndForm
from referral_saas.dashboard.frame import DeskRequest, form_page, show
from referral_saas.dashboard.limits_page import budget_card

Text = Promise | str


@dataclass(frozen=True, slots=True)
class Step:
    """One step and its page: how it is called, what it says, and what is said when it is done."""

    act: Callable[..., Program]
    heading: Text
    lead: Text
    button: Text
    kind: str
    said: Text


STEPS = {
    Transition.PAUSE: Step(
        pause_program,
        gettext_lazy("Pause the program"),
        gettext_lazy("No new offers for a while. You can resume at any time."),
        gettext_lazy("Pause it"),
        "primary",
        gettext_lazy("Paused. Links say so; orders inside their window still count."),
    ),
    Transition.RESUME: Step(
        resume_program,
        gettext_lazy("Resume the program"),
        gettext_lazy("It goes on as before the pause."),
        gettext_lazy("Resume it"),
        "primary",
        gettext_lazy("Active again: links give the offer from now on."),
    ),
    Transition.END: Step(
        end_program,
        gettext_lazy("End the program"),
        gettext_lazy("For good: it cannot be opened again. A copy of it can."),
        gettext_lazy("End it for good"),
        "danger primary",
        gettext_lazy("Ended. Open windows and holds run out by themselves."),
    ),
    Transition.ARCHIVE: Step(
        archive_program,
        gettext_lazy("Put the program away"),
        gettext_lazy("Out of the list. Nothing of it is deleted."),
        gettext_lazy("Archive it"),
        "primary",
        gettext_lazy("Archived. Its referrals and rewards stay where they are."),
    ),
}


@form_page("program.edit")
def step(request: DeskRequest, program_slug: str, step: str) -> HttpResponse:
    """What the step means, and the step itself."""
    program, chosen = program_for(program_slug), Transition(step)
    sent = request.POST if request.method == "POST" else None
    form = EndForm(sent, name=program.name) if chosen == Transition.END else None
    if request.method == "POST" and (form is None or form.is_valid()):
        return _taken(request, program, chosen)
    if chosen not in allowed_transitions(program.state, archived=program.archived_at is not None):
        return refused(request, f"/programs/{program.slug}", problem_text(Problem("state", f"cannot_{step}")))
    lines = _meant(request, program, chosen)
    context = {
        "program": program,
        "step": STEPS[chosen],
        "name": chosen.value,
        "form": form,
        "stops": [line for line in lines if not line.goes_on],
        "stays": [line for line in lines if line.goes_on],
        "pauses_instead": chosen == Transition.END and program.state == Program.State.ACTIVE,
    }
    return show(request, "dashboard/program_step.html", context, status=422 if form and form.errors else 200)


def _taken(request: DeskRequest, program: Program, chosen: Transition) -> HttpResponse:
    path = f"/programs/{program.slug}"
    try:
        STEPS[chosen].act(program=program, by=request.desk.by, now=request.desk.now)
    except NotPossible as error:
        return refused(request, path, " ".join(problem_text(problem) for problem in error.problems))
    return done(request, path, str(STEPS[chosen].said))


def _meant(request: DeskRequest, program: Program, chosen: Transition) -> list[Consequence]:
    stakes, reader = stakes_of(program, request.desk.now), reader_for(request)
    if chosen == Transition.END:
        budget = budget_card(program) if request.desk.may("budget.view") else None
        return consequences.of_ending(program, stakes, reader, budget)
    told = {
        Transition.PAUSE: consequences.of_pausing,
        Transition.RESUME: consequences.of_resuming,
        Transition.ARCHIVE: consequences.of_archiving,
    }
    return told[chosen](program, stakes, reader)


def reader_for(request: DeskRequest) -> Reader:
    return Reader(language_of_page(), request.desk.workspace.time_zone, f"/w/{request.desk.merchant.slug}")


@form_page("program.edit")
def duplicate(request: DeskRequest, program_slug: str) -> HttpResponse:
    """What a copy has and what it has not; then the copy. A second press of the same page gives the same one."""
    program = program_for(program_slug)
    if request.method == "POST":
        asked = _asked(request.POST.get("asked", ""))
        copy = duplicate_program(program=program, asked=asked, by=request.desk.by, now=request.desk.now)
        return done(request, f"/programs/{copy.slug}/edit", _("A copy was made as a draft. Give it a name."))
    context = {
        "program": program,
        "asked": uuid7(),
        "lines": plain_summary(program.draft_terms, program, language_of_page()),
    }
    return show(request, "dashboard/program_duplicate.html", context)


def _asked(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
