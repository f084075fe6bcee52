"""The calendar of what rewards will cost: due and ending by day, and the cash needed soon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from insights.calendar import AHEAD, LATER, SOON, Amount, Day, Outlook, outlook
from kit import charts
from kit.days import local_date
from kit.language import language_of_page
from kit.units import amount_text
from kit.wording import day as day_text
from kit.wording import short_day
from referral_saas.dashboard.frame import DeskRequest, page, show
from rewards.rules.ending import CLAIM_WITHIN

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Cell:
    """An amount that opens the rewards it was made of; nothing where there is none."""

    minor: int
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class DayRow:
    label: str
    due: Cell
    unused: Cell
    unclaimed: Cell


@dataclass(frozen=True, slots=True)
class UnitPage:
    unit: str
    is_money: bool
    due_now: Cell
    cash_soon: Cell
    cash_later: Cell
    unshipped: Cell
    stopped: Cell
    later: Cell
    chart: SafeString
    days: list[DayRow]


@page()
def calendar(request: DeskRequest) -> HttpResponse:
    desk = request.desk
    zone = desk.workspace.time_zone
    writer = _Writer(f"/w/{desk.merchant.slug}/rewards", local_date(desk.now, zone))
    units = [writer.unit(one) for one in outlook(desk.now, zone)]
    return show(request, "dashboard/ledger/calendar.html", {"units": units, "ahead": AHEAD})


@dataclass(frozen=True, slots=True)
class _Writer:
    """Amounts with the addresses of their rows."""

    rewards: str
    today: date

    def unit(self, one: Outlook) -> UnitPage:
        soon, later = self.today + timedelta(days=SOON), self.today + timedelta(days=LATER)
        return UnitPage(
            unit=one.unit,
            is_money=one.is_money,
            due_now=self._cell(one, one.due_now, "DUE_NOW"),
            cash_soon=self._cell(one, one.cash_soon, "CASH", when="release_at", last=soon),
            cash_later=self._cell(one, one.cash_later, "CASH", when="release_at", last=later),
            unshipped=self._cell(one, one.unshipped, "UNSHIPPED"),
            stopped=self._cell(one, one.stopped, "STOPPED"),
            later=self._cell(one, one.later, "DATED", when="release_at", first=self.today + timedelta(days=AHEAD + 1)),
            chart=self._chart(one),
            days=[self._day(one, day) for day in one.in_order],
        )

    def _cell(
        self,
        one: Outlook,
        amount: Amount,
        state: str,
        *,
        when: str = "",
        first: date | None = None,
        last: date | None = None,
    ) -> Cell:
        asked = {"state": state, "unit": one.unit, "when": when, "from": first, "to": last}
        query = urlencode({name: str(value) for name, value in asked.items() if value})
        return Cell(amount.minor, amount.count, f"{self.rewards}?{query}" if amount.count else "")

    def _day(self, one: Outlook, day: Day) -> DayRow:
        """What is overdue stands on today: its rows are those up to today."""
        first = None if day.on == self.today else day.on
        lapses = {"first": first and first - CLAIM_WITHIN, "last": day.on - CLAIM_WITHIN}
        return DayRow(
            label=day_text(day.on, "UTC", language_of_page()),
            due=self._cell(one, day.due, "DATED", when="release_at", first=first, last=day.on),
            unused=self._cell(one, day.unused, "CAN_END", when="valid_until", first=first, last=day.on),
            unclaimed=self._cell(one, day.unclaimed, "UNCLAIMED", when="release_at", **lapses),
        )

    def _chart(self, one: Outlook) -> SafeString:
        """A bar for each week from today on, until the last in which something comes due."""
        bars = list(self._weeks(one))
        while bars and not bars[-1].value:
            bars.pop()
        return charts.bars(bars, title=_("Comes due by week"))

    def _weeks(self, one: Outlook) -> Iterator[charts.Bar]:
        first, language = self.today, language_of_page()
        while first <= self.today + timedelta(days=AHEAD):
            last = min(first + WEEK - timedelta(days=1), self.today + timedelta(days=AHEAD))
            amount = one.due_between(first, last)
            since = None if first == self.today else first
            cell = self._cell(one, amount, "DATED", when="release_at", first=since, last=last)
            label = _("%(first)s to %(last)s") % {
                "first": short_day(first, "UTC", language),
                "last": short_day(last, "UTC", language),
            }
            yield charts.Bar(label, amount.minor, amount_text(amount.minor, one.unit, language), cell.url)
            first += WEEK
