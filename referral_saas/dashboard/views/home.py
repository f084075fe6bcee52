"""Home: what needs you, the funnel, the money and the revenue of the last 30 days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from insights.days import Days, last_days
from insights.home import Revenue, funnel, revenue_by_currency
from kit import charts
from kit.money import EXPONENTS, format_money
from kit.wording import number, short_day
from referral_saas.dashboard.frame import DeskRequest, page, show
from referral_saas.dashboard.needs import first_steps, needs_of
from referral_saas.dashboard.setup_page import way_of
from rewards.selectors import MoneyInState, money_by_state


@page()
def home(request: DeskRequest) -> HttpResponse:
    desk = request.desk
    days = last_days(desk.now, desk.workspace.time_zone)
    now, before = funnel(days), funnel(days.before)
    way = way_of(desk) if desk.may("program.edit") else None
    context = {
        "needs": needs_of(desk),
        "way": way,
        "first_steps": [] if way else first_steps(desk),
        "funnel": now,
        "before": before,
        "funnel_chart": _funnel_chart(now, f"/w/{desk.merchant.slug}", _asked(days)),
        "days": days,
        "asked": _asked(days),
        "money": money_by_state() or [MoneyInState(desk.workspace.currency, 0, 0, 0, 0)],
        **_revenue(days, desk.workspace.currency),
    }
    return show(request, "dashboard/home.html", context)


def _asked(days: Days) -> str:
    """The same days as the lists' filters name them."""
    return f"from={days.first.isoformat()}&to={days.last.isoformat()}"


def _funnel_chart(now: Any, base: str, asked: str) -> str:
    steps = [
        (_("Clicks"), now.clicks, f"/clicks?{asked}"),
        (_("Claims"), now.claims, f"/claims?{asked}"),
        (_("Orders attributed"), now.attributed, f"/referrals?{asked}"),
        (_("Qualified"), now.qualified, f"/referrals?state=QUALIFIED&{asked}"),
    ]
    points = [
        charts.Point(label, value, said=number(value, _language()), href=base + path) for label, value, path in steps
    ]
    return charts.funnel(points, title=_("From click to qualified order"))


def _revenue(days: Days, currency: str) -> dict[str, Any]:
    """The workspace's currency as a chart; every other one by itself: sums across currencies mean nothing."""
    now, before = revenue_by_currency(days), revenue_by_currency(days.before)
    nothing = Revenue(currency, 0, 0, [0] * len(days.dates))
    main, earlier = now.get(currency, nothing), before.get(currency, nothing)
    series, past = _points(main, days.dates), _points(earlier, days.dates)
    caption = _("Revenue of attributed orders per day")
    return {
        "revenue": main,
        "revenue_before": earlier,
        "other_revenue": [one for one in now.values() if one.currency != currency],
        "revenue_chart": charts.area(
            _in_major(series, currency),
            previous=_in_major(past, currency),
            title=caption,
            value_label=_("Revenue"),
        ),
        "revenue_table": charts.chart_table(
            series, previous=past, caption=caption, label=_("Day"), value_label=_("Revenue")
        ),
    }


def _points(revenue: Revenue, dates: Sequence[date]) -> list[charts.Point]:
    language = _language()
    return [
        charts.Point(short_day(day, "UTC", language), minor, said=format_money(minor, revenue.currency, language))
        for day, minor in zip(dates, revenue.by_day, strict=True)
    ]


def _in_major(points: list[charts.Point], currency: str) -> list[charts.Point]:
    """The axis is drawn in major units: a drawing's position, never an amount."""
    return [replace(point, value=point.value / 10 ** EXPONENTS[currency]) for point in points]


def _language() -> str:
    return get_language() or "en"
