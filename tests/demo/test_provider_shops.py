"""The simulated Shopify, WooCommerce and receiver of webhooks: codes made, used and ended."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo.asking import (
    CREATE,
    END,
    FIND,
    SHIPPING,
    Client,
    ask,
    discount,
    given,
)
from tests.providers import Providers


def test_shopify_makes_each_kind_of_code(client: Client, providers: Providers) -> None:
    made = client.shopify(CREATE, basicCodeDiscount=discount("TEN")).json
    node = made["data"]["discountCodeBasicCreate"]["codeDiscountNode"]
    assert node["id"].startswith("gid://shopify/DiscountCodeNode/")
    assert node["codeDiscount"] == {"title": "Reward TEN", "status": "ACTIVE", "codes": {"nodes": [{"code": "TEN"}]}}
    assert made["extensions"]["cost"]["throttleStatus"]["restoreRate"] == 100.0
    fixed = {"discountAmount": {"amount": "7.50", "appliesOnEachItem": False}}
    client.shopify(CREATE, basicCodeDiscount=discount("FIX", **fixed))
    free = discount("GIFT", percentage=1.0)
    free["customerGets"]["items"] = {"products": {"productsToAdd": ["gid://shopify/Product/1"]}}
    client.shopify(CREATE, basicCodeDiscount=free)
    wish = {name: value for name, value in discount("SHIP").items() if name != "customerGets"}
    client.shopify(SHIPPING, wish=wish | {"destination": {"all": True}})
    assert given(providers, "shopify") == [
        ("percentage", 1500, "PERCENT", "TEN"),
        ("fixed_amount", 750, "EUR", "FIX"),
        ("free_product", 1, "PRODUCT", "GIFT"),
        ("free_shipping", 1, "FREE_SHIPPING", "SHIP"),
    ]
    assert client.shopify(FIND, code="ship").json["data"]["found"]["codeDiscount"] == {
        "__typename": "DiscountCodeFreeShipping",
        "status": "ACTIVE",
    }


def test_shopify_says_that_a_code_is_taken_and_gives_nothing(client: Client, providers: Providers) -> None:
    client.shopify(CREATE, basicCodeDiscount=discount("ONE"))
    twice = client.shopify(CREATE, basicCodeDiscount=discount("one")).json["data"]["discountCodeBasicCreate"]
    assert twice["codeDiscountNode"] is None
    assert twice["userErrors"] == [
        {
            "field": ["basicCodeDiscount", "code"],
            "code": "TAKEN",
            "message": "Code must be unique. Please try a different code.",
        }
    ]
    assert len(providers.ledger("shopify")) == 1


def test_shopify_counts_uses_and_ends_codes(client: Client, providers: Providers) -> None:
    made = client.shopify(CREATE, basicCodeDiscount=discount("USED")).json
    providers.switch("shopify", use="used")
    found = client.shopify(FIND, code="USED").json["data"]["found"]
    assert found["codeDiscount"] == {"__typename": "DiscountCodeBasic", "status": "ACTIVE", "asyncUsageCount": 1}
    with pytest.raises(AssertionError, match="Nothing that could be used"):
        providers.switch("shopify", use="used")
    key = made["data"]["discountCodeBasicCreate"]["codeDiscountNode"]["id"]
    assert client.shopify(END, id=key).json["data"]["discountCodeDeactivate"]["userErrors"] == []
    assert client.shopify(FIND, code="USED").json["data"]["found"]["codeDiscount"]["status"] == "EXPIRED"
    assert client.shopify(END, id="gid://shopify/DiscountCodeNode/1").json["data"]["discountCodeDeactivate"][
        "userErrors"
    ][0]["message"] == ("Code discount does not exist.")
    assert client.shopify(FIND, code="NONE").json["data"] == {"found": None}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": ""}, "BLANK"),
        ({"customerSelection": None}, "BLANK"),
        ({"usageLimit": 0}, "GREATER_THAN"),
        ({"endsAt": "2024-01-01T00:00:00Z"}, "END_DATE_BEFORE_START_DATE"),
        ({"customerGets": {"value": {"percentage": 15}, "items": {"all": True}}}, "VALUE_OUTSIDE_RANGE"),
    ],
)
def test_shopify_checks_what_it_is_sent(client: Client, providers: Providers, change: Any, code: str) -> None:
    made = client.shopify(CREATE, basicCodeDiscount=discount("BAD") | change).json["data"]["discountCodeBasicCreate"]
    assert [error["code"] for error in made["userErrors"]] == [code]
    assert providers.ledger("shopify") == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ shop { nickname } }", "Field 'nickname' doesn't exist on type 'Shop'"),
        ("{ shops { name } }", "Field 'shops' doesn't exist on type 'QueryRoot'"),
        ("{ shop { name ", "syntax error"),
        ("query ($code: String!) { codeDiscountNodeByCode(code: $code) { id } }", "Variable $code of type String!"),
    ],
)
def test_shopify_refuses_queries_it_does_not_understand(client: Client, query: str, message: str) -> None:
    assert message in client.shopify(query).json["errors"][0]["message"]


def test_shopify_tells_what_a_product_costs(client: Client) -> None:
    query = "query ($id: ID!) { product(id: $id) { priceRangeV2 { maxVariantPrice { amount } } } }"
    price = client.shopify(query, id="gid://shopify/Product/7").json["data"]["product"]["priceRangeV2"]
    assert price == {"maxVariantPrice": {"amount": "14.9"}}
    assert client.shopify(query, id="gid://shopify/Product/404").json["data"] == {"product": None}


def test_shopify_tells_its_name_and_wants_the_right_token(client: Client) -> None:
    assert client.shopify("{ shop { name } }").json["data"] == {"shop": {"name": "Nordlicht Kaffee"}}
    stranger = client.shopify("{ shop { name } }", token="shpat_wrong")
    assert stranger.status == 401
    assert stranger.json["errors"].startswith("[API] Invalid API key or access token")


# WooCommerce


def test_woocommerce_makes_finds_and_removes_coupons(client: Client, providers: Providers) -> None:
    wish = {"code": "Dank-10", "amount": "10", "discount_type": "percent", "usage_limit": 1}
    made = client.woo("POST", "coupons", wish | {"meta_data": [{"key": "reward", "value": "rwd_1"}]})
    assert made.status == 201
    coupon = made.json
    assert (coupon["code"], coupon["amount"], coupon["usage_count"]) == ("dank-10", "10.00", 0)
    assert [row["id"] for row in client.woo("GET", "coupons?code=DANK-10").json] == [coupon["id"]]
    taken = client.woo("POST", "coupons", wish)
    assert (taken.status, taken.json["code"]) == (400, "woocommerce_rest_coupon_code_already_exists")
    assert taken.json["data"] == {"status": 400}
    providers.switch("woocommerce", use="dank-10")
    assert client.woo("GET", f"coupons/{coupon['id']}").json["usage_count"] == 1
    assert client.woo("DELETE", f"coupons/{coupon['id']}?force=true").status == 200
    assert client.woo("GET", f"coupons/{coupon['id']}").json["code"] == "woocommerce_rest_shop_coupon_invalid_id"
    (gift,) = providers.ledger("woocommerce")
    assert (gift["key"], gift["amount"], gift["unit"], gift["used"], gift["disabled"]) == (
        "rwd_1",
        1000,
        "PERCENT",
        1,
        True,
    )


def test_woocommerce_coupon_that_has_expired_counts_as_disabled(client: Client, providers: Providers) -> None:
    made = client.woo("POST", "coupons", {"code": "weg", "amount": "5.00", "free_shipping": False}).json
    changed = client.woo("PUT", f"coupons/{made['id']}", {"date_expires": "2020-01-01T00:00:00"}).json
    assert changed["date_expires"] == "2020-01-01T00:00:00"
    assert [(row["kind"], row["amount"], row["disabled"]) for row in providers.ledger("woocommerce")] == [
        ("fixed_cart", 500, True)
    ]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({}, "rest_missing_callback_param"),
        ({"code": "a", "amount": 5}, "rest_invalid_param"),
        ({"code": "a", "discount_type": "gift"}, "rest_invalid_param"),
        ({"code": "a", "discount_type": "percent", "amount": "101"}, "coupon_invalid_amount"),
    ],
)
def test_woocommerce_checks_what_it_is_sent(client: Client, providers: Providers, wish: Any, code: str) -> None:
    refused = client.woo("POST", "coupons", wish)
    assert (refused.status, refused.json["code"]) == (400, code)
    assert providers.ledger("woocommerce") == []


def test_woocommerce_wants_key_and_secret(client: Client) -> None:
    assert client.woo("GET", "system_status").json["settings"]["currency"] == "EUR"
    assert client.woo("GET", "data/currencies/current").json["code"] == "EUR"
    refused = client.woo("GET", "system_status", login="ck_demo:cs_wrong")
    assert (refused.status, refused.json["message"]) == (401, "Consumer secret is invalid.")


# Webhooks


def test_the_receiver_gives_once_per_id_and_makes_coupons(client: Client, providers: Providers) -> None:
    body = {
        "type": "coupon.create",
        "data": {"amount_minor": 500, "unit": "EUR", "recipient": {"email": "a@b.example"}},
    }
    first, again = client.webhook("msg-1", body), client.webhook("msg-1", body)
    assert first.json == again.json
    assert given(providers, "webhook") == [("coupon.create", 500, "EUR", first.json["code"])]
    assert "code" not in client.webhook("msg-2", {"type": "reward.deliver", "data": {}}).json
    assert ask(client.url, "POST", "/webhook/x", b"{}", {}).status == 400


def test_the_receiver_takes_back_what_was_not_used(client: Client, providers: Providers) -> None:
    code = client.webhook("msg-1", {"type": "coupon.create", "data": {}}).json["code"]
    back = {"type": "coupon.disable", "data": {"delivered_id": code}}
    assert client.webhook("msg-1-back", back).json == {"state": "taken_back"}
    assert [gift["disabled"] for gift in providers.ledger("webhook")] == [1]
    assert client.webhook("msg-2-back", {"type": "reward.take_back", "data": {}}).json == {"state": "unknown"}
    providers.switch("webhook", use=code)
    assert client.webhook("msg-3-back", back).json == {"state": "used"}
