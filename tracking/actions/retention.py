"""How long single clicks are kept, and how they go. Their daily figures stay."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q

from kit.days import local_date, start_of_day
from kit.tenancy import current_merchant_id, transaction_required
from merchants.locks import workspace_for_update
from merchants.selectors import workspace
from tracking.actions.aside import KEPT_DAYS
from tracking.models import AdvocateTrace, Click, OrderTrace, SetAside

CHUNK = 5_000
DELETE = """
DELETE FROM tracking_click WHERE merchant_id = %s AND id IN (
    SELECT id FROM tracking_click WHERE merchant_id = %s AND at < %s ORDER BY at, id LIMIT %s
)
"""


@transaction_required
def begin_to_forget(*, now: datetime) -> date | None:
    """The first day whose clicks are kept here; before the first of the others is deleted, that is written down.

    None where nothing is to be deleted: the merchant keeps clicks as long as the platform does, or has none so old.
    """
    if workspace().click_retention_days is None:
        return None
    place = workspace_for_update()
    first = local_date(now, place.time_zone) - timedelta(days=place.click_retention_days or 0)
    if not Click.objects.filter(at__lt=start_of_day(first, place.time_zone)).exists():
        return None
    if place.clicks_kept_from is None or place.clicks_kept_from < first:
        place.clicks_kept_from = first
        place.save(update_fields=["clicks_kept_from"])
    return first


@transaction_required
def forget_clicks(*, before: datetime) -> int:
    """Delete the oldest clicks of the merchant in scope, a chunk of them; gives how many."""
    merchant_id = current_merchant_id()
    with connection.cursor() as cursor:
        cursor.execute(DELETE, [merchant_id, merchant_id, before, CHUNK])
        return int(cursor.rowcount)


@transaction_required
def forget_traces(*, salts: Collection[int]) -> int:
    """Where people and orders came from, as told under secrets that are to be destroyed, a chunk of them; gives how
    many. What an order's card was, and which entries of a list fitted it, stays: neither hangs on such a secret."""
    oldest = AdvocateTrace.objects.filter(salt__in=salts).order_by("pk")[:CHUNK]
    gone, _rows = AdvocateTrace.objects.filter(pk__in=oldest.values("pk")).delete()
    told = OrderTrace.objects.filter(salt__in=salts).order_by("pk")
    nothing_else = Q(fingerprint="", listed=[])
    of_address = OrderTrace.objects.filter(pk__in=told.filter(nothing_else).values("pk")[:CHUNK])
    without, _rows = of_address.delete()
    kept = OrderTrace.objects.filter(pk__in=told.exclude(nothing_else).values("pk")[:CHUNK])
    return gone + without + kept.update(salt=0, address="", network="", earlier={}, agent="")


@transaction_required
def forget_set_aside(*, now: datetime) -> int:
    deleted, _ = SetAside.objects.filter(at__lt=now - timedelta(days=KEPT_DAYS)).delete()
    return deleted
