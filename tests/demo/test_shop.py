"""The test shop: what buyers and the merchant do in it, and the hooks that come out."""

import ast
import base64
import hashlib
import hmac
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from .client import SECRET, Browser, Receiver

EVE = {"name": "Eve Friend", "email": "eve@example.com", "country": "DE"}
TOKEN = "v1.clk.lnk.1772000000.mac"


def ordered(browser: Browser, **wishes: Any) -> Any:
    wishes = {**EVE, "lines": [{"product": "polarnacht", "quantity": 3}], **wishes}
    answer = browser.send("/admin/api/orders", wishes)
    assert answer.status == 201, answer.text
    return answer.json


def act(browser: Browser, order: Any, verb: str, **data: Any) -> Any:
    answer = browser.send(f"/admin/api/orders/{order['id']}/{verb}", data)
    assert answer.status == 200, answer.text
    return answer.json


def flush(browser: Browser, **data: Any) -> Any:
    return browser.send("/admin/hooks/flush", data).json


def add_code(browser: Browser, code: str = "FREUND-1", **rule: Any) -> None:
    data = {"code": code, **(rule or {"percent": 10}), "single_use": True}
    assert browser.send("/admin/codes.json", {"codes": [data]}).json["created"] == [code]


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


# After the order


def test_partial_refund_names_line_pieces_and_tax(browser: Browser, receiver: Receiver) -> None:
    add_code(browser)
    order = ordered(browser, code="FREUND-1")  # 44.70 - 4.47 = 40.23 + 4.90
    refund = act(browser, order, "refund", lines=[{"product": "polarnacht", "quantity": 1}], note="bag was open")
    flush(browser)
    data = receiver.last("refunds/create")
    assert (data["id"], data["order_id"], data["note"]) == (refund["refund_id"], order["id"], "bag was open")
    (line,) = data["refund_line_items"]
    assert (line["quantity"], line["subtotal"], line["total_tax"]) == (1, 13.41, 2.14)
    assert [item["amount"] for item in data["transactions"]] == ["13.41"]
    assert data["order_adjustments"] == []
    updated = receiver.last("orders/updated")
    assert updated["financial_status"] == "partially_refunded"
    assert (updated["subtotal_price"], updated["current_subtotal_price"]) == ("40.23", "26.82")
    assert updated["current_total_price"] == "31.72"
    assert updated["refunds"][0]["id"] == data["id"]


def test_refund_of_an_amount_and_then_of_all(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)
    act(browser, order, "refund", amount_minor=1000)
    act(browser, order, "refund", all=True)
    flush(browser)
    amount, rest = (hook.body for hook in receiver.hooks if hook.topic == "refunds/create")
    assert [(row["kind"], row["amount"]) for row in amount["order_adjustments"]] == [("refund_discrepancy", "-10.00")]
    assert [(row["kind"], row["amount"]) for row in rest["order_adjustments"]] == [
        ("shipping_refund", "-4.90"),
        ("refund_discrepancy", "10.00"),
    ]
    assert [row["amount"] for row in rest["transactions"]] == ["39.60"]
    assert receiver.last("orders/updated")["financial_status"] == "refunded"
    assert browser.send(f"/admin/api/orders/{order['id']}/refund", {"all": True}).status == 422


def test_two_parcels_are_delivered_one_by_one(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)
    first, second = act(browser, order, "ship", parcels=2)["parcels"]
    act(browser, order, "deliver", parcel=first)
    flush(browser)
    assert receiver.topics()[2:] == [
        "fulfillments/create",
        "fulfillments/create",
        "orders/fulfilled",
        "orders/updated",
        "fulfillments/update",
        "orders/updated",
    ]
    quantities = [p["line_items"][0]["quantity"] for p in receiver.last("orders/fulfilled")["fulfillments"]]
    assert quantities == [2, 1]
    assert receiver.last("fulfillments/update")["id"] == first
    assert receiver.last("fulfillments/update")["shipment_status"] == "delivered"
    states = [p["shipment_status"] for p in receiver.last("orders/updated")["fulfillments"]]
    assert states == ["delivered", None]
    assert act(browser, order, "deliver")["parcels"] == [second]


def test_part_shipment_is_not_fulfilled_yet(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)
    sent = act(browser, order, "ship", lines=[{"product": "polarnacht", "quantity": 1}])
    assert sent["fulfillment_status"] == "partial"
    assert act(browser, order, "ship")["fulfillment_status"] == "fulfilled"
    flush(browser)
    assert receiver.topics().count("orders/fulfilled") == 1


def test_cancelled_order_gives_the_money_back(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)
    act(browser, order, "cancel")
    flush(browser)
    assert receiver.topics()[2:] == ["orders/cancelled", "refunds/create", "orders/updated"]
    data = receiver.last("orders/cancelled")
    assert data["cancelled_at"]
    assert data["financial_status"] == "refunded"
    assert data["current_total_price"] == "0.00"
    for verb in ("cancel", "ship", "pay"):
        assert browser.send(f"/admin/api/orders/{order['id']}/{verb}", {}).status == 422


def test_cancelling_before_payment_voids(browser: Browser, receiver: Receiver) -> None:
    act(browser, ordered(browser, paid=False), "cancel")
    flush(browser)
    data = receiver.last("orders/cancelled")
    assert (data["financial_status"], data["current_total_price"], data["refunds"]) == ("voided", "0.00", [])


def test_removed_line_is_a_refund_and_lowers_what_is_owed(browser: Browser, receiver: Receiver) -> None:
    lines = [{"product": "polarnacht", "quantity": 1}, {"product": "becher", "quantity": 1}]
    order = ordered(browser, lines=lines, paid=False)
    act(browser, order, "edit", remove="becher")
    act(browser, order, "pay")
    flush(browser)
    assert receiver.last("refunds/create")["transactions"] == []
    data = receiver.last("orders/paid")
    assert [line["current_quantity"] for line in data["line_items"]] == [1, 0]
    assert (data["total_price"], data["current_total_price"]) == ("52.30", "19.80")
    assert browser.send(f"/admin/api/orders/{order['id']}/edit", {"remove": "polarnacht"}).status == 422


def test_refused_verb_changes_nothing(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)
    before = browser.get(f"/admin/api/orders/{order['id']}").json
    for data in ({"lines": [{"product": "polarnacht", "quantity": 4}]}, {"amount_minor": 999_999}, {"lines": "x"}, {}):
        assert browser.send(f"/admin/api/orders/{order['id']}/refund", data).status in (400, 422)
    assert browser.get(f"/admin/api/orders/{order['id']}").json == before


def test_buttons_do_what_the_json_does(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser, lines=[{"product": "becher", "quantity": 2}, {"product": "fjord", "quantity": 1}])
    page = f"/admin/orders/{order['id']}"
    shown = browser.get(f"/admin/api/orders/{order['id']}").json["order"]
    cups, decaf = (line["id"] for line in shown["line_items"])
    assert browser.post(f"{page}/edit", {"line": decaf}).headers["Location"] == f"{page}?said=edit"
    assert browser.post(f"{page}/ship", {"parcels": "2"}).status == 303
    assert browser.post(f"{page}/deliver", {"parcel": ""}).status == 303
    assert browser.post(f"{page}/refund", {"how": "lines", f"line-{cups}": "1"}).status == 303
    assert browser.post(f"{page}/refund", {"how": "amount", "amount": "1,50"}).status == 303
    assert "like 12.90" in browser.post(f"{page}/refund", {"how": "amount", "amount": "much"}).text
    assert browser.post(f"{page}/refund", {"how": "all"}).status == 303
    assert browser.post(f"{page}/cancel").status == 422
    assert "Refunded." in browser.get(f"{page}?said=refund").text
    assert browser.get(f"/admin/api/orders/{order['id']}").json["order"]["financial_status"] == "refunded"


def test_orders_are_stamped_by_the_shop_clock(browser: Browser, receiver: Receiver) -> None:
    before = ordered(browser)
    browser.send("/admin/connection", {"clock_offset_seconds": 400 * 86400})
    after = ordered(browser)
    years = [browser.get(f"/admin/api/orders/{o['id']}").json["order"]["created_at"][:4] for o in (before, after)]
    assert int(years[1]) - int(years[0]) in (1, 2)


def test_orders_follow_a_sandbox_whose_clock_is_ahead(browser: Browser, receiver: Receiver) -> None:
    opened_at = int(datetime.now(UTC).timestamp()) + 30 * 86400
    order = ordered(browser, token=f"{TOKEN},v1.clk.lnk.{opened_at}.mac")
    placed_at = browser.get(f"/admin/api/orders/{order['id']}").json["order"]["created_at"]
    assert 0 <= datetime.fromisoformat(placed_at).timestamp() - opened_at < 60
    again = ordered(browser, token="v1.clk.lnk.99999999999999.mac")
    placed_again = browser.get(f"/admin/api/orders/{again['id']}").json["order"]["created_at"]
    assert 0 <= datetime.fromisoformat(placed_again).timestamp() - opened_at < 60


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
    assert {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) == {"django"}
