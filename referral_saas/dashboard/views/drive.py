"""A program's test drive: the whole loop step by step, in a workspace made for it, whose rows these pages show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from engagement import mailbox as box
from engagement.views import body_of, framing
from insights.order_values import order_values
from kit.tenancy import tenant_scope, tenant_transaction
from programs.actions.drives import NotDrivable, driving_problems
from programs.amounts import about_ten
from programs.models import Drive, Program
from programs.rules.drive import Step, stand_ins
from programs.rules.margin import Business
from programs.selectors import drive_of, has_unpublished_changes, setup
from programs.steps import drives
from referral_saas.dashboard.access import program_for
from referral_saas.dashboard.drafts import ways_out
from referral_saas.dashboard.drive_page import Outcome, is_mail_of, outcome_of, scene_of, steps_of
from referral_saas.dashboard.drive_words import STAND_INS, SUMMARY, WORDS
from referral_saas.dashboard.frame import Desk, DeskRequest, across, finished, outside, show
from referral_saas.dashboard.setup_strip import way_back
from rewards.steps.drive import NotYet, play

R = TypeVar("R")

#: Of about ten euros each: what is ordered where nobody said what an order comes to.
USUAL_TENS = 6


@dataclass(frozen=True)
class AtHome:
    """The program of the address and its newest drive, read in their own workspace."""

    program: Program
    drive: Drive | None
    here: str


@across("program.edit")
def drive(request: DeskRequest, program_slug: str) -> HttpResponse:
    """To where it was left; before the first step, what will be played."""
    home = _home(request, program_slug)
    if home.drive is None or not home.drive.reached:
        return _shown(request, "intro", home, lambda: _intro(home))
    return redirect(f"{home.here}/{_newest(home.drive)}")


@across("program.edit")
def step(request: DeskRequest, program_slug: str, step: str) -> HttpResponse:
    home = _home(request, program_slug)
    known, drive = _step_named(step), home.drive
    if drive is None or (known not in drive.course.played if known else not drive.course.is_over):
        return _comes_later(request, home)
    if known is None:
        outcome = _on_stage(drive, lambda: outcome_of(drive))
        return _shown(request, "summary", home, lambda: _end(request, home, outcome))
    scene = _on_stage(drive, lambda: scene_of(request.desk, drive, known))
    return _shown(request, "step", home, lambda: {"scene": scene, "words": WORDS[known], "step": known.value})


@outside("program.edit")
def begin(request: DeskRequest, program_slug: str) -> HttpResponse:
    """A drive from its first step. A second press finds the first one's."""
    home, ref = _home(request, program_slug), request.desk.membership.tenant_ref()
    after = request.POST.get("after", "")
    if not (after.isascii() and after.isdigit() and len(after) < 10):
        raise Http404
    try:
        made = drives.begin(ref, program_id=home.program.pk, after=int(after), by=request.desk.by)
    except NotDrivable as error:
        if not error.problems:
            messages.error(request, _("That was often for one day. Look at the last drive again, or come tomorrow."))
        return redirect(f"{home.here}{'?check=1' if error.problems else ''}")
    return _played(request, home, made, Step.JOIN)


@outside("program.edit")
def play_step(request: DeskRequest, program_slug: str) -> HttpResponse:
    home, wanted = _home(request, program_slug), _step_named(request.POST.get("step", ""))
    if wanted is None:
        raise Http404
    if home.drive is None or request.POST.get("drive") != str(home.drive.number):
        messages.info(request, _("Another test drive was begun meanwhile. This is where it stands."))
        return redirect(home.here)
    return _played(request, home, home.drive, wanted)


@across("program.edit")
def mail(request: DeskRequest, program_slug: str, mail_id: UUID) -> HttpResponse:
    home = _home(request, program_slug)
    found = _mail(home, mail_id)
    return framing(_shown(request, "mail", home, lambda: {"mail": found}))


@across("program.edit")
def mail_body(request: DeskRequest, program_slug: str, mail_id: UUID) -> HttpResponse:
    """The mail's own HTML, for the frame around it."""
    return body_of(_mail(_home(request, program_slug), mail_id))


# --- two workspaces -----------------------------------------------------------------------------------------------


def _home(request: DeskRequest, program_slug: str) -> AtHome:
    with tenant_transaction(read_only=True):
        program = program_for(program_slug)
        assert request.desk.workspace  # read here: from the stage it could not be
        here = f"/w/{request.desk.merchant.slug}/programs/{program.slug}/drive"
        return AtHome(program, drive_of(program), here)


def _on_stage(drive: Drive, read: Callable[[], R]) -> R:
    """The one way from a workspace to its stage: by its own row, which only its members reach."""
    with tenant_scope(drive.stage.tenant_ref()), tenant_transaction(read_only=True):
        return read()


def _shown(request: DeskRequest, name: str, home: AtHome, context: Callable[[], dict[str, Any]]) -> HttpResponse:
    with tenant_transaction(read_only=True):
        shown = {"program": home.program, "drive": home.drive, "here": home.here, **_next(home), **context()}
        if home.drive:
            shown |= _way(home.drive, home.here, str(shown.get("step", SUMMARY)))
        return finished(show(request, f"dashboard/drive/{name}.html", shown))


def _way(drive: Drive, here: str, step: str) -> dict[str, Any]:
    """The row of steps, and which of them this is."""
    steps = steps_of(drive, here, step)
    place = next((number for number, one in enumerate(steps, start=1) if one["state"] == "now"), 0)
    return {"steps": steps, "place": place, "count": len(steps)}


def _next(home: AtHome) -> dict[str, Any]:
    """What can be pressed."""
    course = home.drive.course if home.drive else None
    after = course.next if course else Step.JOIN
    return {
        "next": after,
        "next_words": WORDS[after] if after else None,
        "may_come_back": bool(course and course.may_come_back),
        "back_words": WORDS[Step.RETURN],
        "number": home.drive.number if home.drive else 0,
    }


# --- what a view does ---------------------------------------------------------------------------------------------


def _intro(home: AtHome) -> dict[str, Any]:
    terms = home.program.draft_terms
    return {
        "problems": ways_out(home.program, driving_problems(home.program)),
        "others": [STAND_INS[name] for name in stand_ins(terms)],
        "plays_changes": home.program.terms is not None and has_unpublished_changes(home.program),
        "loop": [words for step, words in WORDS.items() if step != Step.RETURN],
        "is_over": home.program.state == Program.State.ENDED or home.program.archived_at is not None,
    }


def _end(request: DeskRequest, home: AtHome, outcome: Outcome) -> dict[str, Any]:
    return {"outcome": outcome, "back": _way_back(request, home), "step": SUMMARY}


def _played(request: DeskRequest, home: AtHome, drive: Drive, wanted: Step) -> HttpResponse:
    ref, usual = request.desk.membership.tenant_ref(), _usual_order(request.desk)
    try:
        play(ref, drive_id=drive.pk, step=wanted, usual_minor=usual, by=request.desk.by)
    except NotYet:
        return _comes_later(request, _home(request, home.program.slug))
    except NotDrivable:
        messages.info(request, _("The rules changed meanwhile. Begin anew, and they are played as they are now."))
        return redirect(home.here)
    return redirect(f"{home.here}/{wanted.value}")


def _comes_later(request: DeskRequest, home: AtHome) -> HttpResponse:
    course = home.drive.course if home.drive else None
    if course and course.next:
        words = {"step": WORDS[course.next].press}
        messages.info(request, _("That comes later. First: %(step)s.") % words)
    elif course:
        messages.info(request, _("This test drive is over. Here is how it ended."))
    return redirect(home.here)


def _usual_order(desk: Desk) -> int:
    """Minor units: what was said in the set-up, else what the shop's orders come to, else a round amount."""
    with tenant_transaction(read_only=True):
        found, currency = setup(), desk.workspace.currency
        said = Business.from_json(found.figures if found else {}).order_minor
        return said or order_values(currency, now=desk.now).average_minor or USUAL_TENS * about_ten(currency)


def _newest(drive: Drive) -> str:
    """The page of what was played last."""
    return SUMMARY if drive.course.is_over else drive.course.played[-1].value


def _step_named(name: str) -> Step | None:
    """None for the summary. Anything else that is no step is 404."""
    if name == SUMMARY:
        return None
    try:
        return Step(name)
    except ValueError:
        raise Http404 from None


def _way_back(request: DeskRequest, home: AtHome) -> str:
    """To the launch while the program is being set up, else to the program."""
    desk = request.desk
    base = way_back(desk.merchant.slug, desk.membership.role, request.path)
    return f"{base}/launch" if base else ""


def _mail(home: AtHome, mail_id: UUID) -> box.Mail:
    drive = home.drive
    found = box.mail_by_id(mail_id, merchant_slug=drive.stage.slug) if drive else None
    if drive is None or found is None or not _on_stage(drive, lambda: is_mail_of(found)):
        raise Http404
    return found
