"""Rows written many at a time are the rows that one at a time would have been."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from django.db.models import Q

from integrations.models import BulkLine, BulkUpload
from kit.ids import uuid7
from kit.many import any_key_of, any_of, insert_many
from merchants.models import Event
from tests.cast import at_work, workspace_of
from tests.facts import NOON

pytestmark = pytest.mark.django_db

#: Whatever an array, a text or JSON writes in its own way.
AWKWARD = ["", "NULL", "null", 'say "hi"', "back\\slash", "{a,b}", "per%cent %s", "comma, brace}", "Grüße\n\t", "'; --"]


def test_every_text_arrives_as_it_was():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    with at_work(merchant) as now:
        ids = [uuid7() for _ in AWKWARD]
        data = [{"text": text, "deep": [None, 1, {"a": text}]} for text in AWKWARD]
        same = {"code": 'te"st', "subject_kind": "x", "at": now, "by": "%s"}
        each = {"id": ids, "subject_id": ids, "seq": range(1, len(ids) + 1), "data": data}
        insert_many(Event, same=same, each=each)
        rows = Event.objects.filter(any_of("pk", ids)).order_by("pk")
        assert [row.data for row in rows] == data
        assert {(row.merchant_id, row.code, row.by, row.at) for row in rows} == {(merchant.pk, 'te"st', "%s", now)}
        assert list(rows.values_list("seq", flat=True)) == list(each["seq"])


def test_columns_of_awkward_texts():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    with at_work(merchant) as now:
        ids = [uuid7() for _ in AWKWARD]
        same = {"code": "test", "subject_kind": "x", "subject_id": ids[0], "at": now}
        insert_many(Event, same=same, each={"id": ids, "seq": range(len(ids)), "by": AWKWARD})
        rows = Event.objects.filter(code="test").order_by("seq")
        assert list(rows.values_list("by", "data")) == [(text, {}) for text in AWKWARD]


def test_bytes_arrive_as_they_were():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    bodies = [bytes(range(256)), b"", b"\\x41", None]
    with at_work(merchant) as now:
        upload = BulkUpload.objects.create(received_at=now, received_by="x", count=len(bodies))
        each = {"id": [uuid7() for _ in bodies], "number": range(len(bodies)), "body": bodies}
        insert_many(BulkLine, same={"upload_id": upload.pk, "next_try_at": now}, each=each)
        kept = BulkLine.objects.order_by("number").values_list("body", flat=True)
        assert [None if body is None else bytes(body) for body in kept] == bodies


@pytest.mark.django_db(transaction=True)
def test_a_text_too_long_is_refused_and_not_cut_off():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    ids = [uuid7()]
    same = {"subject_kind": "x", "by": "x", "seq": 1, "at": NOON}
    with pytest.raises(DatabaseError, match="too long"), at_work(merchant):
        insert_many(Event, same=same, each={"id": ids, "subject_id": ids, "code": ["x" * 61]})
    with at_work(merchant):
        assert not Event.objects.filter(pk=ids[0]).exists()


def test_new_only_keeps_the_row_that_stands():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    ids = [uuid7(), uuid7()]
    with at_work(merchant) as now:
        same = {"subject_kind": "x", "by": "x", "seq": 1, "at": now}
        insert_many(Event, same=same, each={"id": ids[:1], "subject_id": ids[:1], "code": ["first"]})
        insert_many(Event, same=same, each={"id": ids, "subject_id": ids, "code": ["again", "new"]}, new_only=True)
        assert dict(Event.objects.filter(any_of("pk", ids)).values_list("pk", "code")) == {
            ids[0]: "first",
            ids[1]: "new",
        }


def test_any_of_nothing_is_nothing():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    with at_work(merchant):
        assert Event.objects.exists()
        assert not Event.objects.filter(any_of("pk", [])).exists()


def test_keys_among_other_conditions_are_looked_for_once_and_not_asked_of_each_row():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    with at_work(merchant):
        opened = Event.objects.filter(code="workspace.opened")
        rows = Event.objects.filter(any_key_of("pk", opened) | Q(code="nothing"))
        assert list(rows) == list(opened) != []
        assert "SubPlan" not in rows.explain()
