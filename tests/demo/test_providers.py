"""The simulated providers over real HTTP: each speaks as its service does, repeats nothing, misbehaves on demand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.demo.asking import (
    CREATE,
    NAMES,
    Answer,
    Client,
    ask,
    card,
    discount,
    promotion,
)
from tests.e2e.visitor import Visitor
from tests.providers import Providers, running_providers


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
