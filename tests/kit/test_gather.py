"""What is gathered is what would have been written at once, and nobody who asks can tell the difference."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from kit.asked import asked_often
from kit.clock import database_now
from kit.gather import gathered
from kit.ids import uuid7
from kit.locks import Rank, lock_all_named, lock_named
from kit.many import columns, insert_many
from merchants.models import ApiKey, Event, IdempotentRequest, Outbox, User, Workspace
from tests.cast import at_work, workspace_of
from tests.facts import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def work() -> Iterator[None]:
    with at_work(workspace_of("alice@nordlicht.example", "Nordlicht")):
        yield


def an_event(number: int = 1, **more: Any) -> Event:
    event: Event = Event.objects.create(
        code="test", subject_kind="x", subject_id=uuid7(), seq=number, at=NOON, by="x", **more
    )
    return event


def a_key(name: str) -> ApiKey:
    """A row that may be changed."""
    key: ApiKey = ApiKey.objects.create(kind="SECRET", name=name, is_test=True, key_hash=name, created_at=NOON)
    return key


def numbers() -> list[int]:
    return list(Event.objects.filter(code="test").order_by("pk").values_list("seq", flat=True))


def keys() -> list[tuple[str, str]]:
    return list(ApiKey.objects.filter(key_hash__in="abc").order_by("pk").values_list("name", "hint"))


def statements(asked: CaptureQueriesContext, *words: str) -> list[str]:
    return [query["sql"] for query in asked if all(word in query["sql"] for word in words)]


def test_rows_go_off_together_and_as_they_were_saved_last() -> None:
    with CaptureQueriesContext(connection) as asked, gathered(Event, Outbox):
        first, second = an_event(1), an_event(2, data={"kept": [None, 'say "hi"']})
        rows = [(uuid7(), first.pk, "a"), (uuid7(), second.pk, "b")]
        insert_many(Outbox, same={"due_at": NOON}, each=columns(("id", "event_id", "reader"), rows))
        first.seq, first.by = 7, "never saved"
        first.save(update_fields=["seq"])
        second.data["kept"].append("never saved")
        assert not statements(asked, "INSERT")
    assert len(statements(asked, "INSERT")) == 2
    assert not statements(asked, "UPDATE")
    assert list(Event.objects.filter(code="test").order_by("pk").values_list("seq", "by")) == [(7, "x"), (2, "x")]
    second.refresh_from_db()
    assert second.data == {"kept": [None, 'say "hi"']}
    assert list(Outbox.objects.filter(reader__in="ab").order_by("pk").values_list("event_id", "state", "attempts")) == [
        (first.pk, "WAITING", 0),
        (second.pk, "WAITING", 0),
    ]


def test_changes_of_standing_rows_go_together() -> None:
    rows = [a_key(name) for name in "abc"]
    with CaptureQueriesContext(connection) as asked, gathered(ApiKey):
        for row in rows:
            row.name *= 2
            row.save(update_fields=["name"])
        rows[2].hint = "h"
        rows[2].save(update_fields=["hint"])
    assert len(statements(asked, "UPDATE")) == 2
    assert keys() == [("aa", ""), ("bb", ""), ("cc", "h")]


def test_whoever_asks_sees_what_waits() -> None:
    with gathered(Event, Outbox, ApiKey):
        key = a_key("a")
        assert ApiKey.objects.get(pk=key.pk).name == "a"
        a_key("b")
        ApiKey.objects.filter(key_hash__in="abc").update(hint="all")
        assert keys() == [("a", "all"), ("b", "all")]
        a_key("c")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM merchants_apikey WHERE hint = ''")
            assert cursor.fetchone() == (1,)
        Outbox.objects.create(event=an_event(), reader="a", due_at=NOON)
        assert [row.event.by for row in Outbox.objects.select_related("event").filter(reader="a")] == ["x"]


def test_what_others_have_keys_to_goes_first() -> None:
    with gathered(Outbox, Event):
        event = an_event()
        Outbox.objects.create(event=event, reader="a", due_at=NOON)
        assert Outbox.objects.filter(event=event).exists()
        an_event(2)
    assert numbers() == [1, 2]


def test_going_back_to_a_savepoint_takes_along_what_waited_since() -> None:
    with gathered(Event):
        an_event(1)
        with suppress(LookupError), transaction.atomic():
            an_event(2)
            raise LookupError
        an_event(3)
        with transaction.atomic():
            an_event(4)
    assert numbers() == [1, 3, 4]


def test_nothing_is_written_of_what_failed() -> None:
    with suppress(LookupError), CaptureQueriesContext(connection) as asked, gathered(Event):
        an_event()
        raise LookupError
    assert not statements(asked, "INSERT")
    assert numbers() == []


def test_what_is_not_there_cannot_be_changed() -> None:
    row = a_key("a")
    ApiKey.objects.filter(pk=row.pk).delete()
    row.name = "b"
    with pytest.raises(DatabaseError, match="not every row"), gathered(ApiKey):
        row.save(update_fields=["name"])


@asked_often
def events_of(code: str) -> models.QuerySet[Event]:
    rows: models.QuerySet[Event] = Event.objects.filter(code=code)
    return rows


@asked_often
def locked(key_hash: str) -> models.QuerySet[ApiKey]:
    rows: models.QuerySet[ApiKey] = ApiKey.objects.filter(key_hash=key_hash).select_for_update(no_key=True)
    return rows


@asked_often
def workspaces() -> models.QuerySet[Workspace]:
    rows: models.QuerySet[Workspace] = Workspace.objects.all()
    return rows


def test_a_question_is_asked_anew_once_something_was_written_or_locked() -> None:
    with gathered(Event):
        an_event()

        def are_asked() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert [one.pk for one in events_of("test")] == [one.pk for one in events_of("test")]
                assert len(workspaces()) == len(workspaces()) == 1
            return len([query for query in asked if query["sql"].startswith("SELECT")])

        assert are_asked() == 2
        assert are_asked() == 0
        an_event(2)
        assert are_asked() == 1
        lock_named(Rank.FRIEND, "somebody")
        assert are_asked() == 2
        lock_named(Rank.FRIEND, "somebody")
        assert are_asked() == 0
        a_key("a")  # a table that is not gathered
        assert are_asked() == 2
        assert len(locked("a")) == len(locked("a")) == 1
        assert are_asked() == 2
        assert events_of("test")[0] is not events_of("test")[0]


def test_what_is_held_is_locked_once() -> None:
    with gathered(Event), CaptureQueriesContext(connection) as asked:
        lock_all_named(Rank.ADVOCATE, [("a",), ("b",)])
        lock_named(Rank.ADVOCATE, "a")
        with suppress(LookupError), transaction.atomic():
            lock_named(Rank.ADVOCATE, "c")
            raise LookupError
        lock_named(Rank.ADVOCATE, "c")
    assert len(statements(asked, "advisory")) == 3


def test_it_is_one_moment_and_one_gathering() -> None:
    with gathered(Event):
        now = database_now()
        with gathered(Event):
            an_event()
        assert database_now() == now
    assert database_now() > now
    assert numbers() == [1]


@pytest.mark.parametrize("model", [User, IdempotentRequest])
def test_what_cannot_be_written_so_is_refused(model: type[models.Model]) -> None:
    with pytest.raises(TypeError, match="cannot wait"), gathered(model):
        pass
