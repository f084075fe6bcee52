"""Rows of exports locked for changing. They stand outside kit.locks' order: no other lock is taken beside them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from exports.models import Export

OPEN = (Export.State.WAITING, Export.State.WRITING)
KEPT = (Export.State.READY, Export.State.FAILED)


def next_to_write(*, at: datetime) -> Export | None:
    """Of those that are due at ``at`` (real time) the one with the fewest rows left, so that a small list never waits
    behind a large one; none that another worker is at."""
    due = Export.objects.filter(state__in=OPEN, next_try_at__lte=at)
    found: Export | None = _locked(due, skip=True).order_by(F("rows") - F("rows_done"), "pk").first()
    return found


def next_to_remove(*, now: datetime) -> Export | None:
    over = Export.objects.filter(state__in=KEPT, expires_at__lte=now)
    found: Export | None = _locked(over, skip=True).order_by("expires_at", "pk").first()
    return found


def open_export(export_id: UUID) -> Export | None:
    """None where it is finished by now."""
    found: Export | None = _locked(Export.objects.filter(pk=export_id, state__in=OPEN), skip=False).first()
    return found


def _locked(rows: QuerySet[Export], *, skip: bool) -> QuerySet[Export]:
    return rows.select_for_update(of=("self",), skip_locked=skip, no_key=True)
