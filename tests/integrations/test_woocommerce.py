"""Coupons in a WooCommerce shop: each form, odd shops, and codes of others."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.codes import code_of, marker_of
from integrations.woocommerce.coupons import LONG_AGO, META_KEY, TAKEN, WooCoupon
from merchants.models import Merchant
from rewards.fulfilment import Delivered, Terminal, Unknown, Withdrawn
from tests.integrations.receiver import Receiver, listening
from tests.integrations.relay import Relay, relaying
from tests.integrations.services import account, answered_by, deliver, look_up, order, withdraw
from tests.providers import Providers

pytestmark = pytest.mark.django_db

FORMS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"form": "PERCENT_CODE", "unit": "PIECES", "amount_minor": 1, "setting": {"percent": "15"}},
        {"discount_type": "percent", "amount": "15"},
    ),
    ({"form": "FIXED_CODE", "amount_minor": 1050}, {"discount_type": "fixed_cart", "amount": "10.50"}),
    (
        {"form": "FREE_SHIPPING_CODE", "unit": "PIECES", "amount_minor": 1},
        {"discount_type": "fixed_cart", "amount": "0", "free_shipping": True},
    ),
    (
        {"form": "FREE_PRODUCT_CODE", "unit": "PIECES", "amount_minor": 1, "setting": {"product_id": "42"}},
        {"discount_type": "percent", "amount": "100", "product_ids": [42], "limit_usage_to_x_items": 1},
    ),
]


@pytest.fixture
def relay(providers: Providers) -> Iterator[Relay]:
    with relaying(providers.url) as found, answered_by(found.address):
        yield found


@pytest.fixture
def shop_as_told(merchant: Merchant) -> Iterator[Receiver]:
    """A shop that answers as told."""
    with listening() as receiver, answered_by(receiver.address.removesuffix("/rewards")):
        yield receiver


@pytest.mark.parametrize(("asked", "differs"), FORMS, ids=lambda part: str(part)[:30])
def test_each_form_is_a_coupon_for_one_use(
    merchant: Merchant, relay: Relay, asked: dict[str, Any], differs: dict[str, Any]
) -> None:
    wanted = order(**asked, valid_until=datetime(2031, 5, 1, 12, tzinfo=UTC))
    assert deliver(merchant, WooCoupon, wanted) == Delivered(code_of(wanted.key))
    sent = relay.exchanges[-1]
    assert json.loads(sent.body) == {
        "code": code_of(wanted.key), "description": marker_of(wanted.key), "usage_limit": 1, "usage_limit_per_user": 1,
        "individual_use": False, "meta_data": [{"key": META_KEY, "value": wanted.key}],
        "date_expires_gmt": "2031-05-01T12:00:00", **differs,
    }  # fmt: skip
    assert (sent.method, sent.path, sent.status) == ("POST", "/woocommerce/wp-json/wc/v3/coupons", 201)
    assert base64.b64decode(sent.headers["authorization"].removeprefix("Basic ")) == b"ck_demo:cs_demo"


def test_a_withdrawn_coupon_ended_long_ago(merchant: Merchant, relay: Relay) -> None:
    wanted = order()
    voucher = deliver(merchant, WooCoupon, wanted).voucher
    assert withdraw(merchant, WooCoupon, wanted, voucher) == Withdrawn.DISABLED
    assert relay.exchanges[-1].method == "PUT"
    assert json.loads(relay.exchanges[-1].body) == {"date_expires_gmt": LONG_AGO}


def test_a_used_coupon_is_not_changed(merchant: Merchant, shop_as_told: Receiver) -> None:
    wanted = order()
    shop_as_told.says(200, [{"id": 7, "code": code_of(wanted.key).lower(), "usage_count": 1}])
    assert withdraw(merchant, WooCoupon, wanted, code_of(wanted.key)) == Withdrawn.USED
    assert [body for _, body in shop_as_told.calls] == [b""], "it was only looked at"


@pytest.mark.parametrize("product", ["", "abc", "-1", "1.5"])
def test_a_product_that_is_no_number_is_refused(merchant: Merchant, providers: Providers, product: str) -> None:
    with pytest.raises(Terminal, match="product_unknown"):
        deliver(merchant, WooCoupon, order(form="FREE_PRODUCT_CODE", setting={"product_id": product}))
    assert providers.ledger("woocommerce") == []


def test_a_coupon_of_somebody_elses_is_never_handed_out(merchant: Merchant, providers: Providers, relay: Relay) -> None:
    wanted = order()
    other = order(key=wanted.key)
    deliver(merchant, WooCoupon, other)
    assert look_up(merchant, WooCoupon, wanted) is not None
    with listening() as receiver, answered_by(receiver.address.removesuffix("/rewards")):
        receiver.says(200, [{"id": 7, "code": code_of(wanted.key).lower(), "meta_data": []}])
        assert look_up(merchant, WooCoupon, wanted) is None
        receiver.says(400, {"code": TAKEN, "message": "The coupon code already exists"})
        with pytest.raises(Terminal):
            deliver(merchant, WooCoupon, wanted)


def test_refusal_stands_in_the_shops_words_on_the_connection(merchant: Merchant, shop_as_told: Receiver) -> None:
    shop_as_told.says(400, {"code": "rest_invalid_param", "message": "Invalid parameter(s): amount"})
    with pytest.raises(Terminal, match="woocommerce_refused"):
        deliver(merchant, WooCoupon, order())
    assert account(merchant, "WOOCOMMERCE").last_error == "Invalid parameter(s): amount"


def test_a_page_in_place_of_the_api_is_told(merchant: Merchant, shop_as_told: Receiver) -> None:
    shop_as_told.says(404, b"<html>Page not found</html>")
    with pytest.raises(Terminal, match="not_woocommerce"):
        deliver(merchant, WooCoupon, order())


def test_a_plugins_words_around_the_answer_leave_it_unknown(merchant: Merchant, shop_as_told: Receiver) -> None:
    shop_as_told.says(201, b'<b>Warning</b>: in plugin.php{"id": 7}')
    with pytest.raises(Unknown, match="answer_unreadable"):
        deliver(merchant, WooCoupon, order())
