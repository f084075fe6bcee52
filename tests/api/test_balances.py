"""Balances by the API: what is left, using it, and never more than there is."""

from __future__ import annotations

import pytest

from kit.ids import public_id
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Membership
from programs.rules import Form
from rewards.actions.spend import NotEnough, spend
from rewards.actions.surprise import give_surprise
from rewards.models import Reward, Spend
from rewards.rules.balance import Credit, Use, left_of
from rewards.steps import fulfil, release
from tests.api.conftest import Shop
from tests.cast import World, a_world, at_work
from tests.facts import DAY, NOON
from tests.races import at_once
from tests.rewards.kinds import a_kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    """For each test its own: some here commit."""
    return a_world()


def with_points(world: World, amount: int = 500, form: Form = Form.POINTS) -> None:
    kind = a_kind(world.merchant, form)
    with at_work(world.merchant) as now:
        seat = Membership.objects.filter(merchant=world.merchant)[0]
        give_surprise(
            advocate=world.advocate, giver=seat, kind=kind, amount_minor=amount, reason="x", at_once=True,
            by="user:x", now=now,
        )  # fmt: skip
        world.advocate.customer.external_id = "C-7"
        world.advocate.customer.save(update_fields=["external_id"])
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())


def test_read_and_used_by_advocate_or_by_the_shops_own_id(shop: Shop, world: World) -> None:
    with_points(world)
    with_points(world, 1250, Form.STORE_CREDIT)
    advocate = f"advocates/{public_id('adv', world.advocate.pk)}"
    person = public_id("cus", world.advocate.customer_id)
    told = shop.get(f"{advocate}/balances").json()
    assert told == {
        "customer": person, "balances": [{"unit": "EUR", "amount": "12.50"}, {"unit": "POINTS", "amount": "500"}],
    }  # fmt: skip
    used = shop.post(f"{advocate}/spend", {"unit": "POINTS", "amount": "120", "reason": "Coffee"})
    assert (used.status_code, used.json()["left"]) == (201, "380")
    assert shop.post("customers/C-7/spend", {"unit": "EUR", "amount": "12.50"}).json()["left"] == "0.00"
    assert shop.get(f"customers/{person}/balances").json()["balances"] == [
        {"unit": "EUR", "amount": "0.00"}, {"unit": "POINTS", "amount": "380"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"unit": "POINTS", "amount": "501"}, 409, "not_enough"),
        ({"unit": "MILES", "amount": "1"}, 409, "not_enough"),
        ({"unit": "POINTS", "amount": "0"}, 400, ""),
        ({"unit": "POINTS", "amount": "1.5"}, 400, ""),
        ({"unit": "points", "amount": "1"}, 400, ""),
        ({"unit": "EUR", "amount": "-1"}, 400, ""),
        ({"amount": "1"}, 400, ""),
    ],
)
def test_what_cannot_be_used_changes_nothing(
    shop: Shop, world: World, body: dict[str, str], status: int, code: str
) -> None:
    with_points(world)
    answer = shop.post("customers/C-7/spend", body)
    assert answer.status_code == status, answer.content
    assert not code or answer.json()["code"] == code
    with at_work(world.merchant):
        assert not Spend.objects.exists()


def test_nobody_elses(shop: Shop, world: World) -> None:
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    for path in (f"advocates/{public_id('adv', other.advocate.pk)}", "customers/C-9", "customers/cus_x"):
        assert shop.get(f"{path}/balances").status_code == 404
        assert shop.post(f"{path}/spend", {"unit": "POINTS", "amount": "1"}).status_code == 404


def test_below_zero_where_something_used_was_taken_back(shop: Shop, world: World) -> None:
    with_points(world)
    shop.post("customers/C-7/spend", {"unit": "POINTS", "amount": "300"})
    with at_work(world.merchant):
        Reward.objects.update(clawed_back_minor=400)
    assert shop.get("customers/C-7/balances").json()["balances"] == [{"unit": "POINTS", "amount": "-200"}]
    assert shop.post("customers/C-7/spend", {"unit": "POINTS", "amount": "1"}).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_two_at_once_use_no_more_than_there_is() -> None:
    world = a_world()
    with_points(world)

    def use() -> str:
        try:
            with tenant_scope(world.merchant.tenant_ref()), tenant_transaction():
                spend(
                    customer=world.advocate.customer, unit="POINTS", amount_minor=300, reason="", by="x", now=NOON + DAY
                )
        except NotEnough as error:
            return str(error.left)
        return "used"

    world.now = NOON
    with at_work(world.merchant):
        Reward.objects.update(fulfilled_at=NOON)
    assert sorted(at_once(use, use)) == ["200", "used"]


class TestWhatRunsOut:
    def test_what_was_used_cannot_run_out(self) -> None:
        credits = [Credit(500, NOON, NOON + 10 * DAY)]
        assert left_of(credits, [Use(300, NOON + DAY)], now=NOON + 5 * DAY) == 200
        assert left_of(credits, [Use(300, NOON + DAY)], now=NOON + 11 * DAY) == 0

    def test_what_runs_out_first_is_used_first(self) -> None:
        credits = [Credit(100, NOON), Credit(100, NOON, NOON + 10 * DAY)]
        assert left_of(credits, [Use(100, NOON + DAY)], now=NOON + 11 * DAY) == 100
        assert left_of(credits, [Use(150, NOON + DAY)], now=NOON + 11 * DAY) == 50

    def test_what_comes_later_makes_up_for_what_was_taken_back(self) -> None:
        credits = [Credit(0, NOON), Credit(100, NOON + 5 * DAY)]
        assert left_of(credits, [Use(60, NOON + DAY)], now=NOON + 2 * DAY) == -60
        assert left_of(credits, [Use(60, NOON + DAY)], now=NOON + 6 * DAY) == 40
