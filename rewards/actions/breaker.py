"""The circuit breaker: too many referrals of a program in one hour, and the next ones wait until a person looked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from programs.locks import program_for_update
from programs.models import Program
from tracking.models import Breaker


class NotTripped(Exception):
    """Somebody has reset it already: HTTP 409."""


@transaction_required
def trip(*, program_id: UUID, counted: int, now: datetime) -> bool:
    """Once, however many find it at the same moment: False for all but the first."""
    Breaker.objects.bulk_create([Breaker(program_id=program_id)], ignore_conflicts=True)
    rows = Breaker.objects.filter(program=program_id, tripped_at=None)
    if not rows.update(tripped_at=now, counted=counted):
        return False
    program = program_for_update(program_id)
    record("program.breaker_tripped", subject=program, by=SYSTEM, now=now, data={"counted": counted})
    return True


@transaction_required
def reset(*, program: Program, by: str, now: datetime) -> None:
    """All is well again: new referrals pass, and the hour is counted from here. What waits, waits for its review."""
    rows = Breaker.objects.filter(program=program, tripped_at__isnull=False)
    if not rows.update(tripped_at=None, reset_at=now, reset_by=by):
        raise NotTripped
    record("program.breaker_reset", subject=program_for_update(program.pk), by=by, now=now)
