"""What becomes of the test shop's orders: refunds, parcels, cancellations, and the hooks that tell of them."""

from datetime import UTC, datetime

from .client import TOKEN, Browser, Receiver, act, add_code, flush, ordered


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
