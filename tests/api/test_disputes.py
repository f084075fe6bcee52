"""Disputes, shipping and tax as the shop's own software tells them."""

from __future__ import annotations

from typing import Any

import pytest

from merchants.models import Merchant
from rewards.models import RewardBlock
from tests.api.conftest import Shop, an_order, key_of
from tests.cast import World, a_world, at_work
from tests.rows import rows_of
from tracking.models import OrderFact


@pytest.fixture
def held(shop: Shop, world: World) -> Shop:
    assert shop.post("orders", an_order(code=world.link.code)).status_code == 201
    return shop


def told(merchant: Merchant) -> list[dict[str, Any]]:
    with at_work(merchant):
        return list(OrderFact.objects.filter(kind="DISPUTE").order_by("as_of").values_list("data", flat=True))


def test_an_open_dispute_stops_the_reward_and_a_won_one_lets_it_go(held: Shop, world: World) -> None:
    answer = held.post("orders/1001/disputes", {"dispute_id": "d1", "status": "opened", "amount": "60.00"})
    assert (answer.status_code, answer.json()["dispute_id"]) == (201, "d1")
    assert [step["code"] for step in answer.json()["rewards"][0]["missing"]] == ["dispute", "hold"]
    won = held.post("orders/1001/disputes", {"dispute_id": "d1", "status": "won"}).json()
    assert ([step["code"] for step in won["rewards"][0]["missing"]], won["net_amount"]) == (["hold"], "200.00")


def test_a_lost_dispute_takes_the_amount_told_when_it_was_opened(held: Shop) -> None:
    held.post("orders/1001/disputes", {"dispute_id": "d1", "status": "opened", "amount": "60.00"})
    lost = held.post("orders/1001/disputes", {"dispute_id": "d1", "status": "lost"}).json()
    assert (lost["net_amount"], lost["rewards"][0]["amount"]) == ("140.00", "14.00")
    late = held.post("orders/1001/disputes", {"dispute_id": "d1", "status": "opened"}).json()
    assert (late["net_amount"], [step["code"] for step in late["rewards"][0]["missing"]]) == ("140.00", ["hold"])


def test_a_wholly_lost_order_cancels_with_its_reason(held: Shop) -> None:
    lost = held.post("orders/1001/disputes", {"dispute_id": "d1", "status": "lost"}).json()
    assert (lost["net_amount"], lost["rewards"][0]["state"]) == ("0.00", "CANCELLED")
    assert lost["rewards"][0]["reason"] == "dispute_lost"


def test_the_same_dispute_again_changes_nothing(held: Shop, world: World) -> None:
    body = {"dispute_id": 17, "status": "opened"}
    assert held.post("orders/1001/disputes", body).status_code == 201
    assert held.post("orders/1001/disputes", body).status_code == 200
    assert told(world.merchant) == [{"status": "opened", "amount_minor": None, "opened_at": None}]
    with at_work(world.merchant):
        assert RewardBlock.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "opened"}, "dispute_id"),
        ({"dispute_id": "d1"}, "status"),
        ({"dispute_id": "d1", "status": "closed"}, "status"),
        ({"dispute_id": "d1", "status": "lost", "amount": "0.00"}, "amount"),
        ({"dispute_id": "d1", "status": "lost", "amount": "5.00", "currency": "USD"}, "currency"),
        ({"dispute_id": "d1", "status": "lost", "reason": "fraud"}, "reason"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_kept(
    held: Shop, world: World, body: dict[str, Any], field: str
) -> None:
    before = rows_of(world.merchant)
    answer = held.post("orders/1001/disputes", body)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert rows_of(world.merchant) == before


def test_an_order_nobody_told_is_not_found(shop: Shop, world: World) -> None:
    before = rows_of(world.merchant)
    assert shop.post("orders/1001/disputes", {"dispute_id": "d1", "status": "lost"}).status_code == 404
    assert rows_of(world.merchant) == before


PRICED = {"amount": "100.00", "tax": "19.00", "shipping": "5.00", "shipping_tax": "0.95"}


class TestShippingAndTax:
    def sold(self, **changes: Any) -> tuple[Shop, dict[str, Any]]:
        world = a_world(**changes)
        shop = Shop(key_of(world.merchant))
        return shop, shop.post("orders", an_order(code=world.link.code, **PRICED)).json()

    @pytest.mark.parametrize(
        ("terms", "base"),
        [
            ({}, "100.00"),
            ({"count_tax": True}, "119.00"),
            ({"count_shipping": True}, "105.00"),
            ({"count_tax": True, "count_shipping": True}, "124.95"),
        ],
    )
    def test_they_count_where_the_program_says_so(self, db: None, terms: dict[str, bool], base: str) -> None:
        assert self.sold(**terms)[1]["amount"] == base

    def test_shipping_given_back_lowers_only_what_counts_it(self, db: None) -> None:  # hostile 72
        shop, _order = self.sold()
        body = {"refund_id": "r1", "order_id": "1001", "shipping": "5.00"}
        assert shop.post("refunds", body).json()["rewards"][0]["amount"] == "10.00"

    def test_shipping_given_back_lowers_a_base_with_shipping(self, db: None) -> None:
        shop, order = self.sold(count_shipping=True)
        body = {"refund_id": "r1", "order_id": "1001", "shipping": "5.00"}
        found = shop.post("refunds", body).json()["rewards"][0]["amount"]
        assert (order["rewards"][0]["amount"], found) == ("10.50", "10.00")

    def test_what_is_left_out_stays_and_tax_goes_with_the_amount(self, db: None) -> None:
        shop, _order = self.sold(count_tax=True, count_shipping=True)
        again = shop.post("orders", an_order(amount="100.00", tax="7.00", customer=None)).json()
        assert again["amount"] == "112.95"

    def test_tax_of_an_order_with_lines_stands_with_them(self, shop: Shop, world: World) -> None:
        before = rows_of(world.merchant)
        lines = [{"id": "1", "total": "100.00", "tax": "19.00"}]
        answer = shop.post("orders", an_order(amount=None, lines=lines, tax="19.00"))
        assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("tax", "belongs_to_lines")]
        assert rows_of(world.merchant) == before
