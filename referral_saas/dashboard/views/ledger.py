"""The ledger: what stands on every account, each posting, files for accounting, and the check of the books."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.days import Days
from insights.ledger import account_sums, movements
from kit.csvio import write_table
from kit.days import local_date
from referral_saas.dashboard.answers import done
from referral_saas.dashboard.frame import DeskRequest, change, page, show
from referral_saas.dashboard.ledger_page import (
    SUMMARY_COLUMNS,
    check_context,
    months,
    posting_rows,
    sheets_of,
    summary_line,
)
from referral_saas.dashboard.lists.money import LEDGER, LEDGER_TABLE
from rewards.actions.audit import check_books


@page()
def ledger(request: DeskRequest) -> HttpResponse:
    filters, found = LEDGER.shown(request)
    rows = posting_rows(found.rows, base=f"/w/{request.desk.merchant.slug}")
    context = {
        "filters": filters,
        "page": found,
        "sheets": sheets_of(account_sums()),
        "rows": rows,
        "table": LEDGER_TABLE.drawn(request.desk, rows),
        "months": months(request.desk.now, request.desk.workspace.time_zone),
        **check_context(request.desk),
    }
    return show(request, "dashboard/ledger/list.html", context | LEDGER.export(request, filters))


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
