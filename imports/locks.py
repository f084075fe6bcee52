"""Rows of imports locked for changing. They are the first lock of a transaction: what is written comes after."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from imports.models import Import

WORKING = (Import.State.CHECKING, Import.State.WRITING)
#: A person is to do something.
WAITING = (Import.State.LOOKED_AT, Import.State.FAULTY, Import.State.CHECKED)


def import_for_update(import_id: UUID) -> Import | None:
    """None while a worker or another press is at it."""
    found: Import | None = _locked(Import.objects.filter(pk=import_id)).first()
    return found


def next_to_work(*, at: datetime) -> Import | None:
    """What has been due the longest at ``at`` (real time), and no other worker is at."""
    due = Import.objects.filter(state__in=WORKING, next_try_at__lte=at)
    found: Import | None = _locked(due).order_by("next_try_at", "pk").first()
    return found


def next_to_forget(*, now: datetime) -> Import | None:
    over = Import.objects.filter(state__in=WAITING, expires_at__lte=now)
    found: Import | None = _locked(over).order_by("expires_at", "pk").first()
    return found


def _locked(rows: QuerySet[Import]) -> QuerySet[Import]:
    return rows.select_for_update(of=("self",), skip_locked=True, no_key=True)
