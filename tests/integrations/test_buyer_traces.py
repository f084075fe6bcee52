"""Where orders came from, as Shopify and Stripe tell it. Pure."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.shopify.traces import trace_of
from integrations.stripe.mapping import understand
from integrations.understanding import NotUnderstood
from tracking.facts import OrderKey, TraceIn


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"browser_ip": "203.0.113.7"}, TraceIn(ip="203.0.113.7")),
        ({"client_details": {"browser_ip": "203.0.113.7", "user_agent": "Mozilla/5.0"}},
         TraceIn(ip="203.0.113.7", user_agent="Mozilla/5.0")),
        ({"browser_ip": "203.0.113.7", "referring_site": None}, TraceIn(ip="203.0.113.7", referrer="")),
        ({"referring_site": "https://blog.example/x"}, TraceIn(referrer="https://blog.example/x")),
        ({"browser_ip": "203.0.113.7", "source_name": "pos"}, None),
        ({"browser_ip": "203.0.113.7", "source_name": "shopify_draft_order"}, None),
        ({"browser_ip": ["odd"], "client_details": "odd"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_shopify_tells_address_browser_and_referrer(order, expected):
    assert trace_of(order) == expected


def charge(**more: Any) -> dict[str, Any]:
    card = {"type": "card", "card": {"fingerprint": "Xt5EWLLDS7FJjR1c", "last4": "4242"}}
    return {"type": "charge.succeeded", "data": {"object": {"id": "ch_1", "payment_method_details": card, **more}}}


def test_stripe_tells_the_card_of_an_order_by_its_metadata_or_the_payment():
    named = understand("charge.succeeded", charge(metadata={"order_id": "1001"}, payment_intent="pi_1"))
    keys = [OrderKey("api", name) for name in ("1001", "pi_1", "ch_1")]
    assert (list(named.orders), named.fact, named.is_named) == (keys, None, True)
    assert named.trace == TraceIn(payment_fingerprint="Xt5EWLLDS7FJjR1c")
    unnamed = understand("charge.succeeded", charge(payment_intent="pi_1"))
    assert (list(unnamed.orders), unnamed.is_named) == (keys[1:], False)


@pytest.mark.parametrize("details", [None, {}, {"type": "card"}, {"type": "card", "card": {"fingerprint": 7}}, "odd"])
def test_a_payment_without_a_card_tells_nothing(details):
    told = understand("charge.succeeded", charge(payment_method_details=details))
    assert not told.trace
    with pytest.raises(NotUnderstood):
        understand("charge.failed", charge())
