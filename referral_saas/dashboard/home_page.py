"""The figures of Home as a person reads them: rates with what they are shares of, drawings, the way to the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.days import Days
from insights.home import Figures, Funnel, People, Revenue, TopAdvocate, revenue_by_currency
from kit import charts
from kit.ids import public_id
from kit.language import language_of_page
from kit.money import EXPONENTS, format_money
from kit.wording import number, percent, short_day

#: The spans there are to choose from; the address names one of them.
SPANS = (7, 30, 90)
USUAL = 30


def span_of(asked: str) -> int:
    """What the address asks for, or the usual."""
    return next((span for span in SPANS if str(span) == asked), USUAL)


def spans(base: str, chosen: int) -> list[dict[str, Any]]:
    """As tabs."""
    return [
        {
            "label": ngettext("%(count)s day", "%(count)s days", span) % {"count": span},
            "url": base if span == USUAL else f"{base}?days={span}",
            "current": span == chosen,
        }
        for span in SPANS
    ]


def asked_of_lists(days: Days) -> str:
    """The same days as the lists' filters name them."""
    return f"from={days.first.isoformat()}&to={days.last.isoformat()}"


# --- rates --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One of the two numbers a rate is made of, with its rows."""

    text: str
    url: str


@dataclass(frozen=True)
class Rate:
    """``value`` is empty where it would be a share of nothing, or of fewer than it counts: the note says why then."""

    label: str
    value: str
    parts: list[Part]
    note: str
    help: str


def rates(now: Figures, before: Funnel, people: People, *, base: str, days: Days) -> list[Rate]:
    return [
        _participation(now, people, base, days),
        _sharing(now, people, base, days),
        _conversion(now, before, base, days),
    ]


def _participation(now: Figures, people: People, base: str, days: Days) -> Rate:
    return Rate(
        label=_("Participation"),
        value=_share(people.advocates, people.customers),
        parts=[
            Part(ngettext("%(n)s advocate", "%(n)s advocates", people.advocates) % {"n": _number(people.advocates)},
                 f"{base}/advocates?state=ACTIVE"),
            Part(ngettext("of %(n)s person you know", "of %(n)s people you know", people.customers)
                 % {"n": _number(people.customers)}, f"{base}/customers"),
            Part(_("%(n)s joined in these days") % {"n": _number(now.joined)},
                 f"{base}/advocates?{asked_of_lists(days)}"),
        ],
        note=_("no share: some recommend in several programs") if people.advocates > people.customers else "",
        help=_("Active advocates today, as a share of everybody on your list of customers. A person who recommends in "
               "two programs counts twice."),
    )  # fmt: skip


def _sharing(now: Figures, people: People, base: str, days: Days) -> Rate:
    return Rate(
        label=_("Share rate"),
        value=_share(now.sharers, people.advocates),
        parts=[
            Part(ngettext("%(n)s advocate shared", "%(n)s advocates shared", now.sharers) % {"n": _number(now.sharers)},
                 f"{base}/sharers?{asked_of_lists(days)}"),
            Part(_("of %(n)s active") % {"n": _number(people.advocates)}, f"{base}/advocates?state=ACTIVE"),
        ],
        note=_("no share: some who shared were paused since") if now.sharers > people.advocates else "",
        help=_("Advocates who shared at least once in these days, as a share of the active advocates of today. Sharing "
               "is seen where our buttons are used; a link that somebody types into a message is not. Who shared "
               "and was paused since stands on one side only."),
    )  # fmt: skip


def _conversion(now: Funnel, before: Funnel, base: str, days: Days) -> Rate:
    earlier = _share(before.qualified, before.clicks)
    said = _("The days before: %(share)s") % {"share": earlier} if earlier else ""
    if now.qualified > now.clicks:
        said = _("no share: some came by a code alone, or after an earlier click")
    return Rate(
        label=_("Conversion"),
        value=_share(now.qualified, now.clicks),
        parts=[
            Part(ngettext("%(n)s qualified referral", "%(n)s qualified referrals", now.qualified)
                 % {"n": _number(now.qualified)}, f"{base}/referrals?state=QUALIFIED&{asked_of_lists(days)}"),
            Part(ngettext("of %(n)s click", "of %(n)s clicks", now.clicks) % {"n": _number(now.clicks)},
                 f"{base}/clicks?{asked_of_lists(days)}"),
        ],
        note=said,
        help=_("Referrals of these days that meet the program's rules, as a share of the links opened by people in the "
               "same days. Somebody who clicks today and orders next week counts in both on another day; an order that "
               "came by a code alone has no click."),
    )  # fmt: skip


def _share(value: int, of: int) -> str:
    """Never more than all of it: who is counted above the line need not stand below it."""
    return percent(round(value * 10_000 / of), language_of_page()) if 0 < of >= value else ""


def _number(value: int) -> str:
    return number(value, language_of_page())


# --- drawings -----------------------------------------------------------------------------------------------------


def funnel_chart(now: Funnel, *, base: str, days: Days) -> str:
    asked = asked_of_lists(days)
    steps = [
        (_("Clicks"), now.clicks, f"/clicks?{asked}"),
        (_("Claims"), now.claims, f"/claims?{asked}"),
        (_("Orders attributed"), now.attributed, f"/referrals?{asked}"),
        (_("Qualified"), now.qualified, f"/referrals?state=QUALIFIED&{asked}"),
    ]
    points = [charts.Point(label, value, said=_number(value), href=base + path) for label, value, path in steps]
    return charts.funnel(points, title=_("From click to qualified order"))


def top_chart(best: list[TopAdvocate], *, base: str, days: Days) -> str:
    """Bars whose names open the referrals behind them."""
    asked = f"state=QUALIFIED&{asked_of_lists(days)}"
    points = [
        charts.Point(
            one.name,
            one.qualified,
            said=_number(one.qualified),
            href=f"{base}/referrals?advocate={public_id('adv', one.id)}&{asked}",
        )
        for one in best
    ]
    return charts.bars(points, title=_("Advocates with the most qualified referrals"))


def revenue_of(days: Days, currency: str) -> dict[str, Any]:
    """The workspace's currency as a chart; every other one by itself: sums across currencies mean nothing."""
    now, before = revenue_by_currency(days)
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
    language = language_of_page()
    return [
        charts.Point(short_day(day, "UTC", language), minor, said=format_money(minor, revenue.currency, language))
        for day, minor in zip(dates, revenue.by_day, strict=True)
    ]


def _in_major(points: list[charts.Point], currency: str) -> list[charts.Point]:
    """The axis is drawn in major units: a drawing's position, never an amount."""
    return [replace(point, value=point.value / 10 ** EXPONENTS[currency]) for point in points]
