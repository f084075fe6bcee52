"""Payouts in a real browser, at the desk and in the portal: readable, nothing wider than a phone, no errors."""

from __future__ import annotations

from typing import Any

import pytest

from advocates.models import Customer
from kit.ids import public_id
from referral_saas.advocate_session import cookie_name
from rewards.models import Payout, TaxForm
from tests.cast import at_work, workspace_of
from tests.dashboard.desk import owner
from tests.dashboard.test_people_look import LONG, inspect, look, opened
from tests.portal.world import signed_in
from tests.rewards.cash import Till, a_till

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def till() -> Till:
    """A closed payout, one at the bank, and a preview in which everything can be seen."""
    till = a_till()
    with at_work(till.world.merchant):
        Customer.objects.filter(pk=till.world.advocate.customer_id).update(name=LONG)
    till.policy(minimum_minor=1000, approval_over_minor=500000, cut_off_days=3)
    till.advocate("otto")
    till.advocate("pia", account="")
    number = till.earn(250000)
    till.earn(20000, "otto")
    payout = till.make()
    till.confirm(payout)
    first, second = till.lines(payout)
    till.paid(first, "SEPA-2026-11-000123")
    till.failed(second)
    till.give_back(number, 1250)
    till.earn(4000)
    till.confirm(till.make())
    for amount, name in ((123456, "dana"), (700, "otto"), (3000, "pia")):
        till.earn(amount, name)
    till.make()
    with at_work(till.world.merchant) as now:
        TaxForm.objects.create(customer=Customer.objects.get(email="pia@advocate.example"), country="US", asked_at=now)
    return till


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_every_payout_page_is_readable(till: Till, live_server: Any, chromium: Any, size: str, scheme: Any) -> None:
    merchant, client = till.world.merchant, owner(till.world)
    bare = workspace_of("alice@nordlicht.example", "Leer")
    page = opened(chromium, live_server.url, client, size, scheme)
    with at_work(merchant):
        made = {payout.number: public_id("pay", payout.pk) for payout in Payout.objects.all()}
    for name, path in {
        "list": "payouts",
        "rules": "payouts/rules",
        "closed": f"payouts/{made[1]}",
        "bank": f"payouts/{made[2]}",
        "preview": f"payouts/{made[3]}",
        "confirm": f"payouts/{made[3]}/confirm",
        "customer": f"customers/{public_id('cus', till.world.advocate.customer_id)}",
    }.items():
        look(page, f"payouts-{name}-{size}-{scheme}", merchant, path)
    for name in ("payouts", "payouts/new"):
        look(page, f"payouts-empty-{name.replace('/', '-')}-{size}-{scheme}", bare, name)
    assert page.problems == []


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "dark"), ("phone", "light")])
def test_the_advocates_payouts_are_readable(
    till: Till, live_server: Any, chromium: Any, size: str, scheme: Any
) -> None:
    page = opened(chromium, live_server.url, owner(till.world), size, scheme)
    name = cookie_name(till.world.merchant)
    page.context.add_cookies(
        [{"name": name, "value": signed_in(till.world).cookies[name].value, "url": live_server.url}]
    )
    page.goto(f"/p/{till.world.merchant.slug}/payouts")
    inspect(page, f"portal-payouts-{size}-{scheme}")
    assert page.problems == []
