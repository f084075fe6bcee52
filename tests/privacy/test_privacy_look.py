"""Erasing, merging and leaving in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from advocates.models import Customer
from merchants.models import Membership, Role
from privacy.actions.closing import close_workspace
from referral_saas.dashboard.paths import public
from tests.cast import at_work
from tests.dashboard.desk import owner
from tests.looks import LONG, onlooker
from tests.rewards.cash import Till, a_till

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def till() -> Till:
    till = a_till()
    till.advocate("jane")
    till.earn(2000)
    with at_work(till.world.merchant):
        Customer.objects.filter(pk=till.world.advocate.customer_id).update(name=LONG)
    return till


def test_every_page_is_readable(chromium: Any, live_server: Any, till: Till) -> None:
    merchant = till.world.merchant
    with at_work(merchant):
        dana = Customer.objects.get(pk=till.world.advocate.customer_id)
        jane = Customer.objects.get(email="jane@advocate.example")
    with onlooker(chromium, live_server.url, owner(till.world), within=f"/w/{merchant.slug}/") as eyes:
        eyes.look("erase", f"customers/{public(dana)}/erase")
        eyes.look("merge", f"customers/{public(jane)}/merge?with={public(dana)}&stays={public(jane)}")
        with at_work(merchant) as now:
            seat = Membership.objects.get(merchant=merchant, role=Role.OWNER)
            close_workspace(typed_name=merchant.name, by=seat, now=now)
        eyes.look("closing", "settings/close")
