"""Closing a workspace: an owner asks for it, and until the day is over anybody who may can keep it.

Nothing new begins meanwhile: programs are paused, their links answer with a kind page. What was promised is still
released, given and paid.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kit.clock import database_now
from kit.tenancy import current_merchant_id, transaction_required
from merchants.actions.team import NotAllowed, TeamError
from merchants.deleted import address_hashes
from merchants.events import SYSTEM, by_user, record
from merchants.locks import merchant_for_update, workspace_for_update
from merchants.models import DeletedWorkspace, Membership, Merchant, Workspace
from merchants.permissions import can
from privacy.selectors import closing_days
from programs.actions.lifecycle import NotPossible, pause_program, resume_program
from programs.models import Drive, Program
from rewards.models import FulfilmentAttempt

#: So many days before the end the owners are reminded.
REMINDED = (7, 1)
DAY = timedelta(days=1)


class OtherName(TeamError):
    """What was typed is not the workspace's name."""


@transaction_required
def close_workspace(*, typed_name: str, by: Membership, now: datetime) -> Merchant:
    """Ask for the workspace to be deleted. Asked again, the first day stays. Raises NotAllowed or OtherName."""
    workspace, merchant = workspace_for_update(), merchant_for_update()
    _refuse_others(by)
    if " ".join(typed_name.split()) != " ".join(merchant.name.split()):
        raise OtherName(_("Type the workspace's name exactly as it stands here."))
    if merchant.closes_at is not None:
        return merchant
    asked_at, days = database_now(), closing_days()
    merchant.closes_at = asked_at + timedelta(days=days)
    merchant.save(update_fields=["closes_at"])
    workspace.closing_asked_at, workspace.closing_reminded_days = asked_at, None
    workspace.closing_paused = _pause_all(by=by_user(by.user_id), now=now)
    workspace.save(update_fields=["closing_asked_at", "closing_reminded_days", "closing_paused"])
    data = {"days": days, "programs": len(workspace.closing_paused)}
    record("workspace.closing", subject=workspace, by=by_user(by.user_id), now=now, data=data)
    return merchant


@transaction_required
def keep_workspace(*, by: Membership, now: datetime) -> Merchant:
    """All as it was: what was paused for it goes on. Not closing, nothing happens. Raises NotAllowed."""
    workspace, merchant = workspace_for_update(), merchant_for_update()
    _refuse_others(by)
    if merchant.closes_at is None or merchant.status != Merchant.Status.ACTIVE:
        return merchant
    merchant.closes_at = None
    merchant.save(update_fields=["closes_at"])
    paused, workspace.closing_paused, workspace.closing_asked_at = workspace.closing_paused, [], None
    workspace.save(update_fields=["closing_paused", "closing_asked_at"])
    for program in Program.objects.filter(pk__in=paused, state=Program.State.PAUSED).order_by("pk"):
        _resume(program, by=by_user(by.user_id), now=now)
    record("workspace.kept", subject=workspace, by=by_user(by.user_id), now=now)
    return merchant


def _refuse_others(by: Membership) -> None:
    actor = Membership.objects.filter(pk=by.pk, merchant_id=current_merchant_id()).first()
    if actor is None or not can(actor.role, "workspace.close"):
        raise NotAllowed(_("Only an owner decides this."))


def _pause_all(*, by: str, now: datetime) -> list[str]:
    active = Program.objects.filter(state=Program.State.ACTIVE, archived_at=None).order_by("pk")
    return [str(pause_program(program=program, by=by, now=now).pk) for program in active]


def _resume(program: Program, *, by: str, now: datetime) -> None:
    """One whose last day came meanwhile stays as it is."""
    try:
        resume_program(program=program, by=by, now=now)
    except NotPossible:
        return


@transaction_required
def follow_closing(*, now: datetime) -> None:
    """While it waits: what was published in the same moment is paused too, and the owners are reminded in time."""
    workspace, merchant = workspace_for_update(), merchant_for_update()
    if merchant.closes_at is None:
        return
    if late := _pause_all(by=SYSTEM, now=now):
        workspace.closing_paused = [*workspace.closing_paused, *late]
    left = merchant.closes_at - database_now()
    due = [days for days in REMINDED if left <= days * DAY]
    last = workspace.closing_reminded_days
    if due and left > timedelta(0) and (last is None or min(due) < last):
        workspace.closing_reminded_days = min(due)
        record("workspace.closing_soon", subject=workspace, by=SYSTEM, now=now, data={"days": min(due)})
    workspace.save(update_fields=["closing_paused", "closing_reminded_days"])


@transaction_required
def begin_deletion(*, now: datetime) -> bool:
    """The day is over: the doors are shut for good. False while it may not be: kept after all, or something is being
    given at this very moment, so that nobody pays without writing it down."""
    workspace, merchant = workspace_for_update(), merchant_for_update()
    real_now = database_now()
    if merchant.status != Merchant.Status.ACTIVE or merchant.closes_at is None or merchant.closes_at > real_now:
        return False
    under_way = FulfilmentAttempt.objects.filter(state=FulfilmentAttempt.State.CLAIMED, lease_until__gt=real_now)
    if under_way.exists():
        return False
    record("workspace.closed", subject=workspace, by=SYSTEM, now=now)
    stages = list(Drive.objects.exclude(stage=None).values_list("stage_id", flat=True))
    _shut([merchant.pk, *stages], merchant.closes_at, workspace, real_now)
    return True


def _shut(keys: list[UUID], closes_at: datetime, workspace: Workspace, real_now: datetime) -> None:
    """Stages of test drives belong to nobody else, and go along."""
    closed: dict[str, Any] = {"status": Merchant.Status.CLOSED, "closes_at": closes_at}
    Merchant.objects.filter(pk__in=keys).update(**closed)
    for key, slug in Merchant.objects.filter(pk__in=keys).values_list("pk", "slug"):
        told = {"asked_at": workspace.closing_asked_at, "begun_at": real_now, "address_hash": address_hashes(slug)[0]}
        DeletedWorkspace.objects.get_or_create(workspace=key, defaults=told)
