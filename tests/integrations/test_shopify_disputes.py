"""Shopify's disputes and shipping as facts."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from integrations.shopify.mapping import Mapped, Unreadable, to_facts
from integrations.wording import error_text
from tests.payloads import shopify
from tracking.facts import OrderKey
from tracking.rules import Fact, read_order

#: As Shopify documents the payload of disputes/create.
OPENED: dict[str, Any] = {
    "id": 285332461850802050,
    "order_id": 820982911946154508,
    "type": "chargeback",
    "amount": "11.50",
    "currency": "EUR",
    "reason": "fraudulent",
    "network_reason_code": "4837",
    "status": "under_review",
    "evidence_due_by": "2026-03-30T19:00:00-05:00",
    "evidence_sent_on": None,
    "finalized_on": None,
    "initiated_at": "2026-03-12T19:00:00-05:00",
}
ENDED = OPENED | {"status": "lost", "finalized_on": "2026-04-02T10:00:00-05:00"}


def fact_of(payload: dict[str, Any], topic: str = "disputes/update", **more: Any) -> Fact:
    found = to_facts(topic, payload, reports_shipping=True, **more)
    assert isinstance(found, Mapped), found
    return found.facts[0]


def test_a_dispute_is_a_fact_of_its_order() -> None:
    found = to_facts("disputes/create", {"dispute": OPENED}, reports_shipping=True)
    assert isinstance(found, Mapped)
    assert (found.key, found.person) == (OrderKey("shopify", "820982911946154508"), None)
    [fact] = found.facts
    opened = "2026-03-13T00:00:00+00:00"
    assert (fact.key, fact.as_of.isoformat()) == ("285332461850802050", opened)
    assert fact.data == {"status": "opened", "amount_minor": 1150, "currency": "EUR", "opened_at": opened}


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("needs_response", "opened"),
        ("under_review", "opened"),
        ("won", "won"),
        ("charge_refunded", "won"),
        ("lost", "lost"),
        ("accepted", "lost"),
    ],
)
def test_every_status_is_understood(told: str, meant: str) -> None:
    assert fact_of(OPENED | {"status": told}).data["status"] == meant


def test_the_end_is_when_it_was_final_also_told_as_a_day() -> None:
    assert fact_of(ENDED).as_of == datetime(2026, 4, 2, 15, 0, tzinfo=UTC)
    assert fact_of(ENDED | {"finalized_on": "2026-04-02"}).as_of == datetime(2026, 4, 2, tzinfo=UTC)
    at = datetime(2026, 3, 14, tzinfo=UTC)
    assert fact_of(OPENED, triggered_at=at).as_of == at


def test_every_order_of_arrival_reads_the_same() -> None:
    order = to_facts("orders/paid", shopify("order_paid"), reports_shipping=True)
    assert isinstance(order, Mapped)
    facts = [*order.facts, fact_of(OPENED), fact_of(OPENED | {"status": "needs_response"}), fact_of(ENDED)]
    views = {repr(read_order(drawn)) for drawn in map(list, permutations(facts))}
    assert len({view.split("disputes=")[1] for view in views}) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "sleeping"}, "unknown_status"),
        ({"order_id": None}, "no_id"),
        ({"amount": "1.234"}, "bad_amount"),
        ({"currency": "LOL"}, "unknown_currency"),
        ({"initiated_at": None}, "no_time"),
        ({"finalized_on": "2026-02-30"}, "bad_time"),
    ],
)
def test_what_cannot_be_read_says_why(change: dict[str, Any], reason: str) -> None:
    found = to_facts("disputes/update", OPENED | change, reports_shipping=True)
    assert found == Unreadable(reason)
    assert error_text(reason)


class TestShipping:
    def read(self, *refunds: dict[str, Any], **changes: Any) -> Any:
        order = to_facts("orders/paid", shopify("order_paid", **changes), reports_shipping=True)
        assert isinstance(order, Mapped)
        facts = [*order.facts]
        for refund in refunds:
            found = to_facts("refunds/create", refund, reports_shipping=True, currency="EUR")
            assert isinstance(found, Mapped)
            facts += found.facts
        return read_order(facts)

    def back(self, **adjustments: Any) -> dict[str, Any]:
        return shopify("refund_one_cup", refund_line_items=[], **adjustments)

    def test_shipping_is_net_of_discounts_and_included_tax(self) -> None:
        view = self.read()
        assert (view.shipping_minor, view.shipping_tax_minor) == (416, 79)
        added = self.read(taxes_included=False)
        assert (added.shipping_minor, added.shipping_tax_minor) == (495, 79)

    def test_removed_lines_and_discounted_prices(self) -> None:
        lines = [
            {"price": "9.00", "discounted_price": "5.00", "tax_lines": []},
            {"price": "7.00", "is_removed": True, "tax_lines": []},
            {"price": "3.00", "discount_allocations": [{"amount": "1.00"}], "tax_lines": []},
        ]
        assert self.read(shipping_lines=lines).shipping_minor == 700

    @pytest.mark.parametrize(("included", "net"), [(True, 416), (False, 495)])
    def test_the_order_says_whether_refunded_shipping_holds_its_tax(self, included: bool, net: int) -> None:
        adjustment = {"kind": "shipping_refund", "amount": "-4.95", "tax_amount": "-0.79"}
        view = self.read(self.back(order_adjustments=[adjustment]), taxes_included=included)
        assert [(item.shipping_minor, item.other_minor) for item in view.refunds] == [(net, 0)]

    def test_newer_versions_tell_it_in_lines(self) -> None:
        money = {"shop_money": {"amount": "4.95", "currency_code": "EUR"}}
        tax = {"shop_money": {"amount": "0.79", "currency_code": "EUR"}}
        line = {"subtotal_amount_set": money, "tax_amount_set": tax}
        view = self.read(self.back(refund_shipping_lines=[line], transactions=[]))
        assert [item.shipping_minor for item in view.refunds] == [416]
