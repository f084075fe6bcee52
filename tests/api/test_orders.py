"""Orders told through the API: settled at once, refused by field, the same however often they are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kit.ids import parse_public_id
from rewards.models import Reward
from tests.api.conftest import Shop, an_order
from tests.cast import World, a_world, at_work
from tests.rows import rows_of
from tracking.models import Order, OrderFact, Referral


def test_paid_order_with_token_is_settled_in_the_answer(shop: Shop, world: World) -> None:
    answer = shop.post("orders", an_order(referral_token=world.click()))
    assert answer.status_code == 201
    told = answer.json()
    assert (told["order_id"], told["outcome"], told["amount"]) == ("1001", "ATTRIBUTED", "200.00")
    assert told["decision"]["text"] == "Attributed. The friend opened this advocate's link first."
    assert told["referral"]["state"] == "QUALIFIED"
    [reward] = told["rewards"]
    assert (reward["side"], reward["state"], reward["amount"], reward["unit"]) == (
        "ADVOCATE",
        "HELD",
        "20.00",
        "EUR",
    )
    assert reward["missing"][0]["code"] == "hold"
    with at_work(world.merchant):
        order = Order.objects.get(pk=parse_public_id("ord", told["id"]))
        stored = Reward.objects.get(order=order)
        assert (order.platform, order.external_id, order.base_minor) == ("api", "1001", 20000)
        assert (stored.amount_minor, stored.state) == (2000, "HELD")
        # Paid now, shipping not reported: seven days for the way and thirty to give it back.
        assert (stored.release_at - order.paid_at).days in (36, 37)
    assert "eve@" not in answer.content.decode()


def test_order_told_again_is_the_same_order(shop: Shop, world: World) -> None:  # hostile 34
    body = an_order(referral_token=world.click())
    first = shop.post("orders", body)
    before = rows_of(world.merchant)
    second = shop.post("orders", body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert rows_of(world.merchant) == before


def test_order_by_lines_counts_lines_without_gift_cards(shop: Shop, world: World) -> None:
    lines = [
        {"id": 1, "product_id": "beans", "quantity": 2, "total": "30.00", "tax": "2.10"},
        {"id": 2, "product_id": "card", "quantity": 1, "total": "50.00", "gift_card": True, "requires_shipping": False},
    ]
    answer = shop.post("orders", an_order(amount=None, lines=lines, code=world.link.code.lower()))
    assert answer.status_code == 201
    assert (answer.json()["amount"], answer.json()["rewards"][0]["amount"]) == ("30.00", "3.00")
    assert answer.json()["decision"]["reason"] == "typed_code"


def test_status_later_paid_keeps_what_was_told_before(shop: Shop, world: World) -> None:
    shop.post("orders", an_order(status="pending", code=world.link.code, country=None))
    assert shop.get("orders/1001").json()["referral"]["reason"] == "not_paid_yet"
    paid = shop.post("orders", an_order(customer=None))
    assert paid.status_code == 200
    assert paid.json()["outcome"] == "ATTRIBUTED"
    assert paid.json()["rewards"][0]["amount"] == "20.00"


def test_versions_in_any_order_end_the_same(shop: Shop, world: World) -> None:  # hostile 24
    now = world.now
    at = {name: (now - timedelta(hours=hours)).isoformat() for name, hours in {"old": 3, "new": 1, "paid": 4}.items()}
    token = world.click(at=now - timedelta(hours=5))
    common = {"placed_at": at["paid"], "paid_at": at["paid"], "referral_token": token}
    newer = an_order(amount="100.00", updated_at=at["new"], **common)
    older = an_order(amount="200.00", updated_at=at["old"], **common)
    shop.post("orders", newer)
    late = shop.post("orders", older)
    assert (late.status_code, late.json()["amount"]) == (200, "100.00")
    with at_work(world.merchant):
        assert OrderFact.objects.count() == 2
        assert Reward.objects.get().amount_minor == 1000


def test_other_currency_is_kept_and_never_converted(shop: Shop, world: World) -> None:  # hostile 38
    told = shop.post("orders", an_order(currency="USD", code=world.link.code)).json()
    assert (told["currency"], told["amount"], told["rewards"]) == ("USD", "200.00", [])
    assert (told["referral"]["state"], told["referral"]["reason"]) == ("NOT_QUALIFIED", "currency_differs")
    assert "never converted" in told["referral"]["text"]


def test_broken_token_does_not_cost_the_shop_its_order(shop: Shop, world: World) -> None:
    told = shop.post("orders", an_order(referral_token="v1.forged")).json()
    assert told["outcome"] == "NOT_REFERRED"
    assert [warning["code"] for warning in told["warnings"]] == ["token_not_valid"]


def test_token_of_another_workspace_counts_for_nothing_and_is_told(shop: Shop, world: World) -> None:
    token = a_world(owner="bob@other.example", name="Other").click()
    told = shop.post("orders", an_order(referral_token=token)).json()
    assert told["outcome"] == "NOT_REFERRED"
    assert [warning["code"] for warning in told["warnings"]] == ["token_not_valid"]
    assert shop.post("orders", an_order(order_id="2", referral_token=world.click())).json()["warnings"] == []


def test_several_tokens_are_read_and_the_first_advocate_wins(shop: Shop, world: World) -> None:
    tokens = f"{world.click()}, {world.click()},,v1.forged"
    told = shop.post("orders", an_order(referral_token=tokens)).json()
    assert (told["outcome"], told["decision"]["reason"]) == ("ATTRIBUTED", "first_touch")
    assert [warning["code"] for warning in told["warnings"]] == ["token_not_valid"]
    with at_work(world.merchant):
        assert len(OrderFact.objects.get().data["tokens"]) == 3


def test_history_without_evidence_is_taken_and_makes_an_existing_customer(
    shop: Shop, world: World
) -> None:  # hostile 39
    old = (world.now - timedelta(days=3650)).isoformat()
    assert shop.post("orders", an_order(order_id="1", placed_at=old, paid_at=old)).status_code == 201
    told = shop.post("orders", an_order(order_id="2", code=world.link.code)).json()
    assert (told["outcome"], told["decision"]["reason"], told["rewards"]) == ("BLOCKED", "existing_customer", [])


def test_cancel_and_cancel_again(shop: Shop, world: World) -> None:
    shop.post("orders", an_order(code=world.link.code))
    first = shop.post("orders/1001/cancel")
    assert first.status_code == 200
    assert (first.json()["rewards"][0]["state"], first.json()["rewards"][0]["reason"]) == (
        "CANCELLED",
        "order_cancelled",
    )
    before = rows_of(world.merchant)
    assert shop.post("orders/1001/cancel").json()["cancelled_at"] == first.json()["cancelled_at"]
    assert rows_of(world.merchant) == before


def test_refund_before_its_order_waits_for_it(shop: Shop, world: World) -> None:  # hostile 21
    parked = shop.post("refunds", {"refund_id": "r1", "order_id": "1001", "amount": "60.00"})
    assert (parked.status_code, parked.json()["outcome"]) == (201, "AWAITED")
    told = shop.post("orders", an_order(code=world.link.code))
    assert told.status_code == 201
    assert (told.json()["net_amount"], told.json()["rewards"][0]["amount"]) == ("140.00", "14.00")


def test_refund_told_twice_counts_once(shop: Shop, world: World) -> None:
    shop.post("orders", an_order(code=world.link.code))
    refund = {"refund_id": 7, "order_id": "1001", "amount": "60.00"}
    assert shop.post("refunds", refund).status_code == 201
    before = rows_of(world.merchant)
    again = shop.post("refunds", refund)
    assert (again.status_code, again.json()["rewards"][0]["amount"]) == (200, "14.00")
    assert rows_of(world.merchant) == before


def test_refund_of_lines(shop: Shop, world: World) -> None:
    lines = [{"id": "a", "total": "150.00"}, {"id": "b", "total": "50.00"}]
    shop.post("orders", an_order(amount=None, lines=lines, code=world.link.code))
    told = shop.post("refunds", {"refund_id": "r", "order_id": "1001", "lines": [{"id": "b", "total": "50.00"}]}).json()
    assert told["rewards"][0]["amount"] == "15.00"
    unknown = shop.post("refunds", {"refund_id": "q", "order_id": "1001", "lines": [{"id": "c", "total": "50.00"}]})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (400, "lines[0].id")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0"}, "amount"), ({"amount": None}, "amount"), ({"amount": "-5"}, "amount"),
        ({"refund_id": None}, "refund_id"), ({"order_id": None}, "order_id"), ({"currency": "USD"}, "currency"),
        ({"refunded_at": "2999-01-01T00:00:00Z"}, "refunded_at"), ({"reward": "0"}, "reward"),
    ],
)  # fmt: skip
def test_refund_refused_by_name(changes: dict[str, Any], field: str, shop: Shop, world: World) -> None:
    shop.post("orders", an_order(code=world.link.code))
    before = rows_of(world.merchant)
    refund = {"refund_id": "r", "order_id": "1001", "amount": "5.00", **changes}
    answer = shop.post("refunds", {name: value for name, value in refund.items() if value is not None})
    assert (answer.status_code, field in [error["field"] for error in answer.json()["errors"]]) == (400, True)
    assert rows_of(world.merchant) == before


def test_delivery_before_the_order_or_of_none(shop: Shop, world: World) -> None:
    shop.post("orders", an_order())
    before = rows_of(world.merchant)
    early = shop.post("orders/1001/delivered", {"delivered_at": "2020-01-01T00:00:00Z"})
    assert (early.status_code, early.json()["errors"][0]["code"]) == (400, "before_the_order")
    assert shop.post("orders/none/delivered").status_code == 404
    assert rows_of(world.merchant) == before


def test_awaited_order_cannot_be_cancelled_only_sent(shop: Shop, world: World) -> None:
    shop.post("refunds", {"refund_id": "r1", "order_id": "1001", "amount": "60.00"})
    answer = shop.post("orders/1001/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "order_awaited")


def test_delivery_moves_the_hold_and_can_be_taken_back(shop: Shop, world: World) -> None:
    waiting = shop.post("orders", an_order(code=world.link.code, reports_shipping=True)).json()
    assert (waiting["rewards"][0]["release_at"], waiting["rewards"][0]["missing"][0]["code"]) == (None, "shipment")
    delivered = shop.post("orders/1001/delivered")
    assert delivered.status_code == 200
    release_at = delivered.json()["rewards"][0]["release_at"]
    assert release_at
    assert shop.post("orders/1001/delivered").json()["rewards"][0]["release_at"] == release_at
    undone = shop.delete("orders/1001/delivered").json()
    assert (undone["delivered_at"], undone["rewards"][0]["release_at"]) == (None, None)
    before = rows_of(world.merchant)
    assert shop.delete("orders/1001/delivered").status_code == 200
    assert rows_of(world.merchant) == before


def test_test_order_earns_nothing(shop: Shop, world: World) -> None:  # hostile 27
    told = shop.post("orders", an_order(code=world.link.code, test=True)).json()
    assert (told["referral"]["reason"], told["rewards"]) == ("test_order", [])


def test_code_of_a_banned_advocate_earns_nothing(shop: Shop, world: World) -> None:  # hostile 40
    from advocates.actions.standing import ban_advocate

    with at_work(world.merchant) as now:
        ban_advocate(advocate=world.advocate, by="system", now=now)
    told = shop.post("orders", an_order(code=world.link.code)).json()
    assert (told["outcome"], told["decision"]["reason"], told["rewards"]) == ("NOT_REFERRED", "advocate_not_active", [])


def test_code_of_another_merchant_is_no_evidence(shop: Shop, world: World, other_world: World) -> None:  # hostile 40
    told = shop.post("orders", an_order(code=other_world.link.code, referral_token=other_world.click())).json()
    assert (told["outcome"], told["decision"]["reason"]) == ("NOT_REFERRED", "no_evidence")
    with at_work(other_world.merchant):
        assert not Order.objects.exists()
        assert not Referral.objects.exists()


AMOUNTS = [
    "-1",
    "0",
    "0.005",
    "1e400",
    "NaN",
    "Infinity",
    "１２",
    True,
    "12,50",
    "",
    " ",
    [],
    {},
    "1e2",
    "+5",
    "9" * 30,
]
RAW_AMOUNTS = [b"1e2", b"1E400", b"-1", b"0.005", b"1" * 50, b"-0.0"]


@pytest.mark.parametrize("amount", AMOUNTS, ids=str)
def test_amount_that_is_none_is_refused_by_name(amount: Any, shop: Shop, world: World) -> None:  # hostile 36
    _refused(shop, world, an_order(amount=amount, code=world.link.code), "amount")


@pytest.mark.parametrize("amount", RAW_AMOUNTS, ids=lambda raw: raw.decode()[:10])
def test_number_that_is_no_amount_is_refused_by_name(amount: bytes, shop: Shop, world: World) -> None:
    raw = b'{"order_id":"1","currency":"EUR","status":"paid","customer":{"email":"e@e.example"},"amount":%s}' % amount
    _refused(shop, world, raw, "amount")


def test_amounts_as_plain_numbers_are_exact(shop: Shop, world: World) -> None:
    raw = b'{"order_id":"1","currency":"EUR","status":"paid","customer":{"email":"e@e.example"},"amount":0.29}'
    assert shop.post("orders", raw).json()["amount"] == "0.29"


@pytest.mark.parametrize(
    ("currency", "amount", "field"),
    [
        ("JPY", "10.50", "amount"), ("KWD", "1.2345", "amount"), ("CLF", "1.23456", "amount"), ("XXX", "1", "currency"),
        ("usd ", "1", "currency"), ("ABC", "1", "currency"), (978, "1", "currency"), ("eur", "1", "currency"),
    ],
)  # fmt: skip
def test_currency_and_its_decimals(
    currency: Any, amount: str, field: str, shop: Shop, world: World
) -> None:  # hostile 37
    _refused(shop, world, an_order(currency=currency, amount=amount), field)


@pytest.mark.parametrize(
    ("currency", "amount", "minor"), [("KWD", "1.234", 1234), ("CLF", "1.2345", 12345), ("JPY", "10", 10)]
)
def test_every_decimal_a_currency_has(
    currency: str, amount: str, minor: int, shop: Shop, world: World
) -> None:  # hostile 37
    assert shop.post("orders", an_order(currency=currency, amount=amount)).status_code == 201
    with at_work(world.merchant):
        assert Order.objects.get().base_minor == minor


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"placed_at": "future"}, "placed_at"),
        ({"placed_at": "ancient", "code": "ANY"}, "placed_at"),
        ({"placed_at": "2026-05-04T12:00:00"}, "placed_at"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at"),
        ({"placed_at": 1777888800}, "placed_at"),
        ({"state": "FULFILLED"}, "state"),
        ({"merchant_id": 2}, "merchant_id"),
        ({"customer": {"email": "eve@friend.example", "first_paid_at": "2020"}}, "customer.first_paid_at"),
        ({"customer": None}, "customer"),
        ({"customer": {"email": "nobody"}}, "customer.email"),
        ({"customer": {"email": "e@e.example", "country": "Germany"}}, "customer.country"),
        ({"customer": "eve@friend.example"}, "customer"),
        ({"status": "done"}, "status"),
        ({"order_id": None}, "order_id"),
        ({"order_id": "x" * 121}, "order_id"),
        ({"order_id": ["1"]}, "order_id"),
        ({"amount": None}, "amount"),
        ({"amount": None, "lines": [{"id": "1", "total": "-1"}]}, "lines[0].total"),
        ({"amount": None, "lines": [{"id": "1", "total": "1"}, {"id": "1", "total": "1"}]}, "lines[1].id"),
        ({"amount": None, "lines": [{"id": "1", "total": "1", "quantity": 0}]}, "lines[0].quantity"),
        ({"amount": None, "lines": [{"id": "1", "total": "1", "price": "1"}]}, "lines[0].price"),
        ({"amount": None, "lines": "all"}, "lines"),
        ({"amount": None, "lines": [{"id": str(n), "total": "1"} for n in range(251)]}, "lines"),
        ({"codes": [{"code": 5}]}, "codes[0].code"),
        ({"test": "yes"}, "test"),
        ({"updated_at": "2026-05-04T12:00:00+02:00"}, "placed_at"),
    ],
)  # fmt: skip
def test_bad_field_is_named_and_nothing_is_stored(
    changes: dict[str, Any], field: str, shop: Shop, world: World
) -> None:
    times = {"future": world.now + timedelta(minutes=6), "ancient": world.now - timedelta(days=3650)}
    if (name := changes.get("placed_at")) in times:
        changes = {**changes, "placed_at": times[name].isoformat()}
    _refused(shop, world, an_order(**changes), field)  # hostile 39, 43


@pytest.mark.parametrize(
    ("raw", "code"),
    [(b"{", "not_json"), (b"\xff\xfe", "not_json"), (b"[" * 100_000, "too_deep"), (b"9" * 1000, "bad_number")],
)
def test_body_that_cannot_be_read(raw: bytes, code: str, shop: Shop, world: World) -> None:  # hostile 17
    before = rows_of(world.merchant)
    answer = shop.post("orders", raw)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert rows_of(world.merchant) == before


@pytest.mark.parametrize("raw", [b"[]", b'"text"', b"5", b"null", b"true"])
def test_body_that_is_no_object(raw: bytes, shop: Shop) -> None:
    assert shop.post("orders", raw).status_code == 400


def test_body_too_large(shop: Shop, world: World) -> None:  # hostile 16
    before = rows_of(world.merchant)
    assert shop.post("orders", b'{"number":"' + b"x" * 1_048_576 + b'"}').status_code == 413
    assert rows_of(world.merchant) == before


def test_unstorable_text_is_replaced(shop: Shop, world: World) -> None:  # hostile 18
    text = b'"a\\u0000\\ud800"'
    raw = (
        b'{"order_id":%s,"number":%s,"currency":"EUR","amount":"1","status":"paid",'
        b'"customer":{"email":"e@e.example","name":%s}}' % (text, text, text)
    )
    assert shop.post("orders", raw).status_code == 201
    with at_work(world.merchant):
        assert Order.objects.get().external_id == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"


def _refused(shop: Shop, world: World, body: Any, field: str) -> None:
    before = rows_of(world.merchant)
    answer = shop.post("orders", body)
    assert answer.status_code == 400, answer.content
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert all(error["detail"] and error["code"] for error in answer.json()["errors"])
    assert rows_of(world.merchant) == before


def test_an_order_of_nobody_says_where_to_ask_who_sent_its_buyer(shop: Shop, world: World) -> None:
    told = shop.post("orders", an_order()).json()
    assert told["who_sent_you_url"].partition("/who/")[1] == "/who/"
    assert told["who_sent_you_until"] is not None
    assert shop.get("orders/1001").json()["who_sent_you_until"] == told["who_sent_you_until"]
    referred = shop.post("orders", an_order(order_id="2", code=world.link.code, customer={"email": "f@friend.example"}))
    assert (referred.json()["who_sent_you_url"], referred.json()["who_sent_you_until"]) == (None, None)


def test_the_decision_names_every_touch(shop: Shop, world: World) -> None:
    token = world.click()
    told = shop.post("orders", an_order(referral_token=token, code=world.link.code)).json()
    touches = [(item["by"], item["reason"], item["advocate"]) for item in told["decision"]["touches"]]
    advocate = told["referral"]["advocate"]
    assert touches == [("TOKEN", "other_touch_won", advocate), ("CODE", "typed_code", advocate)]
    assert all(item["text"] and item["link"] for item in told["decision"]["touches"])
