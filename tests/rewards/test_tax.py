"""Tax forms: who reaches the threshold of the year waits for the form, and goes on once it is there."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from advocates.models import Customer
from kit.days import local_date
from merchants.models import Event, Workspace
from programs.rules import Fulfilment, RewardRule
from rewards.actions.payouts.lines import PayoutError
from rewards.actions.tax import collect_tax_form, hold_for_tax
from rewards.models import Reward, RewardBlock, TaxForm
from rewards.rules.tax import countries_for, over_threshold, threshold_for
from rewards.steps import release
from tests.cast import World, at_work, enrolled, live_program, workspace_of
from tests.facts import DAY, delivery, snapshot


def test_thresholds_are_data_by_year_and_unit():
    assert [threshold_for("US", unit="USD", year=year).amount_minor for year in (2025, 2026, 2030)] == [
        60000,
        200000,
        200000,
    ]
    assert threshold_for("US", unit="EUR", year=2026) is None
    assert threshold_for("DE", unit="USD", year=2026) is None
    assert (countries_for("USD"), countries_for("EUR")) == ({"US"}, frozenset())


@pytest.mark.parametrize(
    ("counted", "due", "stopped"),
    [
        (0, [("a", 59999)], []),
        (0, [("a", 60000)], ["a"]),
        (59999, [("a", 1)], ["a"]),
        (0, [("a", 30000), ("b", 30000)], ["b"]),
        (0, [("a", 70000), ("b", 100)], ["a"]),
        (0, [("a", 30000), ("b", 20000), ("c", 10000)], ["c"]),
    ],
)
def test_what_would_reach_the_threshold_waits_and_less_goes_on(counted, due, stopped):
    assert list(over_threshold(due, counted_minor=counted, threshold_minor=60000)) == stopped


# --- with rows ------------------------------------------------------------------------------------------------------

pytest_db = pytest.mark.django_db


@dataclass
class Shop:
    world: World
    orders: int = 0

    def earn(self, amount_minor: int) -> None:
        self.orders += 1
        number, at = str(self.orders), self.world.now - 40 * DAY
        told = {"lines": [amount_minor * 10], "currency": "USD", "country": "US"}
        facts = [snapshot(at, token=self.world.click(at=at - DAY), **told), delivery(at + DAY)]
        self.world.take(*facts, number=number, email=f"f{number}@friend.example")
        release.sweep(self.world.merchant.tenant_ref())

    def rewards(self) -> list[tuple[str, int]]:
        with at_work(self.world.merchant):
            return list(Reward.objects.order_by("pk").values_list("state", "amount_minor"))


def a_shop(*, country: str = "US", currency: str = "USD") -> Shop:
    from advocates.models import Link

    merchant = workspace_of("amy@prairie.example", "Prairie Goods", currency=currency, zone="America/Chicago")
    rule = RewardRule(fulfilment=Fulfilment.PAYOUT)
    program = live_program(merchant, advocate_reward=rule)
    advocate = enrolled(merchant, program)
    with at_work(merchant) as now:
        Customer.objects.filter(pk=advocate.customer_id).update(country=country)
        link = Link.objects.get(advocate=advocate, channel="LINK")
    return Shop(World(merchant, program, advocate, link, now, zone="America/Chicago"))


@pytest_db
def test_the_reward_that_reaches_the_threshold_waits_for_the_form():
    shop = a_shop()
    shop.earn(150000)
    shop.earn(60000)
    shop.earn(1000)
    assert shop.rewards() == [("RELEASED", 150000), ("HELD", 60000), ("RELEASED", 1000)]
    with at_work(shop.world.merchant):
        block = RewardBlock.objects.get()
        form = TaxForm.objects.get()
        assert (block.kind, block.reason, block.reward.amount_minor) == ("TAX_FORM", "W-9", 60000)
        assert (form.country, form.customer_id, form.collected_at) == ("US", shop.world.advocate.customer_id, None)
        assert Event.objects.filter(code="tax_form.asked").count() == 1
    release.sweep(shop.world.merchant.tenant_ref())
    with at_work(shop.world.merchant):
        assert (RewardBlock.objects.count(), TaxForm.objects.count()) == (1, 1), "asked once"


@pytest_db
def test_a_collected_form_lets_everything_go_on_and_is_asked_for_never_again():
    shop = a_shop()
    shop.earn(250000)
    with at_work(shop.world.merchant) as now:
        form = TaxForm.objects.get()
        collect_tax_form(form=form, by="user:x", now=now)
        with pytest.raises(PayoutError):
            collect_tax_form(form=form, by="user:x", now=now)
        assert list(RewardBlock.objects.values_list("lifted_by", flat=True)) == ["user:x"]
    shop.earn(300000)
    assert shop.rewards() == [("RELEASED", 250000), ("RELEASED", 300000)]


@pytest_db
def test_people_of_other_countries_are_not_asked():
    shop = a_shop(country="DE")
    shop.earn(900000)
    assert shop.rewards() == [("RELEASED", 900000)]
    with at_work(shop.world.merchant) as now:
        assert hold_for_tax(now=now) == 0
        assert TaxForm.objects.count() == 0


@pytest_db
def test_only_the_calendar_year_of_the_merchants_zone_counts():
    shop = a_shop()
    shop.earn(150000)
    with at_work(shop.world.merchant):
        year = local_date(shop.world.now, "America/Chicago").year
        assert Workspace.objects.get().currency == "USD"
        last = shop.world.now.replace(year=year, month=1, day=1, hour=5, minute=59)  # 23:59 of New Year's Eve there
        Reward.objects.update(released_at=last)
    shop.earn(60000)
    assert shop.rewards() == [("RELEASED", 150000), ("RELEASED", 60000)]
    with at_work(shop.world.merchant):
        Reward.objects.filter(amount_minor=150000).update(released_at=last.replace(hour=6, minute=0))
    shop.earn(1000)
    shop.earn(70000)
    assert [state for state, _amount in shop.rewards()] == ["RELEASED", "RELEASED", "HELD", "HELD"]


@pytest_db
def test_in_a_currency_without_a_rule_one_statement_is_all(django_assert_num_queries):
    shop = a_shop(currency="EUR")
    with at_work(shop.world.merchant) as now, django_assert_num_queries(1):
        assert hold_for_tax(now=now) == 0
