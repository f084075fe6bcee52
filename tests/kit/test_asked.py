"""A question whose statement is made once gives what the query set gives, for every merchant and every value."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from advocates.models import Advocate
from kit.asked import asked_often
from kit.many import any_of
from merchants.models import Event
from tests.cast import a_world, at_work
from tests.kit.test_many import AWKWARD

pytestmark = pytest.mark.django_db


@asked_often
def events_by(by: str, at: datetime) -> QuerySet[Any]:
    return Event.objects.filter(by=by, at__lte=at).exclude(code="100 %s").order_by("seq")


@asked_often
def advocates_of(ids: list[UUID]) -> QuerySet[Any]:
    return Advocate.objects.select_related("program__terms", "customer").filter(any_of("pk", ids))


@asked_often
def codes_of(subject_id: UUID) -> QuerySet[Any]:
    return Event.objects.filter(subject_id=subject_id).order_by("seq").values_list("seq", "code")[:2]


@asked_often
def one_too_many(subject_id: UUID, later: datetime) -> QuerySet[Any]:
    return Event.objects.filter(subject_id=subject_id, at__lte=later + timedelta(days=1))


def test_the_same_rows_in_the_same_order_however_they_are_written() -> None:
    world = a_world()
    with at_work(world.merchant) as now:
        for number, text in enumerate(AWKWARD):
            told = {"code": "x", "subject_kind": "x", "subject_id": world.advocate.pk, "seq": 900 + number, "at": now}
            Event.objects.create(**told, by=text[:60], data={"text": text})
        for text in AWKWARD:
            [found] = events_by(text[:60], now)
            assert found == Event.objects.get(by=text[:60])
            assert (found.data, found.at, found.merchant_id) == ({"text": text}, now, world.merchant.pk)
            assert events_by(text[:60], now - timedelta(seconds=1)) == []


def test_rows_bring_along_what_they_lead_to(django_assert_num_queries: Any) -> None:
    world = a_world()
    with at_work(world.merchant), django_assert_num_queries(1):
        [found] = advocates_of([world.advocate.pk])
        assert (found.customer.email, found.program.terms.number) == (world.advocate.customer.email, 1)
        assert not found._state.adding


def test_what_is_asked_for_by_values_comes_as_tuples() -> None:
    world = a_world()
    with at_work(world.merchant):
        rows = Event.objects.filter(subject_id=world.program.pk).order_by("seq").values_list("seq", "code")
        assert codes_of(world.program.pk) == list(rows[:2])


def test_nobody_is_answered_with_the_rows_of_another_merchant() -> None:
    """The statement was made for whoever asked first; who is in scope is one of its values."""
    here, there = a_world(), a_world(name="Nordlicht Zwei")
    for world, other in ((here, there), (there, here)):
        with at_work(world.merchant):
            assert [row.pk for row in advocates_of([here.advocate.pk, there.advocate.pk])] == [world.advocate.pk]
            assert advocates_of([other.advocate.pk]) == []


def test_what_never_changes_stands_in_the_statement_itself() -> None:
    """A plan for any value could not use an index of some of the rows."""
    world = a_world()
    with at_work(world.merchant) as now, CaptureQueriesContext(connection) as asked:
        for _ in range(10):  # from the sixth on it is prepared
            events_by("nobody", now)
    assert len(asked) == 10
    assert all("'100 %s'" in query["sql"] for query in asked)


def test_a_question_that_looks_at_its_values_is_refused() -> None:
    world = a_world()
    with at_work(world.merchant) as now, pytest.raises(TypeError, match="later"):
        one_too_many(world.advocate.pk, now)
