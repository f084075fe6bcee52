"""The test shop: what buyers and the merchant do in it, and the hooks that come out."""

import ast
import base64
import hashlib
import hmac
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from .client import EVE, SECRET, TOKEN, Browser, Receiver, add_code, flush, ordered

# Buying


def test_buying_by_hand_carries_code_token_and_landing(browser: Browser, receiver: Receiver) -> None:
    add_code(browser)
    landing = f"/discount/FREUND-1?redirect={quote(f'/?rt={TOKEN}')}"
    assert browser.get(landing).headers["Location"] == f"/?rt={TOKEN}"
    browser.get(f"/?rt={TOKEN}")
    browser.post("/cart/add", {"product": "polarnacht", "quantity": "2"})
    assert "FREUND-1" in browser.get("/cart").text
    page = browser.get("/checkout").text
    assert 'name="referral_token"' in page
    assert 'value="FREUND-1"' in page
    bought = browser.post("/checkout", {**EVE, "code": "freund-1", "pay": "now", "referral_token": TOKEN})
    assert bought.status == 303
    assert "Thank you, Eve" in browser.get(bought.headers["Location"]).text
    assert browser.get("/checkout").headers["Location"] == "/cart"

    flush(browser)
    assert receiver.topics() == ["orders/create", "orders/paid"]
    data = receiver.last("orders/paid")
    assert data["name"] == "#1001"
    assert data["order_number"] == 1001
    assert data["note_attributes"] == [{"name": "referral_token", "value": TOKEN}]
    assert data["landing_site"] == landing
    assert data["discount_codes"] == [{"code": "FREUND-1", "amount": "2.98", "type": "percentage"}]
    assert (data["subtotal_price"], data["total_price"], data["total_tax"]) == ("26.82", "31.72", "5.06")
    assert data["customer"]["orders_count"] == 1
    assert data["shipping_address"]["country_code"] == "DE"


def test_the_thank_you_page_asks_who_sent_the_buyer(browser: Browser, receiver: Receiver) -> None:
    browser.post("/cart/add", {"product": "polarnacht"})
    thanks = browser.post("/checkout", {**EVE, "pay": "now"}).headers["Location"]
    assert "Say who it was" not in browser.get(thanks).text
    browser.send("/admin/connection", {"who_url": "http://app.test/who/shop/nordlicht/"})
    [(order, signature)] = re.findall(
        r"http://app\.test/who/shop/nordlicht/(\d+)/([0-9a-f]{64})", browser.get(thanks).text
    )
    assert signature == hmac.new(SECRET.encode(), f"who|{order}".encode(), "sha256").hexdigest()


def test_paying_later_tells_of_the_payment_when_it_comes(browser: Browser, receiver: Receiver) -> None:
    browser.post("/cart/add", {"product": "handmuehle"})
    browser.post("/checkout", {**EVE, "pay": "later"})
    flush(browser)
    assert receiver.topics() == ["orders/create"]
    assert receiver.last("orders/create")["financial_status"] == "pending"
    browser.post(f"/admin/orders/{receiver.last('orders/create')['id']}/pay")
    flush(browser)
    assert receiver.topics()[1:] == ["orders/paid", "orders/updated"]
    assert receiver.last("orders/paid")["financial_status"] == "paid"


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:1", "/a\r\nX: 1"])
def test_discount_link_leads_nowhere_else(browser: Browser, target: str) -> None:
    assert browser.get(f"/discount/ABC?redirect={quote(target)}").headers["Location"] == "/"


def test_discount_link_takes_an_unescaped_target(browser: Browser) -> None:
    answer = browser.get("/discount/ABC?redirect=/products/becher?rt=x.y")
    assert answer.headers["Location"] == "/products/becher?rt=x.y"


def test_first_page_is_kept_until_another_referral_link_comes(browser: Browser, receiver: Receiver) -> None:
    for path in ("/?rt=one", "/products/becher", "/cart?x=1", "/?rt=two&utm_source=w", "/"):
        browser.get(path)
    browser.post("/cart/add", {"product": "becher"})
    browser.post("/checkout", {**EVE, "pay": "now"})
    flush(browser)
    assert receiver.last("orders/create")["landing_site"] == "/?rt=two&utm_source=w"
    assert receiver.last("orders/create")["note_attributes"] == []


def test_code_is_refused_with_the_reason_and_nothing_is_sold(browser: Browser, receiver: Receiver) -> None:
    add_code(browser)
    ordered(browser, code="FREUND-1")
    browser.post("/cart/add", {"product": "becher"})
    refused = browser.post("/checkout", {**EVE, "code": "FREUND-1", "pay": "now"})
    assert refused.status == 422
    assert "used already" in refused.text
    assert browser.send("/admin/api/orders", {**EVE, "lines": [{"product": "becher"}], "code": "NOPE"}).status == 422
    assert ordered(browser)["number"] == 1002


def test_first_order_code_is_refused_to_a_known_customer(browser: Browser) -> None:
    data = {"code": "NEU", "amount_minor": 500, "new_customers_only": True, "single_use": False}
    browser.send("/admin/codes.json", {"codes": [data]})
    wish = {**EVE, "lines": [{"product": "becher"}], "code": "NEU"}
    assert browser.send("/admin/api/orders", wish).json["total_minor"] == 3250 - 500 + 490
    again = browser.send("/admin/api/orders", {**wish, "email": "EVE@example.com"})
    assert again.status == 422
    assert "first order" in again.json["error"]


def test_code_ends_with_its_last_day_on_the_shop_clock(browser: Browser) -> None:
    browser.post("/admin/codes", {"code": "bald", "kind": "percentage", "value": "10", "last_day": "2040-05-01"})
    assert browser.send("/admin/api/orders", {**EVE, "lines": [{"product": "becher"}], "code": "BALD"}).status == 201
    browser.send("/admin/connection", {"clock_offset_seconds": 30 * 366 * 86400})
    assert browser.send("/admin/api/orders", {**EVE, "lines": [{"product": "becher"}], "code": "BALD"}).status == 422


def test_code_list_holds_only_what_can_still_be_used(browser: Browser) -> None:
    for code in ("EINS", "ZWEI"):
        add_code(browser, code)
    assert browser.send("/admin/codes.json", {"codes": [{"code": "EINS", "percent": 50}]}).json["existing"] == ["EINS"]
    ordered(browser, code="EINS")
    assert browser.get("/admin/codes.txt").text == "ZWEI\n"
    assert browser.get("/admin/codes.csv").text.splitlines()[1:] == [
        "ZWEI,percentage,10,1,0,,0",
        "EINS,percentage,10,1,0,,1",
    ]


def test_codes_come_all_or_none(browser: Browser) -> None:
    codes = [{"code": "GUT", "percent": 5}, {"code": "ZUVIEL", "percent": 500}]
    answer = browser.send("/admin/codes.json", {"codes": codes})
    assert answer.status == 422
    assert browser.get("/admin/codes.txt").text == ""


# Hooks


def test_hook_is_signed_over_the_raw_body(browser: Browser, receiver: Receiver) -> None:
    ordered(browser, name="Zoë Müller")
    assert flush(browser) == {"sent": 2, "failed": 0, "waiting": 0}
    for hook in receiver.hooks:
        expected = base64.b64encode(hmac.new(SECRET.encode(), hook.raw, hashlib.sha256).digest()).decode()
        assert hook.headers["X-Shopify-Hmac-Sha256"] == expected
        assert hook.headers["X-Shopify-Shop-Domain"] == "nordlicht-kaffee.myshopify.com"
    first, second = receiver.hooks
    assert first.headers["X-Shopify-Webhook-Id"] != second.headers["X-Shopify-Webhook-Id"]
    assert first.headers["X-Shopify-Event-Id"] == second.headers["X-Shopify-Event-Id"]


def test_replay_has_the_same_ids_and_bytes(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)
    flush(browser)
    browser.post(f"/admin/hooks/{order['hooks'][0]['webhook_id']}/again")
    flush(browser)
    first, replay = receiver.hooks[0], receiver.hooks[2]
    assert replay.raw == first.raw
    assert {name: v for name, v in replay.headers.items() if name.startswith("X-")} == {
        name: v for name, v in first.headers.items() if name.startswith("X-")
    }


def test_refused_hook_is_kept_and_tried_again(browser: Browser, receiver: Receiver) -> None:
    receiver.status = 500
    order = ordered(browser)
    assert flush(browser) == {"sent": 0, "failed": 2, "waiting": 2}
    receiver.status = 200
    assert flush(browser) == {"sent": 2, "failed": 0, "waiting": 0}
    hooks = browser.get(f"/admin/api/orders/{order['id']}").json["hooks"]
    assert [(hook["state"], hook["attempts"], hook["status"]) for hook in hooks] == [("SENT", 2, 200)] * 2


def test_hook_nobody_takes_is_given_up_after_eight_tries(browser: Browser, receiver: Receiver) -> None:
    receiver.status = 500
    ordered(browser)
    counts = [flush(browser)["waiting"] for _ in range(9)]
    assert counts == [2] * 7 + [0, 0]
    assert len(receiver.hooks) == 16


def test_flush_can_turn_the_order_round(browser: Browser, receiver: Receiver) -> None:
    ordered(browser)
    flush(browser, newest_first=True)
    assert receiver.topics() == ["orders/paid", "orders/create"]


def test_held_hooks_wait_for_the_flush(shop: Any, browser: Browser, receiver: Receiver) -> None:
    browser.send("/admin/connection", {"hold_hooks": True})
    ordered(browser)
    shop.sender.send_due()
    assert receiver.hooks == []
    browser.send("/admin/connection", {"hold_hooks": False})
    shop.sender.send_due()
    assert len(receiver.hooks) == 2


def test_without_a_connection_nothing_is_sent(browser: Browser) -> None:
    order = ordered(browser)
    assert flush(browser) == {"sent": 0, "failed": 0, "waiting": 0}
    hooks = browser.get(f"/admin/api/orders/{order['id']}").json["hooks"]
    assert {hook["state"] for hook in hooks} == {"UNSENT"}


# The house


def test_sdk_is_on_every_public_page_once_there_is_a_key(browser: Browser, receiver: Receiver) -> None:
    for path, placement in (("/", "home"), ("/products/becher", "product"), ("/cart", "cart")):
        answer = browser.get(path)
        tag = (
            '<script src="http://referral.test/static/sdk/v1.js" data-key="pk_test_1"'
            f' data-placement="{placement}" defer></script>'
        )
        assert tag in answer.text
        assert "http://referral.test" in answer.headers["Content-Security-Policy"]
    assert "<script" not in browser.get("/admin/orders").text


def test_what_buyers_type_is_escaped(browser: Browser) -> None:
    name = "<b>Eve</b>"
    order = ordered(browser, name=f"{name} X", landing=f"/?{name}", token=name)
    page = browser.get(f"/admin/orders/{order['id']}").text
    assert name not in page
    assert "&lt;b&gt;Eve&lt;/b&gt;" in page


def test_admin_is_closed_to_other_sites(browser: Browser) -> None:
    form = {"publishable_key": "pk_evil"}
    assert browser.post("/admin/connection", form, HTTP_ORIGIN="https://evil.test").status == 403
    assert browser.get("/admin/orders", HTTP_HOST="evil.test").status == 403
    assert "pk_evil" not in browser.get("/").text


@pytest.mark.parametrize(
    ("field", "value"),
    [("hook_url", "ftp://x/"), ("sdk_url", "http://x/ 'unsafe-inline'"), ("clock_offset_seconds", "soon"), ("x", "y")],
)
def test_connection_refuses_what_cannot_work(browser: Browser, field: str, value: str) -> None:
    assert browser.send("/admin/connection", {"publishable_key": "pk_new", field: value}).status == 422
    assert "pk_new" not in browser.get("/").text


def test_connection_form_keeps_the_secret_left_empty(browser: Browser, receiver: Receiver) -> None:
    form = {"hook_url": receiver.url, "hook_secret": "", "publishable_key": "pk_2", "sdk_url": "http://cdn.test/v1.js"}
    assert browser.post("/admin/connection", form).status == 303
    ordered(browser)
    assert flush(browser)["sent"] == 2
    assert SECRET not in browser.get("/admin/connection").text


@pytest.mark.parametrize("path", ["/nope", "/products/nope", "/thanks/nope", "/admin/orders/1", "/admin/hooks/nope"])
def test_unknown_addresses_are_404(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status == 404
    assert "no such page" in answer.text


def test_broken_input_is_told_not_crashed(browser: Browser) -> None:
    browser.cookies["cart"] = "polarnacht.999999_%00_becher.x_.._"
    assert browser.get("/cart").status == 200
    assert browser.post("/cart/add", {"product": "becher", "quantity": "-1"}).status == 400
    assert browser.send("/admin/api/orders", []).status == 400
    assert browser.send("/admin/api/orders", {**EVE, "lines": [{"product": "tea"}]}).status == 422


def test_shop_imports_nothing_of_the_product() -> None:
    shop = Path(__file__).parents[2] / "demo" / "shop"
    nodes = [node for file in shop.glob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    assert {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) == {"babel", "django"}


def test_the_shop_speaks_the_language_of_the_browser(browser: Browser) -> None:
    german = browser.get("/products/polarnacht", HTTP_ACCEPT_LANGUAGE="de-AT,de;q=0.9,en;q=0.5").text
    assert ('lang="de"' in german, "14,90\xa0€" in german, "In den Warenkorb" in german) == (True, True, True)
    other = browser.get("/products/polarnacht", HTTP_ACCEPT_LANGUAGE="fr").text
    assert ('lang="en"' in other, "€14.90" in other, "Add to cart" in other) == (True, True, True)


def test_the_shops_own_process_finds_the_catalogs() -> None:
    """Here the settings of the whole project serve; there it has none but its own."""
    asked = (
        "from demo.shop import rendering as r; r.translation.activate('it'); print(r.translation.gettext('Checkout'))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    said = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() not in ("", "Checkout")
