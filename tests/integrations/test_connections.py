"""Connecting, removing, and how a connection fares."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from integrations.actions.connections import (
    ConnectionProblem,
    add_shopify_connection,
    add_webhook_connection,
    check_address,
    note_health,
    remove_connection,
)
from integrations.credentials import secret_of
from integrations.models import Connection
from integrations.selectors import connections
from integrations.steps.check import check_connection
from kit.crypto import CannotUnseal
from kit.ids import hash_token
from merchants.events import SYSTEM
from merchants.models import Door
from tests.cast import at_work, workspace_of
from tests.integrations.shop import SECRET, Shop, connected
from tests.payloads import shopify

pytestmark = pytest.mark.django_db


def test_shop_is_connected_with_its_secret_sealed_and_a_door_that_knows_only_a_hash(shop: Shop) -> None:
    row = shop.connection
    assert (row.address, row.health, row.name) == ("nordlicht.myshopify.com", "UNKNOWN", "nordlicht.myshopify.com")
    assert SECRET not in row.credentials
    assert secret_of(row) == SECRET
    door = Door.objects.get(kind=Door.Kind.HOOK)
    assert (door.key, door.object_id, door.merchant_id) == (hash_token(row.hook_token), row.pk, shop.merchant.pk)
    assert shop.codes()[-1] == "connection.added"


def test_secret_cannot_be_opened_with_another_key(shop: Shop) -> None:
    with override_settings(CREDENTIALS_KEYS=["another key that is long enough to be one"]), pytest.raises(CannotUnseal):
        secret_of(shop.connection)


@pytest.mark.parametrize(
    ("domain", "secret", "problem"),
    [
        ("not a domain", "s", ("domain", "bad_domain")),
        ("https://user@shop.example", "s", ("domain", "bad_domain")),
        ("other.myshopify.com", "  ", ("secret", "secret_missing")),
        ("NORDLICHT.myshopify.com", "s", ("address", "already_connected")),
    ],
)
def test_what_cannot_be_connected_says_why(shop: Shop, domain: str, secret: str, problem: tuple[str, str]) -> None:
    with at_work(shop.merchant) as now:
        with pytest.raises(ConnectionProblem) as told:
            add_shopify_connection(domain=domain, secret=secret, by=SYSTEM, now=now)
        assert connections().count() == 1
    assert (told.value.field, told.value.code) == problem


def test_two_merchants_may_connect_the_same_shop(shop: Shop) -> None:
    other = connected(workspace_of("charlie@halcyon.example", "Halcyon"))
    assert other.connection.address == shop.connection.address
    assert other.send(shopify("order_paid")).status_code == 200
    assert shop.events() == []


def test_removed_connection_forgets_its_secret_and_its_address_leads_nowhere(shop: Shop) -> None:
    with at_work(shop.merchant) as now:
        remove_connection(connection=shop.connection, by=SYSTEM, now=now)
        remove_connection(connection=shop.connection, by=SYSTEM, now=now)
        row = Connection.objects.get()
        assert (row.credentials, row.hook_token, row.removed_at) == ("", "", now)
        assert not connections().exists()
    assert shop.send(shopify("order_paid")).status_code == 404
    assert shop.codes().count("connection.removed") == 1
    connected(shop.merchant)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"url": "ftp://shop.example"}, ("url", "bad_address")),
        ({"url": "https://shop.example\\@evil.example"}, ("url", "bad_address")),
        ({"purposes": []}, ("purposes", "purpose_missing")),
        ({"purposes": ["REWARD", "NONSENSE"]}, ("purposes", "purpose_missing")),
    ],
)
def test_webhook_that_cannot_be_says_why(shop: Shop, values: dict[str, Any], problem: tuple[str, str]) -> None:
    usual = {"url": "https://shop.example/hook", "purposes": ["REWARD"]}
    with at_work(shop.merchant) as now, pytest.raises(ConnectionProblem) as told:
        add_webhook_connection(**{**usual, **values}, by=SYSTEM, now=now)
    assert (told.value.field, told.value.code) == problem


def test_plain_http_is_refused_in_production(shop: Shop) -> None:
    with override_settings(MODE="production"), at_work(shop.merchant) as now, pytest.raises(ConnectionProblem):
        add_webhook_connection(url="http://shop.example/hook", purposes=["REWARD"], by=SYSTEM, now=now)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/", "http://0x7f000001/"])
def test_addresses_inside_are_refused_in_production(url: str) -> None:
    with override_settings(MODE="production"), pytest.raises(ConnectionProblem):
        check_address(url)


def test_a_purpose_is_served_once(shop: Shop) -> None:
    with at_work(shop.merchant) as now:
        add_webhook_connection(url="https://one.example/", purposes=["REWARD", "CODES"], by=SYSTEM, now=now)
        with pytest.raises(ConnectionProblem) as told:
            add_webhook_connection(url="https://two.example/", purposes=["CODES"], by=SYSTEM, now=now)
        add_webhook_connection(url="https://three.example/", purposes=["COUPON"], by=SYSTEM, now=now)
    assert told.value.code == "purpose_taken"


def test_failing_is_told_once_and_working_again_heals(shop: Shop) -> None:
    with at_work(shop.merchant) as now:
        for error in ("boom", "boom again"):
            note_health(connection=Connection.objects.get(), error=error, now=now)
        row = Connection.objects.get()
        assert (row.health, row.last_error, row.last_event_at) == ("FAILING", "boom again", None)
        note_health(connection=row, now=now + timedelta(seconds=1))
        row = Connection.objects.get()
        assert (row.health, row.last_error, row.last_event_at) == ("GOOD", "boom again", now + timedelta(seconds=1))
        note_health(connection=row, now=now + timedelta(seconds=30))
        assert Connection.objects.get().last_event_at == now + timedelta(seconds=1)
    assert shop.codes().count("connection.failing") == 1


def test_test_button_of_a_shop_says_whether_hooks_came(shop: Shop) -> None:
    def says() -> bool:
        checked = check_connection(shop.merchant.tenant_ref(), shop.connection.pk)
        assert checked is not None
        return checked.ok

    assert says() is False
    shop.send(shopify("order_paid"))
    shop.sweep()
    assert says() is True
    shop.send(b"not json")
    shop.sweep()
    assert says() is False
