"""Mails about money on its way: masked accounts, and only where the person can do something."""

from __future__ import annotations

import pytest

from merchants.events import SYSTEM, record
from rewards.models import TaxForm
from tests.cast import at_work
from tests.engagement.post import a_shop, deliver
from tests.rewards.cash import CASH, Till

pytestmark = pytest.mark.django_db


@pytest.fixture
def till() -> Till:
    till = Till(a_shop(advocate_reward=CASH))
    till.account("dana")
    return till


def test_a_failed_transfer_asks_to_check_the_account(till: Till) -> None:
    till.earn(2000)
    payout = till.make()
    till.confirm(payout)
    till.failed(till.lines(payout)[0])
    [sent] = deliver(till.world, "payout.failed")
    assert (sent.to, sent.subject) == (["dana@advocate.example"], "€20.00 from Nordlicht Kaffee did not arrive")
    assert "DE•• •••• 3000" in sent.body
    assert "0532" not in sent.body


def test_a_transfer_that_was_called_off_is_nobodys_business(till: Till) -> None:
    till.earn(2000)
    payout = till.make()
    till.confirm(payout)
    till.failed(till.lines(payout)[0], "called_off")
    assert deliver(till.world, "payout.failed") == []


def test_a_changed_account_is_told_to_its_owner(till: Till) -> None:
    till.account("dana", "thief@elsewhere.example", "PAYPAL")
    [sent] = deliver(till.world, "payout_account.changed")
    assert sent.to == ["dana@advocate.example"]
    assert "t***@e***.example" in sent.body
    assert "thief@" not in sent.body


def test_a_tax_form_is_asked_for_by_mail(till: Till) -> None:
    with at_work(till.world.merchant) as now:
        form = TaxForm.objects.create(customer=till.world.advocate.customer, country="US", asked_at=now)
        record("tax_form.asked", subject=form, by=SYSTEM, now=now, data={"form": "W-9"})
    [sent] = deliver(till.world, "tax_form.asked")
    assert sent.subject == "Nordlicht Kaffee needs a tax form from you"
    assert "W-9" in sent.body
