"""The advocate's payouts: what comes and when, where it goes, and that nobody else can tell."""

from __future__ import annotations

import pytest

from merchants.models import Event
from rewards.models import PayoutAccount
from rewards.sealing import unseal
from tests.cast import at_work
from tests.dashboard.desk import text_of
from tests.portal.world import portal, signed_in
from tests.rewards.cash import a_till

pytestmark = pytest.mark.django_db

BANK = {"method": "IBAN", "holder": "Dana  Muster", "account": "de89 3704 0044 0532 0130 00"}


def accounts(till) -> list[tuple[str, str]]:
    with at_work(till.world.merchant):
        return list(PayoutAccount.objects.values_list("method", "hint"))


def test_who_earns_no_money_hears_nothing_of_payouts(world):
    assert "Payouts" not in text_of(signed_in(world).get(portal(world)))


def test_the_minimum_the_cycle_and_the_day_are_said_before_anything_is_earned():  # complaint 10
    till = a_till(account="")
    till.policy(minimum_minor=2500, cycle="QUARTERLY", cut_off_days=3)
    client = signed_in(till.world)
    assert "Payouts" in text_of(client.get(portal(till.world)))
    page = text_of(client.get(portal(till.world, "payouts")))
    assert "The shop pays on the first day of every quarter, from €25.00 on." in page
    assert "Nothing is waiting to be paid" in page


def test_giving_an_account_and_what_is_missing_before():
    till = a_till(account="")
    till.earn(2000)
    client, here = signed_in(till.world), portal(till.world, "payouts")
    assert "Say below where it should go" in text_of(client.get(here))
    assert client.post(f"{here}/account", BANK).status_code == 303
    page = text_of(client.get(here))
    assert "It comes with the payout of 1 " in page
    assert "DE•• •••• 3000" in page
    assert "0532" not in page
    with at_work(till.world.merchant):
        account = PayoutAccount.objects.get()
        assert "0532" not in account.sealed
        assert unseal(account.sealed) == {"holder": "Dana Muster", "account": "DE89370400440532013000"}
        assert Event.objects.get(code="payout_account.given").data == {"method": "IBAN"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": "DE89 3704 0044 0532 0130 01"},
        {"account": "DE89"},
        {"account": "XX89370400440532013000"},
        {"account": ""},
        {"holder": " "},
        {"method": "CASH"},
        {"method": "PAYPAL", "account": "nobody"},
    ],
)
def test_an_account_that_cannot_be_right_is_not_kept(wrong):
    till = a_till(account="")
    answer = signed_in(till.world).post(portal(till.world, "payouts/account"), BANK | wrong)
    assert answer.status_code == 400
    assert accounts(till) == []


def test_changing_it_is_told_apart_from_giving_it():
    till = a_till()
    change = {"method": "PAYPAL", "holder": "Dana", "account": "Dana@Pay.example"}
    assert signed_in(till.world).post(portal(till.world, "payouts/account"), change).status_code == 303
    assert accounts(till) == [("PAYPAL", "d***@p***.example")]
    with at_work(till.world.merchant):
        assert Event.objects.filter(code="payout_account.changed").count() == 1


def test_what_was_paid_and_what_is_kept_back():
    till = a_till()
    number = till.earn(2000)
    till.run()
    till.give_back(number, 500)
    till.earn(700)
    page = text_of(signed_in(till.world).get(portal(till.world, "payouts")))
    assert "€7.00 earned, less €5.00 for orders that were returned" in page
    assert "€20.00 Paid" in page
    assert "T-1" in page


def test_an_account_of_two_people_has_one_fingerprint_and_two_seals():
    till = a_till()
    till.advocate("otto")
    with at_work(till.world.merchant):
        rows = list(PayoutAccount.objects.values_list("fingerprint", "sealed"))
    assert len({fingerprint for fingerprint, _sealed in rows}) == 1
    assert len({sealed for _fingerprint, sealed in rows}) == 2
