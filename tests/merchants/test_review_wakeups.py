"""Wake-ups: one merchant's heap of them, or its broken sweep, keeps nobody else waiting."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from kit.clock import database_now
from kit.tenancy import TenantRef
from merchants import wakeups
from merchants.models import Merchant, WakeUp

pytestmark = pytest.mark.django_db

worked: list[UUID] = []
broken: set[UUID] = set()


def sweep(ref: TenantRef) -> None:
    worked.append(ref.merchant_id)
    if ref.merchant_id in broken:
        raise RuntimeError("this merchant's sweep breaks every time")


@pytest.fixture(autouse=True)
def own_sweep(settings):
    settings.SWEEPS = {**settings.SWEEPS, "release": {"path": f"{__name__}.sweep", "queue": "money"}}
    worked.clear()
    broken.clear()


def a_merchant(name: str, *, wake_ups: int, since: timedelta) -> Merchant:
    merchant = Merchant.objects.create(slug=name, name=name)
    due_at = database_now() - since
    WakeUp.objects.bulk_create(WakeUp(merchant=merchant, kind="release", due_at=due_at) for _ in range(wake_ups))
    return merchant


@pytest.mark.parametrize("is_broken", [True, False])
def test_many_older_wake_ups_of_one_merchant_leave_the_other_its_turn(is_broken):
    crowd = a_merchant("crowd", wake_ups=wakeups.BATCH + 1, since=timedelta(hours=1))
    quiet = a_merchant("quiet", wake_ups=1, since=timedelta(seconds=1))
    if is_broken:
        broken.add(crowd.pk)
    wakeups.sweep_due("release")
    assert sorted(worked) == sorted([crowd.pk, quiet.pk])
    assert not WakeUp.objects.filter(merchant=quiet).exists()


def test_a_merchants_whole_heap_needs_one_sweep():
    crowd = a_merchant("crowd", wake_ups=wakeups.BATCH + 1, since=timedelta(hours=1))
    wakeups.sweep_due("release")
    assert worked == [crowd.pk]
    assert not WakeUp.objects.filter(merchant=crowd).exists()


def test_what_comes_while_a_sweep_runs_stays():
    merchant = a_merchant("one", wake_ups=1, since=timedelta(seconds=1))
    late = WakeUp.objects.create(merchant=merchant, kind="release", due_at=database_now() + timedelta(hours=1))
    wakeups.sweep_due("release")
    assert list(WakeUp.objects.values_list("pk", flat=True)) == [late.pk]


def test_what_another_sweep_did_meanwhile_is_not_done_again():
    """Two sweeps read the same wake-ups; the first takes them away with its work, the second passes on."""
    merchant = a_merchant("one", wake_ups=2, since=timedelta(seconds=1))
    read = wakeups.Due(merchant.tenant_ref(), list(WakeUp.objects.values_list("pk", flat=True)))
    assert wakeups.work_or_log("release", read)
    assert not wakeups.work_or_log("release", read)
    assert worked == [merchant.pk]
