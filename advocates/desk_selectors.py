"""Reads of what the team keeps about people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from advocates.models import Customer, MergedCustomer, Note, Tag, Tagged, Task
from kit.asked import asked_often
from kit.many import any_of


def notes_on(customer: Customer) -> list[Note]:
    """Newest first, with their authors."""
    return _notes_on(customer.pk)


@asked_often
def _notes_on(customer_id: UUID) -> QuerySet[Note]:
    rows: QuerySet[Note] = Note.objects.filter(customer=customer_id).select_related("written_by")
    return rows.order_by("-at", "-pk")


def tag_words() -> list[str]:
    """Every word of the workspace, by alphabet."""
    return [word for (word,) in _words()]


@asked_often
def _words() -> QuerySet[Any]:
    return Tag.objects.order_by("word").values_list("word")


def tags_by_customer(customer_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """By alphabet, in one statement."""
    words: dict[UUID, list[str]] = defaultdict(list)
    for customer_id, word in _words_of(list(customer_ids)):
        words[customer_id].append(word)
    return dict(words)


@asked_often
def _words_of(customer_ids: list[UUID]) -> QuerySet[Any]:
    rows = Tagged.objects.filter(any_of("customer", customer_ids)).order_by("tag__word")
    return rows.values_list("customer_id", "tag__word")


def tags_carried(key: str) -> ArraySubquery:
    """The words of the person whose key stands in the column ``key`` of the row that is read, by alphabet."""
    carried = Tagged.objects.filter(customer=OuterRef(key)).order_by("tag__word")
    return ArraySubquery(carried.values("tag__word"))


def merged_into(key: str) -> ArraySubquery:
    """Who was merged into the person whose key stands in the column ``key`` of the row that is read: ``email`` and
    ``reason`` of each, the latest last."""
    merged = MergedCustomer.objects.filter(into=OuterRef(key)).exclude(email="").order_by("at", "pk")
    return ArraySubquery(merged.values(told=JSONObject(email="email", reason="reason")))


def customers_tagged(word: str) -> QuerySet[Any]:
    """The keys of the people who carry a word."""
    return Tagged.objects.filter(tag__in=Tag.objects.filter(word=word).values("pk")[:1]).values("customer_id")


def tasks_of(customer: Customer) -> list[Task]:
    """What is still to be done for a person, the soonest first, with whose it is."""
    return _tasks_of(customer.pk)


@asked_often
def _tasks_of(customer_id: UUID) -> QuerySet[Task]:
    return open_tasks().filter(customer=customer_id)


def open_tasks() -> QuerySet[Any]:
    return Task.objects.filter(done_at=None).select_related("owner").order_by("due_date", "pk")
