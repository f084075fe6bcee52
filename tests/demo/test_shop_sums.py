"""Whatever is bought and given back, the amounts of an order add up."""

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from demo.shop import documents, orders
from demo.shop.catalogue import PRODUCTS
from demo.shop.money import cents_from, major, slice_of, split
from demo.shop.payloads import order_payload
from demo.shop.pricing import Code, PricedCart, price_cart

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

codes = st.one_of(
    st.none(),
    st.integers(1, 100).map(lambda value: Code("SAVE", "percentage", value)),
    st.integers(1, 30_000).map(lambda value: Code("SAVE", "fixed_amount", value)),
)
unhurried = settings(deadline=None, max_examples=60)  # a busy machine is no failure
carts = st.lists(st.tuples(st.sampled_from(PRODUCTS), st.integers(1, 9)), min_size=1, max_size=6)


def placed(cart: PricedCart) -> tuple[orders.Order, Any]:
    counter = itertools.count(1)
    buyer = orders.Buyer(1, "eve@example.com", "Eve", "Friend", "DE", 1)

    def new_id() -> int:
        return next(counter)

    order = orders.place(
        cart, buyer=buyer, number=1001, token="t", new_id=new_id, now=NOW, landing_site=None, referral_token=None
    )
    return order, new_id


def payload_of(order: orders.Order) -> Any:
    return order_payload(order, shop_url="http://shop.test")


def total_of(items: list[Any], field: str) -> Decimal:
    return sum((Decimal(str(item[field])) for item in items), Decimal(0))


@unhurried
@given(carts, codes)
def test_order_sums_agree(lines: Any, code: Code | None) -> None:
    order, _ = placed(price_cart(lines, code))
    data = payload_of(order)
    items = data["line_items"]
    gross = sum((Decimal(item["price"]) * item["quantity"] for item in items), Decimal(0))
    allocations = [allocation for item in items for allocation in item["discount_allocations"]]
    taxes = [tax for row in items + data["shipping_lines"] for tax in row["tax_lines"]]
    shipping = Decimal(data["total_shipping_price_set"]["shop_money"]["amount"])

    assert gross == Decimal(data["total_line_items_price"])
    assert total_of(allocations, "amount") == Decimal(data["total_discounts"])
    assert gross - Decimal(data["total_discounts"]) == Decimal(data["subtotal_price"])
    assert Decimal(data["subtotal_price"]) + shipping == Decimal(data["total_price"])
    assert total_of(taxes, "price") == Decimal(data["total_tax"])
    assert total_of(data["discount_codes"], "amount") == Decimal(data["total_discounts"])
    assert all(0 <= line.tax <= line.net for line in order.lines)
    for name in ("subtotal_price", "total_discounts", "total_tax", "total_price"):
        assert data[f"current_{name}"] == data[name]


@unhurried
@given(carts, codes)
def test_gift_cards_are_neither_reduced_nor_taxed(lines: Any, code: Code | None) -> None:
    for line in price_cart(lines, code).lines:
        if line.product.gift_card:
            assert (line.discount, line.tax) == (0, 0)


@unhurried
@given(carts, codes, st.data())
def test_refunds_piece_by_piece_give_back_exactly_what_was_paid(lines: Any, code: Code | None, data: Any) -> None:
    order, new_id = placed(price_cart(lines, code))
    orders.pay(order, now=NOW)
    for how in [*data.draw(st.lists(st.sampled_from(["line", "amount"]), max_size=4)), "all"]:
        take_one_refund(how, order, new_id, data)
        for refund in payload_of(order)["refunds"]:
            assert_refund_adds_up(refund)
        assert 0 <= order.refunded <= order.paid
        assert order.refunded + order.kept_total == order.paid
    for line in order.lines:
        returned = [part for refund in order.refunds for part in refund.lines if part.line_id == line.id]
        assert sum(part.quantity for part in returned) == line.quantity
        assert sum(part.subtotal for part in returned) == line.net
        assert sum(part.tax for part in returned) == line.tax
    assert order.refunded == order.paid == order.total
    assert order.financial_status == ("refunded" if order.paid else "paid")


def take_one_refund(how: str, order: orders.Order, new_id: Any, data: Any) -> None:
    kept = [line for line in order.lines if line.kept]
    if how == "line" and kept:
        line = data.draw(st.sampled_from(kept))
        units = {line.id: data.draw(st.integers(1, line.kept))}
        orders.refund_lines(order, units, new_id=new_id, now=NOW, note="", with_shipping=data.draw(st.booleans()))
    elif how == "amount" and order.refundable > 1:
        amount = data.draw(st.integers(1, order.refundable - 1))
        orders.refund_amount(order, amount, new_id=new_id, now=NOW, note="")
    elif how == "all" and (kept or order.refundable):
        orders.refund_all(order, new_id=new_id, now=NOW, note="")


def assert_refund_adds_up(refund: Any) -> None:
    lines = total_of(refund["refund_line_items"], "subtotal")
    adjustments = total_of(refund["order_adjustments"], "amount")
    assert total_of(refund["transactions"], "amount") == lines - adjustments


@unhurried
@given(carts, codes)
def test_an_order_survives_being_stored(lines: Any, code: Code | None) -> None:
    order, new_id = placed(price_cart(lines, code))
    orders.pay(order, now=NOW)
    orders.ship(order, parcels=orders.everything_unshipped(order, parcels=1), new_id=new_id, now=NOW)
    orders.refund_lines(order, {order.lines[0].id: 1}, new_id=new_id, now=NOW, note="broken")
    assert documents.load(documents.dump(order)) == order


@given(st.integers(0, 10**7), st.lists(st.integers(0, 10**5), min_size=1, max_size=8).filter(any))
def test_split_shares_add_up_and_stay_within_one_cent(amount: int, weights: list[int]) -> None:
    shares = split(amount, weights)
    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - amount * weight) < sum(weights)


@given(st.integers(0, 10**6), st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_slices_add_up(amount: int, counts: list[int]) -> None:
    starts = itertools.accumulate(counts, initial=0)
    parts = sum(counts)
    slices = [slice_of(amount, start=s, count=c, parts=parts) for s, c in zip(starts, counts, strict=False)]
    assert sum(slices) == amount


@given(st.integers(0, 10**8))
def test_amounts_read_back_as_written(cents: int) -> None:
    assert cents_from(major(cents)) == cents
