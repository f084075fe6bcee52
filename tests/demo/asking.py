"""The simulated providers asked as the real ones are, and what each of them takes."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.providers import Providers

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


def given(providers: Providers, name: str) -> list[tuple[str, int, str, str]]:
    return [(row["kind"], row["amount"], row["unit"], row["voucher"]) for row in providers.ledger(name)]


def coupon(client: Client, **fields: Any) -> str:
    made = client.stripe("POST", "coupons", duration="once", **(fields or {"percent_off": "12.5"}))
    assert made.status == 200, made.body
    return str(made.json["id"])


def promotion(client: Client, code: str, key: str = "", **more: Any) -> Answer:
    under = {"promotion[type]": "coupon", "promotion[coupon]": coupon(client)}
    return client.stripe("POST", "promotion_codes", key, code=code, **under, **more)


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
