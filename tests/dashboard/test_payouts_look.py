"""Payouts in a real browser, at the desk and in the portal: readable, nothing wider than a phone, no errors; and one
from its first day to its last with the keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest

from advocates.models import Customer
from kit.ids import public_id
from rewards.models import Payout, PayoutLine, TaxForm
from tests.cast import at_work, workspace_of
from tests.dashboard.desk import as_role, owner
from tests.keyboard import press, tab_to, to_words, type_into
from tests.looks import LONG, Onlooker, onlooker
from tests.portal.world import portal, signed_in
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


def test_every_payout_page_is_readable(till: Till, live_server: Any, chromium: Any) -> None:
    merchant = till.world.merchant
    bare = workspace_of("alice@nordlicht.example", "Leer")
    with at_work(merchant):
        made = {payout.number: public_id("pay", payout.pk) for payout in Payout.objects.all()}
    pages = {
        "list": "payouts",
        "rules": "payouts/rules",
        "closed": f"payouts/{made[1]}",
        "bank": f"payouts/{made[2]}",
        "preview": f"payouts/{made[3]}",
        "confirm": f"payouts/{made[3]}/confirm",
        "customer": f"customers/{public_id('cus', till.world.advocate.customer_id)}",
    }
    with onlooker(chromium, live_server.url, owner(till.world), within=f"/w/{merchant.slug}/") as eyes:
        for name, path in pages.items():
            eyes.look(f"payouts-{name}", path)
        for name in ("payouts", "payouts/new"):
            eyes.look(f"payouts-empty-{name.replace('/', '-')}", f"/w/{bare.slug}/{name}")
        by_keys_alone(eyes, till, pages["preview"])
        eyes.sign_in(signed_in(till.world))
        eyes.look("portal-payouts", portal(till.world, "payouts"))


def by_keys_alone(eyes: Onlooker, till: Till, preview: str) -> None:
    """One preview is put away; the next is made, asked for by one, confirmed by another, paid and marked."""
    till.policy(approval_over_minor=100000)
    eyes.page.set_viewport_size({"width": 1440, "height": 900})
    eyes.go(preview)
    tab_to(eyes, ".confirm > summary")
    eyes.page.keyboard.press("Enter")
    press(eyes, "Put this payout away")
    eyes.go("payouts")
    press(eyes, "Make a payout")
    press(eyes, "Show the preview")
    press(eyes, "Ask a second person")
    eyes.sign_in(as_role(till.world, "FINANCE"))
    eyes.page.reload()
    press(eyes, "Look and agree")
    tab_to(eyes, ".form-actions .button-primary")
    with eyes.page.expect_navigation():
        eyes.page.keyboard.press("Enter")
    to_words(eyes, "Download the file to pay")
    for _time in range(2):
        with eyes.page.expect_download() as file:
            eyes.page.keyboard.press("Enter")
        assert file.value.suggested_filename == "payout-4.csv"
    lines = eyes.page.locator("[name=line]").count()
    for number in range(lines):
        tab_to(eyes, f"tr:nth-child({number + 1}) [name=line]")
        eyes.page.keyboard.press("Space")
    type_into(eyes, "reference", "SEPA-2026-11-000456")
    press(eyes, "Mark as paid")
    with at_work(till.world.merchant):
        made = Payout.objects.get(number=4)
        told = [made.state, lines, PayoutLine.objects.filter(payout=made, state="PAID").count()]
    assert told == ["CLOSED", 2, 2]
