"""What was set aside goes back into the stream: the cause is gone, or a newer release can read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from redis import Redis

from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from tracking.actions.aside import data_of
from tracking.models import SetAside, StrayEntry
from tracking.steps.ingest import stream_client
from tracking.stream import FIELD, STREAM


def strays_by_reason() -> Counter[str]:
    return _counted(StrayEntry.objects.all())


def aside_by_reason(ref: TenantRef) -> Counter[str]:
    return in_tenant_transaction(ref, lambda: _counted(SetAside.objects.all()))


def _counted(rows: Any) -> Counter[str]:
    return Counter({row["reason"]: row["n"] for row in rows.values("reason").annotate(n=Count("pk")).order_by()})


@transaction_forbidden
def try_again(ref: TenantRef, client: Redis | None = None) -> int:
    """Of one merchant. What ends up in the stream twice, since we were interrupted, is recorded once."""
    return in_tenant_transaction(ref, lambda: _put_back(SetAside.objects.all(), client or stream_client()))


@transaction_forbidden
def try_strays_again(client: Redis | None = None) -> int:
    return _put_back(StrayEntry.objects.all(), client or stream_client())


def _put_back(rows: Any, client: Redis) -> int:
    """First into the stream, then out of the table: never in neither."""
    found = list(rows.order_by("pk"))
    _append(client, (data_of(row.entry) for row in found))
    rows.filter(pk__in=[row.pk for row in found]).delete()
    return len(found)


def _append(client: Redis, entries: Iterable[bytes]) -> None:
    pipeline = client.pipeline(transaction=False)
    for entry in entries:
        pipeline.xadd(STREAM, {FIELD: entry})
    pipeline.execute()
