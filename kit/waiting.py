"""What waits in memory while many things are written together (kit.gather): rows, answers and locks of one transaction.

It changes how often Postgres is spoken to, never what is read: before a statement that names a table goes off, what
waits for that table is sent. A statement that writes or that is not known sends all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from enum import Enum
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, models

Values = dict[str, Any]
#: Write new rows, or changes of rows, of one table in one statement each.
SendNew = Callable[[type[models.Model], Collection[Values]], None]
SendChanged = Callable[[type[models.Model], Mapping[UUID, Values]], None]

_here: ContextVar[Waiting | None] = ContextVar("waiting", default=None)
_WORD = re.compile(r"\w+")
_READING = re.compile(r"[\s(]*(SELECT|WITH)\b")
_LOCKING = re.compile(r"\bFOR (NO KEY UPDATE|UPDATE|KEY SHARE|SHARE)\b")
_WRITING = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})


class _Kind(Enum):
    READS = "reads"
    #: It may wait for somebody else, and what was read before is old afterwards.
    LOCKS = "locks"
    GOES_BACK = "goes back to a savepoint"
    WRITES = "writes, or nobody knows"


class Waiting:
    """``models`` come with those first that others have keys to: Postgres checks keys at once."""

    def __init__(self, models_: Collection[type[models.Model]], new: SendNew, changed: SendChanged) -> None:
        self.models = _parents_first(models_)
        self.new: dict[type[models.Model], dict[UUID, Values]] = {model: {} for model in self.models}
        self.changed: dict[type[models.Model], dict[UUID, Values]] = {model: {} for model in self.models}
        self.answers: dict[str, dict[tuple[Any, ...], Any]] = {}
        self.locks: set[int] = set()
        self.clock: datetime | None = None
        self._send_new, self._send_changed = new, changed
        self.is_sending = False

    def insert(self, model: type[models.Model], values: Values) -> None:
        self.new[model][values["id"]] = values
        self._forget_answers_of(model)

    def change(self, model: type[models.Model], key: UUID, values: Values) -> None:
        """Of a row that waits itself, or of one that stands and is locked by this transaction."""
        known = self.new[model] if key in self.new[model] else self.changed[model]
        known.setdefault(key, {}).update(values)
        self._forget_answers_of(model)

    def answer(self, question: str, values: tuple[Any, ...], ask: Callable[[], Any]) -> Any:
        """What was answered to the same question since anything it looks at was written; else the answer of ``ask``."""
        known = self.answers.get(question, {})
        if values not in known:
            found = ask()
            known = self.answers.setdefault(question, {})
            known[values] = found
        return known[values]

    def send(self, only: Collection[type[models.Model]] | None = None) -> None:
        """Everything, or what waits for these tables, after what is new in those they have keys to."""
        asked = self.models if only is None else only
        led_to = {parent for model in asked for parent in _ancestors(model)}
        self.is_sending = True
        try:
            for model in self.models:
                if model in asked and (changed := self.changed[model]):
                    self.changed[model] = {}
                    self._send_changed(model, changed)
                if (model in asked or model in led_to) and (new := self.new[model]):
                    self.new[model] = {}
                    self._send_new(model, new.values())
        finally:
            self.is_sending = False

    def watch(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        """Every statement of the connection comes through here before it goes off."""
        if not self.is_sending:
            self._make_way(*_kind_and_words(sql if isinstance(sql, str) else ""))
        return execute(sql, params, many, context)

    def _make_way(self, kind: _Kind, words: frozenset[str]) -> None:
        if kind == _Kind.GOES_BACK:
            self.discard()
        elif kind == _Kind.WRITES:
            self.send()
        elif named := [model for model in self.models if self._waits(model) and model._meta.db_table in words]:
            self.send(named)
        if kind != _Kind.READS:
            self.answers.clear()

    def discard(self) -> None:
        """Since the savepoint, before which everything was sent; locks taken since then are gone with it."""
        for rows in (*self.new.values(), *self.changed.values()):
            rows.clear()
        self.locks.clear()

    def _waits(self, model: type[models.Model]) -> bool:
        return bool(self.new[model] or self.changed[model])

    def _forget_answers_of(self, model: type[models.Model]) -> None:
        table = model._meta.db_table
        for question in [question for question in self.answers if table in _kind_and_words(question)[1]]:
            del self.answers[question]


def here() -> Waiting | None:
    return _here.get()


def waiting_for(model: type[models.Model]) -> Waiting | None:
    """Where a row of this table waits just now, if it does."""
    waiting = _here.get()
    return waiting if waiting is not None and model in waiting.new and not waiting.is_sending else None


@contextmanager
def open_here(waiting: Waiting) -> Iterator[None]:
    token = _here.set(waiting)
    try:
        with connection.execute_wrapper(waiting.watch):
            yield
            waiting.send()
    finally:
        _here.reset(token)


@lru_cache(maxsize=1024)
def _kind_and_words(sql: str) -> tuple[_Kind, frozenset[str]]:
    plain = _LOCKING.sub("", sql)
    words = frozenset(_WORD.findall(plain))
    if sql.startswith("ROLLBACK TO"):
        return _Kind.GOES_BACK, words
    if not _READING.match(sql) or words & _WRITING:
        return _Kind.WRITES, words
    return (_Kind.LOCKS if plain != sql or "_advisory_" in sql else _Kind.READS), words


def _parents_first(found: Collection[type[models.Model]]) -> tuple[type[models.Model], ...]:
    return tuple(sorted(found, key=lambda model: len(_ancestors(model) & set(found))))


@cache
def _ancestors(model: type[models.Model]) -> frozenset[type[models.Model]]:
    """Every table that a row of this one leads to, by however many keys."""
    found: set[type[models.Model]] = set()
    todo: list[Any] = [model]
    while todo:
        keys = [field.related_model for field in todo.pop()._meta.concrete_fields if field.is_relation]
        todo += [target for target in keys if target not in found and target is not model]
        found.update(target for target in keys if target is not model)
    return frozenset(found)
