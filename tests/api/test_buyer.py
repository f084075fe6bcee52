"""What an order tells about its buyer's browser and card: read strictly, kept as hashes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Shop, an_order
from tests.cast import World, at_work
from tests.rows import rows_of
from tracking.models import OrderFact, OrderTrace, Referral

BUYER = {
    "ip": "2001:DB8::7",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
    "payment_fingerprint": "Xt5EWLLDS7FJjR1c",
    "referrer": "https://blog.example/about?x=1",
}


def test_what_is_told_of_the_buyer_is_kept_as_hashes(shop: Shop, world: World) -> None:
    answer = shop.post("orders", an_order(referral_token=world.click(), buyer=BUYER))
    assert answer.status_code == 201
    assert "2001" not in answer.content.decode().lower().replace(answer.json()["placed_at"].lower(), "")
    with at_work(world.merchant):
        kept, facts = OrderTrace.objects.get(), str(list(OrderFact.objects.values_list("data", flat=True)))
        assert (kept.agent, kept.referrer, kept.referrer_told) == ("firefox/linux", "blog.example", True)
        assert (len(kept.address), len(kept.network), len(kept.fingerprint)) == (22, 22, 64)
        assert not any(value in facts for value in BUYER.values())
        assert Referral.objects.get().assessment["missing"] == []


def test_told_again_it_changes_nothing(shop: Shop, world: World) -> None:
    body = an_order(referral_token=world.click(), buyer=BUYER)
    first = shop.post("orders", body)
    before = rows_of(world.merchant)
    assert shop.post("orders", body).json() == first.json()
    assert rows_of(world.merchant) == before


@pytest.mark.parametrize(
    ("buyer", "field", "code"),
    [
        ({"ip": "300.1.1.1"}, "buyer.ip", "not_an_ip"),
        ({"ip": "home"}, "buyer.ip", "not_an_ip"),
        ({"ip": 7}, "buyer.ip", "not_text"),
        ({"user_agent": "x" * 1001}, "buyer.user_agent", "too_long"),
        ({"payment_fingerprint": ["a"]}, "buyer.payment_fingerprint", "not_text"),
        ({"referrer": "a\nb"}, "buyer.referrer", "too_long"),
        ({"mac": "00:00"}, "buyer.mac", "unknown_field"),
        ("me", "buyer", "not_an_object"),
    ],
)
def test_what_cannot_be_right_is_refused_by_field(shop: Shop, world: World, buyer: Any, field: str, code: str) -> None:
    before = rows_of(world.merchant)
    answer = shop.post("orders", an_order(buyer=buyer))
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert rows_of(world.merchant) == before
