"""A workspace is deleted while somebody is still writing for it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import IntegrityError

from kit.clock import database_now
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.events import SYSTEM, record
from merchants.models import DeletedWorkspace, Event, Merchant
from merchants.selectors import workspace
from privacy.steps.closing import delete_rows
from tests.cast import workspace_of
from tests.races import Rival

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_still_writes_for_it_fails_at_the_commit_and_leaves_nothing():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    at = database_now()
    DeletedWorkspace.objects.create(workspace=merchant.pk, begun_at=at)
    Merchant.objects.filter(pk=merchant.pk).update(status="CLOSED", closes_at=at - timedelta(seconds=1))

    def write_while_it_is_deleted() -> None:
        with tenant_scope(merchant.tenant_ref()), tenant_transaction():
            record("workspace.opened", subject=workspace(), by=SYSTEM, now=at)
            rival = Rival(lambda: delete_rows(merchant, ends_at=time.monotonic() + 60))
            assert rival.result()

    with pytest.raises(IntegrityError):
        write_while_it_is_deleted()
    assert not Merchant.objects.filter(pk=merchant.pk).exists()
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        assert Event.objects.count() == 0
    assert DeletedWorkspace.objects.get().rows["merchants_event"] == 1
