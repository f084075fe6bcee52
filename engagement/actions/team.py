"""What the team is to hear of: one event for everybody whose work it is, so that each gets a mail of their own."""

from __future__ import annotations

from datetime import datetime

from engagement.readers import TOLD, TeamMail
from kit.days import local_date, start_of_day
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.locks import workspace_for_update
from merchants.models import Event, Workspace
from merchants.permissions import can
from merchants.selectors import team


@transaction_required
def tell_team(*, event: Event, mail: TeamMail, now: datetime) -> None:
    """Once per person and day of what comes in crowds, else once per event; again it tells nobody anything new."""
    workspace = workspace_for_update()
    if _was_told(event, mail, workspace, now):
        return
    for member in team():
        if can(member.role, mail.need):
            data = {"member": str(member.pk), "about": event.code, "event_id": str(event.pk)}
            record(TOLD, subject=workspace, by=SYSTEM, now=now, data=data)


def _was_told(event: Event, mail: TeamMail, workspace: Workspace, now: datetime) -> bool:
    told = Event.objects.filter(code=TOLD, subject_id=workspace.pk, data__about=event.code)
    if not mail.is_daily:
        return bool(told.filter(data__event_id=str(event.pk)).exists())
    today = start_of_day(local_date(now, workspace.time_zone), workspace.time_zone)
    return bool(told.filter(at__gte=today).exists())
