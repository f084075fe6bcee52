"""Play one step of a test drive: on the stage by the product's own verbs, then its mails, then a note at home.

Home and stage are two workspaces, so this opens several transactions, one after the other. Every step may be run
again after a failure: what it did is found, and the note comes last. Workers are neither rung nor woken, so that what
is due waits for its step; one that comes by all the same (a full sweep) does the same work on the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.clock import now_for
from kit.ring import muted
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant, Workspace, merchant_of
from merchants.selectors import merchant, workspace
from merchants.steps import outbox
from merchants.wakeups import call_off
from programs.actions.drives import note_played
from programs.models import Drive, Program
from programs.rules.drive import Course, Step, Turn
from programs.steps.drives import prepare
from rewards.actions import drive as acts
from rewards.steps import fulfil, release
from tracking.models import Order
from tracking.steps.claims import claim_offer

#: Seconds that giving may take while somebody waits for the page.
PATIENCE = 10.0


class NotYet(Exception):
    """Another step comes first. Nothing was done."""

    def __init__(self, next: Step | None) -> None:
        super().__init__(str(next))
        self.next = next


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a step is played, and by whom. ``usual_minor``: what an order of this shop usually comes to."""

    merchant: Merchant
    by: str
    usual_minor: int

    @property
    def ref(self) -> TenantRef:
        return self.merchant.tenant_ref()

    def do(self, act: Callable[[], object]) -> None:
        in_tenant_transaction(self.ref, act)


@transaction_forbidden
def play(ref: TenantRef, *, drive_id: UUID, step: Step, usual_minor: int, by: str) -> Course:
    """Gives where the drive stands then. A step that was played before does nothing. Raises NotYet, NotDrivable."""

    def look() -> tuple[Drive, Workspace]:
        return Drive.objects.select_related("stage", "program").get(pk=drive_id), workspace()

    drive, model = in_tenant_transaction(ref, look)
    turn = drive.course.turn(step)
    if turn == Turn.NOT_YET:
        raise NotYet(drive.course.next)
    if turn == Turn.PLAYED:
        return drive.course
    prepare(drive, model=model, name=drive.program.name, terms=drive.program.draft_terms, by=by)
    attributed = _play(Stage(drive.stage, by, usual_minor), step)
    noted = in_tenant_transaction(
        ref, lambda: note_played(drive_id=drive_id, step=step, attributed=attributed, by=by, now=now_for(merchant()))
    )
    return noted.course


def _play(stage: Stage, step: Step) -> bool:
    """Says whether the order is attributed by now."""
    with muted():
        _ACTS[step](stage)
        outbox.sweep(stage.ref)
        call_off(stage.ref)
        return in_tenant_transaction(stage.ref, _is_attributed)


def _is_attributed() -> bool:
    return bool(Order.objects.filter(outcome=Order.Outcome.ATTRIBUTED, platform=acts.ORDER.platform).exists())


def _join(stage: Stage) -> None:
    stage.do(lambda: acts.join(by=stage.by, now=_now(stage)))


def _visit(stage: Stage) -> None:
    """The friend asks for the offer with an address, as on the page behind the link."""
    click = in_tenant_transaction(stage.ref, lambda: acts.open_link(now=_now(stage)))
    has_offer = in_tenant_transaction(stage.ref, lambda: Program.objects.get().live_terms.offer is not None)
    if has_offer:
        told = {"email": acts.FRIEND_EMAIL, "name": acts.FRIEND_NAME, "name_shown": True}
        claim_offer(stage.ref, link_id=click.link_id, click_id=click.pk, **told)  # type: ignore[arg-type]


def _order(stage: Stage) -> None:
    stage.do(lambda: acts.place_order(usual_minor=stage.usual_minor, now=_now(stage)))


def _deliver(stage: Stage) -> None:
    there = merchant_of(stage.ref)
    now = now_for(there)
    stage.do(lambda: acts.deliver(stage=there, by=stage.by, now=now))


def _wait(stage: Stage) -> None:
    there = merchant_of(stage.ref)
    now = now_for(there)
    stage.do(lambda: acts.wait_for_hold(stage=there, by=stage.by, now=now))


def _release(stage: Stage) -> None:
    release.sweep(stage.ref)


def _give(stage: Stage) -> None:
    fulfil.sweep(stage.ref, seconds=PATIENCE)
    stage.do(lambda: acts.give_by_hand(by=stage.by, now=_now(stage)))


def _return(stage: Stage) -> None:
    stage.do(lambda: acts.send_back(now=_now(stage)))


_ACTS: dict[Step, Callable[[Stage], None]] = {
    Step.JOIN: _join,
    Step.VISIT: _visit,
    Step.ORDER: _order,
    Step.DELIVERY: _deliver,
    Step.HOLD: _wait,
    Step.RELEASE: _release,
    Step.GIFT: _give,
    Step.RETURN: _return,
}


def _now(stage: Stage) -> datetime:
    """Asked anew each time: the clock moves within a drive."""
    return now_for(merchant_of(stage.ref))
