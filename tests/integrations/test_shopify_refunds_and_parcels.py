"""Refunds and parcels, by themselves and inside their order: one and the same facts."""

from __future__ import annotations

import copy
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.shopify.mapping import TOPICS, Mapped, Unreadable, to_facts
from programs.rules import Terms
from tests.kit.shared_data import shared_json
from tests.payloads import shopify
from tracking.rules import Basis, Fact, FactKind, anchor, base_minor, net_base_minor, read_order

EUR = Terms(currency="EUR")


def facts(topic: str, payload: Any) -> list[Fact]:
    found = to_facts(topic, payload, reports_shipping=True)
    assert isinstance(found, Mapped), found
    return found.facts


def refund_data(**changes: Any) -> dict[str, Any]:
    return facts("refunds/create", shopify("refund_one_cup", **changes))[0].data


def discrepancy(amount: str, kind: str = "refund_discrepancy") -> dict[str, Any]:
    return {"kind": kind, "amount": amount, "tax_amount": "0.00"}


def paid_back(amount: str, **more: Any) -> dict[str, Any]:
    return {"kind": "refund", "status": "success", "amount": amount, "currency": "EUR", **more}


def net_of(*told: list[Fact]) -> int:
    view = read_order([fact for each in told for fact in each])
    assert view is not None
    return net_base_minor(view, EUR)


def test_refund_of_one_of_two_leaves_tax_out_and_rounds_binary_noise() -> None:
    assert refund_data() == {"lines": [{"id": "900002", "quantity": 1, "net_minor": 2250}], "other_minor": 0}


def test_refund_without_subtotal_takes_its_share_of_the_lines_net() -> None:
    refund = shopify("refund_one_cup")
    del refund["refund_line_items"][0]["subtotal"]
    assert facts("refunds/create", refund)[0].data["lines"] == [{"id": "900002", "quantity": 1, "net_minor": 2250}]


def test_refund_inside_its_order_is_the_same_fact() -> None:
    alone = facts("refunds/create", shopify("refund_one_cup"))
    inside = facts("orders/updated", shopify("order_paid", refunds=[shopify("refund_one_cup")]))
    assert [fact for fact in inside if fact.kind == FactKind.REFUND] == alone


def test_parcel_inside_its_order_is_the_same_fact() -> None:
    alone = facts("fulfillments/update", shopify("fulfilment_delivered"))
    inside = facts("orders/fulfilled", shopify("order_paid", fulfillments=[shopify("fulfilment_delivered")]))
    assert [fact for fact in inside if fact.kind == FactKind.PARCEL] == alone


def test_every_order_of_the_same_news_reads_the_same() -> None:
    refund, parcel = shopify("refund_one_cup"), shopify("fulfilment_delivered")
    told = [
        facts("orders/create", shopify("order_paid", financial_status="pending")),
        facts("orders/paid", shopify("order_paid")),
        facts("refunds/create", refund),
        facts("fulfillments/update", parcel),
        facts("orders/updated", shopify("order_paid", refunds=[refund], fulfillments=[parcel])),
    ]
    views = {repr(read_order([fact for each in order for fact in each])) for order in permutations(told)}
    assert len(views) == 1
    assert net_of(*told) == 6750


def test_amount_without_lines_is_given_back_on_goods() -> None:
    bare = {"refund_line_items": [], "transactions": [paid_back("10.00")]}
    assert refund_data(**bare, order_adjustments=[discrepancy("-10.00")]) == {"lines": [], "other_minor": 1000}
    assert refund_data(**bare)["other_minor"] == 1000


def test_shipping_refund_counts_nowhere() -> None:
    only_shipping = [{"kind": "shipping_refund", "amount": "-4.16", "tax_amount": "-0.79"}]
    bare = {"refund_line_items": [], "transactions": [paid_back("4.95")]}
    assert refund_data(**bare, order_adjustments=only_shipping)["other_minor"] == 0
    newer = [{"subtotal_amount_set": {"shop_money": {"amount": "4.95", "currency_code": "EUR"}}}]
    assert refund_data(**bare, refund_shipping_lines=newer)["other_minor"] == 0


def test_money_beside_named_lines_is_their_tax_and_shipping_unless_a_discrepancy_says_otherwise() -> None:
    assert refund_data(transactions=[paid_back("40.00")])["other_minor"] == 0
    assert refund_data(order_adjustments=[discrepancy("-13.22")])["other_minor"] == 1322


def test_restocking_fee_makes_nothing_larger() -> None:
    assert refund_data(order_adjustments=[discrepancy("5.00")])["other_minor"] == 0


@pytest.mark.parametrize("more", [{"status": "failure"}, {"status": "error"}, {"kind": "void"}])
def test_money_that_never_moved_was_not_given_back(more: dict[str, Any]) -> None:
    assert refund_data(refund_line_items=[], transactions=[paid_back("10.00", **more)])["other_minor"] == 0


def test_line_named_twice_is_given_back_in_sum() -> None:
    item = shopify("refund_one_cup")["refund_line_items"][0]
    assert refund_data(refund_line_items=[item, item])["lines"] == [{"id": "900002", "quantity": 2, "net_minor": 4500}]


def test_refund_that_tells_no_currency_takes_the_workspaces() -> None:
    bare = shopify("refund_one_cup", transactions=[])
    assert to_facts("refunds/create", bare, reports_shipping=True) == Unreadable("unknown_currency")
    found = to_facts("refunds/create", bare, reports_shipping=True, currency="EUR")
    assert isinstance(found, Mapped)
    assert found.facts[0].data["lines"][0]["net_minor"] == 2250


def test_delivered_parcel_anchors_the_hold() -> None:
    view = read_order(
        facts("orders/paid", shopify("order_paid")) + facts("fulfillments/update", shopify("fulfilment_delivered"))
    )
    assert view is not None
    found = anchor(view, zone="Europe/Berlin")
    assert (found.basis, found.at and found.at.isoformat()) == (Basis.DELIVERED, "2026-03-05T11:30:00+00:00")


@pytest.mark.parametrize("status", ["cancelled", "failure", "error"])
def test_undone_fulfilment_is_no_parcel(status: str) -> None:
    told = facts("orders/paid", shopify("order_paid")) + facts(
        "fulfillments/update", shopify("fulfilment_delivered", status=status)
    )
    view = read_order(told)
    assert view is not None
    assert view.parcels == ()


@pytest.mark.parametrize("status", ["pending", "open"])
def test_announced_fulfilment_says_nothing_yet(status: str) -> None:
    assert facts("fulfillments/create", shopify("fulfilment_delivered", status=status)) == []


def test_delivered_follows_shipped_within_one_second() -> None:
    shipped = facts("fulfillments/create", shopify("fulfilment_delivered", shipment_status=None))[0]
    assert shipped.as_of < facts("fulfillments/update", shopify("fulfilment_delivered"))[0].as_of


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), topic=st.sampled_from(sorted(TOPICS)), name=st.sampled_from(["order_paid", "refund_one_cup"]))
def test_whatever_stands_in_a_field_is_read_or_refused_but_never_breaks(data: Any, topic: str, name: str) -> None:
    payload = shopify(name)
    payload[data.draw(st.sampled_from(sorted(payload)))] = data.draw(JSON)
    assert isinstance(to_facts(topic, payload, reports_shipping=True), Mapped | Unreadable)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_line_is_read_or_refused_but_never_breaks(data: Any) -> None:
    payload = shopify("order_paid", refunds=[shopify("refund_one_cup")], fulfillments=[shopify("fulfilment_delivered")])
    part = data.draw(st.sampled_from(["line_items", "refunds", "fulfillments", "discount_codes", "shipping_lines"]))
    row = payload[part][0]
    row[data.draw(st.sampled_from(sorted(row)))] = data.draw(JSON)
    assert isinstance(to_facts("orders/paid", payload, reports_shipping=True), Mapped | Unreadable)


# --- Shopify's own examples -----------------------------------------------------------------------------------------


def test_shopifys_own_examples_are_understood_unedited() -> None:
    order = to_facts("orders/create", shared_json("shopify_python_api/order.json"), reports_shipping=True)
    refund = to_facts("refunds/create", shared_json("shopify_python_api/refund.json"), reports_shipping=True)
    assert isinstance(order, Mapped)
    assert isinstance(refund, Mapped)
    view = read_order(order.facts + refund.facts)
    assert view is not None
    assert (view.was_ever_paid, view.contradicts_itself, view.parcels) == (False, True, ())


def test_shopifys_order_brought_to_today_is_worth_398_and_199_after_returning_one_line() -> None:
    order = copy.deepcopy(shared_json("shopify_python_api/order.json"))["order"]
    order |= {"financial_status": "paid", "created_at": "2026-03-02T10:00:00Z", "updated_at": "2026-03-02T10:00:00Z"}
    order["note_attributes"].append({"name": "referral_token", "value": "v1.some-token.1"})
    order["line_items"], order["discount_codes"] = order["line_items"][:2], []
    refund = copy.deepcopy(shared_json("shopify_python_api/refund.json"))["refund"]
    refund["refund_line_items"] = refund["refund_line_items"][1:]
    refund["created_at"] = "2026-03-05T10:00:00Z"
    paid, back = facts("orders/paid", order), facts("refunds/create", refund)
    view = read_order(paid)
    assert view is not None
    assert (base_minor(view, Terms(currency="USD")), view.contradicts_itself) == (39800, False)
    assert net_of(paid, back) == 19900
