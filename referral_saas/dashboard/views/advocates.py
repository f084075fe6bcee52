"""Advocates: the list, enrolling one by hand, a page each, and what may be done to their standing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from advocates.actions import standing
from advocates.actions.customers import know_customer
from advocates.actions.enrol import Enrolled, NotEligible, enrol_advocate
from advocates.actions.imports import not_eligible_text
from advocates.actions.magic import make_magic_link
from advocates.actions.standing import AdvocateStateError
from advocates.models import Customer
from programs.models import Program
from referral_saas.dashboard.access import advocate_for
from referral_saas.dashboard.answers import done, refused
from referral_saas.dashboard.former import led_on
from referral_saas.dashboard.forms.people import EnrolForm
from referral_saas.dashboard.frame import DeskRequest, change, form_page, page, show
from referral_saas.dashboard.lists.people import ADVOCATES, ADVOCATES_TABLE, referrers
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.person_page import advocate_page


@page()
def advocates(request: DeskRequest) -> HttpResponse:
    filters, found = ADVOCATES.shown(request)
    context = {"filters": filters, "page": found, "table": ADVOCATES_TABLE.drawn(request.desk, referrers(found.rows))}
    return show(request, "dashboard/advocates/list.html", context | ADVOCATES.export(request, filters))


@page()
def advocate(request: DeskRequest, public_id: str) -> HttpResponse:
    try:
        return advocate_page(request, public_id)
    except Http404:
        return led_on(request, public_id)


@form_page("advocate.edit")
def enrol(request: DeskRequest) -> HttpResponse:
    form = EnrolForm(request.POST or None, initial={"program": request.GET.get("program", "")})
    if request.method == "POST" and form.is_valid():
        enrolled = _enrolled(request, form)
        if enrolled:
            return done(request, f"/advocates/{public(enrolled.advocate)}", _said(enrolled))
    return show(request, "dashboard/advocates/enrol.html", {"form": form}, status=422 if form.errors else 200)


def _enrolled(request: DeskRequest, form: EnrolForm) -> Enrolled | None:
    given, desk = form.cleaned_data, request.desk
    told = {"kind": given["kind"], "place": given["place"]}
    person = know_customer(email=given["email"], name=given["name"], source=Customer.Source.HAND, now=desk.now)
    try:
        return enrol_advocate(program=form.chosen_program, customer=person, by=desk.by, now=desk.now, **told)
    except NotEligible as error:
        form.add_error("email", not_eligible_text(error.reason))
        return None


def _said(enrolled: Enrolled) -> str:
    if not enrolled.created:
        return _("%(name)s is an advocate of this program already.") % {"name": enrolled.advocate}
    if enrolled.advocate.program.state == Program.State.PAUSED:
        return _(
            "%(name)s is an advocate now. A mail with their link is on its way; the program is paused, so the link "
            "gives nothing yet."
        ) % {"name": enrolled.advocate}
    return _("%(name)s is an advocate now. A mail with their link is on its way.") % {"name": enrolled.advocate}


_VERBS: dict[str, Callable[..., Any]] = {
    "pause": standing.pause_advocate,
    "resume": standing.resume_advocate,
    "ban": standing.ban_advocate,
    "unban": standing.unban_advocate,
}


@change("advocate.edit")
def move(request: DeskRequest, public_id: str, verb: str) -> HttpResponse:
    """Pause, resume, ban or let back in."""
    found, desk = advocate_for(public_id), request.desk
    try:
        _VERBS[verb](advocate=found, by=desk.by, now=desk.now)
    except AdvocateStateError:
        why = _("That cannot be done any more: somebody changed this advocate meanwhile.")
        return _page_saying(request, why, public_id)
    said = {
        "pause": _("%(name)s is paused. Their links bring no new claims."),
        "resume": _("%(name)s is active again."),
        "ban": _("%(name)s is banned, and signed out of the portal."),
        "unban": _("%(name)s is let back in."),
    }
    return done(request, f"/advocates/{public_id}", said[verb] % {"name": found})


def _page_saying(request: DeskRequest, problem: str, public_id: str) -> HttpResponse:
    """The page as it stands now, with what could not be done."""
    return advocate_page(request, public_id, status=409, problem=problem)


@change("advocate.edit")
def send_link(request: DeskRequest, public_id: str) -> HttpResponse:
    found = advocate_for(public_id)
    try:
        make_magic_link(advocate=found, now=request.desk.now)
    except AdvocateStateError:
        return refused(request, f"/advocates/{public_id}", _("A banned advocate gets no link to the portal."))
    said = _("A link to the portal is on its way to %(email)s. It works once, for 30 minutes.")
    return done(request, f"/advocates/{public_id}", said % {"email": found.customer.email})
