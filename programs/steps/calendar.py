"""End programs whose last day has passed in their merchant's zone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kit.clock import now_for, real_time
from kit.tenancy import TenantRef, tenant_scope, tenant_transaction, transaction_forbidden
from merchants.events import SYSTEM
from merchants.selectors import merchant, workspace
from programs.actions.lifecycle import end_of, end_program
from programs.models import Program
from programs.selectors import programs

RUNNING = (Program.State.ACTIVE, Program.State.PAUSED)


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """End what is over, each in its own transaction. Returns when (real time) the next program ends."""
    with tenant_scope(ref):
        ends = _ends()
        for program_id, _end in ends:
            _end_if_over(program_id)
        with tenant_transaction(read_only=True):
            now, place = now_for(merchant()), merchant()
        left = [end for _program_id, end in ends if end > now]
    return real_time(min(left), place) if left else None


def _ends() -> list[tuple[UUID, datetime]]:
    """Every running program that has a last day, with the moment it is over."""
    with tenant_transaction(read_only=True):
        zone = workspace().time_zone
        running = programs().filter(state__in=RUNNING)
        found = [(program.pk, end_of(program.live_terms, zone)) for program in running]
    return [(program_id, end) for program_id, end in found if end is not None]


def _end_if_over(program_id: UUID) -> None:
    """Looked at again under the lock of ending: it may have been ended by hand or published anew meanwhile."""
    with tenant_transaction():
        program = programs().filter(pk=program_id, state__in=RUNNING).first()
        now, zone = now_for(merchant()), workspace().time_zone
        end = end_of(program.live_terms, zone) if program else None
        if program and end and end <= now:
            end_program(program=program, by=SYSTEM, now=now)
