"""Disputes at the test shop's desk, and the product reading what the shop tells of them and of shipping."""

from __future__ import annotations

from typing import Any

from programs.rules import Terms
from tracking.rules import base_minor, net_base_minor

from .client import Browser, Receiver, act, flush, ordered
from .test_hooks_are_understood import EUR, understood

SHIPPED = Terms(currency="EUR", count_shipping=True, count_tax=True)


def test_a_dispute_is_told_as_shopify_tells_it(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)  # 44.70 and 4.90 shipping
    opened = act(browser, order, "dispute")
    act(browser, order, "dispute", dispute=opened["dispute_id"], won=True)
    flush(browser)
    assert receiver.topics()[-2:] == ["disputes/create", "disputes/update"]
    told, ended = receiver.last("disputes/create"), receiver.last("disputes/update")
    assert (told["id"], told["order_id"], told["amount"]) == (opened["dispute_id"], order["id"], "49.60")
    assert (told["status"], told["finalized_on"]) == ("needs_response", None)
    assert ended["status"] == "won"
    assert ended["finalized_on"] is not None


def test_a_dispute_is_read_in_either_order(browser: Browser, receiver: Receiver) -> None:  # hostile 76
    order = ordered(browser)
    opened = act(browser, order, "dispute", amount_minor=2480)
    assert understood(browser, receiver).has_open_dispute
    act(browser, order, "dispute", dispute=opened["dispute_id"], won=False)
    view = understood(browser, receiver)
    assert (view.has_open_dispute, view.lost_minor) == (False, 2480)
    assert (base_minor(view, EUR), net_base_minor(view, EUR)) == (3756, 1878)
    receiver.hooks.reverse()
    assert repr(understood(browser, receiver)) == repr(view)


def test_all_of_it_lost_leaves_nothing(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)
    act(browser, order, "refund", amount_minor=1000)
    opened = act(browser, order, "dispute")
    act(browser, order, "dispute", dispute=opened["dispute_id"], won=False)
    assert net_base_minor(understood(browser, receiver), EUR) == 0


def test_no_more_is_disputed_than_is_left(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)

    def refused(**data: Any) -> bool:
        return browser.send(f"/admin/api/orders/{order['id']}/dispute", data).status == 422

    assert refused(amount_minor=4961)
    act(browser, order, "dispute")
    assert refused()
    assert refused(dispute=1, won=True)
    unpaid = ordered(browser, paid=False)
    assert browser.send(f"/admin/api/orders/{unpaid['id']}/dispute", {}).status == 422


def test_the_buttons_open_and_end_a_dispute(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)
    page = f"/admin/orders/{order['id']}"
    assert "Open a dispute" in browser.get(page).text
    assert browser.post(f"{page}/dispute", {"how": "open"}).status == 303
    shown = browser.get(page).text
    assert "Open a dispute" not in shown
    number = shown.split('name="dispute" value="')[1].split('"')[0]
    browser.post(f"{page}/dispute", {"how": "lost", "dispute": number})
    flush(browser)
    assert receiver.last("disputes/update")["status"] == "lost"


def test_shipping_counts_where_the_terms_say_so_and_its_refund_too(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)
    view = understood(browser, receiver)
    assert (view.shipping_minor, view.shipping_tax_minor, base_minor(view, SHIPPED)) == (412, 78, 4960)
    act(browser, order, "refund", lines=[{"product": "polarnacht", "quantity": 1}], shipping=True)
    view = understood(browser, receiver)
    assert [refund.shipping_minor for refund in view.refunds] == [412]
    assert net_base_minor(view, SHIPPED) == 4470 - 1490
    assert net_base_minor(view, EUR) == 3756 - 1252
