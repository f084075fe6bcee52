"""Begin a test drive: its row at home, then its stage. Two workspaces, so two transactions; each may be run again."""

from __future__ import annotations

from uuid import UUID

from kit.clock import now_for
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant, Workspace
from merchants.selectors import merchant, workspace
from programs.actions.drives import NotDrivable, begin_drive, set_stage
from programs.models import Drive, Program
from programs.rules import Terms
from programs.selectors import terms_digest


@transaction_forbidden
def begin(ref: TenantRef, *, program_id: UUID, after: int, by: str) -> Drive:
    """A drive that can be played. Raises NotDrivable; then nothing was begun. See ``begin_drive`` for ``after``."""

    def row() -> tuple[Drive, Workspace, Program]:
        program = Program.objects.get(pk=program_id)
        drive = begin_drive(program=program, after=after, by=by, now=now_for(merchant()))
        return drive, workspace(), program

    drive, model, program = in_tenant_transaction(ref, row)
    prepare(drive, model=model, name=program.name, terms=program.draft_terms, by=by)
    return drive


def prepare(drive: Drive, *, model: Workspace, name: str, terms: Terms, by: str) -> None:
    """The stage, where it is not there yet. Raises NotDrivable when the rules are other ones by now."""
    stage: Merchant = drive.stage
    if stage.status == Merchant.Status.ACTIVE:
        return
    if terms_digest(terms) != drive.terms_digest:
        raise NotDrivable([])
    in_tenant_transaction(
        stage.tenant_ref(),
        lambda: set_stage(stage=stage, model=model, name=name, terms=terms, by=by, now=now_for(stage)),
    )
