"""A confirmed payout and the bank: the file with the accounts, and what became of each transfer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.crypto import CannotUnseal
from kit.csvio import CsvProblem, read_table
from kit.tenancy import tenant_transaction
from merchants.events import record
from referral_saas.dashboard.access import payout_for, payout_line_for
from referral_saas.dashboard.answers import done, secret_page
from referral_saas.dashboard.forms.payouts import MarksForm, ResultsForm
from referral_saas.dashboard.frame import DeskRequest, change, finished, outside
from referral_saas.dashboard.payout_page import problem_text, was_restored
from referral_saas.dashboard.views.payouts import payout_page
from rewards.models import Payout
from rewards.payout_files import payments_csv, read_results, to_do
from rewards.steps.payouts import Mark, Marked, mark_lines

LARGEST = 2_000_000
MOST_ROWS = 20_000


@change("reward.pay")
def file(request: DeskRequest, public_id: str) -> HttpResponse:
    """Accounts in full leave the house here alone, so it is a press of a button and a line in the log."""
    found, desk = payout_for(public_id), request.desk
    if found.state != Payout.State.CONFIRMED:
        return payout_page(request, found, status=409, problem=problem_text("payout_not_confirmed"))
    if was_restored(found) and request.POST.get("bank") != "asked":
        return payout_page(request, found, status=409, problem=problem_text("payout_restored"))
    try:
        text = payments_csv(found, shop=desk.merchant.name)
    except CannotUnseal:
        said = _("An account cannot be opened: the key it was sealed with is gone. Put it back into CREDENTIALS_KEYS.")
        return payout_page(request, found, status=409, problem=said)
    record("payout.file", subject=found, by=desk.by, now=desk.now, data={"number": found.number})
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="payout-{found.number}.csv"'
    return secret_page(response)


@outside("reward.pay")
def marks(request: DeskRequest, public_id: str) -> HttpResponse:
    """The ticked lines are paid, or failed: each is a short transaction of its own."""
    form = MarksForm(request.POST)
    with tenant_transaction(read_only=True):
        found = payout_for(public_id)
        lines = [payout_line_for(found, line) for line in dict.fromkeys(request.POST.getlist("line"))]
        if found.state != Payout.State.CONFIRMED:
            return _refuse(request, found, problem_text("payout_not_confirmed"))
        if not form.is_valid() or not lines:
            return _refuse(request, found, "" if lines else _("Tick at least one line."), status=422, marks_form=form)
    failed = request.POST.get("do") == "failed"
    told = form.cleaned_data
    wanted = [Mark(line, told["reference"], told["reason"] if failed else "") for line in lines]
    return _marked(request, public_id, mark_lines(_ref(request), marks=wanted, by=request.desk.by))


@outside("reward.pay")
def results(request: DeskRequest, public_id: str) -> HttpResponse:
    """The bank's file: every row understood, or nothing changes."""
    form = ResultsForm(request.POST, request.FILES)
    with tenant_transaction(read_only=True):
        found = payout_for(public_id)
        if not form.is_valid():
            return _refuse(request, found, "", status=422, results_form=form)
        try:
            data = form.cleaned_data["file"].read(LARGEST + 1)
            told = read_results(read_table(data, max_rows=MOST_ROWS, max_bytes=LARGEST), found)
        except CsvProblem as error:
            return _refuse(request, found, "", status=422, row_problems=error.problems)
        if found.state == Payout.State.CONFIRMED and not told:
            return _refuse(request, found, _("The file has no rows."), status=422)
    wanted = [Mark(one.line, one.reference, "" if one.is_paid else one.reason) for one in to_do(told)]
    return _marked(request, public_id, mark_lines(_ref(request), marks=wanted, by=request.desk.by))


def _refuse(request: DeskRequest, found: Payout, why: str, *, status: int = 409, **more: Any) -> HttpResponse:
    return finished(payout_page(request, found, status=status, problem=why, **more))


def _ref(request: DeskRequest) -> Any:
    return request.desk.membership.tenant_ref()


def _marked(request: DeskRequest, public_id: str, told: Marked) -> HttpResponse:
    if told.others:
        messages.warning(request, _("Some lines had been marked by somebody else already; they stay as they are."))
    said = ngettext("%(count)s line marked.", "%(count)s lines marked.", told.done) % {"count": told.done}
    return done(request, f"/payouts/{public_id}", said if told.done else "")
