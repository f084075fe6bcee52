"""Leads: the board, the list, one lead, and the buttons that move it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.utils.translation import gettext as _

from advocates.selectors import main_links
from leads.actions import care, moves
from leads.actions.arrive import LeadIn, take_lead
from leads.actions.refusals import Refused
from leads.models import Lead
from leads.wording import refusal_text
from programs.selectors import programs
from referral_saas.dashboard.access import lead_for
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.forms.leads import DetailsForm, LoseForm, NewLeadForm, PlanForm, WinForm
from referral_saas.dashboard.frame import DeskRequest, change, form_page, page, show
from referral_saas.dashboard.leads_page import board_context, card_of, lead_context, path_to
from referral_saas.dashboard.lists.leads import LEADS, owners, today_for


@page()
def board(request: DeskRequest) -> HttpResponse:
    return show(request, "dashboard/leads/board.html", board_context(request))


@page()
def listed(request: DeskRequest) -> HttpResponse:
    filters, found = LEADS.shown(request)
    seats, today = {member.user_id for member in owners()}, today_for(request.desk)
    lines = [card_of(lead, today, seats) for lead in found.rows]
    context = {"filters": filters, "page": found, "lines": lines} | LEADS.export(request, filters)
    return show(request, "dashboard/leads/list.html", context)


@page()
def one(request: DeskRequest, public_id: str) -> HttpResponse:
    return _page(request, lead_for(public_id))


def _page(request: DeskRequest, lead: Lead, *, status: int = 200, **bound: Any) -> HttpResponse:
    return show(request, "dashboard/leads/page.html", lead_context(request.desk, lead, **bound), status=status)


@form_page("lead.edit")
def new(request: DeskRequest) -> HttpResponse:
    known, desk = [program for program in programs() if program.terms_id], request.desk
    told: dict[str, Any] = {"programs": known, "members": owners(), "currency": desk.workspace.currency}
    form = NewLeadForm(request.POST or None, initial={"owner": str(desk.membership.pk)}, **told)
    if request.method == "POST" and known and form.is_valid():
        try:
            return _entered(request, form)
        except Refused as error:
            point_out(form, error.field, refusal_text(error.code))
    context = {"form": form, "has_program": bool(known), "currency": desk.workspace.currency}
    return show(request, "dashboard/leads/new.html", context, status=422 if form.errors else 200)


def _entered(request: DeskRequest, form: NewLeadForm) -> HttpResponse:
    given, by, now = form.cleaned_data, request.desk.by, request.desk.now
    words = {name: given[name] for name in ("email", "name", "company", "phone", "message")}
    lead = LeadIn(source=Lead.Source.TEAM, code=_code_of(form), **words)
    arrived = take_lead(program=form.chosen, told=lead, by=by, now=now)
    if not arrived.is_new:
        return done(request, path_to(arrived.lead), _("This person was a lead already: here it is."))
    care.plan_lead(lead=arrived.lead, plan=form.plan(), by=by, now=now)
    return done(request, path_to(arrived.lead), _("The lead is on the board."))


def _code_of(form: NewLeadForm) -> str:
    if form.named is None:
        return ""
    link = main_links([form.named]).get(form.named.pk)
    if link is None:
        raise Refused("no_link", "advocate")
    return str(link.code)


@change("lead.edit")
def move(request: DeskRequest, public_id: str) -> HttpResponse:
    """From the board back to the board, with its filters; from the lead's page back to that."""
    lead = lead_for(public_id)
    back = "/leads" if request.POST.get("place") == "board" else path_to(lead)
    expected, to = request.POST.get("expected", ""), request.POST.get("to", "")
    try:
        moved = moves.move_lead(lead=lead, expected=expected, to=to, by=request.desk.by, now=request.desk.now)
    except Refused as error:
        return refused(request, back, refusal_text(error.code))
    said = _("%(who)s is now in the stage %(stage)s.") % {"who": moved, "stage": moved.get_stage_display()}
    return done(request, back, said)


@change("order.record")
def win(request: DeskRequest, public_id: str) -> HttpResponse:
    lead, desk = lead_for(public_id), request.desk
    form = WinForm(lead, request.POST, now=desk.now, zone=desk.workspace.time_zone)

    def act(given: dict[str, Any]) -> object:
        sale = {"amount_minor": given["amount"], "won_at": form.won_at, "number": given["contract"]}
        return moves.win_lead(lead=lead, expected=given["expected"], **sale, by=desk.by, now=desk.now)

    return _tried(request, lead, "win_form", form, act, _("Won. The sale is recorded as an order."))


@change("lead.edit")
def lose(request: DeskRequest, public_id: str) -> HttpResponse:
    lead, desk = lead_for(public_id), request.desk

    def act(given: dict[str, Any]) -> object:
        return moves.lose_lead(lead=lead, **given, by=desk.by, now=desk.now)

    return _tried(request, lead, "lose_form", LoseForm(lead, request.POST), act, _("It is among the lost ones now."))


@change("lead.edit")
def plan(request: DeskRequest, public_id: str) -> HttpResponse:
    lead, desk = lead_for(public_id), request.desk
    form = PlanForm.of(lead, owners(), request.POST)

    def act(_given: dict[str, Any]) -> object:
        return care.plan_lead(lead=lead, plan=form.plan(), by=desk.by, now=desk.now)

    return _tried(request, lead, "plan_form", form, act, _("Saved."))


@change("lead.edit")
def details(request: DeskRequest, public_id: str) -> HttpResponse:
    lead, desk = lead_for(public_id), request.desk

    def act(given: dict[str, Any]) -> object:
        return care.describe_lead(lead=lead, **given, by=desk.by, now=desk.now)

    return _tried(request, lead, "details_form", DetailsForm.of(lead, request.POST), act, _("Saved."))


@change("order.record")
def take_back(request: DeskRequest, public_id: str) -> HttpResponse:
    lead = lead_for(public_id)
    try:
        moves.take_back_sale(lead=lead, by=request.desk.by, now=request.desk.now)
    except Refused as error:
        return refused(request, path_to(lead), refusal_text(error.code))
    return done(request, path_to(lead), _("The sale is cancelled, and the talks go on."))


def _tried(
    request: DeskRequest, lead: Lead, name: str, form: Form, act: Callable[[dict[str, Any]], object], said: str
) -> HttpResponse:
    """What was wrong stands beside its field; what nobody could have seen on the page, above it."""
    if form.is_valid():
        try:
            act(form.cleaned_data)
            return done(request, path_to(lead), said)
        except Refused as error:
            if error.field not in form.fields:
                return refused(request, path_to(lead), refusal_text(error.code))
            point_out(form, error.field, refusal_text(error.code))
    return _page(request, lead, status=422, **{name: form})
