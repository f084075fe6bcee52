"""The simulated providers over real HTTP: each speaks as its service does, repeats nothing, misbehaves on demand."""

from __future__ import annotations

import base64
import json
import os
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.e2e.visitor import Visitor
from tests.providers import Providers, running_providers

NAMES = ("shopify", "woocommerce", "stripe", "giftcards", "webhook")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(url: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
    request = urllib.request.Request(f"{url}{path}", body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Answer(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Answer(refusal.code, dict(refusal.headers), refusal.read())


class Client:
    def __init__(self, url: str) -> None:
        self.url = url

    def stripe(self, method: str, path: str, key: str = "", **fields: Any) -> Answer:
        headers = {"Authorization": "Bearer sk_test_demo", **({"Idempotency-Key": key} if key else {})}
        query = f"?{urlencode(fields)}" if method == "GET" and fields else ""
        body = None if method == "GET" else urlencode(fields).encode()
        return ask(self.url, method, f"/stripe/v1/{path}{query}", body, headers)

    def cards(self, method: str, path: str, body: Any = None) -> Answer:
        headers = {"Authorization": "Bearer TEST_demo", "Content-Type": "application/json"}
        return ask(self.url, method, f"/giftcards/api/v2/{path}", as_json(body), headers)

    def woo(self, method: str, path: str, body: Any = None, *, login: str = "ck_demo:cs_demo") -> Answer:
        token = base64.b64encode(login.encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        return ask(self.url, method, f"/woocommerce/wp-json/wc/v3/{path}", as_json(body), headers)

    def shopify(self, query: str, token: str = "shpat_demo", **variables: Any) -> Answer:
        headers = {"X-Shopify-Access-Token": token, "Content-Type": "application/json"}
        body = as_json({"query": query, "variables": variables})
        return ask(self.url, "POST", "/shopify/admin/api/2025-07/graphql.json", body, headers)

    def webhook(self, message: str, body: Any) -> Answer:
        headers = {"Webhook-Id": message, "Content-Type": "application/json"}
        return ask(self.url, "POST", "/webhook/rewards", as_json(body), headers)


def as_json(body: Any) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Providers]:
    with running_providers(tmp_path_factory.mktemp("providers")) as started:
        yield started


@pytest.fixture
def providers(server: Providers) -> Providers:
    for name in NAMES:
        server.switch(name, reset=True)
    return server


@pytest.fixture
def client(providers: Providers) -> Client:
    return Client(providers.url)


def given(providers: Providers, name: str) -> list[tuple[str, int, str, str]]:
    return [(row["kind"], row["amount"], row["unit"], row["voucher"]) for row in providers.ledger(name)]


# Stripe


def coupon(client: Client, **fields: Any) -> str:
    made = client.stripe("POST", "coupons", duration="once", **(fields or {"percent_off": "12.5"}))
    assert made.status == 200, made.body
    return str(made.json["id"])


def promotion(client: Client, code: str, key: str = "", **more: Any) -> Answer:
    under = {"promotion[type]": "coupon", "promotion[coupon]": coupon(client)}
    return client.stripe("POST", "promotion_codes", key, code=code, **under, **more)


def test_stripe_repeats_an_answer_under_its_key_and_gives_once(client: Client, providers: Providers) -> None:
    under = {"promotion[type]": "coupon", "promotion[coupon]": coupon(client)}
    first = client.stripe("POST", "promotion_codes", "key-1", code="ONCE", **under)
    again = client.stripe("POST", "promotion_codes", "key-1", **dict(reversed({"code": "ONCE", **under}.items())))
    assert again.body == first.body
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert given(providers, "stripe") == [("promotion_code", 1250, "PERCENT", "ONCE")]
    assert providers.ledger("stripe")[0]["key"] == "key-1"


def test_stripe_refuses_a_key_with_other_parameters(client: Client) -> None:
    client.stripe("POST", "coupons", "key-2", percent_off=10, duration="once")
    other = client.stripe("POST", "coupons", "key-2", percent_off=20, duration="once")
    assert (other.status, other.json["error"]["type"]) == (400, "idempotency_error")


def test_stripe_remembers_a_refusal_but_not_bad_parameters(client: Client) -> None:
    promotion(client, "TAKEN")
    under = {"promotion[type]": "coupon", "promotion[coupon]": coupon(client)}
    taken = client.stripe("POST", "promotion_codes", "key-3", code="taken", **under)
    assert (taken.status, taken.json["error"]["param"]) == (400, "code")
    assert "already exists" in taken.json["error"]["message"]
    replay = client.stripe("POST", "promotion_codes", "key-3", code="taken", **under)
    assert (replay.body, replay.headers["Idempotent-Replayed"]) == (taken.body, "true")
    assert client.stripe("POST", "coupons", "key-4", duration="once").status == 400
    assert client.stripe("POST", "coupons", "key-4", duration="once", percent_off=5).status == 200


def test_stripe_tells_a_second_call_that_the_first_still_runs(client: Client, providers: Providers) -> None:
    providers.switch("stripe", fault="slow", seconds=30)
    with socket.create_connection(("127.0.0.1", providers.port)) as first:
        body = "percent_off=10&duration=once"
        lines = ["POST /stripe/v1/coupons HTTP/1.1", "Host: 127.0.0.1", "Authorization: Bearer sk_test_demo"]
        lines += ["Idempotency-Key: busy", f"Content-Length: {len(body)}", "", body]
        first.sendall("\r\n".join(lines).encode())
        wait_until_called(providers, "stripe", 1)
        second = client.stripe("POST", "coupons", "busy", percent_off=10, duration="once")
    assert (second.status, second.json["error"]["code"]) == (409, "idempotency_key_in_use")


def wait_until_called(providers: Providers, name: str, calls: int) -> None:
    while len(providers.calls(name)) < calls:
        """The call is on its way."""


def test_stripe_codes_are_found_used_and_ended(client: Client, providers: Providers) -> None:
    made = promotion(client, "Sommer-5", max_redemptions=1).json
    assert made["id"].startswith("promo_")
    assert made["promotion"] == {"type": "coupon", "coupon": made["promotion"]["coupon"]}
    found = client.stripe("GET", "promotion_codes", code="SOMMER-5").json
    assert (found["object"], [row["id"] for row in found["data"]]) == ("list", [made["id"]])
    providers.switch("stripe", use="sommer-5")
    used = client.stripe("GET", f"promotion_codes/{made['id']}").json
    assert (used["times_redeemed"], used["active"]) == (1, False)
    other = promotion(client, "ENDS").json
    assert client.stripe("POST", f"promotion_codes/{other['id']}", active="false").json["active"] is False
    assert [(row["used"], row["disabled"]) for row in providers.ledger("stripe")] == [(1, False), (0, True)]


def test_stripe_credits_a_customer_in_their_own_currency(client: Client, providers: Providers) -> None:
    customer = client.stripe("GET", "customers", email="eve@example.com").json["data"][0]["id"]
    price = client.stripe("GET", "subscriptions", customer=customer).json["data"][0]["items"]["data"][0]["price"]
    assert (price["unit_amount"], price["currency"]) == (1900, "eur")
    path = f"customers/{customer}/balance_transactions"
    entry = client.stripe("POST", path, "month-1", amount=-1900, currency="eur").json
    assert (entry["id"][:6], entry["ending_balance"]) == ("cbtxn_", -1900)
    assert client.stripe("POST", path, "month-2", amount=-1900, currency="usd").status == 400
    client.stripe("POST", path, "back-1", amount=1900, currency="eur")
    assert client.stripe("GET", f"customers/{customer}").json["balance"] == 0
    assert [(row["amount"], row["recipient"]) for row in providers.ledger("stripe")] == [
        (1900, "eve@example.com"),
        (-1900, "eve@example.com"),
    ]


def test_stripe_knows_nobody_and_those_it_is_told_of(client: Client, providers: Providers) -> None:
    assert client.stripe("GET", "customers", email="nobody@example.com").json["data"] == []
    providers.switch("stripe", customer={"email": "nobody@example.com", "price": 900, "currency": "usd"})
    assert client.stripe("GET", "customers", email="nobody@example.com").json["data"][0]["currency"] == "usd"
    assert client.stripe("GET", "customers/cus_none").json["error"]["code"] == "resource_missing"


def test_stripe_speaks_the_version_it_is_asked_in(client: Client) -> None:
    made = promotion(client, "OLD").json
    headers = {"Authorization": "Bearer sk_test_demo", "Stripe-Version": "2024-06-20"}
    old = ask(client.url, "GET", f"/stripe/v1/promotion_codes/{made['id']}", None, headers).json
    assert old["coupon"]["percent_off"] == 12.5
    assert "promotion" not in old


# Gift cards


def card(external_id: str = "rwd-1", **value: Any) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "payment": {"funding_source_id": "balance"},
        "reward": {
            "value": {"denomination": 25, "currency_code": "EUR"} | value,
            "delivery": {"method": "EMAIL"},
            "recipient": {"name": "Eve", "email": "eve@example.com"},
            "campaign_id": "CAMPAIGNDEMO",
        },
    }


def test_a_repeated_external_id_gets_the_first_order_with_201(client: Client, providers: Providers) -> None:
    first = client.cards("POST", "orders", card())
    again = client.cards("POST", "orders", card(denomination=99))
    assert (first.status, again.status) == (200, 201)
    assert again.json == first.json
    assert first.json["order"]["status"] == "EXECUTED"
    assert client.cards("GET", "orders?external_id=rwd-1").json["orders"] == [first.json["order"]]
    assert client.cards("GET", "orders/rwd-1").json == first.json
    (gift,) = providers.ledger("giftcards")
    assert (gift["key"], gift["amount"], gift["unit"], gift["recipient"]) == ("rwd-1", 2500, "EUR", "eve@example.com")


def test_many_calls_at_once_with_one_external_id_make_one_card(client: Client, providers: Providers) -> None:
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(client.cards("POST", "orders", card()).status)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [201] * 7
    assert len(providers.ledger("giftcards")) == 1


def test_a_card_whose_mail_bounces_says_so(client: Client) -> None:
    wish = card()
    wish["reward"]["recipient"]["email"] = "bounce@example.com"
    order = client.cards("POST", "orders", wish).json["order"]
    assert (order["status"], order["rewards"][0]["delivery"]["status"]) == ("EXECUTED", "FAILED")


def test_an_unopened_card_can_be_cancelled_and_the_money_comes_back(client: Client, providers: Providers) -> None:
    before = client.cards("GET", "funding_sources").json["funding_sources"][0]["meta"]["available_cents"]
    reward = client.cards("POST", "orders", card()).json["order"]["rewards"][0]["id"]
    assert client.cards("POST", f"rewards/{reward}/cancel").json["reward"]["delivery"]["status"] == "CANCELED"
    assert client.cards("POST", f"rewards/{reward}/cancel").status == 422
    after = client.cards("GET", "funding_sources").json["funding_sources"][0]["meta"]["available_cents"]
    assert after == before
    opened = client.cards("POST", "orders", card("rwd-2")).json["order"]["rewards"][0]["id"]
    providers.switch("giftcards", use=opened)
    assert client.cards("POST", f"rewards/{opened}/cancel").status == 422
    assert [row["disabled"] for row in providers.ledger("giftcards")] == [True, False]


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda order: order["payment"].clear(), ["payment", "funding_source_id"]),
        (lambda order: order["reward"].pop("campaign_id"), ["reward", "campaign_id"]),
        (lambda order: order["reward"]["recipient"].pop("email"), ["reward", "recipient", "email"]),
        (lambda order: order["reward"]["value"].update(denomination="x"), ["reward", "value", "denomination"]),
    ],
)
def test_a_wrong_order_is_refused_with_its_field(client: Client, providers: Providers, spoil: Any, path: Any) -> None:
    order = card()
    spoil(order)
    refused = client.cards("POST", "orders", order)
    assert refused.status == 422
    found = refused.json["errors"]["payload"]
    for name in path:
        found = found[name]
    assert isinstance(found, str)
    assert providers.ledger("giftcards") == []


# Shopify

CREATE = """
mutation make($basicCodeDiscount: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $basicCodeDiscount) {
    codeDiscountNode {
      id
      codeDiscount { ... on DiscountCodeBasic { title status codes(first: 1) { nodes { code } } } }
    }
    userErrors { field code message }
  }
}"""
FIND = """
query ($code: String!) {
  found: codeDiscountNodeByCode(code: $code) {
    id
    codeDiscount {
      __typename
      ... on DiscountCodeBasic { status asyncUsageCount }
      ... on DiscountCodeFreeShipping { status }
    }
  }
}"""
END = """
mutation ($id: ID!) {
  discountCodeDeactivate(id: $id) { codeDiscountNode { id } userErrors { code message } }
}"""
SHIPPING = """
mutation ($wish: DiscountCodeFreeShippingInput!) {
  discountCodeFreeShippingCreate(freeShippingCodeDiscount: $wish) { codeDiscountNode { id } userErrors { code } }
}"""


def discount(code: str, **value: Any) -> dict[str, Any]:
    return {
        "title": f"Reward {code}",
        "code": code,
        "startsAt": "2025-01-01T00:00:00Z",
        "usageLimit": 1,
        "customerSelection": {"all": True},
        "customerGets": {"value": value or {"percentage": 0.15}, "items": {"all": True}},
    }


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


# Faults: the same for all


def do_one(client: Client, name: str) -> Answer:
    """Something that gives, at each provider."""
    if name == "stripe":
        return client.stripe("POST", "customers/cus_1/balance_transactions", "k", amount=-500, currency="eur")
    if name == "giftcards":
        return client.cards("POST", "orders", card())
    if name == "shopify":
        return client.shopify(CREATE, basicCodeDiscount=discount("FAULT"))
    if name == "woocommerce":
        return client.woo("POST", "coupons", {"code": "fault", "amount": "5"})
    return client.webhook("msg", {"data": {}})


@pytest.mark.parametrize("name", NAMES)
def test_limit_and_breakdown_give_nothing_and_end_after_their_calls(
    client: Client, providers: Providers, name: str
) -> None:
    providers.switch(name, fault="429", retry_after=7, times=2)
    providers.switch(name, fault="500")
    answers = [do_one(client, name) for _ in range(3)]
    assert [answer.status for answer in answers] == [429, 429, 500]
    assert [answer.headers.get("Retry-After") for answer in answers] == ["7", "7", None]
    assert providers.ledger(name) == []
    assert providers.switch(name, clear=True)["faults"] == []


REFUSED = {"stripe": 403, "giftcards": 402, "shopify": 200, "woocommerce": 403, "webhook": 422}


@pytest.mark.parametrize("name", NAMES)
def test_refusals_are_the_services_own_and_give_nothing(client: Client, providers: Providers, name: str) -> None:
    providers.switch(name, fault="refuse")
    refused = do_one(client, name)
    assert refused.status == REFUSED[name], refused.body
    assert "error" in refused.body.decode() or "code" in refused.json
    assert providers.ledger(name) == []


@pytest.mark.parametrize("name", ["giftcards", "shopify", "woocommerce", "webhook"])
def test_cut_off_after_the_work_leaves_the_gift_and_no_answer(client: Client, providers: Providers, name: str) -> None:
    providers.switch(name, fault="timeout", seconds=0)
    with pytest.raises(OSError, match="Remote end closed"):
        do_one(client, name)
    assert len(providers.ledger(name)) == 1
    assert providers.calls(name)[0]["status"] == 0
    do_one(client, name)
    assert len(providers.ledger(name)) == 1


def test_cut_off_stripe_replays_what_it_did(client: Client, providers: Providers) -> None:
    customer = client.stripe("GET", "customers", email="eve@example.com").json["data"][0]["id"]
    path = f"customers/{customer}/balance_transactions"
    providers.switch("stripe", fault="timeout", seconds=0)
    assert client.stripe("GET", path).status == 200  # such a fault waits for a call that gives
    with pytest.raises(OSError, match="Remote end closed"):
        client.stripe("POST", path, "lost", amount=-500, currency="eur")
    replay = client.stripe("POST", path, "lost", amount=-500, currency="eur")
    assert (replay.json["ending_balance"], replay.headers["Idempotent-Replayed"]) == (-500, "true")
    assert len(client.stripe("GET", path).json["data"]) == 1


def test_stripe_remembers_a_breakdown_where_it_is_told_to(client: Client, providers: Providers) -> None:
    providers.switch("stripe", fault="500-kept")
    wish = {"percent_off": 10, "duration": "once"}
    broken, echo = (client.stripe("POST", "coupons", "key-5", **wish) for _ in range(2))
    assert (broken.status, echo.status, echo.headers["Idempotent-Replayed"]) == (500, 500, "true")
    assert client.stripe("POST", "coupons", "key-6", **wish).status == 200


def test_shopify_is_throttled_in_its_own_way(client: Client, providers: Providers) -> None:
    providers.switch("shopify", fault="throttled")
    throttled = do_one(client, "shopify")
    assert throttled.status == 200
    assert throttled.json["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert throttled.json["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 4.0


def test_rates_are_drawn_by_their_seed(client: Client, providers: Providers) -> None:
    def draws() -> list[int]:
        providers.switch("webhook", reset=True)
        providers.switch("webhook", fault="500", rate=40, seed=7)
        return [do_one(client, "webhook").status for _ in range(30)]

    first = draws()
    assert draws() == first
    assert 5 <= first.count(500) <= 20


@pytest.mark.parametrize(
    "wishes",
    [{"fault": "nonsense"}, {}, {"speed": 3}, {"fault": "500", "times": "many"}, {"fault": "throttled"}],
    ids=["unknown", "empty", "misspelt", "no-number", "not-here"],
)
def test_control_refuses_what_makes_no_sense(providers: Providers, wishes: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="error"):
        providers.switch("stripe", **wishes)
    assert providers.switch("stripe", clear=True)["faults"] == []


# Remembering


def test_a_killed_server_remembers_what_it_gave_and_its_faults(tmp_path: Path) -> None:
    with running_providers(tmp_path) as providers:
        client = Client(providers.url)
        first = client.cards("POST", "orders", card())
        providers.switch("giftcards", fault="500", times=1, on="writes")
        before = providers.ledger("giftcards")
        providers.restart()
        assert providers.ledger("giftcards") == before
        assert client.cards("POST", "orders", card()).status == 500
        again = client.cards("POST", "orders", card())
        assert (again.status, again.json) == (201, first.json)


# The page


def press(client: Client, path: str, origin: str = "", **fields: str) -> Answer:
    headers = {"Content-Type": "application/x-www-form-urlencoded", **({"Origin": origin} if origin else {})}
    return ask(client.url, "POST", f"/page/{path}", urlencode(fields).encode(), headers)


def test_page_shows_what_happened_and_its_switches_work_as_plain_forms(client: Client, providers: Providers) -> None:
    do_one(client, "shopify")
    do_one(client, "webhook")
    page = press(client, "webhook/on", fault="500", how="rate", rate="100", times="1", seed="3", reason="gone")
    assert page.status == 200
    assert "Switched on." in page.body.decode()
    assert "500: breaks down before it does anything, 100 percent of the calls, seed 3, all calls" in page.body.decode()
    assert [do_one(client, "webhook").status for _ in range(2)] == [500, 500]
    press(client, "webhook/off")
    assert do_one(client, "webhook").status == 200
    used = press(client, "shopify/used", voucher="FAULT")
    assert "Marked as used." in used.body.decode()
    assert providers.ledger("shopify")[0]["used"] == 1
    refused = press(client, "shopify/used", voucher="<b>")
    assert (refused.status, b"<b>" in refused.body) == (400, False)
    press(client, "shopify/reset")
    assert providers.ledger("shopify") == []


def test_page_and_control_answer_no_other_site(client: Client, providers: Providers) -> None:
    assert press(client, "stripe/on", origin="https://evil.example", fault="500").status == 403
    assert ask(client.url, "GET", "/", None, {"Host": "evil.example"}).status == 403
    assert providers.switch("stripe", clear=True)["faults"] == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_page_is_fit_for_everybody(
    chromium: Any, client: Client, providers: Providers, scheme: Any, width: int
) -> None:
    for name in NAMES:
        do_one(client, name)
    client.stripe("GET", "customers", email="eve@example.com")
    promotion(client, "EINS")
    providers.switch("stripe", fault="429", times=3)
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    visitor = Visitor(context.new_page(), providers.url)
    visitor.go("/")
    if pictures := os.environ.get("PICTURES_DIR"):
        visitor.page.screenshot(path=f"{pictures}/providers-{scheme}-{width}.png", full_page=True)
    context.close()
    assert visitor.complaints == []
