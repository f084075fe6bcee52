"""Questions that are asked for every order: their SQL is made once per process, afterwards only the values change.

Django makes the statement of a query set anew each time, which takes several times as long as Postgres needs to answer
it. A function that gives a query set says the same once and for all:

    @asked_often
    def _orders_by_key(platform: str, external_id: str) -> QuerySet[Order]:
        return Order.objects.filter(platform=platform, external_id=external_id)

    [order] = _orders_by_key("shopify", "4711")

It runs once, with marks in place of its arguments, so it must not look at them: what depends on a value is another
question. Each argument has to come out in the statement as it went in, and in no other form: what was made of a mark
(a day later, a text around it) would be asked for ever after. The merchant in scope is one more of them.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import UnionType
from typing import Any, ParamSpec, get_type_hints
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.transaction import TransactionManagementError
from psycopg import sql

from kit.connections import prepared_cursor
from kit.many import as_array
from kit.tenancy import TenantRef, merchant_id_or_none, tenant_scope
from kit.waiting import here

P = ParamSpec("P")

#: Of the merchant among the arguments; no function can have a parameter of this name.
_MERCHANT = " merchant"
_Read = Callable[[list[tuple[Any, ...]]], list[Any]]
#: Of a mark that is a key or a text: thirty-two, which nothing else has.
_DIGITS = re.compile(r"[0-9a-f]{32}")
_FIRST_REAL_YEAR = 1900


def asked_often(question: Callable[P, QuerySet[Any]]) -> Callable[P, list[Any]]:
    """What the query set would give: its rows as objects, or as tuples after ``values_list``.

    Arguments are annotated as str, UUID, date, datetime (or None, which no row equals), or list of these (for
    ``kit.many.any_of``). Raises TypeError for a question that cannot be made once.
    """
    names = list(inspect.signature(question).parameters)
    made: list[_Statement] = []

    @functools.wraps(question)
    def ask(*args: P.args, **kwargs: P.kwargs) -> list[Any]:
        if not made:
            made.append(_made(question))
        values = dict(zip(names, args, strict=False)) | kwargs
        if len(args) + len(kwargs) != len(names):
            raise TypeError(f"{question.__qualname__} is asked with {names}, each once.")
        return made[0].ask(values | {_MERCHANT: merchant_id_or_none()})

    return ask


def the_one(found: Iterable[Any], model: type[Model]) -> Any:
    """As ``QuerySet.get()``, of what a question found by a key. Raises DoesNotExist of the model."""
    for row in found:
        return row
    raise model.DoesNotExist(f"{model._meta.label} matching the key does not exist.")  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class _Statement:
    """``places``: for each parameter of the statement the name of its argument. ``locks``: the rows it finds."""

    sql: str
    places: tuple[str, ...]
    read: _Read
    locks: bool

    def ask(self, values: dict[str, Any]) -> list[Any]:
        if self.locks and not connection.in_atomic_block:
            raise TransactionManagementError("Outside of a transaction a lock is let go of at once.")
        told = tuple(_storable(values[name]) for name in self.places)
        waiting = here()
        if waiting and not self.locks:
            return self.read(waiting.answer(self.sql, told, lambda: self._rows(told)))
        return self.read(self._rows(told))

    def _rows(self, told: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with prepared_cursor() as cursor:
            cursor.execute(self.sql, told)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


def _storable(value: Any) -> Any:
    return as_array(value) if isinstance(value, list) else value


def _made(question: Callable[..., QuerySet[Any]]) -> _Statement:
    hints = get_type_hints(question)
    marks = {name: _mark(hints[name], number) for number, name in enumerate(inspect.signature(question).parameters)}
    merchant = TenantRef(uuid4())
    with tenant_scope(merchant):
        queryset = question(**marks)
        _refuse_other_shapes(question, queryset)
        compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
        statement, params = compiler.as_sql()
    names = {_storable(mark): name for name, mark in marks.items()} | {merchant.merchant_id: _MERCHANT}
    places = [names.get(param) if isinstance(param, str | UUID | date) else None for param in params]
    if missing := set(marks) - set(places):
        raise TypeError(f"{question.__qualname__}: {sorted(missing)} do not come out as they went in.")
    fixed = [param for param, name in zip(params, places, strict=True) if name is None]
    if changed := [param for param in fixed if _comes_from(param, names)]:
        raise TypeError(f"{question.__qualname__}: {changed} were made of what is different each time.")
    filled = _filled(statement, zip(params, places, strict=True))
    used = tuple(filter(None, places))
    return _Statement(filled, used, _reader(queryset, compiler), bool(queryset.query.select_for_update))


def _refuse_other_shapes(question: Callable[..., Any], queryset: QuerySet[Any]) -> None:
    """Rows are read as objects or as tuples; what Django adds with further statements would be missing."""
    asked: Any = queryset
    if asked._iterable_class not in (ModelIterable, ValuesListIterable) or asked._prefetch_related_lookups:
        raise TypeError(f"{question.__qualname__} gives neither objects nor a values_list alone.")


def _comes_from(param: Any, marks: Iterable[Any]) -> bool:
    """Whether one of the marks is in it: moments are of the first years there are, the others known by their digits."""
    if isinstance(param, date):
        return param.year < _FIRST_REAL_YEAR
    told = str(param).replace("-", "").lower()
    return any(digits in told for mark in marks for digits in _DIGITS.findall(str(mark).replace("-", "")))


def _filled(statement: str, params: Iterable[tuple[Any, str | None]]) -> str:
    """With what is always the same written out: only so Postgres sees that an index of some rows has all it needs."""
    first, *others = statement.split("%s")
    told = ["%s" if name else sql.Literal(param).as_string().replace("%", "%%") for param, name in params]
    return first + "".join(value + part for value, part in zip(told, others, strict=True))


def _mark(kind: Any, number: int) -> Any:
    """A value of the kind that nobody else has."""
    if kind is UUID:
        return uuid4()
    if kind is str:
        return f"?{uuid4().hex}"
    if kind is date:
        return date(1, 1, 1) + timedelta(days=number + 1)
    if kind is datetime:
        return datetime(1, 1, 1, tzinfo=UTC) + timedelta(microseconds=number + 1)
    if isinstance(kind, UnionType):
        return _mark(kind.__args__[0], number)
    return [_mark(kind.__args__[0], number)]


def _reader(queryset: QuerySet[Any], compiler: Any) -> _Read:
    """As Django's ModelIterable does it, with what is the same for all rows found out beforehand."""
    converters = compiler.get_converters([field for field, *_ in compiler.select[: compiler.col_count]])
    make: Callable[[Sequence[Any]], Any] = _maker(compiler) if queryset._iterable_class is ModelIterable else tuple

    def read(rows: list[tuple[Any, ...]]) -> list[Any]:
        told = compiler.apply_converters(rows, converters) if converters else rows
        return [make(row) for row in told]

    return read


def _maker(compiler: Any) -> Callable[[Sequence[Any]], Model]:
    info, annotated = compiler.klass_info, compiler.annotation_col_map or {}
    model: type[Model] = info["model"]
    first, end = info["select_fields"][0], info["select_fields"][-1] + 1
    # Not a list: of a row that was read in part Django looks each of the model's columns up among them.
    names = dict.fromkeys(column.target.attname for column, *_ in compiler.select[first:end])
    related = get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]

    def make(row: Sequence[Any]) -> Model:
        found = model.from_db(DEFAULT_DB_ALIAS, names, row[first:end])
        for one in related:
            one.populate(row, found)
        for name, place in annotated.items():
            setattr(found, name, row[place])
        return found

    return make
