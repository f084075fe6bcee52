"""The figures of Home against the rows behind them."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from insights.days import Days, last_days
from insights.home import funnel, revenue_by_currency
from insights.programs import counts_by_program, stock_of
from tests.cast import a_world, at_work
from tests.dashboard.test_workspace_pages import client_of
from tests.facts import snapshot

pytestmark = pytest.mark.django_db


def test_days_are_whole_days_of_the_zone_and_the_span_before_is_as_long():
    days = Days(date(2026, 3, 1), date(2026, 3, 30), "Europe/Berlin")
    assert days.before == Days(date(2026, 1, 30), date(2026, 2, 28), "Europe/Berlin")
    assert (days.until - days.since) == timedelta(days=30, hours=-1)  # the clocks went forward on the 29th
    assert days.before.until == days.since


def test_figures_count_what_happened_in_the_days():
    world = a_world()
    long_ago = world.now - timedelta(days=40)
    world.click(at=long_ago)
    for number, net in enumerate([10000, 25000], start=1):
        token = world.click()
        world.take(snapshot(world.now, token=token, lines=[net]), number=str(number), email=f"f{number}@friend.example")
    world.take(snapshot(world.now, lines=[99000]), number="9", email="stranger@friend.example")
    days = last_days(world.now, world.zone)
    with at_work(world.merchant):
        now, before = funnel(days), funnel(days.before)
        assert (now.clicks, now.claims, now.attributed, now.qualified) == (2, 0, 2, 2)
        assert (before.clicks, before.attributed) == (1, 0)
        revenue = revenue_by_currency(days)["EUR"]
        assert (revenue.minor, revenue.orders, revenue.by_day[-1], sum(revenue.by_day)) == (35000, 2, 35000, 35000)
        assert revenue_by_currency(days.before) == {}
        counts = counts_by_program()[world.program.pk]
        assert (counts.advocates, counts.referrals, counts.rewards) == (1, 2, 2)
        assert {purpose: (stock.left, stock.is_low) for purpose, stock in stock_of(world.program.pk).items()} == {
            "OFFER": (60, False),
            "REWARD": (60, False),
        }


def test_every_figure_of_home_equals_the_rows_it_opens():
    world = a_world()
    for number in range(1, 4):
        token = world.click()
        email = f"f{number}@friend.example"
        world.take(snapshot(world.now, token=token, lines=[number * 10000]), number=str(number), email=email)
    client = client_of("alice@nordlicht.example")
    home = client.get(f"/w/{world.merchant.slug}").content.decode()
    figures = re.findall(r'figure-link" href="([^"]+)">([^<]+)<.*?figure-number">([^<]+)<', home, re.DOTALL)
    counted = {label: (href.replace("&amp;", "&"), number) for href, label, number in figures}
    assert {label: number for label, (_href, number) in counted.items()} == {
        "Clicks": "3", "Claims": "0", "Orders attributed": "3", "Qualified": "3",
        "Held": "€60.00", "Due": "€0.00", "Paid": "€0.00",
    }  # fmt: skip
    for label in ("Clicks", "Orders attributed", "Qualified"):
        href, number = counted[label]
        page = client.get(href).content.decode()
        assert f"{number} in all" in page, label
        assert page.count('<th scope="row"') == int(number), label
