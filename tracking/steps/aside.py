"""What was set aside goes back into the stream: the cause is gone, or a newer release can read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count
from redis import Redis

from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from tracking.actions.aside import data_of
from tracking.models import SetAside, StrayEntry
from tracking.steps.ingest import stream_client
from tracking.stream import FIELD, STREAM

#: Entries put back in one transaction.
BATCH = 1_000


def strays_by_reason() -> Counter[str]:
    return _counted(StrayEntry.objects.all())


def aside_by_reason(ref: TenantRef) -> Counter[str]:
    return in_tenant_transaction(ref, lambda: _counted(SetAside.objects.all()))


def _counted(rows: Any) -> Counter[str]:
    return Counter({row["reason"]: row["n"] for row in rows.values("reason").annotate(n=Count("pk")).order_by()})


@transaction_forbidden
def try_again(ref: TenantRef, client: Redis | None = None) -> int:
    """Of one merchant. What ends up in the stream twice, since we were interrupted, is recorded once."""
    newest = in_tenant_transaction(ref, lambda: _newest(SetAside.objects.all()))
    return _in_batches(lambda: in_tenant_transaction(ref, lambda: _put_back(_until(SetAside, newest), client)))


@transaction_forbidden
def try_strays_again(client: Redis | None = None) -> int:
    newest = _newest(StrayEntry.objects.all())
    return _in_batches(lambda: _put_back(_until(StrayEntry, newest), client))


def _newest(rows: Any) -> UUID | None:
    return rows.order_by("-pk").values_list("pk", flat=True).first()  # type: ignore[no-any-return]


def _until(model: Any, newest: UUID | None) -> Any:
    """What was aside when we began: what is set aside once more meanwhile stays there."""
    return model.objects.filter(pk__lte=newest) if newest else model.objects.none()


def _in_batches(put_back: Callable[[], int]) -> int:
    return sum(iter(put_back, 0))


def _put_back(rows: Any, client: Redis | None) -> int:
    """First into the stream, then out of the table: never in neither."""
    found = list(rows.order_by("pk")[:BATCH])
    if not found:
        return 0
    _append(client or stream_client(), (data_of(row.entry) for row in found))
    rows.filter(pk__in=[row.pk for row in found]).delete()
    return len(found)


def _append(client: Redis, entries: Iterable[bytes]) -> None:
    pipeline = client.pipeline(transaction=False)
    for entry in entries:
        pipeline.xadd(STREAM, {FIELD: entry})
    pipeline.execute()
