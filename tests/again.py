"""What this process has built before is laid down again: the same rows under new keys, as if made just now.

A world takes some hundred statements of the product's own actions, and more than a thousand tests begin with the same
one. The first of a process is built by them and its rows are read; every other gets those rows by one statement. Keys,
link codes and moments are new each time, so nothing that a process remembers of one test is true in another.

Only into an empty database and within a test's own transaction: whoever commits, or has made somebody before, gets a
world that was built.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.apps import apps
from django.conf import UserSettingsHolder, settings
from django.db import connection, models

from kit.connections import prepared_cursor
from kit.ids import CODE_ALPHABET, new_code, parse_public_id, public_id
from kit.tenancy import tenant_scope, tenant_transaction

P = ParamSpec("P")
R = TypeVar("R")

KEY = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
#: As addresses and mails name a key.
SPELLED = r"[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00"
MILLISECOND = timedelta(milliseconds=1)
#: Where names are looked up changes no row.
CHANGES_NO_ROW = frozenset({"DNS_SERVERS"})


def again(build: Callable[P, R]) -> Callable[P, R]:
    """``build`` makes a workspace and gives something with a ``merchant`` and its ``now``."""
    kept: dict[str, Built] = {}

    @wraps(build)
    def built(*args: P.args, **told: P.kwargs) -> R:
        if not connection.in_atomic_block or not nobody_is_here():
            return build(*args, **told)
        wanted = f"{args} {sorted(told.items())} {settings_of_test()} {database_hour()}"
        if wanted in kept:
            return kept[wanted].laid_down()  # type: ignore[no-any-return]
        made = build(*args, **told)
        if " at 0x" not in wanted:  # something that does not say what it is
            kept[wanted] = Built.of(made)
        return made

    return built


def nobody_is_here() -> bool:
    from merchants.models import Merchant, User

    return not (User.objects.exists() or Merchant.objects.exists())


def settings_of_test() -> list[tuple[str, Any]]:
    """Those that are not as everywhere: who is told of events, for one, is written with each."""
    told: dict[str, Any] = {}
    holder: Any = settings._wrapped
    while isinstance(holder, UserSettingsHolder):
        told = {name: value for name, value in vars(holder).items() if name.isupper()} | told
        holder = holder.default_settings
    return sorted((name, value) for name, value in told.items() if name not in CHANGES_NO_ROW)


def database_hour() -> str:
    """Days are not renewed: what was built on another one is built anew."""
    from kit.clock import database_now

    return f"{database_now():%Y-%m-%d %H}"


@dataclass(frozen=True)
class Built:
    """``rows`` of each table as JSON, cut so that every second piece is a key, a moment or a code."""

    made: Any
    rows: dict[str, list[str]]
    changing: re.Pattern[str]

    @classmethod
    def of(cls, made: Any) -> Built:
        read = rows_of(made.merchant)
        codes = sorted(set(re.findall(rf'"code":"([{CODE_ALPHABET}]{{8}})"', read.get("advocates_link", ""))))
        changing = re.compile("(" + "|".join([KEY, SPELLED, MOMENT, *codes]) + ")")
        pieces = {table: changing.split(text) for table, text in read.items()}
        return cls(copy.deepcopy(made), pieces, changing)

    def laid_down(self) -> Any:
        from kit.clock import database_now

        shift = (database_now() - self.made.now) // MILLISECOND * MILLISECOND
        renewal = Renewal(shift, self.changing)
        made = renewal.of(self.made)
        with tenant_scope(made.merchant.tenant_ref()), tenant_transaction(), prepared_cursor() as cursor:
            cursor.execute(insertion(tuple(self.rows)), [renewal.text(pieces) for pieces in self.rows.values()])
        return made


def rows_of(merchant: Any) -> dict[str, str]:
    """Everything that stands in the tables of a workspace and in those about who may enter, table by table."""
    each = [f"SELECT '{table}', json_agg(t)::text FROM \"{table}\" t HAVING count(*) > 0" for table in columns()]
    with tenant_scope(merchant.tenant_ref()), tenant_transaction(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return dict(cursor.fetchall())


@cache
def columns() -> dict[str, list[str]]:
    """The columns that are written, of every table that a world can have rows in. Triggers write theirs again."""
    from allauth.account.models import EmailAddress

    from merchants.models import TenantModel
    from merchants.rows import tables_by_triggers

    by_triggers = tables_by_triggers()
    of_world = [EmailAddress, *apps.get_app_config("merchants").get_models()]
    of_world += [model for model in apps.get_models() if issubclass(model, TenantModel) and model not in of_world]
    return {
        model._meta.db_table: [field.column for field in model._meta.local_concrete_fields if not field.generated]
        for model in of_world
        if model._meta.db_table not in by_triggers
    }


@cache
def insertion(tables: tuple[str, ...]) -> str:
    """One statement, because keys between its rows are looked at when it ends."""
    each = []
    for number, table in enumerate(tables):
        names = ", ".join(f'"{name}"' for name in columns()[table])
        each.append(
            f'rows_{number} AS (INSERT INTO "{table}" ({names}) SELECT {names}'
            f' FROM json_populate_recordset(NULL::"{table}", %s::json))'
        )
    return f"WITH {', '.join(each)} SELECT 1"


class Renewal:
    """A key is renewed to the same one wherever it stands, and rows keep their order: a key begins with its time."""

    def __init__(self, shift: timedelta, changing: re.Pattern[str]) -> None:
        self.shift, self.changing = shift, changing
        self.words: dict[str, str] = {}
        self.seen: dict[int, Any] = {}

    def text(self, pieces: list[str]) -> str:
        return "".join(self.word(piece) if place % 2 else piece for place, piece in enumerate(pieces))

    def word(self, old: str) -> str:
        if old not in self.words:
            self.words[old] = self._new_word(old)
        return self.words[old]

    def _new_word(self, old: str) -> str:
        if "T" in old and ":" in old:
            return (datetime.fromisoformat(old) + self.shift).isoformat()
        if "_" in old:
            return self._new_spelling(old)
        return str(self._new_key(UUID(old))) if "-" in old else new_code()

    def _new_spelling(self, old: str) -> str:
        """The same word in other places of these rows is renewed to the same key."""
        prefix = old[:3]
        key = parse_public_id(prefix, old)
        return public_id(prefix, UUID(self.word(str(key)))) if key and key.version == 7 else old

    def _new_key(self, old: UUID) -> UUID:
        begins = (old.int >> 64) + (self.shift // MILLISECOND << 16)
        return UUID(int=begins << 64 | 0b10 << 62 | random.getrandbits(62))

    def of(self, value: Any) -> Any:
        """``value`` and all it holds: what was one object stays one."""
        if id(value) not in self.seen:
            self.seen[id(value)] = self._made_anew(value)
        return self.seen[id(value)]

    def _made_anew(self, value: Any) -> Any:
        kind = type(value)
        if kind is UUID:
            return UUID(self.word(str(value))) if value.version == 7 else value
        if kind is datetime:
            return value + self.shift
        if kind is str:
            return self.changing.sub(lambda found: self.word(found[0]), value)
        if kind in {list, tuple, set, frozenset}:
            return kind(self.of(each) for each in value)
        if kind is dict:
            return {self.of(name): self.of(each) for name, each in value.items()}
        if isinstance(value, models.Model | models.base.ModelState):
            return self._holding(value, value.__dict__)
        if is_dataclass(value) and not isinstance(value, type):
            return self._holding(value, {field.name: getattr(value, field.name) for field in fields(value)})
        return value

    def _holding(self, value: Any, what: dict[str, Any]) -> Any:
        """Kept at once: what it holds may lead back to it. A model forgets the row behind a key that is set anew."""
        made = self.seen[id(value)] = copy.copy(value)
        for name, held in what.items():
            if hasattr(made, "__dict__"):
                vars(made)[name] = self.of(held)
            else:
                object.__setattr__(made, name, self.of(held))
        return made
