"""Home: what needs you, and what some days brought: rates, funnel, revenue, the best advocates, the money. And who
shared in these days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from insights.days import Days, last_days
from insights.home import Figures, figures, sharers, sharers_counted, top_advocates
from referral_saas.dashboard.frame import Desk, DeskRequest, page, show
from referral_saas.dashboard.home_page import (
    asked_of_lists,
    funnel_chart,
    rates,
    revenue_of,
    span_of,
    spans,
    top_chart,
)
from referral_saas.dashboard.listing import Filters, page_of
from referral_saas.dashboard.lists.people import ADVOCATES, SHARERS_TABLE, referrers
from referral_saas.dashboard.needs import Seen, first_steps, look_around, needs_of
from referral_saas.dashboard.setup_page import Way, way_of
from rewards.selectors import MoneyInState, money_by_state


@page()
def home(request: DeskRequest) -> HttpResponse:
    desk, span = request.desk, span_of(request.GET.get("days", ""))
    days = last_days(desk.now, desk.workspace.time_zone, span)
    seen = look_around(days.last)
    way = _way(desk, seen)
    context = {
        "needs": needs_of(desk, seen),
        "way": way,
        "first_steps": [] if way else first_steps(desk, seen),
        "span": span,
        "spans": spans(f"/w/{desk.merchant.slug}", span),
        "asked": asked_of_lists(days),
    }
    return show(request, "dashboard/home.html", context | _counted(desk, seen, days))


def _counted(desk: Desk, seen: Seen, days: Days) -> dict[str, Any]:
    (now, before, people), money = figures(days), money_by_state()
    is_new = not (seen.counts["any_referral"] or now.clicks or before.clicks or money)
    counted = {
        "is_new": is_new,
        "funnel": now,
        "before": before,
        "rates": rates(now, before, people, base=f"/w/{desk.merchant.slug}", days=days),
        "money": money or [MoneyInState(desk.workspace.currency, 0, 0, 0, 0)],
    }
    return counted if is_new else counted | _drawings(desk, now, days)


def _drawings(desk: Desk, now: Figures, days: Days) -> dict[str, Any]:
    """What is not even asked for before there is anything to draw."""
    base = f"/w/{desk.merchant.slug}"
    return {
        "funnel_chart": funnel_chart(now, base=base, days=days),
        "top_chart": top_chart(top_advocates(days), base=base, days=days),
        **revenue_of(days, desk.workspace.currency),
    }


def _way(desk: Desk, seen: Seen) -> Way | None:
    return way_of(desk, is_published=seen.was_published) if desk.may("program.edit") else None


@page()
def who_shared(request: DeskRequest) -> HttpResponse:
    """The advocates behind the share rate, by when they joined; without days in the address those of Home."""
    zone = request.desk.workspace.time_zone
    filters = Filters(request, show=("program", "from", "to"))
    days = _asked_days(filters.asked, last_days(request.desk.now, zone))
    rows = filters.by_program(sharers(days))
    as_many = None if filters.program_id else sharers_counted(days)
    found = page_of(request, rows.order_by(), by="enrolled_at", whole=ADVOCATES.whole, as_many=as_many)
    table = SHARERS_TABLE.drawn(request.desk, referrers(found.rows))
    context = {"filters": filters, "page": found, "table": table, "days": days}
    return show(request, "dashboard/advocates/sharers.html", context)


def _asked_days(asked: Mapping[str, Any], usual: Days) -> Days:
    """An end that is not asked for is Home's, unless it would lie on the wrong side of the other."""
    first = asked.get("from") or min(usual.first, asked.get("to") or usual.last)
    return Days(first, asked.get("to") or max(usual.last, first), usual.zone)
