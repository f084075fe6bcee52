"""Discount codes in a Shopify store: each form, and each of its ways to say no."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.codes import code_of, marker_of
from integrations.shopify.discounts import ShopifyDiscount
from kit.ids import uuid7
from merchants.models import Merchant
from rewards.fulfilment import Delivered, Retryable, Terminal, Unknown
from tests.integrations.receiver import Receiver, listening
from tests.integrations.relay import Relay, relaying
from tests.integrations.services import account, answered_by, deliver, look_up, order
from tests.providers import Providers

pytestmark = pytest.mark.django_db

UNTIL = datetime(2031, 5, 1, 12, tzinfo=UTC)
FORMS: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    (
        {"form": "PERCENT_CODE", "unit": "PIECES", "amount_minor": 1, "setting": {"percent": "7"}},
        "discountCodeBasicCreate",
        {"customerGets": {"value": {"percentage": 0.07}, "items": {"all": True}}},
    ),
    (
        {"form": "FIXED_CODE", "amount_minor": 1050},
        "discountCodeBasicCreate",
        {
            "customerGets": {
                "value": {"discountAmount": {"amount": "10.50", "appliesOnEachItem": False}},
                "items": {"all": True},
            }
        },
    ),
    (
        {"form": "FREE_SHIPPING_CODE", "unit": "PIECES", "amount_minor": 1},
        "discountCodeFreeShippingCreate",
        {"destination": {"all": True}},
    ),
]


@pytest.fixture
def relay(providers: Providers) -> Iterator[Relay]:
    with relaying(providers.url) as found, answered_by(found.address):
        yield found


@pytest.fixture
def store(merchant: Merchant) -> Iterator[Receiver]:
    """A store that answers as told."""
    with listening() as receiver, answered_by(receiver.address.removesuffix("/rewards")):
        yield receiver


@pytest.mark.parametrize(("asked", "mutation", "differs"), FORMS, ids=lambda part: str(part)[:30])
def test_each_form_is_a_code_for_one_use(
    merchant: Merchant, relay: Relay, asked: dict[str, Any], mutation: str, differs: dict[str, Any]
) -> None:
    wanted = order(**asked, valid_until=UNTIL)
    assert deliver(merchant, ShopifyDiscount, wanted) == Delivered(code_of(wanted.key))
    sent = json.loads(relay.exchanges[-1].body)
    given = sent["variables"]["discount"]
    began = datetime.fromisoformat(given.pop("startsAt"))
    assert began < datetime.now(UTC)
    assert mutation in sent["query"]
    assert given == {
        "title": marker_of(wanted.key), "code": code_of(wanted.key), "endsAt": "2031-05-01T12:00:00Z", "usageLimit": 1,
        "appliesOncePerCustomer": True, "context": {"all": "ALL"}, **differs,
    }  # fmt: skip
    assert relay.exchanges[-1].headers["x-shopify-access-token"] == "shpat_demo"
    assert relay.exchanges[-1].path == "/shopify/admin/api/2026-01/graphql.json"


def test_free_product_takes_its_price_off_once(merchant: Merchant, store: Receiver) -> None:
    """A hundred percent would make ten pieces free as well as one."""
    store.says(
        200,
        {
            "data": {
                "product": {"priceRangeV2": {"maxVariantPrice": {"amount": "24.5"}}},
                "discountCodeBasicCreate": {"codeDiscountNode": {"id": "gid://1"}, "userErrors": []},
            }
        },
    )
    wanted = order(form="FREE_PRODUCT_CODE", unit="PIECES", amount_minor=1, setting={"product_id": "42"})
    deliver(merchant, ShopifyDiscount, wanted)
    price, made = store.messages()
    assert price["variables"] == {"id": "gid://shopify/Product/42"}
    assert made["variables"]["discount"]["customerGets"] == {
        "value": {"discountAmount": {"amount": "24.5", "appliesOnEachItem": False}},
        "items": {"products": {"productsToAdd": ["gid://shopify/Product/42"]}},
    }


def test_a_free_product_at_the_simulated_store(merchant: Merchant, providers: Providers) -> None:
    wanted = order(form="FREE_PRODUCT_CODE", unit="PIECES", amount_minor=1, setting={"product_id": "42"})
    voucher = deliver(merchant, ShopifyDiscount, wanted).voucher
    assert [(row["amount"], row["unit"], row["voucher"]) for row in providers.ledger("shopify")] == [
        (1490, "EUR", voucher)
    ]


@pytest.mark.parametrize(("product", "calls"), [("", 0), ("../x", 0), ("43", 1)])
def test_an_unknown_product_is_refused(merchant: Merchant, store: Receiver, product: str, calls: int) -> None:
    store.says(200, {"data": {"product": None}})
    with pytest.raises(Terminal, match="product_unknown"):
        deliver(merchant, ShopifyDiscount, order(form="FREE_PRODUCT_CODE", setting={"product_id": product}))
    assert len(store.calls) == calls


def test_an_amount_in_another_currency_than_the_stores_is_refused(merchant: Merchant, providers: Providers) -> None:
    with pytest.raises(Terminal, match="currency_differs"):
        deliver(merchant, ShopifyDiscount, order(unit="USD"))
    assert providers.ledger("shopify") == []


def test_a_code_of_somebody_elses_is_never_handed_out(merchant: Merchant, store: Receiver) -> None:
    taken = {"field": ["code"], "code": "TAKEN", "message": "Code must be unique."}
    store.says(
        200,
        {
            "data": {
                "shop": {"currencyCode": "EUR"},
                "discountCodeBasicCreate": {"codeDiscountNode": None, "userErrors": [taken]},
                "codeDiscountNodeByCode": {"id": "gid://9", "codeDiscount": {"title": "Summer sale"}},
            }
        },
    )
    with pytest.raises(Terminal, match="code_taken"):
        deliver(merchant, ShopifyDiscount, order())
    assert look_up(merchant, ShopifyDiscount, order()) is None


SHOP = {"shop": {"currencyCode": "EUR"}}
NO = [
    (402, {"errors": "Unavailable Shop"}, Retryable, "shop_closed"),
    (404, {"errors": "Not Found"}, Terminal, "shop_unknown"),
    (200, {"errors": [{"message": "x", "extensions": {"code": "ACCESS_DENIED"}}]}, Retryable, "scope_missing"),
    (200, {"errors": [{"message": "x", "extensions": {"code": "THROTTLED"}}]}, Retryable, "http_429"),
    (200, {"errors": [{"message": "Field 'x' doesn't exist"}]}, Terminal, "shopify_refused"),
    (200, {"data": {**SHOP, "discountCodeBasicCreate": None}}, Unknown, "answer_unreadable"),
    (200, {"data": SHOP, "errors": []}, Unknown, "answer_unreadable"),
    (
        200,
        {"data": {**SHOP, "discountCodeBasicCreate": {"userErrors": [{"code": "INVALID", "message": "No."}]}}},
        Terminal,
        "shopify_refused",
    ),
]


@pytest.mark.parametrize(("status", "body", "error", "reason"), NO)
def test_what_each_refusal_means(
    merchant: Merchant, store: Receiver, status: int, body: Any, error: type[Exception], reason: str
) -> None:
    store.says(status, body)
    with pytest.raises(error) as told:
        deliver(merchant, ShopifyDiscount, order())
    assert told.value.reason == reason  # type: ignore[attr-defined]


def test_refusal_stands_in_shopifys_words_on_the_connection(merchant: Merchant, providers: Providers) -> None:
    providers.switch("shopify", fault="refuse", reason="user_error", times=1)
    with pytest.raises(Terminal, match="shopify_refused"):
        deliver(merchant, ShopifyDiscount, order())
    assert account(merchant, "SHOPIFY").last_error == "Discounts cannot be created on this plan."


def test_throttled_waits_until_the_bucket_holds_enough(merchant: Merchant, providers: Providers) -> None:
    providers.switch("shopify", fault="throttled", times=1)
    with pytest.raises(Retryable) as told:
        deliver(merchant, ShopifyDiscount, order())
    assert (told.value.reason, told.value.after) == ("http_429", 1.0)


def test_codes_are_of_plain_signs_and_follow_from_the_key() -> None:
    keys = [f"rwd-{uuid7()}" for _ in range(2000)]
    codes = {code_of(key) for key in keys}
    assert len(codes) == 2000
    assert {len(code) for code in codes} == {12}
    assert set("".join(codes)) <= set("23456789BCDFGHJKMNPQRSTVWXZ")
    assert code_of("rwd-1") == code_of("rwd-1")
