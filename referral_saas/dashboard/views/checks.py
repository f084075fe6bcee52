"""How a program's referrals are checked, and the lists of who is blocked or trusted."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kit.ids import public_id as public_key
from programs.models import Program
from referral_saas.dashboard.access import list_entry_for, program_for
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.checks_page import checks_context
from referral_saas.dashboard.event_words import names_of
from referral_saas.dashboard.forms.checks import EntryForm, PolicyForm, TryForm, not_to_be_trusted
from referral_saas.dashboard.frame import DeskRequest, change, page, show
from referral_saas.dashboard.trying import tried_out
from rewards.actions import breaker
from rewards.review_selectors import policy_of
from tracking.actions.checks import BadEntry, add_entry, remove_entry, save_policy
from tracking.models import ListEntry

# --- a program's checks ---------------------------------------------------------------------------------------------


@page()
def checks(request: DeskRequest, program_slug: str) -> HttpResponse:
    program = program_for(program_slug)
    return _checks(request, program, PolicyForm(policy=policy_of(program.pk)))


def _checks(request: DeskRequest, program: Program, form: PolicyForm, *, status: int = 200) -> HttpResponse:
    context = checks_context(program, form, now=request.desk.now)
    return show(request, "dashboard/reviews/checks.html", context, status=status)


@change("review.decide")
def save(request: DeskRequest, program_slug: str) -> HttpResponse:
    program, desk = program_for(program_slug), request.desk
    form = PolicyForm(request.POST, policy=policy_of(program.pk))
    if not form.is_valid():
        return _checks(request, program, form, status=422)
    save_policy(program=program, **form.policy(), by=desk.by, now=desk.now)
    return done(request, f"/programs/{program.slug}/checks", _("Saved. It counts from the next order on."))


@change("review.decide")
def reset(request: DeskRequest, program_slug: str) -> HttpResponse:
    program, desk = program_for(program_slug), request.desk
    path = f"/programs/{program.slug}/checks"
    try:
        breaker.reset(program=program, by=desk.by, now=desk.now)
    except breaker.NotTripped:
        return refused(request, path, _("Somebody let new ones go on already."))
    return done(request, path, _("New referrals go on as before. What is held already still waits in the reviews."))


# --- lists ----------------------------------------------------------------------------------------------------------


@page()
def lists(request: DeskRequest) -> HttpResponse:
    return _lists(request, EntryForm())


def _lists(request: DeskRequest, form: EntryForm, *, status: int = 200) -> HttpResponse:
    entries = list(ListEntry.objects.order_by("list", "field", "pattern"))
    trying = TryForm(request.GET if "this" in request.GET else None, auto_id="try-%s")
    text = trying.cleaned_data["this"] if trying.is_bound and trying.is_valid() else ""
    names = names_of({entry.by for entry in entries})
    context = {
        "entries": [{"entry": entry, "key": public_key("lst", entry.pk), "by": names[entry.by]} for entry in entries],
        "form": form,
        "try_form": trying,
        "tried": tried_out(text, entries) if text else None,
    }
    return show(request, "dashboard/reviews/lists.html", context, status=status)


@change("review.decide")
def add(request: DeskRequest) -> HttpResponse:
    form, desk = EntryForm(request.POST), request.desk
    if form.is_valid():
        try:
            add_entry(**form.cleaned_data, by=desk.by, now=desk.now)
            return done(request, "/reviews/lists", _("Saved. It counts from the next order on."))
        except BadEntry as error:
            point_out(form, "pattern", entry_problem(error.code))
    return _lists(request, form, status=422)


@change("review.decide")
def remove(request: DeskRequest, public_id: str) -> HttpResponse:
    remove_entry(entry=list_entry_for(public_id), by=request.desk.by, now=request.desk.now)
    return done(request, "/reviews/lists", _("Removed. What was decided because of it stays as it is."))


def entry_problem(code: str) -> str:
    texts = {
        "empty": _("Write what it must be."),
        "too_long": _("This is too long, or has too many *."),
        "too_wide": _("This would fit everybody. Write at least a part of what is meant."),
        "characters": _("This does not look like what you chose to look at. Only * stands for other characters."),
        "network": _("Write a network address such as 203.0.113.7, 203.0.113.0/24 or 203.0.113.*"),
        "not_to_be_trusted": not_to_be_trusted(),
        "known": _("This is on the list already."),
        "too_many": _("There are 1,000 entries already. Remove some that are not needed any more."),
    }
    return texts.get(code) or _("This cannot be on a list.")
