"""Reads of exports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID
from zlib import decompress

from django.db.models import Min, QuerySet
from django.http import QueryDict

from exports.locks import KEPT, OPEN
from exports.models import PART, Export, ExportPart
from kit.tenancy import TenantRef, tenant_scope, tenant_transaction
from merchants.models import Membership
from merchants.permissions import can

#: In a list's address beside its filters.
NO_FILTERS = ("sort",)


def exports_of(seat: Membership) -> QuerySet[Export]:
    """What this person asked for in this workspace. Nobody sees another's: they may not even see the list."""
    found: QuerySet[Export] = Export.objects.filter(user_id=seat.user_id)
    return found


def still_may(export: Export, seat: Membership, need: str) -> bool:
    """Who asked sees the list still, and with the same eyes: another role may see less of it."""
    return seat.user_id == export.user_id and seat.role == export.role and can(seat.role, need)


def filter_names(query: str) -> list[str]:
    """Which filters stood, without what they were set to: a search may name a person."""
    return sorted(set(QueryDict(query)) - set(NO_FILTERS))


def next_try_at() -> datetime | None:
    """Real time."""
    at: datetime | None = Export.objects.filter(state__in=OPEN).aggregate(at=Min("next_try_at"))["at"]
    return at


def next_expiry() -> datetime | None:
    at: datetime | None = Export.objects.filter(state__in=KEPT).aggregate(at=Min("expires_at"))["at"]
    return at


class FileGone(Exception):
    """It was removed while somebody downloaded it: a download that breaks off is better than one that looks whole."""


def file_of(ref: TenantRef, export: Export) -> Iterator[bytes]:
    """The file, part by part, each read in a transaction of its own: none is open while the reader waits.

    Raises FileGone.
    """
    for number in range(1 + -(-export.rows // PART)):
        yield _part(ref, export.pk, number)


def _part(ref: TenantRef, export_id: UUID, number: int) -> bytes:
    with tenant_scope(ref), tenant_transaction(read_only=True):
        rows = ExportPart.objects.filter(export_id=export_id, number=number)
        body = rows.values_list("body", flat=True).first()
    if body is None:
        raise FileGone
    return decompress(bytes(body))
