"""Daily figures: what is recorded is counted once, and counting again from the clicks gives the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from advocates.models import Link
from insights.days import Days
from insights.home import figures
from kit.ids import uuid7
from merchants.models import Workspace
from tests.cast import World, a_world, at_work
from tests.once import undone
from tracking.actions.clicks import record_clicks
from tracking.actions.figures import ClicksGone, rebuild_day
from tracking.calendar import Spans, span_of
from tracking.figures import clicks_between, clicks_of, clicks_per_link
from tracking.models import Click, DayStat, LinkDay
from tracking.steps.figures import Rebuilt, rebuild
from tracking.stream import ClickEntry, milliseconds_of

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
#: Around the night of 29 March 2026, in which Berlin has an hour less, and that of 25 October, which has one more.
NIGHTS = [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)]


@dataclass(frozen=True, slots=True)
class Place:
    world: World
    links: list[Link]

    def entry(self, at_ms: int, link: int = 0, channel: str = "LINK", click_id: UUID | None = None) -> ClickEntry:
        return ClickEntry(
            click_id=click_id or uuid7(),
            merchant_id=self.world.merchant.pk,
            link_id=self.links[link].pk,
            program_id=self.world.program.pk,
            at_ms=at_ms,
            channel=channel,
            variant="",
            device="phone",
            agent="",
            referrer="",
            salt=0,
            address="",
            network="",
        )


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    with django_db_blocker.unblock(), undone():
        world = a_world()
        with at_work(world.merchant) as now:
            more = [
                Link.objects.create(advocate=world.advocate, code=f"MORE{n}", placement=str(n), created_at=now)
                for n in range(2)
            ]
        yield Place(world, [world.link, *more])


@pytest.fixture
def place(built: Place) -> Iterator[Place]:
    with undone():
        yield built


def all_figures() -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    return (
        set(DayStat.objects.values_list("day", "program", "channel", "variant", "clicks")),
        set(LinkDay.objects.values_list("day", "link", "clicks")),
    )


def clicks_around(night: datetime) -> st.SearchStrategy[list[list[tuple[int, int, str]]]]:
    """Batches of moment, number of the link, channel."""
    moments = st.integers(-26 * 3600, 26 * 3600).map(
        lambda seconds: milliseconds_of(night + timedelta(seconds=seconds))
    )
    click = st.tuples(moments, st.integers(0, 2), st.sampled_from(["LINK", "QR", ""]))
    return st.lists(st.lists(click, max_size=12), max_size=3)


@settings(max_examples=30, deadline=None)
@given(batches=st.sampled_from(NIGHTS).flatmap(clicks_around), replayed=st.integers(0, 5), spoiled=st.integers(0, 3))
def test_figures_are_what_the_clicks_say_and_can_be_made_again(
    built: Place, batches: list[list[tuple[int, int, str]]], replayed: int, spoiled: int
) -> None:
    with undone():
        sent: list[ClickEntry] = []
        with at_work(built.world.merchant) as now:
            now += timedelta(days=400)
            for batch in batches:
                entries = [built.entry(at_ms, link, channel) for at_ms, link, channel in batch]
                record_clicks(entries=[*entries, *sent[:replayed], *entries[:1]], now=now)
                sent += entries
            wanted = figures_of(sent)
            assert all_figures() == wanted
            spoil(spoiled)
        days = {day for day, *_ in wanted[1]}
        whole = {"first": min(days, default=date(2026, 3, 1)), "last": max(days, default=date(2026, 3, 1))}
        rebuild(built.world.merchant.tenant_ref(), **whole)
        with at_work(built.world.merchant):
            assert all_figures() == wanted
        assert rebuild(built.world.merchant.tenant_ref(), **whole).rows == 0


def figures_of(entries: list[ClickEntry]) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    """Told by the calendar of the standard library alone."""
    days, links = Counter(), Counter()
    for entry in entries:
        day = entry.at.astimezone(BERLIN).date()
        days[day, entry.program_id, entry.channel, ""] += 1
        links[day, entry.link_id] += 1
    return {(*key, n) for key, n in days.items()}, {(*key, n) for key, n in links.items()}


def spoil(number: int) -> None:
    """Wrong, missing, and figures that nothing stands for."""
    rows = list(DayStat.objects.order_by("pk")[:number])
    for row in rows[:1]:
        DayStat.objects.filter(pk=row.pk).update(clicks=row.clicks + 7)
        DayStat.objects.create(day=row.day, program_id=row.program_id, channel="MAIL", clicks=3)
    for row in rows[1:2]:
        row.delete()
    for link_day in LinkDay.objects.order_by("pk")[:number]:
        link_day.delete()


def test_the_funnel_and_the_advocates_figures_come_from_the_daily_ones(place: Place) -> None:
    day = date(2026, 3, 30)
    with at_work(place.world.merchant) as now:
        at_ms = milliseconds_of(datetime(2026, 3, 30, 12, tzinfo=UTC))
        record_clicks(entries=[place.entry(at_ms, link) for link in (0, 0, 1)], now=now + timedelta(days=400))
        assert clicks_per_link(place.world.advocate) == {place.links[0].pk: 2, place.links[1].pk: 1}
        assert clicks_of(place.world.advocate) == 3
        assert figures(Days(day, day, "Europe/Berlin"))[0].clicks == clicks_between(day, day) == 3
        assert clicks_between(day + timedelta(days=1), day + timedelta(days=9)) == 0
        assert figures(Days(day, day, "Europe/Berlin").before)[0].clicks == 0


def test_another_merchants_clicks_are_refused_and_none_of_them_is_written(place: Place) -> None:
    stranger = a_world(owner="charlie@halcyon.example", name="Halcyon")
    entry = place.entry(0)
    with at_work(stranger.merchant) as now:
        with pytest.raises(ValueError, match="one merchant"):
            record_clicks(entries=[entry], now=now)
        assert (Click.objects.count(), DayStat.objects.count()) == (0, 0)


def test_a_day_whose_clicks_were_deleted_keeps_its_figures(place: Place) -> None:
    days = [date(2026, 3, 29), date(2026, 3, 30)]
    with at_work(place.world.merchant) as now:
        noons = [milliseconds_of(datetime(2026, 3, day, 12, tzinfo=UTC)) for day in (29, 30)]
        record_clicks(entries=[place.entry(at_ms) for at_ms in noons], now=now + timedelta(days=400))
        Workspace.objects.update(clicks_kept_from=days[1])
        DayStat.objects.update(clicks=9)
        with pytest.raises(ClicksGone):
            rebuild_day(day=days[0])
    told = rebuild(place.world.merchant.tenant_ref(), last=date(2026, 4, 1))
    assert told == Rebuilt(days=3, rows=1, kept_from=days[1])
    with at_work(place.world.merchant):
        assert dict(DayStat.objects.values_list("day", "clicks")) == {days[0]: 9, days[1]: 1}


def test_the_command_says_what_it_put_right(place: Place, capsys: Any) -> None:
    with at_work(place.world.merchant) as now:
        record_clicks(entries=[place.entry(milliseconds_of(now))], now=now)
        LinkDay.objects.all().delete()
    slug = place.world.merchant.slug
    call_command("rebuild_stats", merchant=slug)
    call_command("rebuild_stats", merchant=slug)
    assert capsys.readouterr().out.splitlines() == [
        f"{slug}: 1 days, 1 figures put right",
        f"{slug}: 1 days, 0 figures put right",
    ]


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Pacific/Apia", "2011-12-30T09:59:59", date(2011, 12, 29)),  # the 30th does not exist there
        ("Pacific/Apia", "2011-12-30T10:00:00", date(2011, 12, 31)),
        ("America/St_Johns", "2010-11-07T02:30:30", date(2010, 11, 7)),  # clocks go back from 00:01 to 23:01
        ("America/St_Johns", "2010-11-07T02:31:30", date(2010, 11, 7)),
        ("Asia/Beirut", "2026-10-24T21:30:00", date(2026, 10, 24)),
    ],
)
def test_every_moment_is_of_exactly_one_day(zone: str, moment: str, day: date) -> None:
    at_ms = milliseconds_of(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    [found], [since], [until] = Spans(zone).around([at_ms])
    assert (found, since <= at_ms < until) == (day, True)
    assert span_of(found, zone).until == span_of(found + timedelta(days=1), zone).since
