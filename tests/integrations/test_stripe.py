"""Stripe: odd currencies, months of a subscription, keys that ended; and our calls beside Stripe's own types."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import stripe
from django.test import override_settings
from stripe._api_version import _ApiVersion

from integrations.actions.accounts import replace_credentials
from integrations.models import Connection
from integrations.stripe import client
from integrations.stripe.amounts import NotAtStripe, to_stripe
from integrations.stripe.balance import StripeBalance
from integrations.stripe.promotions import StripePromotion
from kit.ids import uuid7
from kit.tenancy import tenant_scope
from merchants.events import SYSTEM
from merchants.models import Merchant
from rewards.fulfilment import Delivered, Retryable, Terminal, Unknown, Withdrawn
from tests.cast import at_work
from tests.integrations.receiver import listening
from tests.integrations.relay import Relay, relaying
from tests.integrations.services import account, answered_by, deliver, hitting_second_write, look_up, order, withdraw
from tests.providers import Providers

pytestmark = pytest.mark.django_db

MONTHS = {"form": "FREE_TIME", "unit": "MONTHS"}


# --- amounts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minor", "currency", "at_stripe"),
    [
        (1990, "EUR", 1990), (500, "JPY", 500), (500, "KRW", 500), (1, "VND", 1), (5, "ISK", 500), (5, "UGX", 500),
        (1250, "HUF", 1250), (80000, "TWD", 80000), (5120, "KWD", 5120), (10, "TND", 10), (700, "MGA", 7),
    ],
)  # fmt: skip
def test_amounts_in_stripes_units(minor: int, currency: str, at_stripe: int) -> None:
    assert to_stripe(minor, currency) == at_stripe


@pytest.mark.parametrize(("minor", "currency"), [(5124, "KWD"), (1, "BHD"), (750, "MGA")])
def test_amounts_between_stripes_steps_are_refused_not_rounded(minor: int, currency: str) -> None:
    with pytest.raises(NotAtStripe):
        to_stripe(minor, currency)


@pytest.mark.parametrize("adapter", [StripePromotion, StripeBalance])
def test_a_reward_between_the_steps_is_refused_in_words(
    merchant: Merchant, providers: Providers, adapter: type[Any]
) -> None:
    with pytest.raises(Terminal) as told:
        deliver(merchant, adapter, order(amount_minor=5124, unit="KWD"))
    assert told.value.reason == "stripe_amount_step"
    assert providers.ledger("stripe") == []


def test_isk_is_given_in_hundredths(merchant: Merchant, providers: Providers) -> None:
    deliver(merchant, StripePromotion, order(amount_minor=1500, unit="ISK"))
    assert [(row["amount"], row["unit"]) for row in providers.ledger("stripe")] == [(150000, "ISK")]


# --- promotion codes --------------------------------------------------------------------------------------------


def test_percent_code_for_one_use_until_its_end(merchant: Merchant, providers: Providers) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    wanted = order(form="PERCENT_CODE", unit="PIECES", amount_minor=1, setting={"percent": "15"}, valid_until=until)
    voucher = deliver(merchant, StripePromotion, wanted).voucher
    given = providers.ledger("stripe")[0]
    assert (given["amount"], given["unit"], given["voucher"]) == (1500, "PERCENT", voucher)
    with tenant_scope(merchant.tenant_ref()):
        row = client.read(StripePromotion().line(), "/v1/promotion_codes", {"code": voucher}).rows_at("data")[0]
    assert (row["max_redemptions"], row["expires_at"], row["metadata"]) == (
        1,
        int(until.timestamp()),
        {client.META_KEY: wanted.key},
    )


def test_percent_code_without_a_percent_is_refused(merchant: Merchant, providers: Providers) -> None:
    with pytest.raises(Terminal, match="percent_missing"):
        deliver(merchant, StripePromotion, order(form="PERCENT_CODE", unit="PIECES"))
    assert providers.ledger("stripe") == []


def test_a_reward_that_shrank_between_tries_is_given_as_it_is_now(merchant: Merchant, providers: Providers) -> None:
    wanted = order()
    providers.switch("stripe", **hitting_second_write("429"))
    with pytest.raises(Retryable):
        deliver(merchant, StripePromotion, wanted)
    providers.switch("stripe", clear=True)
    deliver(merchant, StripePromotion, order(key=wanted.key, amount_minor=1000))
    assert [row["amount"] for row in providers.ledger("stripe")] == [1000]


def test_refusal_is_final_and_stands_in_stripes_words_on_the_connection(  # hostile 91
    merchant: Merchant, providers: Providers
) -> None:
    providers.switch("stripe", fault="refuse", reason="missing", times=1)
    with pytest.raises(Terminal) as told:
        deliver(merchant, StripePromotion, order())
    assert told.value.reason == "stripe_refused"
    row = account(merchant, "STRIPE")
    assert row.last_error == "No such coupon: 'gone'"
    assert row.health != "FAILING", "the account itself works"


def test_a_key_without_the_right_waits_for_it(merchant: Merchant, providers: Providers) -> None:
    providers.switch("stripe", fault="refuse", reason="restricted", times=1)
    with pytest.raises(Retryable) as told:
        deliver(merchant, StripePromotion, order())
    assert (told.value.reason, told.value.after) == ("permission_missing", 3600)


# --- customer balance -------------------------------------------------------------------------------------------


def test_free_months_are_worth_the_subscriptions_price(merchant: Merchant, providers: Providers) -> None:
    providers.switch("stripe", customer={"email": "dana@advocate.example", "price": 1250, "currency": "gbp"})
    wanted = order(**MONTHS, amount_minor=3)
    assert deliver(merchant, StripeBalance, wanted) == look_up(merchant, StripeBalance, wanted)
    given = providers.ledger("stripe")
    assert [(row["amount"], row["unit"], row["recipient"]) for row in given] == [(3750, "GBP", "dana@advocate.example")]


@pytest.mark.parametrize(
    ("email", "known", "what", "reason"),
    [
        ("nobody@friend.example", [], {}, "customer_unknown"),
        ("two@friend.example", [1900, 1900], {}, "several_customers"),
        ("none@friend.example", [0], MONTHS, "no_subscription"),
    ],
)
def test_whom_nothing_can_be_credited_is_told(
    merchant: Merchant, providers: Providers, email: str, known: list[int], what: dict[str, Any], reason: str
) -> None:
    for price in known:
        providers.switch("stripe", customer={"email": email, "price": price})
    with pytest.raises(Terminal) as told:
        deliver(merchant, StripeBalance, order(**what, recipient_email=email))
    assert told.value.reason == reason
    assert providers.ledger("stripe") == []


def test_of_two_customers_with_one_address_the_subscribed_one_is_credited(
    merchant: Merchant, providers: Providers
) -> None:
    for price in (0, 1900):
        providers.switch("stripe", customer={"email": "two@friend.example", "price": price})
    deliver(merchant, StripeBalance, order(**MONTHS, amount_minor=1, recipient_email="two@friend.example"))
    assert [row["amount"] for row in providers.ledger("stripe")] == [1900]


def test_a_credit_is_found_by_its_mark_after_stripe_forgot_the_key(  # hostile 89
    merchant: Merchant, providers: Providers
) -> None:
    """The lookup does not know of keys: it finds the credit among newer ones, however old it is."""
    wanted = order()
    first = deliver(merchant, StripeBalance, wanted)
    for _ in range(3):
        deliver(merchant, StripeBalance, order())
    calls = len(providers.calls("stripe"))
    assert look_up(merchant, StripeBalance, wanted) == first
    asked = providers.calls("stripe")[: len(providers.calls("stripe")) - calls]
    assert {call["method"] for call in asked} == {"GET"}
    assert len(providers.ledger("stripe")) == 4


def test_spent_credit_is_used_and_stays(merchant: Merchant, providers: Providers) -> None:
    """As an invoice would: something positive on the balance takes the credit away."""
    wanted = order()
    deliver(merchant, StripeBalance, wanted)
    with tenant_scope(merchant.tenant_ref()):
        line = StripeBalance().line()
        customer = client.read(line, "/v1/customers", {"email": wanted.recipient_email}).rows_at("data")[0]
        path = f"/v1/customers/{customer['id']}/balance_transactions"
        client.write(line, path, {"amount": 500, "currency": "eur"}, key="invoice")
    assert withdraw(merchant, StripeBalance, wanted, "") == Withdrawn.USED
    assert [row["amount"] for row in providers.ledger("stripe")] == [1990, -500]


def test_another_currency_than_the_customers_is_refused(merchant: Merchant, providers: Providers) -> None:
    with pytest.raises(Terminal, match="stripe_refused"):
        deliver(merchant, StripeBalance, order(unit="USD"))
    assert "currency" in account(merchant, "STRIPE").last_error


# --- odd answers ------------------------------------------------------------------------------------------------


def test_an_accepted_answer_that_cannot_be_read_is_unknown(merchant: Merchant) -> None:
    with listening() as receiver, answered_by(receiver.address.removesuffix("/rewards")):
        receiver.says(200, b"<html>maintenance</html>")
        with pytest.raises(Unknown, match="answer_unreadable"):
            deliver(merchant, StripePromotion, order())


def test_an_echo_of_stripes_own_failure_is_asked_under_a_second_key(merchant: Merchant) -> None:
    """Stripe keeps even a 500 under its key for a day; without this a reward would hear it until tomorrow."""
    with listening() as receiver, answered_by(receiver.address.removesuffix("/rewards")):
        receiver.says(500, {"error": {"type": "api_error"}}, Idempotent_Replayed="true")
        wanted = order()
        with pytest.raises(Unknown, match="http_500"):
            deliver(merchant, StripePromotion, wanted)
    keys = [headers["idempotency-key"] for headers, _ in receiver.calls]
    assert keys == [keys[0], f"{keys[0]}-2"]


@pytest.mark.parametrize("body", [b"[]", b"null", b'{"data": 7}', b'{"data": [7, null]}', b"[" * 60_000, b"\xff"])
def test_odd_lists_hold_nothing(merchant: Merchant, body: bytes) -> None:
    with listening() as receiver, answered_by(receiver.address.removesuffix("/rewards")):
        receiver.says(200, body)
        assert look_up(merchant, StripePromotion, order()) is None


# --- Stripe's own types -----------------------------------------------------------------------------------------

PARAMS = {
    "POST /v1/coupons": "_coupon_create_params:CouponCreateParams",
    "POST /v1/promotion_codes": "_promotion_code_create_params:PromotionCodeCreateParams",
    "POST /v1/promotion_codes/{}": "_promotion_code_modify_params:PromotionCodeModifyParams",
    "GET /v1/promotion_codes": "_promotion_code_list_params:PromotionCodeListParams",
    "GET /v1/customers": "_customer_list_params:CustomerListParams",
    "GET /v1/subscriptions": "_subscription_list_params:SubscriptionListParams",
    "GET /v1/customers/{}/balance_transactions":
        "_customer_list_balance_transactions_params:CustomerListBalanceTransactionsParams",
    "POST /v1/customers/{}/balance_transactions":
        "_customer_create_balance_transaction_params:CustomerCreateBalanceTransactionParams",
}  # fmt: skip
RESOURCES: dict[str, Any] = {
    "coupon": stripe.Coupon, "promotion_code": stripe.PromotionCode, "customer": stripe.Customer,
    "subscription": stripe.Subscription, "customer_balance_transaction": stripe.CustomerBalanceTransaction,
}  # fmt: skip
#: What we read of each, and what it must be called there.
READ = {
    "promotion_code": {"id", "active", "code", "metadata", "times_redeemed"},
    "customer": {"id", "balance"},
    "subscription": {"status", "currency", "items"},
    "customer_balance_transaction": {"id", "amount", "currency", "metadata"},
}


#: Fields the real service answers that its package does not type.
NOT_IN_TYPES: dict[str, set[str]] = {}


def test_the_pinned_version_is_the_one_of_the_installed_types() -> None:
    assert _ApiVersion.CURRENT == client.API_VERSION


@pytest.fixture
def relay(providers: Providers) -> Iterator[Relay]:
    with relaying(providers.url) as found, answered_by(found.address):
        yield found


def everything(merchant: Merchant) -> None:
    """Every call the adapters make: given, looked for, taken back, with all that may be sent."""
    until = datetime.now(UTC) + timedelta(days=30)
    named = {"name": "Thank you", "percent": "15"}
    for adapter, wanted in [
        (StripePromotion, order(valid_until=until, setting=named)),
        (StripePromotion, order(form="PERCENT_CODE", unit="PIECES", setting=named)),
        (StripeBalance, order(setting=named)),
        (StripeBalance, order(**MONTHS, amount_minor=2)),
    ]:
        voucher = deliver(merchant, adapter, wanted).voucher
        assert look_up(merchant, adapter, wanted) == Delivered(voucher)
        assert withdraw(merchant, adapter, wanted, voucher) == Withdrawn.DISABLED


def test_every_parameter_we_send_is_one_of_stripes_own(merchant: Merchant, relay: Relay) -> None:
    everything(merchant)
    seen = set()
    for exchange in relay.exchanges:
        parts = urlsplit(exchange.path.removeprefix("/stripe"))
        endpoint = f"{exchange.method} {re.sub(r'/(?:cus|promo)_[A-Za-z0-9]+', '/{}', parts.path)}"
        seen.add(endpoint)
        told = parse_qsl(parts.query if exchange.method == "GET" else exchange.body.decode())
        for name, _ in told:
            assert unknown_part(typed(endpoint), name.replace("]", "").split("[")) == "", (endpoint, name)
        assert exchange.headers["stripe-version"] == client.API_VERSION
        assert ("idempotency-key" in exchange.headers) is (exchange.method == "POST")
    assert seen == set(PARAMS)


def typed(endpoint: str) -> Any:
    module, _, name = PARAMS[endpoint].partition(":")
    return getattr(importlib.import_module(f"stripe.params.{module}"), name)


def unknown_part(params: Any, path: list[str]) -> str:
    """The first part of a[b][c] that Stripe's types do not know; metadata's keys are ours."""
    name, *rest = path
    if name not in params.__annotations__:
        return name
    if not rest or name == "metadata":
        return ""
    inner = re.search(r"\w*Params\w+", str(params.__annotations__[name]))
    assert inner is not None
    return unknown_part(getattr(importlib.import_module(params.__module__), inner[0]), rest)


def test_what_the_simulator_answers_and_what_we_read_are_fields_of_stripes_own(
    merchant: Merchant, relay: Relay
) -> None:
    everything(merchant)
    seen: dict[str, set[str]] = {}
    for exchange in relay.exchanges:
        data = exchange.data
        for row in data["data"] if data.get("object") == "list" else [data]:
            seen.setdefault(row["object"], set()).update(row)
    assert set(seen) == set(RESOURCES)
    for name, fields in seen.items():
        assert fields - set(RESOURCES[name].__annotations__) - {"object"} <= NOT_IN_TYPES.get(name, set()), name
        assert READ.get(name, set()) <= set(RESOURCES[name].__annotations__) & fields, name


@pytest.mark.skipif("STRIPE_TEST_KEY" not in os.environ, reason="needs a key of Stripe's test mode: STRIPE_TEST_KEY")
def test_against_stripes_own_test_mode(merchant: Merchant) -> None:
    """The same at the real service: a code and a credit, found, and taken back."""
    with at_work(merchant) as now:
        connection = Connection.objects.get(kind="STRIPE")
        key = os.environ["STRIPE_TEST_KEY"]
        replace_credentials(connection=connection, values={"secret_key": key}, by=SYSTEM, now=now)
    with override_settings(PROVIDER_URLS={}):
        stranger = f"{uuid7().hex}@example.com"
        with tenant_scope(merchant.tenant_ref()):
            made = client.write(StripeBalance().line(), "/v1/customers", {"email": stranger}, key=stranger)
            assert made.is_success, made.data
        for adapter, wanted in [
            (StripePromotion, order(setting={"name": "Thank you"})),
            (StripeBalance, order(recipient_email=stranger)),
            (StripeBalance, order(amount_minor=1500, unit="EUR", recipient_external_id=str(made.dict_at()["id"]))),
        ]:
            voucher = deliver(merchant, adapter, wanted).voucher
            assert deliver(merchant, adapter, wanted).voucher == voucher
            assert look_up(merchant, adapter, wanted) == Delivered(voucher)
            assert withdraw(merchant, adapter, wanted, voucher) == Withdrawn.DISABLED
