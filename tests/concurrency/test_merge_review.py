"""A file is taken in at the moment somebody in it is merged."""

from __future__ import annotations

import pytest

from advocates.actions.imports import import_customers, plan_customer_import
from advocates.models import Customer
from kit.csvio import read_table
from kit.tenancy import in_tenant_transaction
from merchants.events import SYSTEM
from privacy.actions.merging import merge_people
from privacy.merging import merge_outlook
from tests.cast import at_work
from tests.concurrency.test_merge_races import DANA, JANE, a_pair
from tests.races import Rival

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_file_taken_in_while_they_are_merged_makes_nobody_anew() -> None:
    till = a_pair()

    def bring_in() -> None:
        def work() -> None:
            table = read_table(b"email,country\njane@advocate.example,DE\n")
            plan = plan_customer_import(table=table, now=till.world.now)
            import_customers(plan=plan, by="user:1", now=till.world.now)

        in_tenant_transaction(till.world.merchant.tenant_ref(), work)

    with at_work(till.world.merchant) as now:
        goes, stays = (Customer.objects.get(email=email) for email in (JANE, DANA))
        seen = merge_outlook(goes=goes, stays=stays, now=now).digest
        merge_people(goes_id=goes.pk, stays_id=stays.pk, seen=seen, reason="x", by=SYSTEM, now=now)
        rival = Rival(bring_in)
        assert rival.waits_for_us()
    rival.result()
    with at_work(till.world.merchant):
        assert not Customer.objects.filter(email=JANE).exists()
        assert Customer.objects.get(email=DANA).country == "DE"
