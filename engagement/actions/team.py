"""What the team is to hear of: one event for everybody whose work it is, so that each gets a mail of their own."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from engagement.models import Message
from engagement.ongoing import goes_on
from engagement.readers import TOLD, TeamMail
from kit.days import local_date, start_of_day
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.locks import workspace_for_update
from merchants.models import Event, Outbox, Workspace
from merchants.permissions import can
from merchants.selectors import team


@transaction_required
def tell_team(*, event: Event, mail: TeamMail, now: datetime) -> None:
    """Once per person and event. Of what comes in crowds once a day, unless what was told of was mended since; of what
    comes and goes once in some hours; of what strangers set off so many a day, so that nobody floods a team. Again it
    tells nobody anything new."""
    workspace = workspace_for_update()
    if _was_told(event, mail, workspace, now):
        return
    for member in team():
        if can(member.role, mail.need):
            told = {"member": str(member.pk), "about": event.code, "event_id": str(event.pk)}
            data = told | ({"thing": str(event.subject_id)} if mail.quiet_hours else {})
            record(TOLD, subject=workspace, by=SYSTEM, now=now, data=data)


def _was_told(event: Event, mail: TeamMail, workspace: Workspace, now: datetime) -> bool:
    told = Event.objects.filter(code=TOLD, subject_id=workspace.pk, data__about=event.code)
    if told.filter(data__event_id=str(event.pk)).exists():
        return True
    if mail.most_a_day and _told_in_a_day(told, now) >= mail.most_a_day:
        return True
    if mail.quiet_hours:
        lately = told.filter(data__thing=str(event.subject_id), at__gt=now - timedelta(hours=mail.quiet_hours))
        return bool(lately.exists()) and not _was_heard_by_nobody(lately)
    if not mail.is_daily:
        return False
    today = start_of_day(local_date(now, workspace.time_zone), workspace.time_zone)
    last = told.filter(at__gte=today).order_by("-seq").first()
    return last is not None and goes_on(event.code, since=today, until=last.at)


def _was_heard_by_nobody(told: QuerySet[Event]) -> bool:
    """Mended before any of the mails could go, so none went. One that has not been looked at yet may still go."""
    rows = Outbox.objects.filter(event__in=told.values("pk"), reader="mail")
    reasons = Message.objects.filter(outbox_id__in=rows.values("pk"), state=Message.State.SKIPPED).values_list("reason")
    return len(reasons) == rows.count() and ("overtaken",) in reasons


def _told_in_a_day(told: QuerySet[Event], now: datetime) -> int:
    """How many different events."""
    return told.filter(at__gt=now - timedelta(days=1)).values("data__event_id").distinct().count()
