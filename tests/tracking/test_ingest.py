"""Clicks from the stream into the tables: once, counted once, and never stopped by one that cannot be recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from kit.ids import uuid7
from kit.tenancy import TransactionForbidden
from merchants.models import Merchant
from tests.cast import World, a_world, at_work
from tests.races import Rival
from tracking.actions.aside import data_of, text_of
from tracking.actions.clicks import record_clicks
from tracking.actions.figures import rebuild_day
from tracking.models import Click, DayStat, LinkDay, SetAside, StrayEntry
from tracking.steps import ingest as step
from tracking.steps.aside import BATCH, try_again
from tracking.steps.figures import rebuild
from tracking.steps.ingest import AnotherConsumer, ingest
from tracking.stream import FIELD, STREAM, ClickEntry, milliseconds_of, pack

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def other() -> World:
    return a_world(owner="charlie@halcyon.example", name="Halcyon")


def entry_of(world: World, **changes: Any) -> ClickEntry:
    entry = ClickEntry(
        click_id=uuid7(),
        merchant_id=world.merchant.pk,
        link_id=world.link.pk,
        program_id=world.program.pk,
        at_ms=milliseconds_of(world.now),
        channel="LINK",
        variant="",
        device="phone",
        agent="chrome/android",
        referrer="www.example.com",
        salt=2968,
        address="A" * 22,
        network="N" * 22,
    )
    return replace(entry, **changes)


def put(client: Any, *entries: ClickEntry | bytes) -> None:
    for entry in entries:
        client.xadd(STREAM, {FIELD: entry if isinstance(entry, bytes) else pack(entry)})


def figures(world: World) -> tuple[int, dict[tuple[date, str], int], dict[date, int]]:
    """Clicks, the daily figures by day and channel, and those of the world's link."""
    with at_work(world.merchant):
        days = {(row.day, row.channel): row.clicks for row in DayStat.objects.all()}
        links = {row.day: row.clicks for row in LinkDay.objects.filter(link=world.link)}
        return Click.objects.count(), days, links


def berlin_day(at: datetime) -> date:
    return at.astimezone(ZoneInfo("Europe/Berlin")).date()


def test_a_click_is_recorded_with_all_that_the_stream_told(world: World, live_redis: Any) -> None:
    entry = entry_of(world)
    put(live_redis, entry)
    assert ingest(live_redis) == 1
    with at_work(world.merchant):
        [row] = Click.objects.values()
    assert row == {
        "id": entry.click_id,
        "merchant_id": world.merchant.pk,
        "link_id": world.link.pk,
        "program_id": world.program.pk,
        "channel": "LINK",
        "variant": "",
        "at": entry.at,
        "device": "phone",
        "agent": "chrome/android",
        "referrer": "www.example.com",
        "salt": 2968,
        "address": "A" * 22,
        "network": "N" * 22,
    }
    assert live_redis.xlen(STREAM) == 0
    assert figures(world) == (1, {(berlin_day(entry.at), "LINK"): 1}, {berlin_day(entry.at): 1})


def test_odd_characters_arrive_as_they_were_sent(world: World, live_redis: Any) -> None:
    odd = {"variant": 'a"b\\c{},NULL', "referrer": "bücher.example", "channel": "", "agent": "NULL"}
    put(live_redis, entry_of(world, **odd), entry_of(world, variant="", address="", network=""))
    ingest(live_redis)
    with at_work(world.merchant):
        first, second = Click.objects.order_by("pk")
        assert {name: getattr(first, name) for name in odd} == odd
        assert (second.variant, second.address, second.network) == ("", "", "")


def test_clicks_of_several_merchants_are_recorded_in_one_go_each_in_its_own(
    world: World, other: World, live_redis: Any
) -> None:
    put(live_redis, *[entry_of(whose) for whose in (world, other, world)])
    assert ingest(live_redis) == 3
    assert (figures(world)[0], figures(other)[0]) == (2, 1)


def test_a_run_that_ends_between_commit_and_trimming_counts_nothing_twice(world: World, live_redis: Any) -> None:
    entries = [entry_of(world) for _ in range(3)]
    put(live_redis, *entries)
    step.record_lines(step.read_stream(live_redis))  # killed before it trimmed
    before = figures(world)
    assert live_redis.xlen(STREAM) == 3
    put(live_redis, entry_of(world), entries[0])  # one more, and one that a web server sent twice
    assert ingest(live_redis) == 5
    day = berlin_day(world.now)
    assert before == (3, {(day, "LINK"): 3}, {day: 3})
    assert figures(world) == (4, {(day, "LINK"): 4}, {day: 4})


def test_what_comes_while_a_batch_is_worked_is_not_trimmed_with_it(world: World, live_redis: Any) -> None:
    put(live_redis, entry_of(world))
    lines = step.read_stream(live_redis)
    put(live_redis, entry_of(world))
    step.record_lines(lines)
    step.trim(live_redis, lines[-1])
    assert live_redis.xlen(STREAM) == 1
    assert ingest(live_redis) == 1
    assert figures(world)[0] == 2


def test_days_are_those_of_the_merchants_calendar(world: World, live_redis: Any) -> None:
    """Berlin, 29 March 2026: the day has 23 hours, and begins at 23:00 UTC of the day before."""
    moments = ["2026-03-28T22:59:59.999", "2026-03-28T23:00:00", "2026-03-29T21:59:59.999", "2026-03-29T22:00:00"]
    for moment in moments:
        put(live_redis, entry_of(world, at_ms=milliseconds_of(datetime.fromisoformat(moment).replace(tzinfo=UTC))))
    ingest(live_redis)
    assert figures(world)[2] == {date(2026, 3, 28): 1, date(2026, 3, 29): 2, date(2026, 3, 30): 1}


def test_channels_and_variants_have_figures_of_their_own(world: World, live_redis: Any) -> None:
    put(live_redis, entry_of(world, channel="QR"), entry_of(world, channel="QR", variant="B"), entry_of(world))
    ingest(live_redis)
    with at_work(world.merchant):
        rows = set(DayStat.objects.values_list("program", "channel", "variant", "clicks"))
    assert rows == {(world.program.pk, *rest) for rest in (("QR", "", 1), ("QR", "B", 1), ("LINK", "", 1))}


def test_a_clock_that_runs_ahead_makes_no_click_of_tomorrow(world: World, live_redis: Any) -> None:
    put(live_redis, entry_of(world, at_ms=milliseconds_of(world.now + timedelta(days=3))))
    ingest(live_redis)
    with at_work(world.merchant) as now:
        assert world.now <= Click.objects.get().at <= now


def test_a_test_clock_that_was_moved_on_has_clicks_of_its_own_time(world: World, live_redis: Any) -> None:
    Merchant.objects.filter(pk=world.merchant.pk).update(clock_offset=timedelta(days=40))
    later = world.now + timedelta(days=40)
    put(live_redis, entry_of(world, at_ms=milliseconds_of(later)))
    ingest(live_redis)
    assert figures(world)[2] == {berlin_day(later): 1}


def test_a_day_that_is_counted_again_waits_for_its_first_click_and_counts_it(world: World) -> None:
    """Inserted and not yet committed, the click is in no count; its figure must not be put back to nothing."""
    day = berlin_day(world.now)
    with at_work(world.merchant) as now:
        record_clicks(entries=[entry_of(world)], now=now)
        rival = Rival(lambda: rebuild(world.merchant.tenant_ref(), first=day, last=day))
        assert rival.waits_for_us()
    assert rival.result().rows == 0
    assert figures(world) == (1, {(day, "LINK"): 1}, {day: 1})


def test_a_click_waits_until_its_day_has_been_counted_again(world: World) -> None:
    day = berlin_day(world.now)
    with at_work(world.merchant):
        rebuild_day(day=day)
        rival = Rival(lambda: recorded(world))
        assert rival.waits_for_us()
    rival.result()
    assert figures(world) == (1, {(day, "LINK"): 1}, {day: 1})


def recorded(world: World) -> None:
    with at_work(world.merchant) as now:
        record_clicks(entries=[entry_of(world)], now=now)


# --- what cannot be recorded ------------------------------------------------------------------------------------


def test_what_nobody_can_read_is_set_aside_and_those_behind_it_pass(world: World, live_redis: Any) -> None:
    bad = [b"", b"\xff\xfe|", b"2|from the future", b"1|a|b"]
    put(live_redis, *bad[:2], entry_of(world), *bad[2:], entry_of(world))
    live_redis.xadd(STREAM, {"other": "field"})
    assert ingest(live_redis) == 7
    assert live_redis.xlen(STREAM) == 0
    assert figures(world)[0] == 2
    kept = [(row.reason, data_of(row.entry)) for row in StrayEntry.objects.order_by("stream_id")]
    assert kept == [
        ("unknown_version", b""),
        ("not_text", b"\xff\xfe|"),
        ("unknown_version", b"2|from the future"),
        ("wrong_number_of_parts", b"1|a|b"),
        ("unknown_version", b""),
    ]


def test_a_click_of_a_merchant_we_do_not_know_is_set_aside_once(world: World, live_redis: Any) -> None:
    stray = entry_of(world, merchant_id=UUID(int=7))
    put(live_redis, stray, entry_of(world))
    lines = step.read_stream(live_redis)
    step.record_lines(lines)
    step.record_lines(lines)
    assert [(row.reason, row.entry) for row in StrayEntry.objects.all()] == [("unknown_merchant", pack(stray).decode())]
    assert figures(world)[0] == 1


@pytest.mark.parametrize("place", [0, 3, 7])
def test_one_poisoned_row_is_found_among_many_and_the_others_are_recorded(
    world: World, other: World, live_redis: Any, place: int
) -> None:
    entries = [entry_of(world) for _ in range(7)] + [entry_of(other)]
    poisoned = entry_of(world, link_id=other.link.pk)  # another merchant's link
    put(live_redis, *entries[:place], poisoned, *entries[place:])
    assert ingest(live_redis) == 9
    assert (figures(world)[0], figures(other)[0]) == (7, 1)
    assert sum(figures(world)[1].values()) == sum(figures(world)[2].values()) == 7
    with at_work(world.merchant):
        [row] = SetAside.objects.all()
    assert (row.reason, row.entry) == ("unknown_link", pack(poisoned).decode())
    assert live_redis.xlen(STREAM) == 0


def test_each_kind_of_refusal_has_its_reason(world: World, other: World, live_redis: Any) -> None:
    put(live_redis, entry_of(world, program_id=other.program.pk))
    put(live_redis, entry_of(world, click_id=uuid7(datetime(2001, 1, 1, tzinfo=UTC))))
    ingest(live_redis)
    with at_work(world.merchant):
        assert set(SetAside.objects.values_list("reason", flat=True)) == {"unknown_program", "no_partition"}
    assert figures(world)[0] == 0


def test_without_postgres_everything_stays_in_the_stream(world: World, live_redis: Any) -> None:
    put(live_redis, entry_of(world))
    with locked_out(), pytest.raises(OperationalError):
        ingest(live_redis)
    assert live_redis.xlen(STREAM) == 1
    assert ingest(live_redis) == 1
    assert figures(world)[0] == 1


@contextmanager
def locked_out() -> Iterator[None]:
    """Nobody may write clicks; who tries is sent away at once."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    with second_connection() as holder:
        holder.execute("LOCK TABLE merchants_workspace IN ACCESS EXCLUSIVE MODE")
        yield
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


@contextmanager
def second_connection() -> Iterator[psycopg.Connection]:
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as holder:
        yield holder


def test_only_one_consumer_works_and_the_other_leaves_everything_to_it(world: World, live_redis: Any) -> None:
    put(live_redis, entry_of(world))
    with second_connection() as holder:
        holder.execute("SELECT pg_advisory_xact_lock(%s)", [step.CONSUMER_LOCK])
        assert ingest(live_redis) == 0
        with pytest.raises(AnotherConsumer):
            step.take_batch(live_redis)
    assert figures(world)[0] == 0
    assert live_redis.xlen(STREAM) == 1
    assert ingest(live_redis) == 1


def test_it_is_a_step_and_opens_its_own_transactions(world: World, live_redis: Any) -> None:
    with at_work(world.merchant), pytest.raises(TransactionForbidden):
        ingest(live_redis)


def test_what_is_left_of_a_run_is_taken_by_the_next(world: World, live_redis: Any) -> None:
    put(live_redis, *[entry_of(world) for _ in range(3)])
    assert ingest(live_redis, seconds=0) == 0
    assert live_redis.xlen(STREAM) == 3
    assert ingest(live_redis) == 3
    assert ingest(live_redis) == 0


def test_what_was_set_aside_is_shown_and_recorded_once_the_cause_is_gone(
    world: World, live_redis: Any, capsys: Any
) -> None:
    stranger = UUID(int=7)
    early = entry_of(world, merchant_id=stranger)
    put(live_redis, early, entry_of(world, program_id=stranger), b"3|newer")
    ingest(live_redis)
    call_command("set_aside_clicks")
    StrayEntry.objects.filter(reason="unknown_merchant").delete()
    with at_work(world.merchant):
        mended = pack(entry_of(world)).decode()
        row = SetAside.objects.get()
        row.delete()
        SetAside.objects.create(stream_id=row.stream_id, reason=row.reason, entry=mended, at=row.at)
    call_command("set_aside_clicks", retry=True)
    slug = world.merchant.slug
    assert capsys.readouterr().out.splitlines() == [
        "(none): 1 unknown_merchant",
        "(none): 1 unknown_version",
        f"{slug}: 1 unknown_program",
        "(none): 1 unknown_version",
        f"{slug}: 1 unknown_program",
        "2 entries are in the stream again.",
    ]
    assert ingest(live_redis) == 2
    assert figures(world)[0] == 1
    assert [row.entry for row in StrayEntry.objects.all()] == ["3|newer"]
    with at_work(world.merchant):
        assert SetAside.objects.count() == 0


def test_much_that_was_set_aside_goes_back_in_batches(world: World, live_redis: Any) -> None:
    with at_work(world.merchant) as now:
        told = {"reason": "unknown_program", "entry": pack(entry_of(world)).decode(), "at": now}
        SetAside.objects.bulk_create([SetAside(stream_id=f"{n}-0", **told) for n in range(BATCH + 1)])
    with CaptureQueriesContext(connection) as asked:
        assert try_again(world.merchant.tenant_ref(), live_redis) == BATCH + 1
    deleted = [query["sql"] for query in asked if query["sql"].startswith("DELETE")]
    assert (len(deleted), live_redis.xlen(STREAM)) == (2, BATCH + 1)
    with at_work(world.merchant):
        assert SetAside.objects.count() == 0
    live_redis.delete(STREAM)


@pytest.mark.parametrize("data", [b"", b"1|x", b"\xff", b"tab\t", b"hex:61", "ü|ß".encode(), b"\x00"])
def test_what_is_set_aside_can_be_had_back_byte_by_byte(data: bytes) -> None:
    assert data_of(text_of(data)) == data
    assert text_of(data).isprintable()
