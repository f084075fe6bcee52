"""The outbox with readers of the tests: kept in the settings registry, where real ones stand too."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from kit.clock import database_now
from kit.patience import MOST_ATTEMPTS
from kit.tenancy import TenantRef, TransactionForbidden, tenant_scope, tenant_transaction
from merchants.events import record
from merchants.models import Merchant, Outbox
from merchants.selectors import workspace
from merchants.steps import outbox
from merchants.wakeups import sweep_due
from tests.cast import at_work, workspace_of
from tests.races import at_once

pytestmark = pytest.mark.django_db

seen: list[UUID] = []


def wants_tests(code: str) -> bool:
    return code.startswith("test.")


def handle(*, outbox_id: UUID, ref: TenantRef) -> None:
    with tenant_scope(ref), tenant_transaction():
        assert Outbox.objects.filter(pk=outbox_id).exists()
    seen.append(outbox_id)


def fail(*, outbox_id: UUID, ref: TenantRef) -> None:
    seen.append(outbox_id)
    raise OSError("mail server refused eve@friend.example")


def take_over(*, outbox_id: UUID, ref: TenantRef) -> None:
    """Our lease ended while we were at it and somebody else has the row now."""
    with tenant_scope(ref), tenant_transaction():
        Outbox.objects.filter(pk=outbox_id).update(attempts=5)


@pytest.fixture
def merchant(settings) -> Merchant:
    seen.clear()
    settings.EVENT_READERS = {"test": "tests.merchants.test_outbox.wants_tests"}
    settings.OUTBOX_HANDLERS = {"test": "tests.merchants.test_outbox.handle"}
    return workspace_of("alice@nordlicht.example", "Nordlicht")


def happened(merchant: Merchant, times: int = 1, code: str = "test.happened") -> list[UUID]:
    with at_work(merchant) as now:
        events = [record(code, subject=workspace(), by="system", now=now) for _time in range(times)]
        return list(Outbox.objects.filter(event__in=events).order_by("due_at", "pk").values_list("pk", flat=True))


def rows(merchant: Merchant) -> list[tuple[str, int, str]]:
    with at_work(merchant):
        return list(Outbox.objects.order_by("pk").values_list("state", "attempts", "error"))


def make_due(merchant: Merchant) -> None:
    with at_work(merchant):
        Outbox.objects.update(due_at=database_now())


def test_each_row_is_handed_to_its_reader_once(merchant):
    ids = happened(merchant, 12)
    assert outbox.sweep(merchant.tenant_ref()) is None
    assert outbox.sweep(merchant.tenant_ref()) is None
    assert seen == ids
    assert rows(merchant) == [("DONE", 1, "")] * 12


def test_events_nobody_wants_make_no_row(merchant):
    happened(merchant, code="other.happened")
    assert rows(merchant) == []


def test_a_wake_up_brings_the_sweep(merchant):
    ids = happened(merchant)
    assert sweep_due("outbox") == 1
    assert seen == ids
    assert sweep_due("outbox") == 0


def test_a_failing_reader_is_tried_again_later_without_persons_in_the_error(merchant, settings):
    settings.OUTBOX_HANDLERS = {"test": "tests.merchants.test_outbox.fail"}
    happened(merchant)
    before = database_now()
    due = outbox.sweep(merchant.tenant_ref())
    assert isinstance(due, datetime)
    assert before + outbox.pause_after(1) <= due <= database_now() + outbox.pause_after(1)
    assert rows(merchant) == [("WAITING", 1, "OSError: mail server refused (address)")]
    assert outbox.sweep(merchant.tenant_ref()) == due
    assert len(seen) == 1


def test_a_poisoned_row_is_set_aside_and_hurts_no_other(merchant, settings):
    settings.OUTBOX_HANDLERS = {"test": "tests.merchants.test_outbox.fail"}
    happened(merchant)
    for _try in range(MOST_ATTEMPTS):
        make_due(merchant)
        due = outbox.sweep(merchant.tenant_ref())
    assert due is None
    assert rows(merchant) == [("FAILED", 8, "OSError: mail server refused (address)")]
    settings.OUTBOX_HANDLERS = {"test": "tests.merchants.test_outbox.handle"}
    happened(merchant)
    outbox.sweep(merchant.tenant_ref())
    assert [state for state, _attempts, _error in rows(merchant)] == ["FAILED", "DONE"]


def test_a_reader_without_a_handler_does_not_stop_the_others(merchant, settings):
    settings.OUTBOX_HANDLERS = {}
    happened(merchant)
    assert outbox.sweep(merchant.tenant_ref()) is not None
    assert rows(merchant) == [("WAITING", 1, "KeyError: 'test'")]


def test_a_row_whose_worker_died_every_time_is_given_up(merchant):
    happened(merchant)
    with at_work(merchant):
        Outbox.objects.update(attempts=MOST_ATTEMPTS)
    assert outbox.sweep(merchant.tenant_ref()) is None
    assert seen == []
    assert rows(merchant) == [("FAILED", 8, "every try ended without an answer")]


def test_who_lost_the_lease_does_not_close_the_row(merchant, settings):
    settings.OUTBOX_HANDLERS = {"test": "tests.merchants.test_outbox.take_over"}
    happened(merchant)
    due = outbox.sweep(merchant.tenant_ref())
    assert due is not None
    assert due > database_now() + outbox.LEASE - timedelta(seconds=30)
    assert rows(merchant) == [("WAITING", 5, "")]


def test_rows_of_another_merchant_are_not_touched(merchant):
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    happened(other)
    assert outbox.sweep(merchant.tenant_ref()) is None
    assert rows(other) == [("WAITING", 0, "")]


def test_sweep_refuses_an_open_transaction(merchant):
    with at_work(merchant), pytest.raises(TransactionForbidden):
        outbox.sweep(merchant.tenant_ref())


def test_pauses_double_up_to_an_hour():
    seconds = [outbox.pause_after(attempt).total_seconds() for attempt in range(1, 11)]
    assert seconds == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_rows(merchant):
    ids = happened(merchant, 40)

    def work() -> None:
        outbox.sweep(merchant.tenant_ref())

    at_once(work, work)
    assert sorted(seen) == sorted(ids)
    assert rows(merchant) == [("DONE", 1, "")] * 40
