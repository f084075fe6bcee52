"""Payouts: the list with what is due, a preview that can be changed, two people where needed, one confirmation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _

from kit.days import local_date
from kit.ids import public_id as public_id_of
from referral_saas.dashboard.access import payout_for, payout_line_for, tax_form_for
from referral_saas.dashboard.answers import done, refused
from referral_saas.dashboard.forms.payouts import NewPayoutForm, PayoutRulesForm
from referral_saas.dashboard.frame import Desk, DeskRequest, change, form_page, page, show
from referral_saas.dashboard.lists.money import PAYOUTS
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.payout_page import payout_context, problem_text
from rewards.actions.payouts.accounts import change_payout_policy
from rewards.actions.payouts.lines import PayoutError, leave_out, refresh_payout, take_in
from rewards.actions.payouts.run import ask_for_payout, cancel_payout, confirm_payout, make_payout, reopen_preview
from rewards.actions.tax import collect_tax_form
from rewards.models import Payout, TaxForm
from rewards.payable import OPEN, payable_units, payout_policy
from rewards.payout_words import cycle_text, next_payout_day
from rewards.rules.payouts import cut_off_of

# --- the list -------------------------------------------------------------------------------------------------------


@page("reward.pay")
def payouts(request: DeskRequest) -> HttpResponse:
    return _list(request)


def _list(request: DeskRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    desk, policy = request.desk, payout_policy()
    filters, found = PAYOUTS.shown(request)
    context = {
        "filters": filters,
        "page": found,
        "due": payable_units(),
        "can_make": bool(_free_units()),
        "policy": policy,
        "cycle": cycle_text(policy),
        "next_day": next_payout_day(place=desk.workspace, now=desk.now),
        "forms": [(public_id_of("tax", form.pk), form) for form in _forms_waiting()],
        "problem": problem,
    }
    return show(request, "dashboard/payouts/list.html", context | PAYOUTS.export(request, filters), status=status)


def _forms_waiting() -> Any:
    return TaxForm.objects.filter(collected_at=None).select_related("customer").order_by("asked_at", "pk")[:200]


@change("reward.pay")
def form_collected(request: DeskRequest, public_id: str) -> HttpResponse:
    form, desk = tax_form_for(public_id), request.desk
    try:
        collect_tax_form(form=form, by=desk.by, now=desk.now)
    except PayoutError as error:
        return _list(request, problem=problem_text(error.code), status=409)
    return done(request, "/payouts", _("Marked as collected. What waited for it goes on."))


@form_page("workspace.manage")
def rules(request: DeskRequest) -> HttpResponse:
    desk, policy = request.desk, payout_policy()
    form = PayoutRulesForm(request.POST or None, currency=desk.workspace.currency, policy=policy)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        change_payout_policy(
            minimum_minor=told["minimum"] or 0,
            cycle=told["cycle"],
            cut_off_days=told["cut_off_days"],
            approval_over_minor=told["approval_over"],
            by=desk.by,
            now=desk.now,
        )
        return done(request, "/payouts" if desk.may("reward.pay") else "/settings", _("Saved."))
    return show(request, "dashboard/payouts/rules.html", {"form": form}, status=422 if form.errors else 200)


# --- a new one ------------------------------------------------------------------------------------------------------


@form_page("reward.pay")
def new(request: DeskRequest) -> HttpResponse:
    form = _new_form(request, _free_units())
    if request.method == "POST" and form.is_valid():
        return _made(request, form)
    context = {"form": form, "open": _open_payouts()}
    return show(request, "dashboard/payouts/new.html", context, status=422 if form.errors else 200)


def _open_payouts() -> Any:
    return Payout.objects.filter(state__in=OPEN).order_by("number")


def _free_units() -> list[str]:
    """In which something is waiting and no payout is open."""
    taken = {payout.unit for payout in _open_payouts()}
    return [unit for unit, *_rest in payable_units() if unit not in taken]


def _new_form(request: DeskRequest, units: list[str]) -> NewPayoutForm:
    today = _today(request.desk)
    last_day = today - timedelta(days=payout_policy().cut_off_days)
    return NewPayoutForm(request.POST or None, units=units, today=today, last_day=last_day)


def _today(desk: Desk) -> Any:
    return local_date(desk.now, desk.workspace.time_zone)


def _made(request: DeskRequest, form: NewPayoutForm) -> HttpResponse:
    desk, told = request.desk, form.cleaned_data
    cut_off_at = cut_off_of(told["last_day"], zone=desk.workspace.time_zone, now=desk.now)
    try:
        with transaction.atomic():
            payout = make_payout(unit=told["unit"], cut_off_at=cut_off_at, by=desk.by, now=desk.now)
    except PayoutError as error:
        form.add_error(None, problem_text(error.code))
        context = {"form": form, "open": _open_payouts()}
        return show(request, "dashboard/payouts/new.html", context, status=409)
    return done(request, f"/payouts/{public(payout)}", _("Here is the preview. Nobody is paid before you confirm."))


# --- one ------------------------------------------------------------------------------------------------------------


@page("reward.pay")
def payout(request: DeskRequest, public_id: str) -> HttpResponse:
    return payout_page(request, payout_for(public_id))


def payout_page(request: DeskRequest, found: Payout, *, status: int = 200, **more: Any) -> HttpResponse:
    return show(request, "dashboard/payouts/page.html", payout_context(request.desk, found) | more, status=status)


@change("reward.pay")
def refresh(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = payout_for(public_id), request.desk
    return _tried(request, found, _("Calculated anew."), lambda: refresh_payout(payout=found, now=desk.now))


@change("reward.pay")
def leave_line_out(request: DeskRequest, public_id: str, line_id: str) -> HttpResponse:
    found, desk = payout_for(public_id), request.desk
    line, said = payout_line_for(found, line_id), _("Left out. It waits for the next payout.")
    return _tried(request, found, said, lambda: leave_out(line=line, by=desk.by, now=desk.now))


@change("reward.pay")
def take_line_in(request: DeskRequest, public_id: str, line_id: str) -> HttpResponse:
    found, desk = payout_for(public_id), request.desk
    line = payout_line_for(found, line_id)
    return _tried(request, found, _("Taken in."), lambda: take_in(line=line, by=desk.by, now=desk.now))


@change("reward.pay")
def ask(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = payout_for(public_id), request.desk
    said = _("Asked. Somebody else with the right to pay must agree now.")
    return _tried(request, found, said, lambda: ask_for_payout(payout=found, by=desk.by, now=desk.now), looks=True)


@change("reward.pay")
def reopen(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = payout_for(public_id), request.desk
    said = _("It can be changed again.")
    return _tried(request, found, said, lambda: reopen_preview(payout=found, by=desk.by, now=desk.now))


@change("reward.pay")
def cancel(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = payout_for(public_id), request.desk
    said = _("Put away. Everything in it waits for the next payout.")
    return _tried(request, found, said, lambda: cancel_payout(payout=found, by=desk.by, now=desk.now))


@form_page("reward.pay")
def confirm(request: DeskRequest, public_id: str) -> HttpResponse:
    """What exactly will happen, and the one press that makes it so."""
    found, desk = payout_for(public_id), request.desk
    if request.method == "POST":
        said = _("Confirmed. Download the file, pay, and then say what became of each line.")
        return _tried(request, found, said, lambda: confirm_payout(payout=found, by=desk.by, now=desk.now), looks=True)
    if found.state not in OPEN:
        return refused(request, f"/payouts/{public(found)}", problem_text("payout_not_open"))
    return show(request, "dashboard/payouts/confirm.html", payout_context(desk, found))


def _tried(
    request: DeskRequest, found: Payout, said: str, act: Callable[[], object], *, looks: bool = False
) -> HttpResponse:
    """Back to the page with a word; where somebody was first, the page as it stands now, saying so.

    ``looks``: the act tells False where the preview had to be calculated anew; that is kept, and said.
    """
    try:
        with transaction.atomic():
            went = act()
    except PayoutError as error:
        return payout_page(request, payout_for(public(found)), status=409, problem=problem_text(error.code))
    changed = _(
        "Something changed since the preview, so it was calculated anew and nobody was paid. Look again, then go on."
    )
    return done(request, f"/payouts/{public(found)}", changed if looks and not went else said)
