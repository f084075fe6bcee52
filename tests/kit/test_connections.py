"""One connection of a thread: a cursor that waits for the next statement, and moments read by Python's own parser."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import DataError, InterfaceError, ProgrammingError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from kit.connections import prepared_cursor
from kit.pipelined import pipelined

TIMESTAMPTZ = psycopg.adapters.types["timestamptz"].oid

pytestmark = pytest.mark.django_db


def asked(statement: str, *told: Any) -> Any:
    with prepared_cursor() as cursor:
        cursor.execute(statement, told)
        return cursor.fetchall()


def cursor_now() -> Any:
    with prepared_cursor() as cursor:
        return cursor.cursor


class TestCursor:
    def test_is_the_same_for_the_next_statement_and_keeps_nothing_of_the_last(self) -> None:
        with prepared_cursor() as cursor:
            cursor.execute("SELECT 'of this merchant'")
            first = cursor.cursor
        assert (first.pgresult, first._tx.pgresult, first.rowcount) == (None, None, -1)
        assert cursor_now() is first

    def test_is_closed_for_whoever_held_it(self) -> None:
        with prepared_cursor() as cursor:
            cursor.execute("SELECT 1")
        with pytest.raises(InterfaceError):
            cursor.fetchall()

    def test_is_another_for_each_statement_of_a_pipeline(self) -> None:
        """The answer to the first comes in while the second is being sent, and must not be read as its."""
        with pipelined():
            first, second = cursor_now(), cursor_now()
            assert first is not second
        assert cursor_now() not in (first, second)

    def test_is_another_while_one_is_being_read(self) -> None:
        with prepared_cursor() as outer:
            outer.execute("SELECT generate_series(1, 3)")
            assert asked("SELECT %s::int", 7) == [(7,)]
            assert outer.fetchall() == [(1,), (2,), (3,)]

    def test_is_another_for_another_connection(self) -> None:
        before = cursor_now()
        own = connection.connection
        connection.connection = psycopg.connect(**connection.get_connection_params())
        try:
            assert cursor_now() is not before
            assert asked("SELECT 1") == [(1,)]
        finally:
            connection.connection.close()
            connection.connection = own
        assert asked("SELECT 2") == [(2,)]

    def test_is_each_threads_own(self) -> None:
        here, there = cursor_now(), []

        def ask() -> None:
            there.append(cursor_now())
            connection.close()

        thread = Thread(target=ask)
        thread.start()
        thread.join()
        assert there[0] is not here
        assert cursor_now() is here

    def test_is_of_use_after_an_error(self) -> None:
        with pytest.raises(ProgrammingError), transaction.atomic():
            asked("SELECT nothing_of_this_name")
        assert asked("SELECT %s::text", "after") == [("after",)]


class TestMoments:
    @given(
        st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),
        st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]),
    )
    def test_come_back_as_they_went_in_whatever_zone_the_server_speaks(self, moment: datetime, zone: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
            cursor.execute("SELECT %s::timestamptz", [moment])
            [(found,)] = cursor.fetchall()
            assert [(found,)] == asked("SELECT %s::timestamptz", moment) == [(moment,)]
            cursor.execute("SELECT set_config('TimeZone', 'UTC', true)")
        assert found.tzinfo is UTC

    def test_are_read_so_on_every_connection(self) -> None:
        """Said to what Django makes its connections by; should it make them otherwise, this fails."""
        with connection.cursor() as cursor:
            loader = cursor.connection.adapters.get_loader(TIMESTAMPTZ, psycopg.pq.Format.TEXT)
        assert loader.__module__ == "kit.connections"

    @pytest.mark.parametrize("no_moment", ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC"])
    def test_what_python_has_no_moment_for_is_an_error_as_ever(self, no_moment: str) -> None:
        with pytest.raises(DataError):
            asked("SELECT %s::timestamptz", no_moment)
