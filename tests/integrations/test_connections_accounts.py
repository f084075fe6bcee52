"""Accounts at services: what may be entered, that it is sealed and never shown, and new credentials for old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from integrations.actions.accounts import (
    add_gift_card_connection,
    add_stripe_connection,
    add_woocommerce_connection,
    replace_credentials,
)
from integrations.actions.connections import ConnectionProblem, add_webhook_connection, note_health
from integrations.credentials import credentials_of, seal
from integrations.models import Connection
from integrations.selectors import connections
from kit.clock import database_now
from kit.ids import public_id
from merchants.events import SYSTEM
from merchants.models import Event, Merchant, WakeUp
from programs.actions.kinds import create_kind
from programs.presets import PRESETS
from programs.rules import Fulfilment, RewardRule
from referral_saas.checks import SimulatedProviders, check_simulators, refuse_simulators, simulator_complaints
from referral_saas.dashboard.paths import public
from rewards.models import Reward
from rewards.steps import fulfil, release
from tests.cast import a_world, at_work, workspace_of
from tests.dashboard.test_workspace_pages import client_of
from tests.faults.test_fulfilment_faults import due
from tests.integrations.services import account, connect_all, urls_of
from tests.providers import Providers

pytestmark = pytest.mark.django_db

STRIPE = {"secret_key": "sk_test_abc"}
WOO = {"address": "https://shop.example", "consumer_key": "ck_1", "consumer_secret": "cs_1"}
GIFTS = {"api_key": "TEST_1"}


@pytest.fixture
def empty(db: None) -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


@pytest.mark.parametrize(
    ("add", "values", "problem"),
    [
        (add_stripe_connection, {"secret_key": ""}, ("secret_key", "not_a_secret_key")),
        (add_stripe_connection, {"secret_key": "pk_test_abc"}, ("secret_key", "not_a_secret_key")),
        (add_stripe_connection, {"secret_key": "sk_test_a b"}, ("secret_key", "not_a_credential")),
        (add_stripe_connection, {"secret_key": "sk_test_a\r\nX: y"}, ("secret_key", "not_a_credential")),
        (add_stripe_connection, {"secret_key": "sk_test_ä"}, ("secret_key", "not_a_credential")),
        (add_stripe_connection, {"secret_key": "sk_live_abc"}, ("secret_key", "live_key_in_sandbox")),
        (add_stripe_connection, {"secret_key": "rk_live_abc"}, ("secret_key", "live_key_in_sandbox")),
        (add_gift_card_connection, {"api_key": "PROD_abc"}, ("api_key", "live_key_in_sandbox")),
        (add_gift_card_connection, {"api_key": " "}, ("api_key", "required")),
        (add_woocommerce_connection, {**WOO, "consumer_secret": ""}, ("consumer_secret", "required")),
        (add_woocommerce_connection, {**WOO, "address": "not an address"}, ("address", "bad_address")),
        (add_woocommerce_connection, {**WOO, "address": "https://a@shop.example"}, ("address", "bad_address")),
        (add_woocommerce_connection, {**WOO, "address": "https://shop.example/?a=b"}, ("address", "bad_address")),
    ],
)
def test_what_cannot_be_connected_says_why(
    empty: Merchant, add: Callable[..., Connection], values: dict[str, str], problem: tuple[str, str]
) -> None:
    with at_work(empty) as now:
        with pytest.raises(ConnectionProblem) as told:
            add(**values, by=SYSTEM, now=now)
        assert not connections().exists()
    assert (told.value.field, told.value.code) == problem


def test_plain_http_is_refused_in_production(empty: Merchant) -> None:
    with override_settings(MODE="production"), at_work(empty) as now, pytest.raises(ConnectionProblem):
        add_woocommerce_connection(**{**WOO, "address": "http://shop.example"}, by=SYSTEM, now=now)


def test_one_account_of_a_kind_at_one_address(empty: Merchant) -> None:
    with at_work(empty) as now:
        add_stripe_connection(**STRIPE, by=SYSTEM, now=now)
        with pytest.raises(ConnectionProblem) as told:
            add_stripe_connection(secret_key="sk_test_other", by=SYSTEM, now=now)
    assert told.value.code == "already_connected"


def test_a_shop_in_a_folder_keeps_it(empty: Merchant) -> None:
    with at_work(empty) as now:
        made = add_woocommerce_connection(**{**WOO, "address": "shop.example/shop/"}, by=SYSTEM, now=now)
    assert (made.address, made.name) == ("https://shop.example/shop", "shop.example/shop")


def test_credentials_are_sealed_and_replaced_field_by_field(merchant: Merchant) -> None:
    with at_work(merchant) as now:
        row = Connection.objects.get(kind="WOOCOMMERCE")
        assert "ck_demo" not in row.credentials
        note_health(connection=row, error="credentials_refused", now=now)
        values = {"consumer_key": "ck_new", "consumer_secret": "", "address": "https://evil.example"}
        replace_credentials(connection=row, values=values, by=SYSTEM, now=now)
        row = Connection.objects.get(kind="WOOCOMMERCE")
        assert credentials_of(row) == {"consumer_key": "ck_new", "consumer_secret": "cs_demo"}
        assert (row.health, row.last_error, row.address) == ("UNKNOWN", "", "https://shop.nordlicht.example")
        event = Event.objects.filter(code="connection.changed").get()
        assert event.data == {"kind": "WOOCOMMERCE", "fields": ["consumer_key"]}


@pytest.mark.parametrize("values", [{}, {"secret_key": "  "}, {"secret_key": "sk_live_x"}, {"api_key": "sk_test_x"}])
def test_what_cannot_replace_changes_nothing(merchant: Merchant, values: dict[str, str]) -> None:
    with at_work(merchant) as now:
        row = Connection.objects.get(kind="STRIPE")
        with pytest.raises(ConnectionProblem):
            replace_credentials(connection=row, values=values, by=SYSTEM, now=now)
        assert Connection.objects.get(kind="STRIPE").credentials == row.credentials


def test_a_shops_secret_survives_a_new_token(merchant: Merchant) -> None:
    with at_work(merchant) as now:
        row = Connection.objects.get(kind="SHOPIFY")
        replace_credentials(connection=row, values={"admin_token": "shpat_new"}, by=SYSTEM, now=now)
        assert credentials_of(Connection.objects.get(kind="SHOPIFY")) == {
            "secret": "s" * 20,
            "admin_token": "shpat_new",
        }


def test_credentials_under_a_lost_key_are_replaced_whole(merchant: Merchant) -> None:
    with override_settings(CREDENTIALS_KEYS=["a key of before that is long enough to be one"]):
        lost = seal(STRIPE)
    with at_work(merchant) as now:
        Connection.objects.filter(kind="STRIPE").update(credentials=lost)
        row = Connection.objects.get(kind="STRIPE")
        replace_credentials(connection=row, values={"secret_key": "sk_test_new"}, by=SYSTEM, now=now)
        assert credentials_of(Connection.objects.get(kind="STRIPE")) == {"secret_key": "sk_test_new"}


def test_under_a_lost_key_what_is_needed_is_asked_for_again(merchant: Merchant) -> None:
    with override_settings(CREDENTIALS_KEYS=["a key of before that is long enough to be one"]):
        lost = seal(GIFTS)
    with at_work(merchant) as now:
        Connection.objects.filter(kind="GIFT_CARDS").update(credentials=lost)
        row = Connection.objects.get(kind="GIFT_CARDS")
        with pytest.raises(ConnectionProblem) as refused:
            replace_credentials(connection=row, values={"campaign_id": "C2"}, by=SYSTEM, now=now)
        assert (refused.value.field, refused.value.code) == ("api_key", "required")
        assert Connection.objects.get(kind="GIFT_CARDS").credentials == lost


@pytest.mark.django_db(transaction=True)
def test_rewards_that_waited_for_the_account_are_tried_at_once(providers: Providers) -> None:
    """Released, not connected: it waits an hour, until somebody connects what is missing."""
    world = due(a_world(advocate_reward=RewardRule(fulfilment=Fulfilment.COUPON_POOL)))
    ref = world.merchant.tenant_ref()
    with at_work(world.merchant):
        Reward.objects.update(fulfilment=Fulfilment.STRIPE_PROMOTION)
    release.sweep(ref)
    fulfil.sweep(ref)
    with at_work(world.merchant):
        waiting = Reward.objects.get()
        assert (waiting.state, waiting.reason) == ("RELEASED", "stripe_not_connected")
        assert waiting.next_try_at is not None
        assert waiting.next_try_at > database_now() + timedelta(minutes=50)
    with at_work(world.merchant) as now:
        WakeUp.objects.all().delete()
        add_stripe_connection(secret_key="sk_test_demo", by=SYSTEM, now=now)
        assert WakeUp.objects.filter(kind="fulfil").count() == 1
    fulfil.sweep(ref)
    with at_work(world.merchant):
        given = Reward.objects.get()
    assert (given.state, given.voucher) == ("FULFILLED", providers.ledger("stripe")[0]["voucher"])


@pytest.mark.django_db(transaction=True)
def test_a_refused_reward_is_dead_after_one_try_with_a_reason_in_words(providers: Providers) -> None:  # hostile 91
    world = due(a_world(advocate_reward=RewardRule(fulfilment=Fulfilment.COUPON_POOL)))
    connect_all(world.merchant)
    with at_work(world.merchant):
        Reward.objects.update(fulfilment=Fulfilment.STRIPE_PROMOTION)
    release.sweep(world.merchant.tenant_ref())
    providers.switch("stripe", fault="refuse", reason="missing", times=1)
    fulfil.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        dead = Reward.objects.get()
        assert (dead.state, dead.reason, dead.attempts) == ("FAILED", "stripe_refused", 1)
    page = client_of("alice@nordlicht.example").get(f"/w/{world.merchant.slug}/rewards/{public_id('rwd', dead.pk)}")
    assert "Stripe refused it." in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_told_to_wait_two_minutes_it_waits_two_minutes(providers: Providers) -> None:  # hostile 90
    world = due(a_world(advocate_reward=RewardRule(fulfilment=Fulfilment.COUPON_POOL)))
    connect_all(world.merchant)
    with at_work(world.merchant):
        Reward.objects.update(fulfilment=Fulfilment.GIFT_CARD)
    release.sweep(world.merchant.tenant_ref())
    providers.switch("giftcards", fault="429", retry_after=120, times=1)
    with at_work(world.merchant):
        before = database_now()
    fulfil.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        waiting = Reward.objects.get()
        assert (waiting.state, waiting.reason) == ("RELEASED", "http_429")
        assert waiting.next_try_at is not None
        assert waiting.next_try_at >= before + timedelta(seconds=120)
    fulfil.sweep(world.merchant.tenant_ref())
    assert [call["status"] for call in providers.calls("giftcards")] == [429]


# --- screens ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "values", "kind"),
    [
        ("stripe", STRIPE, "STRIPE"),
        ("woocommerce", WOO, "WOOCOMMERCE"),
        ("gift-cards", {**GIFTS, "campaign_id": "C1"}, "GIFT_CARDS"),
    ],
)
def test_each_service_is_connected_by_its_form(
    empty: Merchant, providers: Providers, path: str, values: dict[str, str], kind: str
) -> None:
    alice = client_of("alice@nordlicht.example")
    base = f"/w/{empty.slug}/connections"
    page = alice.post(f"{base}/new/{path}", values)
    assert page.status_code == 302
    row = account(empty, kind)
    shown = alice.get(page["Location"]).content.decode()
    assert "Simulated" in shown
    assert "Test connection" in shown
    for secret in ("sk_test_abc", "ck_1", "cs_1", "TEST_1"):
        assert secret not in shown
    assert alice.post(f"{base}/new/{path}", values).status_code == 422
    assert account(empty, kind) == row


def test_a_refused_form_shows_no_secret_again(empty: Merchant) -> None:
    alice = client_of("alice@nordlicht.example")
    answer = alice.post(f"/w/{empty.slug}/connections/new/stripe", {"secret_key": "sk_live_very_secret"})
    assert (answer.status_code, "sk_live_very_secret" in answer.content.decode()) == (422, False)
    assert "This is a sandbox" in answer.content.decode()


def test_new_credentials_by_the_form(merchant: Merchant, providers: Providers) -> None:
    alice = client_of("alice@nordlicht.example")
    row = account(merchant, "STRIPE")
    path = f"/w/{merchant.slug}/connections/{public_id('con', row.pk)}"
    assert "sk_test_demo" not in alice.get(f"{path}/credentials").content.decode()
    assert alice.post(f"{path}/credentials", {"secret_key": "sk_test_wrong"}).status_code == 302
    tested = alice.post(f"{path}/test", follow=True)
    assert "does not accept our credentials" in tested.content.decode()
    assert alice.post(f"{path}/credentials", {"secret_key": ""}).status_code == 422
    alice.post(f"{path}/credentials", {"secret_key": "sk_test_demo"})
    assert "accepts our credentials (test)" in alice.post(f"{path}/test", follow=True).content.decode()
    assert account(merchant, "STRIPE").health == "GOOD"


def test_a_webhooks_secret_is_ours_and_has_no_such_form(empty: Merchant) -> None:
    with at_work(empty) as now:
        made = add_webhook_connection(url="https://one.example/", purposes=["REWARD"], by=SYSTEM, now=now)
    key = public_id("con", made.connection.pk)
    alice = client_of("alice@nordlicht.example")
    assert alice.get(f"/w/{empty.slug}/connections/{key}/credentials").status_code == 404


def test_a_kind_that_a_stand_in_gives_says_so(merchant: Merchant, providers: Providers) -> None:
    assert ["Credit in Stripe (Simulated)" in page for page in _kinds_shown(merchant)] == [True, True]


@override_settings(PROVIDER_URLS={})
def test_nothing_real_is_called_simulated(merchant: Merchant) -> None:
    client: Client = client_of("alice@nordlicht.example")
    shown = [client.get(f"/w/{merchant.slug}/connections").content.decode(), *_kinds_shown(merchant)]
    assert not [page for page in shown if "Simulated" in page]


def _kinds_shown(merchant: Merchant) -> list[str]:
    """The catalogue and the page of its one kind."""
    gives = replace(PRESETS["free_month"].gives_in("EUR"), fulfilment=Fulfilment.STRIPE_BALANCE)
    with at_work(merchant) as now:
        kind = create_kind(gives=gives, by=SYSTEM, now=now)
    client, base = client_of("alice@nordlicht.example"), f"/w/{merchant.slug}/kinds"
    return [client.get(path).content.decode() for path in (base, f"{base}/{public(kind)}")]


# --- the start --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8009/stripe", "https://localhost/stripe", "https://10.0.0.5/", "http://stripe.example/",
     "https://stand-in.example/"],
)  # fmt: skip
def test_production_does_not_start_with_a_stand_in(url: str) -> None:
    with override_settings(MODE="production", PROVIDER_URLS={**urls_of(""), **dict.fromkeys(urls_of(""), "")}):
        refuse_simulators()
        assert check_simulators() == []
    with override_settings(MODE="production", PROVIDER_URLS={"STRIPE": url, "GIFT_CARDS": ""}):
        with pytest.raises(SimulatedProviders, match="PROVIDER_URL_STRIPE"):
            refuse_simulators()
        assert [problem.id for problem in check_simulators()] == ["referral_saas.E001"]


@pytest.mark.parametrize("mode", ["demo", "test"])
def test_demo_and_tests_may_use_stand_ins(mode: str) -> None:
    urls: dict[str, Any] = urls_of("http://127.0.0.1:8009")
    assert simulator_complaints(mode, urls) == []
    assert len(simulator_complaints("production", urls)) == 4
