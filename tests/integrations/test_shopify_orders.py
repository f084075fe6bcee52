"""What a Shopify order says: base, codes, tokens, times and the buyer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from integrations.shopify.mapping import Mapped, Unreadable, to_facts
from programs.rules import Terms
from tests.payloads import shopify
from tracking.facts import OrderKey, PersonIn
from tracking.rules import Fact, FactKind, base_minor, read_order

EUR = Terms(currency="EUR")


def mapped(payload: Any, topic: str = "orders/paid", **how: Any) -> Mapped:
    found = to_facts(topic, payload, **{"reports_shipping": True, **how})
    assert isinstance(found, Mapped), found
    return found


def snapshot(payload: Any, **how: Any) -> Fact:
    return next(fact for fact in mapped(payload, **how).facts if fact.kind == FactKind.SNAPSHOT)


def base_of(payload: Any) -> int:
    view = read_order(mapped(payload).facts)
    assert view is not None
    return base_minor(view, EUR)


def line(number: int, price: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "product_id": 1, "quantity": 1, "price": price, **more}


def plain(lines: list[dict[str, Any]], subtotal: str, **more: Any) -> dict[str, Any]:
    """An order whose prices exclude tax."""
    return shopify(
        "order_paid", taxes_included=False, line_items=lines, subtotal_price=subtotal, total_tax="0.00", **more
    )


def test_order_paid_becomes_one_snapshot_of_its_order_and_its_buyer() -> None:
    found = mapped(shopify("order_paid"))
    assert found.key == OrderKey("shopify", "5100200300")
    assert found.person == PersonIn("eve@friends.example", "Eve Friend", "DE", "330044", "de")
    assert [(fact.kind, fact.key) for fact in found.facts] == [(FactKind.SNAPSHOT, "order")]


def test_snapshot_says_all_that_settling_needs() -> None:
    assert snapshot(shopify("order_paid"), reports_shipping=False).data == {
        "number": "#2001",
        "currency": "EUR",
        "placed_at": "2026-03-02T09:15:00+00:00",
        "paid_at": "2026-03-02T09:15:00+00:00",
        "cancelled_at": None,
        "test": False,
        "country": "DE",
        "lines": [
            {
                "id": "900001", "product_id": "77001", "quantity": 1, "net_minor": 4500, "tax_minor": 855,
                "collection_ids": [], "gift_card": False, "ships": True,
            },
            {
                "id": "900002", "product_id": "77002", "quantity": 2, "net_minor": 4500, "tax_minor": 855,
                "collection_ids": [], "gift_card": False, "ships": True,
            },
        ],
        "stated_net_minor": 9000,
        "shipping_minor": 416,
        "shipping_tax_minor": 79,
        "shipping_refunds_taxed": True,
        "codes": [{"code": "EVE-7Q", "discount_minor": 1190}],
        "tokens": ["v1.first-token.11", "v1.second-token.12", "v1.landing-token.22"],
        "shipped_all": False,
        "reports_shipping": False,
    }  # fmt: skip


def test_base_is_after_discounts_and_without_included_tax() -> None:
    assert base_of(shopify("order_paid")) == 9000


def test_base_keeps_added_tax_and_shipping_out() -> None:
    order = plain([line(1, "100.00", tax_lines=[{"price": "19.00", "rate": Decimal("0.19")}])], "100.00")
    assert base_of({**order, "total_tax": "19.95"}) == 10000


def test_base_uses_total_discount_where_nothing_is_allocated() -> None:
    assert base_of(plain([line(1, "100.00", total_discount="30.00")], "70.00")) == 7000


def test_base_leaves_gift_cards_and_tips_out() -> None:
    lines = [line(1, "50.00"), line(2, "25.00", gift_card=True), line(3, "5.00", tip={"payment_gateway": "bogus"})]
    order = plain(lines, "75.00")
    assert base_of(order) == 5000
    assert snapshot(order).data["stated_net_minor"] == 5000


def test_order_that_contradicts_itself_counts_the_smaller_base_and_says_so() -> None:
    view = read_order(mapped(plain([line(1, "100.00")], "60.00")).facts)
    assert view is not None
    assert (base_minor(view, EUR), view.contradicts_itself) == (6000, True)


def test_tax_told_only_for_the_order_is_spread_over_its_lines_without_shippings_share() -> None:
    order = shopify("order_paid")
    items = [{**item, "tax_lines": []} for item in order["line_items"]]
    lines = snapshot({**order, "line_items": items, "total_tax": "17.89"}).data["lines"]
    assert [one["tax_minor"] for one in lines] == [855, 855]


@pytest.mark.parametrize("state", ["paid", "partially_refunded", "refunded"])
def test_paid_states_have_a_payment_time(state: str) -> None:
    assert snapshot(shopify("order_paid", financial_status=state)).data["paid_at"] == "2026-03-02T09:15:00+00:00"


@pytest.mark.parametrize("state", ["pending", "authorized", "partially_paid", "voided", None])
def test_other_states_are_not_paid(state: str | None) -> None:
    assert snapshot(shopify("order_paid", financial_status=state)).data["paid_at"] is None


def test_code_is_worth_what_was_allocated_in_its_name() -> None:
    order = shopify("order_paid", discount_codes=[{"code": "eve-7q", "amount": "99.00"}])
    assert snapshot(order).data["codes"] == [{"code": "eve-7q", "discount_minor": 1190}]


def test_code_without_allocations_is_worth_what_the_order_says() -> None:
    order = plain([line(1, "100.00")], "100.00", discount_codes=[{"code": "TEN", "amount": "10.00"}])
    assert snapshot(order).data["codes"] == [{"code": "TEN", "discount_minor": 1000}]


@pytest.mark.parametrize(
    ("attributes", "landing", "tokens"),
    [
        ({"referral_token": "v1.cart-token.1"}, None, ["v1.cart-token.1"]),
        ([], "https://shop.example/p?utm=x&rt=v1.direct-token.1", ["v1.direct-token.1"]),
        ([], "/discount/A?redirect=/p%3Frt%3Dv1.inner-token.1%26x%3D1", ["v1.inner-token.1"]),
        ([], "/a?redirect=%2Fb%3Fredirect%3D%252Fc%253Frt%253Dv1.deep-token.1", ["v1.deep-token.1"]),
        ([{"name": "referral_token", "value": "<script>"}], "http://[bad", []),
        ([{"name": "referral_token", "value": 7}, "x", None], 12, []),
        ("nonsense", None, []),
    ],
)
def test_tokens_are_found_where_shops_leave_them(attributes: Any, landing: Any, tokens: list[str]) -> None:
    order = shopify("order_paid", note_attributes=attributes, landing_site=landing)
    assert snapshot(order).data["tokens"] == tokens


def test_test_orders_and_cancelled_ones_say_so() -> None:
    data = snapshot(shopify("order_paid", test=True, cancelled_at="2026-03-03T00:00:00Z")).data
    assert (data["test"], data["cancelled_at"]) == (True, "2026-03-03T00:00:00+00:00")


def test_version_is_dated_by_the_shop_and_within_a_second_by_the_trigger() -> None:
    told = datetime(2026, 3, 2, 9, 15, 4, tzinfo=UTC)
    early = snapshot(shopify("order_paid"), triggered_at=told + timedelta(milliseconds=100)).as_of
    late = snapshot(shopify("order_paid"), triggered_at=told + timedelta(hours=3)).as_of
    assert told < early < late < told + timedelta(seconds=1)


def test_paid_follows_unpaid_within_one_second() -> None:
    unpaid = snapshot(shopify("order_paid", financial_status="pending"))
    cancelled = snapshot(shopify("order_paid", cancelled_at="2026-03-02T10:15:04+01:00"))
    assert unpaid.as_of < snapshot(shopify("order_paid")).as_of < cancelled.as_of


def test_order_without_a_usable_address_has_no_person() -> None:
    order = shopify("order_paid", email="", contact_email=None, customer={"email": "no address"})
    assert mapped(order).person is None


def test_nul_and_lone_surrogates_are_replaced() -> None:
    order = shopify("order_paid", name="#\x001\ud800", customer={"first_name": "E\x00ve", "last_name": "\udfff"})
    found = mapped(order)
    assert snapshot(order).data["number"] == "#\ufffd1\ufffd"
    assert found.person is not None
    assert found.person.name == "E\ufffdve \ufffd"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "no_id"),
        ({"id": True}, "no_id"),
        ({"id": 10**400}, "no_id"),
        ({"currency": "XXX"}, "unknown_currency"),
        ({"currency": ["EUR"]}, "unknown_currency"),
        ({"line_items": {"a": 1}}, "bad_shape"),
        ({"line_items": [line(1, "1,50")]}, "bad_amount"),
        ({"line_items": [line(1, "1e400")]}, "bad_amount"),
        ({"line_items": [line(1, "NaN")]}, "bad_amount"),
        ({"line_items": [{**line(1, "1.00"), "price": Decimal("1e900")}]}, "bad_amount"),
        ({"line_items": [{**line(1, "1.00"), "quantity": -1}]}, "bad_quantity"),
        ({"line_items": [{**line(1, "1.00"), "quantity": True}]}, "bad_quantity"),
        ({"created_at": None, "processed_at": None}, "no_time"),
        ({"updated_at": "yesterday"}, "bad_time"),
        ({"updated_at": "2026-03-02T10:00:00"}, "bad_time"),
        ({"updated_at": "0001-01-01T00:00:00+14:00"}, "bad_time"),
    ],
)
def test_what_cannot_be_read_is_told_by_reason(changes: dict[str, Any], reason: str) -> None:
    found = to_facts("orders/paid", shopify("order_paid", **changes), reports_shipping=True)
    assert found == Unreadable(reason)


@pytest.mark.parametrize("payload", [None, [], "text", 7])
def test_what_is_no_object_is_not_read(payload: Any) -> None:
    assert to_facts("orders/paid", payload, reports_shipping=True) == Unreadable("not_an_object")


def test_unknown_topic_is_not_read() -> None:
    assert to_facts("carts/create", {}, reports_shipping=True) == Unreadable("unknown_topic")


def test_yen_have_no_decimals() -> None:
    order = plain([line(1, "1005.00")], "1005.00", currency="JPY", shipping_lines=[], discount_codes=[])
    assert snapshot(order).data["lines"][0]["net_minor"] == 1005
