"""Everything of a workspace, table by table, for its owner to take along.

Every model of a merchant is either in it or named in LEFT_OUT with the reason: a test says so for tables that are added
later. Of those in it every column is, but for SECRET: keys, sealed accounts and hashes help nobody and can do harm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from exports.lists import BundleFile
from kit.many import any_of
from kit.tenancy import current_merchant_id
from merchants.models import Invitation, Membership, TenantModel

#: Tables that are not taken along, each with the reason.
LEFT_OUT: dict[str, str] = {
    "merchants.Outbox": "work that waits; what it is about is among the events",
    "merchants.IdempotentRequest": "answers of the API that are kept for a day",
    "exports.Export": "about files like this one",
    "exports.ExportPart": "the files themselves",
    "imports.ImportFile": "files that somebody brought, until they are taken in",
    "imports.KnownShape": "how columns of files were read the last time",
    "advocates.PeopleSum": "sums of rows that are in it",
    "advocates.MagicLink": "ways into the portal, which are secret",
    "advocates.ErasedMark": "hashes of people who were erased",
    "tracking.Click": "single clicks; their numbers by day are in it",
    "tracking.Salt": "secrets that hashes are made with",
    "tracking.SetAside": "clicks that could not be read",
    "tracking.OrderTrace": "hashes of where orders came from",
    "tracking.AdvocateTrace": "hashes of where advocates signed in",
    "tracking.Reassessment": "work that waits",
    "tracking.OfferAsked": "work that waits",
    "rewards.RewardSum": "sums of rows that are in it",
    "rewards.Setback": "work that waits",
}
#: Columns that stay here: what opens something, what is sealed, hashes, and bytes as they came.
SECRET: dict[str, tuple[str, ...]] = {
    "merchants.ApiKey": ("key_hash",),
    "advocates.Viewing": ("session", "salt", "address"),
    "rewards.PayoutAccount": ("sealed", "fingerprint"),
    "rewards.PayoutLine": ("sealed",),
    "integrations.Connection": ("credentials", "hook_token"),
    "integrations.InboundEvent": ("body",),
    "integrations.BulkLine": ("body",),
}
#: Who may enter, of the control plane, with what people are called.
_CONTROL: dict[type[models.Model], tuple[str, ...]] = {
    Membership: ("id", "user_id", "user__email", "user__name", "role", "joined_at"),
    Invitation: ("id", "email", "role", "invited_by_id", "created_at", "expires_at", "accepted_at", "withdrawn_at"),
}


@dataclass(frozen=True)
class Table:
    model: type[models.Model]
    fields: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.model._meta.app_label}_{self.model._meta.model_name}"

    @property
    def rows(self) -> str:
        return f'SELECT id FROM "{self.model._meta.db_table}" WHERE merchant_id = %(merchant)s'  # noqa: S608 -- our own name


class Takeout:
    """A bundle (exports.lists.WritableBundle)."""

    need = "workspace.export"

    @property
    def title(self) -> str:
        return _("Everything")

    @cached_property
    def tables(self) -> dict[str, Table]:
        found = [Table(model, fields) for model, fields in _CONTROL.items()]
        found += [Table(model, fields_of(model)) for model in taken_along()]
        return {table.name: table for table in sorted(found, key=lambda table: table.name)}

    @cached_property
    def files(self) -> Sequence[BundleFile]:
        return [BundleFile(table.name, table.fields, table.rows) for table in self.tables.values()]

    def lines_of(self, file: str, keys: Collection[UUID]) -> Iterable[Sequence[object]]:
        table = self.tables[file]
        rows = table.model._base_manager.filter(any_of("pk", list(keys)), merchant=current_merchant_id())
        found = {row[0]: row for row in rows.values_list("pk", *table.fields)}
        return [[plain(value) for value in found[key][1:]] for key in keys if key in found]

    def readme(self) -> str:
        return (
            "\n".join(
                [
                    *(line and _(line) for line in _INTRODUCTION),
                    *(line for table in self.tables.values() for line in _about(table)),
                ]
            )
            + "\n"
        )


def taken_along() -> list[type[models.Model]]:
    known = [model for model in apps.get_models() if issubclass(model, TenantModel)]
    door = {"merchants.Door", "merchants.WakeUp"}
    return [model for model in known if model._meta.label not in LEFT_OUT.keys() | door]


def fields_of(model: type[models.Model]) -> tuple[str, ...]:
    hidden = {"merchant", *SECRET.get(model._meta.label, ())}
    return tuple(field.attname for field in model._meta.concrete_fields if field.name not in hidden)


def plain(value: Any) -> object:
    """As it stands in a cell: times in UTC, lists and objects as JSON, nothing for what is not there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value


#: Said before the tables, each in the reader's language.
_INTRODUCTION = (
    gettext_noop("Everything of your workspace"),
    "",
    gettext_noop(
        "There is one CSV file for each kind of thing: UTF-8, commas, the names of the columns in the first line."
    ),
    gettext_noop(
        "manifest.json says how many rows each file has, and its SHA-256, so that you can tell whether it is whole."
    ),
    gettext_noop("All rows are those of one moment."),
    "",
    gettext_noop("- id is a row's own key. A column that ends in _id is the key of a row in another file."),
    gettext_noop(
        "- Columns that end in _minor are amounts in the smallest unit of their currency: 1250 are 12.50 EUR."
    ),
    gettext_noop("- Times are UTC. Words in capitals are states. Cells that begin with { or [ are JSON."),
    gettext_noop("- A text that begins with =, +, - or @ has an apostrophe in front, so that no spreadsheet runs it."),
    gettext_noop("- Not in it: passwords, keys of your connections, account numbers, hashes, and single clicks."),
    "",
)
#: Names of our own modules in what a model says of itself.
_OUR_NAMES = re.compile(r"\s*\((?:see )?[a-z_]+\.[\w.]+\)")


def _about(table: Table) -> Iterable[str]:
    yield f"{table.name}.csv"
    about = (table.model.__doc__ or "").strip().partition("\n\n")[0]
    if about and not about.startswith(f"{table.model.__name__}("):
        yield f"  {_OUR_NAMES.sub('', ' '.join(about.split()))}"
    for name in table.fields:
        yield f"  - {name}{_kind(table.model, name)}"
    yield ""


def _kind(model: type[models.Model], name: str) -> str:
    field = next((one for one in model._meta.concrete_fields if one.attname == name), None)
    if isinstance(field, models.ForeignKey):
        target = field.related_model._meta
        is_user = target.label == "merchants.User"
        return (
            ": key in merchants_membership.csv (user_id)"
            if is_user
            else f": key in {target.app_label}_{target.model_name}.csv"
        )
    kinds: list[tuple[type[models.Field[Any, Any]], str]] = [
        (models.DateTimeField, ": moment"),
        (models.DateField, ": day"),
        (models.BooleanField, ": true or false"),
        (models.JSONField, ": JSON"),
    ]
    return next((words for kind, words in kinds if isinstance(field, kind)), "")


BUNDLES = {"everything": Takeout()}
