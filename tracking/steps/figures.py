"""Daily figures made anew, a day in a transaction: clicks are recorded and pages are shown meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Min

from kit.clock import now_for
from kit.days import local_date
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import merchant_of
from merchants.selectors import workspace
from tracking.actions.figures import rebuild_day
from tracking.models import Click, DayStat


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """``days`` looked at and ``rows`` of figures that were wrong. ``kept_from``: earlier days have no clicks left."""

    days: int
    rows: int
    kept_from: date | None


@transaction_forbidden
def rebuild(ref: TenantRef, *, first: date | None = None, last: date | None = None) -> Rebuilt:
    """Every day from ``first`` to ``last`` whose clicks are still kept; without them all there are."""
    today, kept_from, earliest = in_tenant_transaction(ref, lambda: _known_days(ref))
    begin = max(day for day in (first, kept_from, earliest) if day)
    end = min(last or today, today)
    days = [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
    rows = sum(_rebuilt(ref, day) for day in days)
    return Rebuilt(len(days), rows, kept_from)


def _rebuilt(ref: TenantRef, day: date) -> int:
    return in_tenant_transaction(ref, lambda: rebuild_day(day=day))


def _known_days(ref: TenantRef) -> tuple[date, date | None, date]:
    """Today there, the first day whose clicks are kept, and the first day that anything is known of."""
    place = workspace()
    today = local_date(now_for(merchant_of(ref)), place.time_zone)
    oldest = Click.objects.aggregate(at=Min("at"))["at"]
    known = [DayStat.objects.aggregate(day=Min("day"))["day"], oldest and local_date(oldest, place.time_zone)]
    return today, place.clicks_kept_from, min([day for day in known if day] or [today])
