"""POST /hooks/shopify/<token>: who is let in, and that a refused request leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from celery import Celery
from django.db import connection as database
from django.test import Client

from integrations.models import InboundEvent
from integrations.receiving import LARGEST_BODY
from merchants.models import WakeUp
from referral_saas.broker import TRANSPORT_OPTIONS
from referral_saas.celery import app
from tests.cast import at_work, workspace_of
from tests.integrations.shop import Shop, connected, signed
from tests.payloads import as_body, shopify
from tracking.models import Order, OrderFact


def nothing_kept(shop: Shop) -> bool:
    return shop.events() == [] and not WakeUp.objects.filter(kind="inbox").exists()


def test_signed_hook_is_kept_as_it_came(shop: Shop) -> None:
    body = as_body(shopify("order_paid"))
    answer = shop.send(body, webhook_id="wh-1", X_Shopify_Triggered_At="2026-03-02T09:15:04.5Z")
    assert answer.status_code == 200
    event = shop.only_event()
    assert (event.topic, event.delivery_id, event.delivery_count, event.state) == ("orders/paid", "wh-1", 1, "WAITING")
    assert bytes(event.body or b"") == body
    assert event.triggered_at is not None
    assert event.triggered_at.isoformat() == "2026-03-02T09:15:04.500000+00:00"
    assert WakeUp.objects.filter(kind="inbox", merchant=shop.merchant).count() == 1


def test_wrong_signature_is_refused(shop: Shop) -> None:
    assert shop.send(shopify("order_paid"), X_Shopify_Hmac_Sha256="AAAA").status_code == 401
    assert nothing_kept(shop)


def test_missing_signature_is_refused(shop: Shop) -> None:
    assert shop.send(shopify("order_paid"), X_Shopify_Hmac_Sha256=None).status_code == 401
    assert nothing_kept(shop)


def test_signature_of_another_merchants_secret_is_refused(shop: Shop) -> None:
    other = connected(
        workspace_of("charlie@halcyon.example", "Halcyon"), domain="halcyon.myshopify.com", secret="other"
    )
    body = as_body(shopify("order_paid"))
    assert shop.send(body, X_Shopify_Hmac_Sha256=signed(body, other.secret)).status_code == 401
    assert nothing_kept(shop)
    assert nothing_kept(other)


@pytest.mark.parametrize("domain", ["halcyon.myshopify.com", "", None, "nordlicht.myshopify.com.evil.example"])
def test_right_signature_with_another_shops_domain_is_refused(shop: Shop, domain: str | None) -> None:
    assert shop.send(shopify("order_paid"), X_Shopify_Shop_Domain=domain).status_code == 401
    assert nothing_kept(shop)


def test_body_written_differently_is_refused(shop: Shop) -> None:
    body = as_body(shopify("order_paid"))
    answer = shop.send(body.replace(b":", b": ", 1), X_Shopify_Hmac_Sha256=signed(body, shop.secret))
    assert answer.status_code == 401
    assert nothing_kept(shop)


def test_unknown_address_is_not_found(shop: Shop) -> None:
    assert shop.send(shopify("order_paid"), path="/hooks/shopify/not-a-token").status_code == 404
    assert shop.send(shopify("order_paid"), path="/hooks/shopify/%00").status_code == 404
    assert nothing_kept(shop)


def test_body_over_a_megabyte_is_refused_before_its_signature(shop: Shop) -> None:
    assert shop.send(b" " * (5 * LARGEST_BODY), X_Shopify_Hmac_Sha256="wrong").status_code == 413
    assert shop.send(b" " * LARGEST_BODY, X_Shopify_Hmac_Sha256="wrong").status_code == 401
    assert nothing_kept(shop)


def test_other_methods_are_refused(shop: Shop) -> None:
    assert shop.client.get(shop.path).status_code == 405


def test_csrf_is_not_asked_of_shops(shop: Shop) -> None:
    shop.client = Client(enforce_csrf_checks=True)
    assert shop.send(shopify("order_paid")).status_code == 200


def test_unknown_topic_is_kept_and_ignored(shop: Shop) -> None:
    assert shop.send({"id": 1}, "carts/create").status_code == 200
    event = shop.only_event()
    assert (event.state, event.result, event.handled_at is not None) == ("IGNORED", "unknown_topic", True)
    assert not WakeUp.objects.filter(kind="inbox").exists()


def test_same_delivery_again_only_counts(shop: Shop) -> None:
    for _ in range(3):
        assert shop.send(shopify("order_paid"), webhook_id="wh-1").status_code == 200
    assert shop.only_event().delivery_count == 3
    assert WakeUp.objects.filter(kind="inbox").count() == 1


def test_without_an_id_the_content_tells_repetitions_apart(shop: Shop) -> None:
    for changes in ({}, {}, {"note": "other"}):
        assert shop.send(shopify("order_paid", **changes), X_Shopify_Webhook_Id=None).status_code == 200
    assert sorted(event.delivery_count for event in shop.events()) == [1, 2]


def test_odd_headers_never_break(shop: Shop) -> None:
    answer = shop.send(
        shopify("order_paid"),
        X_Shopify_Webhook_Id="x" * 500,
        X_Shopify_Triggered_At="soon",
        X_Shopify_Topic="orders/paid",
    )
    assert answer.status_code == 200
    event = shop.only_event()
    assert event.triggered_at is None
    assert event.delivery_id.startswith("sha256:")


@pytest.mark.django_db(transaction=True)
def test_same_delivery_fifty_times_in_parallel_makes_one() -> None:
    shop = connected(workspace_of("alice@nordlicht.example", "Nordlicht Kaffee"))
    start = Barrier(50)

    def send(_: int) -> int:
        start.wait()
        try:
            one = Shop(shop.merchant, shop.connection, shop.secret, Client())
            return one.send(shopify("order_paid"), webhook_id="wh-1").status_code
        finally:
            database.close()

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(send, range(50))) == [200] * 50
    assert shop.only_event().delivery_count == 50

    def sweep(_: int) -> None:
        try:
            shop.sweep()
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(sweep, range(2)))
    with at_work(shop.merchant):
        assert (Order.objects.count(), OrderFact.objects.count()) == (1, 1)
    assert shop.only_event().state == InboundEvent.State.HANDLED


@pytest.fixture
def no_broker() -> Iterator[None]:
    nobody = "redis+socket:///there/is/no/such/socket"
    Celery("without a broker", broker=nobody, broker_transport_options=TRANSPORT_OPTIONS).set_current()
    yield
    app.set_current()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_broker")
def test_without_redis_the_hook_is_kept_and_the_sweep_works_it() -> None:
    shop = connected(workspace_of("alice@nordlicht.example", "Nordlicht Kaffee"))
    assert shop.send(shopify("order_paid")).status_code == 200
    shop.sweep()
    assert shop.only_event().state == InboundEvent.State.HANDLED


@pytest.fixture
def host() -> Iterator[dict[str, Any]]:
    """Where the database is; what a test writes here is undone."""
    settings = database.settings_dict
    kept = settings["HOST"]
    yield settings
    settings["HOST"] = kept
    database.close()


@pytest.mark.django_db(transaction=True)
def test_without_a_database_the_shop_is_asked_to_come_again(host: dict[str, Any]) -> None:
    shop = connected(workspace_of("alice@nordlicht.example", "Nordlicht Kaffee"))
    kept = host["HOST"]
    database.close()
    host["HOST"] = "/there/is/no/such/folder"
    answer = shop.send(shopify("order_paid"), webhook_id="wh-1")
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
    database.close()
    host["HOST"] = kept
    assert shop.send(shopify("order_paid"), webhook_id="wh-1").status_code == 200
    assert shop.only_event().delivery_count == 1
