"""The figures of Home against the rows behind them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.models import Customer, Link, Share
from insights.days import Days, last_days
from insights.home import Figures, People, as_good_as, figures, revenue_by_currency, top_advocates
from insights.programs import counts_by_program, stock_of
from kit.wording import percent
from referral_saas.dashboard.home_page import rates
from tests.cast import CODES, a_world, at_work, enrolled
from tests.dashboard.test_workspace_pages import client_of
from tests.facts import DAY, snapshot
from tracking.models import Order

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
        now, before, people = figures(days)
        assert (now.clicks, now.claims, now.attributed, now.qualified, now.sharers, now.joined) == (2, 0, 2, 2, 0, 1)
        assert (before.clicks, before.attributed) == (1, 0)
        assert (people.customers, people.advocates) == (Customer.objects.count(), 1)
        [best] = top_advocates(days)
        assert (best.id, best.qualified) == (world.advocate.pk, 2)
        assert top_advocates(days.before) == []
        revenues, earlier = revenue_by_currency(days)
        revenue = revenues["EUR"]
        assert (revenue.minor, revenue.orders, revenue.by_day[-1], sum(revenue.by_day)) == (35000, 2, 35000, 35000)
        assert earlier == {}
        counts = counts_by_program()[world.program.pk]
        assert (counts.advocates, counts.referrals, counts.rewards) == (1, 2, 2)
        assert {purpose: (stock.left, stock.is_low) for purpose, stock in stock_of(world.program.pk).items()} == {
            "OFFER": (CODES, False),
            "REWARD": (CODES, False),
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


def test_rates_name_their_two_numbers_which_open_their_rows():
    """Of three people one is an advocate, who shared twice; of three clicks two became qualified referrals."""
    world = a_world()
    told = {"link": world.link, "advocate": world.advocate, "channel": "COPY"}
    with at_work(world.merchant):
        for ago in (1, 2, 9):
            Share.objects.create(at=world.now - DAY * ago, **told)
    world.click()
    for number in (1, 2):
        world.take(snapshot(world.now, token=world.click()), number=str(number), email=f"f{number}@friend.example")
    client = client_of("alice@nordlicht.example")
    home = BeautifulSoup(client.get(f"/w/{world.merchant.slug}?days=7").content, "html.parser")
    rates = {
        one.select_one(".figure-label span").text: one
        for one in home.select(".figure")
        if not one.select("a.figure-link")
    }
    with at_work(world.merchant):
        people = Customer.objects.count()
    assert {label: one.select_one(".figure-number").text for label, one in rates.items()} == {
        "Participation": percent(round(10_000 / people), "en"), "Share rate": "100%", "Conversion": "66.7%",
    }  # fmt: skip
    for one in rates.values():
        for link in one.select(".figure-change a"):
            assert f"{re.search(r'[0-9]+', link.text)[0]} in all" in client.get(link["href"]).content.decode(), link
    assert home.select_one('nav.tabs a[aria-current="page"]').text == "7 days"
    before_all = client.get(f"/w/{world.merchant.slug}/sharers?to=2020-01-01").content.decode()
    assert "between 1 January 2020 and 1 January 2020" in before_all


def test_who_shared_twice_is_one_of_those_who_shared_on_every_page_of_them():
    world = a_world()
    other = enrolled(world.merchant, world.program, "otto@advocate.example", "Otto Beispiel")
    with at_work(world.merchant):
        for advocate in (world.advocate, world.advocate, other):
            link = Link.objects.get(advocate=advocate, channel="LINK")
            Share.objects.create(at=world.now - DAY, link=link, advocate=advocate, channel="COPY")
    client = client_of("alice@nordlicht.example")
    first = BeautifulSoup(client.get(f"/w/{world.merchant.slug}/sharers?size=1").content, "html.parser")
    after = first.select_one('a[href*="after="]')["href"]
    for page in (first.text, client.get(after).content.decode()):
        assert "2 in all" in page
        assert ("Dana Muster" in page) != ("Otto Beispiel" in page)


def test_a_rate_is_never_more_than_all_and_says_why_there_is_none():
    def told(people: People, **counted: int) -> list[tuple[str, str]]:
        nothing = dict.fromkeys(("clicks", "claims", "attributed", "qualified", "sharers", "joined"), 0)
        now, before = Figures(**nothing | counted), Figures(**nothing | {"clicks": 1, "qualified": 2})
        days = Days(date(2026, 3, 1), date(2026, 3, 30), "UTC")
        return [(rate.value, rate.note) for rate in rates(now, before, people, base="/w/x", days=days)]

    assert told(People(4, 4), sharers=4, clicks=8, qualified=4) == [("100%", ""), ("100%", ""), ("50%", "")]
    more = told(People(4, 5), sharers=6, clicks=3, qualified=4)
    assert [(value, note[:8]) for value, note in more] == [("", "no share")] * 3
    assert told(People(0, 0)) == [("", "")] * 3
    assert told(People(1, 1), qualified=2)[2] == ("", "no share: some came by a code alone, or after an earlier click")


def test_home_asks_as_often_for_many_rows_as_for_few_and_at_most_twenty_times():
    world = a_world()
    client = client_of("alice@nordlicht.example")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/w/{world.merchant.slug}?days=90").status_code == 200
        return len(queries)

    world.take(snapshot(world.now, token=world.click()), number="1", email="f1@friend.example")
    few = asked()
    for number in range(2, 30):
        world.take(snapshot(world.now, token=world.click()), number=str(number), email=f"f{number}@friend.example")
    assert asked() == few <= 20


def test_revenue_is_of_the_day_in_the_zone_on_which_the_order_came_also_when_the_clocks_change():
    """In Berlin 29 March 2026 has 23 hours: it ends at 22:00 UTC, where the day before ended at 23:00."""
    world = a_world()
    ends = [datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)]
    told = {"platform": "api", "currency": "EUR", "outcome": Order.Outcome.ATTRIBUTED}
    with at_work(world.merchant):
        for number, at in enumerate(one + ago for one in ends for ago in (timedelta(0), -timedelta.resolution)):
            Order.objects.create(external_id=str(number), net_base_minor=10**number, received_at=at, **told)
        now, before = revenue_by_currency(Days(date(2026, 3, 29), date(2026, 3, 30), "Europe/Berlin"))
    assert (now["EUR"].by_day, now["EUR"].orders) == ([1 + 1000, 100], 3)
    assert before["EUR"].by_day == [0, 10]


def test_only_whom_a_name_may_bring_among_the_first_is_looked_up():
    a, b, c, d = (uuid4() for _ in range(4))
    assert list(as_good_as(2, [(a, 3), (b, 2), (c, 2), (d, 1)])) == [(a, 3), (b, 2), (c, 2)]
    assert list(as_good_as(5, [(a, 3)])) == [(a, 3)]
    assert list(as_good_as(5, [])) == []
