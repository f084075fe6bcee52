"""What a program may cost, and times in which it gives more."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from kit.language import language_of_page
from kit.units import amount_text
from programs.models import Program
from referral_saas.dashboard.access import program_for
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.forms.limits import HARD, SOFT, BonusForm, BudgetForm
from referral_saas.dashboard.forms.money import major_text
from referral_saas.dashboard.frame import DeskRequest, change, form_page, page, show
from referral_saas.dashboard.limits_page import bonus_lines, budget_card
from rewards.actions.bonus import BadBonus, end_bonus, plan_bonus
from rewards.actions.budget import BudgetTooSmall, set_budget
from rewards.bonus_words import bonus_problem
from rewards.models import BonusCampaign

#: Where a refused bonus is pointed out.
_BONUS_FIELDS = {"starts_at": "from_day", "ends_at": "to_day", "multiplier_bp": "effect", "extra_minor": "extra"}


@page("budget.view")
def budget(request: DeskRequest, program_slug: str) -> HttpResponse:
    program = program_for(program_slug)
    return _budget_page(request, program, _budget_form(program))


@change("program.edit")
def change_budget(request: DeskRequest, program_slug: str) -> HttpResponse:
    program, desk = _running(program_slug), request.desk
    form = BudgetForm(request.POST, currency=program.live_terms.currency)
    if form.is_valid():
        told = form.cleaned_data
        try:
            is_hard = told["reach"] == HARD
            set_budget(program=program, limit_minor=told["limit"] or 0, is_hard=is_hard, by=desk.by, now=desk.now)
            return done(request, f"/programs/{program.slug}/budget", _("Saved. It counts at once."))
        except BudgetTooSmall as error:
            point_out(form, "limit", _too_small(program, error.committed_minor))
    return _budget_page(request, program, form, status=422)


@form_page("program.edit")
def bonus(request: DeskRequest, program_slug: str) -> HttpResponse:
    program, desk = _running(program_slug), request.desk
    terms, data = program.live_terms, request.POST if request.method == "POST" else None
    form = BonusForm(data, terms=terms, zone=desk.workspace.time_zone)
    if form.is_valid():
        try:
            plan_bonus(program=program, **form.bonus(), by=desk.by, now=desk.now)
            return done(request, f"/programs/{program.slug}/bonus", _("Planned. Advocates see it while it runs."))
        except BadBonus as error:
            point_out(form, _BONUS_FIELDS.get(error.field, ""), bonus_problem(error.code))
    lines = bonus_lines(program, now=desk.now, zone=desk.workspace.time_zone, language=language_of_page())
    context = {"program": program, "form": form, "lines": lines}
    return show(request, "dashboard/program_bonus.html", context, status=422 if form.errors else 200)


@change("program.edit")
def stop_bonus(request: DeskRequest, program_slug: str) -> HttpResponse:
    program, desk = program_for(program_slug), request.desk
    path = f"/programs/{program.slug}/bonus"
    try:
        end_bonus(campaign=_bonus_of(program, request.POST.get("bonus", "")), by=desk.by, now=desk.now)
    except BadBonus as error:
        return refused(request, path, bonus_problem(error.code))
    return done(request, path, _("Ended. Orders placed in its time keep the bonus."))


def _running(slug: str) -> Program:
    """What is over is not given a budget or a bonus any more."""
    program = program_for(slug)
    if program.state == Program.State.ENDED or program.archived_at:
        raise Http404
    return program


def _bonus_of(program: Program, key: str) -> BonusCampaign:
    try:
        found: BonusCampaign | None = BonusCampaign.objects.filter(program=program, pk=UUID(key)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _budget_form(program: Program) -> BudgetForm:
    card, currency = budget_card(program), program.live_terms.currency
    initial = {"limit": major_text(card.limit_minor, currency), "reach": HARD if card.is_hard else SOFT} if card else {}
    return BudgetForm(currency=currency, initial=initial)


def _budget_page(request: DeskRequest, program: Program, form: BudgetForm, *, status: int = 200) -> HttpResponse:
    context = {
        "program": program,
        "form": form,
        "budget": budget_card(program),
        "currency": program.live_terms.currency,
        "can_change": request.desk.may("program.edit")
        and program.state != Program.State.ENDED
        and not program.archived_at,
    }
    return show(request, "dashboard/program_budget.html", context, status=status)


def _too_small(program: Program, committed_minor: int) -> str:
    committed = amount_text(committed_minor, program.live_terms.currency, language_of_page())
    return _(
        "%(amount)s are promised or paid already: choose at least that, or let rewards go on when it is used up."
    ) % {"amount": committed}
