"""How long single clicks are kept: by a merchant's wish row by row, by the platform month by month. Figures stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kit.days import local_date
from kit.ids import uuid7
from manage import database_role
from merchants.actions.clock import advance_clock
from merchants.events import SYSTEM
from merchants.models import Workspace
from tests.cast import World, a_world, at_work
from tests.conftest import act_as, owner_login
from tests.facts import snapshot
from tracking.actions import retention
from tracking.actions.aside import Line, set_aside, set_aside_stray
from tracking.actions.clicks import record_clicks
from tracking.figures import clicks_of
from tracking.models import AdvocateTrace, Click, Order, OrderTrace, SetAside, StrayEntry
from tracking.partitions import make_partitions, partitions
from tracking.salts import live_salts, salt_for
from tracking.steps.retention import forget_strays, sweep
from tracking.stream import ClickEntry, milliseconds_of

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return a_world()


def clicked(world: World, *moments: datetime, real: datetime | None = None) -> None:
    entries = [
        ClickEntry(
            click_id=uuid7(real),
            merchant_id=world.merchant.pk,
            link_id=world.link.pk,
            program_id=world.program.pk,
            at_ms=milliseconds_of(at),
            channel="LINK",
            variant="",
            device="phone",
            agent="",
            referrer="",
            salt=0,
            address="",
            network="",
        )
        for at in moments
    ]
    with at_work(world.merchant) as now:
        record_clicks(entries=entries, now=now)


def keep(world: World, days: int | None) -> None:
    with at_work(world.merchant):
        Workspace.objects.update(click_retention_days=days)


def kept(world: World) -> tuple[int, int, date | None]:
    """Clicks, what the figures count, and the day from which on all clicks are there."""
    with at_work(world.merchant):
        return Click.objects.count(), clicks_of(world.advocate), Workspace.objects.get().clicks_kept_from


def test_a_merchant_who_says_nothing_keeps_what_the_platform_keeps(world: World) -> None:
    clicked(world, world.now - 300 * DAY)
    assert sweep(world.merchant.tenant_ref()) is None
    assert kept(world) == (1, 1, None)


def test_clicks_older_than_a_merchant_wants_go_in_chunks_and_their_figures_stay(world: World) -> None:
    today = local_date(world.now, "Europe/Berlin")
    noons = [datetime.combine(today - days * DAY, time(12), ZoneInfo("Europe/Berlin")) for days in (29, 30, 31, 60)]
    moments = [world.now, *noons]
    clicked(world, *moments, *[world.now - 90 * DAY] * retention.CHUNK)
    keep(world, 30)
    first = today - 30 * DAY
    assert sweep(world.merchant.tenant_ref()) is None
    assert kept(world) == (3, retention.CHUNK + 5, first)
    assert sweep(world.merchant.tenant_ref()) is None
    assert kept(world) == (3, retention.CHUNK + 5, first)


def test_a_longer_time_brings_nothing_back_and_forgets_nothing_that_was_written_down(world: World) -> None:
    clicked(world, world.now - 50 * DAY, world.now)
    keep(world, 10)
    sweep(world.merchant.tenant_ref())
    before = kept(world)
    keep(world, 40)
    clicked(world, world.now - 45 * DAY)  # came late
    sweep(world.merchant.tenant_ref())
    assert before[2] == local_date(world.now, "Europe/Berlin") - 10 * DAY
    assert kept(world) == (1, 3, before[2])


def test_a_test_clock_that_moves_on_makes_clicks_and_salts_old(world: World) -> None:
    clicked(world, world.now)
    keep(world, 30)
    with at_work(world.merchant) as now:
        salt = salt_for(now)
        advance_clock(merchant=world.merchant, by=80 * DAY, who=SYSTEM, now=now)
    sweep(world.merchant.tenant_ref())
    assert kept(world)[:2] == (0, 1)
    with at_work(world.merchant) as now:
        assert salt_for(now).number > salt.number


def test_what_was_set_aside_is_forgotten_after_thirty_days(world: World) -> None:
    with at_work(world.merchant) as now:
        set_aside(line=Line("1-1", b"old"), reason="refused", now=now - 31 * DAY)
        set_aside(line=Line("1-2", b"new"), reason="refused", now=now - 29 * DAY)
    set_aside_stray(line=Line("1-1", b"old"), reason="not_text", real_now=world.now - 31 * DAY)
    set_aside_stray(line=Line("1-2", b"new"), reason="not_text", real_now=world.now - 29 * DAY)
    sweep(world.merchant.tenant_ref())
    assert forget_strays() == 1
    with at_work(world.merchant):
        assert [row.entry for row in SetAside.objects.all()] == ["new"]
    assert [row.entry for row in StrayEntry.objects.all()] == ["new"]


# --- months, as the owner ---------------------------------------------------------------------------------------


@contextmanager
def owner() -> Iterator[None]:
    before = act_as(owner_login())
    try:
        yield
    finally:
        act_as(before)


@pytest.fixture
def january(world: World) -> Iterator[World]:
    """A month of long ago, with a click in it."""
    with owner(), connection.cursor() as cursor:
        cursor.execute("SELECT make_click_partition('2020-01-01')")
    clicked(world, datetime(2020, 1, 31, 23, 30, tzinfo=UTC), real=datetime(2020, 1, 31, 23, 30, tzinfo=UTC))
    yield world
    with owner(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS tracking_click_2020_01")


def test_months_that_ended_before_a_day_are_dropped_and_every_merchant_is_told_from_when_on_its_clicks_are_all_there(
    january: World, capsys: pytest.CaptureFixture[str]
) -> None:
    clicked(january, january.now)
    with owner():
        call_command("drop_click_partitions", before="2020-01-31")
        call_command("drop_click_partitions", dry_run=True)
        assert next(one.table for one in partitions()) == "tracking_click_2020_01"
        call_command("drop_click_partitions", before="2020-02-01")
    assert capsys.readouterr().out.splitlines() == [
        "No month of clicks ended before 2020-01-31.",
        "tracking_click_2020_01: would be dropped",
        "tracking_click_2020_01: dropped",
    ]
    assert kept(january) == (1, 2, date(2020, 2, 2))  # 23:30 UTC is the first of February in Berlin


def test_the_months_of_today_cannot_be_dropped_and_the_runtime_role_drops_none(january: World) -> None:
    with owner(), pytest.raises(CommandError):
        call_command("drop_click_partitions", before="2999-01-01")
    with pytest.raises(Exception, match="permission denied"):
        call_command("drop_click_partitions", before="2020-02-01")
    assert kept(january)[0] == 1


def test_manage_runs_it_as_the_owner_and_makes_months_as_everybody() -> None:
    assert database_role(["manage.py", "drop_click_partitions", "--before", "2020-01-01"]) == "owner"
    assert database_role(["manage.py", "rebuild_stats"]) == "runtime"
    assert make_partitions() == 0
    stand = partitions()
    assert all(one.until == after.since for one, after in pairwise(stand))
    assert stand[-1].until > datetime.now(UTC).date() + 90 * DAY


def test_where_people_came_from_goes_with_the_secret_it_was_hashed_with(world: World) -> None:
    ref, salt = world.merchant.tenant_ref(), {"address": "a" * 22, "network": "n" * 22, "agent": "firefox/linux"}
    for number in ("old", "card", "new", "bare"):
        world.take(snapshot(world.now), number=number, email=f"{number}@friend.example")
    with at_work(world.merchant) as now:
        old, new = salt_for(now - 200 * DAY), salt_for(now)
        orders = {order.external_id: order for order in Order.objects.all()}
        told = {"at": now - 200 * DAY, "salt": old.number, "earlier": {"1": ["a", "n"]}, **salt}
        OrderTrace.objects.create(order=orders["old"], **told)
        OrderTrace.objects.create(order=orders["card"], fingerprint="f" * 64, **told)
        OrderTrace.objects.create(order=orders["new"], **{**told, "at": now, "salt": new.number})
        OrderTrace.objects.create(order=orders["bare"], at=now, referrer="blog.example", referrer_told=True)
        for one in (old, new):
            AdvocateTrace.objects.create(advocate=world.advocate, at=now, salt=one.number, **salt)
    assert sweep(ref) is None
    with at_work(world.merchant) as now:
        kept = {row.order.external_id: row for row in OrderTrace.objects.select_related("order")}
        card = kept["card"]
        assert set(kept) == {"card", "new", "bare"}
        assert (card.fingerprint, card.salt, card.address, card.network) == ("f" * 64, 0, "", "")
        assert (card.earlier, card.agent) == ({}, "")
        assert kept["new"].address == salt["address"]
        assert list(AdvocateTrace.objects.values_list("salt", flat=True)) == [new.number]
        assert [one.number for one in live_salts(now)] == [new.number]
