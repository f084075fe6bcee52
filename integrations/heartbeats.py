"""Signs of life of the SDK: noted once per placement, host and day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Max, QuerySet

from integrations.models import Heartbeat
from kit.days import local_date
from kit.tenancy import transaction_required
from merchants.selectors import workspace

#: The key is public: whoever reads it out of the shop's page can send anything, but not fill the table.
MOST_A_DAY = 200


@transaction_required
def note_heartbeat(*, placement: str, page_host: str, now: datetime) -> bool:
    """Whether this is the first of the day; asked a hundred times there is still one row."""
    today = local_date(now, workspace().time_zone)
    seen = Heartbeat.objects.filter(day=today)
    if seen.filter(placement=placement, page_host=page_host).exists() or seen.count() >= MOST_A_DAY:
        return False
    row = Heartbeat(placement=placement, page_host=page_host, day=today, first_at=now)
    Heartbeat.objects.bulk_create([row], ignore_conflicts=True)
    return True


def last_day_by_placement(placements: Iterable[str], *, since: date) -> dict[str, date]:
    """The last day on which the snippet found each of these placements, on whatever host. Absent: not since then."""
    rows = Heartbeat.objects.filter(placement__in=list(placements), day__gte=since)
    return dict(rows.values_list("placement").annotate(last=Max("day")).order_by())


def heartbeats() -> QuerySet[Heartbeat]:
    """Of every place and day the SDK ever ran."""
    rows: QuerySet[Heartbeat] = Heartbeat.objects.all()
    return rows


def last_days_seen() -> list[tuple[str, str, date]]:
    """(placement, host, last day) of every place the SDK ever ran, the latest first."""
    rows = Heartbeat.objects.values("placement", "page_host").annotate(last=Max("day"))
    return [
        (row["placement"], row["page_host"], row["last"]) for row in rows.order_by("-last", "placement", "page_host")
    ]
