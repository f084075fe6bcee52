"""End programs whose last day has passed in their merchant's zone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kit.clock import now_for, real_time
from kit.tenancy import TenantRef, tenant_scope, tenant_transaction, transaction_forbidden
from merchants.events import SYSTEM
from merchants.selectors import merchant, workspace
from programs.actions.lifecycle import end_of, end_program
from programs.locks import program_for_update
from programs.models import Program
from programs.selectors import programs

RUNNING = (Program.State.ACTIVE, Program.State.PAUSED)


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """End what is over, each program in its own transaction. Returns when (real time) the next one ends."""
    with tenant_scope(ref):
        for program_id in _ends():
            _end_if_over(program_id)
        return min(_ends().values(), default=None)


def _ends() -> dict[UUID, datetime]:
    """Every running program that has a last day, with the real moment it is over."""
    with tenant_transaction(read_only=True):
        zone, place = workspace().time_zone, merchant()
        running = programs().filter(state__in=RUNNING)
        ends = {program.pk: end_of(program.live_terms, zone) for program in running}
        return {program_id: real_time(end, place) for program_id, end in ends.items() if end}


def _end_if_over(program_id: UUID) -> None:
    """Looked at again under the lock: it may have been ended by hand or published anew meanwhile."""
    with tenant_transaction():
        program = program_for_update(program_id)
        now, end = now_for(merchant()), end_of(program.live_terms, workspace().time_zone)
        if program.state in RUNNING and end and end <= now:
            end_program(program=program, by=SYSTEM, now=now)
