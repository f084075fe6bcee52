"""The ledger: what stands on every account, each posting, files for accounting, and the check of the books."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from insights.days import Days
from insights.ledger import account_sums, movements
from kit.csvio import write_table
from kit.days import local_date
from referral_saas.dashboard.answers import done
from referral_saas.dashboard.frame import DeskRequest, change, page, show
from referral_saas.dashboard.ledger_page import (
    COLUMNS,
    SUMMARY_COLUMNS,
    check_context,
    export_lines,
    months,
    posting_rows,
    sheets_of,
    summary_line,
)
from referral_saas.dashboard.listing import Filters, csv_of, page_of, wants_csv
from referral_saas.dashboard.reward_page import posting_text
from rewards.actions.audit import check_books
from rewards.models import Account, LedgerEntry, Posting

BY = "at"
#: Everything that is ever posted; words: reward_page.posting_text.
KINDS = (
    "reward.held", "reward.follows", "reward.handed_over", "reward.released", "reward.fulfilled", "reward.clawed_back",
    "reward.netted", "reward.withdrawn", "reward.expired", "reward.used", "offer.granted", "budget.set",
    "budget.follows",
)  # fmt: skip


class LedgerFilters(Filters):
    """A kind means the kind of posting here; account and unit mean that some entry of it is so."""

    LABELS = Filters.LABELS | {"account": gettext_lazy("Account"), "kind": gettext_lazy("What")}


@page()
def ledger(request: DeskRequest) -> HttpResponse:
    sums = account_sums()
    filters = LedgerFilters(
        request,
        show=("account", "program", "unit", "kind", "from", "to"),
        account=Account.choices,
        unit=[(unit, unit) for unit in sorted({one.unit for one in sums})],
        kind=[(code, posting_text(code)) for code in KINDS],
    )
    rows = _narrowed(filters, request.desk.workspace.time_zone)
    if wants_csv(request):
        lines = partial(export_lines, zone=request.desk.workspace.time_zone, entries=_entries(filters))
        return csv_of(rows, by=BY, name="ledger", headers=COLUMNS, lines=lines)
    found = page_of(request, rows, by=BY)
    context = {
        "filters": filters,
        "page": found,
        "sheets": sheets_of(sums),
        "rows": posting_rows(found.rows, base=f"/w/{request.desk.merchant.slug}"),
        "months": months(request.desk.now, request.desk.workspace.time_zone),
        **check_context(request.desk),
    }
    return show(request, "dashboard/ledger/list.html", context)


def _narrowed(filters: Filters, zone: str) -> Any:
    rows = Posting.objects.select_related("program", "reward", "order")
    rows = filters.by_program(filters.by_days(rows, zone=zone, at=BY))
    if kind := filters.asked.get("kind"):
        rows = rows.filter(kind=kind)
    which = _entries(filters)
    return rows.filter(Exists(LedgerEntry.objects.filter(which, posting=OuterRef("pk")))) if which else rows


def _entries(filters: Filters) -> Q:
    """The entries that are asked for; empty means all."""
    return Q(**{name: filters.asked[name] for name in ("account", "unit") if filters.asked.get(name)})


@page()
def summary(request: DeskRequest) -> HttpResponse:
    """Opening, movements and closing of a month of the merchant's zone, one row per account and unit."""
    days = _month(request.GET.get("month", ""), request)
    lines = [summary_line(one, days) for one in movements(days)]
    response = HttpResponse("\ufeff" + write_table(SUMMARY_COLUMNS, lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="ledger-{days.first:%Y-%m}.csv"'
    return response


def _month(text: str, request: DeskRequest) -> Days:
    zone = request.desk.workspace.time_zone
    today = local_date(request.desk.now, zone)
    try:
        first = date.fromisoformat(f"{text}-01") if text else today.replace(day=1)
    except ValueError:
        raise Http404 from None
    if not date(2000, 1, 1) <= first <= today:
        raise Http404
    following = (first + timedelta(days=32)).replace(day=1)
    return Days(first, following - timedelta(days=1), zone)


@change("audit.view")
def check(request: DeskRequest) -> HttpResponse:
    report = check_books(by=request.desk.by, now=request.desk.now)
    count = len(report.differences)
    if not count:
        return done(request, "/ledger", _("The books are right: every total was calculated again and agrees."))
    said = ngettext("%(count)s difference was found.", "%(count)s differences were found.", count)
    messages.error(request, said % {"count": count})
    return done(request, "/ledger")
