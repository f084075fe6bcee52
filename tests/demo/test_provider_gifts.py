"""The simulated Stripe and gift card service: what they take, repeat, refuse and take back."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from tests.demo.asking import (
    Client,
    ask,
    card,
    coupon,
    given,
    promotion,
)
from tests.providers import Providers


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
