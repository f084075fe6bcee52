"""What every adapter of a service promises, against the simulated services: once, found again, refused, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import override_settings

from integrations.actions.accounts import replace_credentials
from integrations.actions.connections import remove_connection
from integrations.giftcards.orders import GiftCard
from integrations.models import Connection
from integrations.shopify.discounts import ShopifyDiscount
from integrations.steps.check import check_connection
from integrations.stripe.balance import StripeBalance
from integrations.stripe.promotions import StripePromotion
from integrations.woocommerce.coupons import WooCoupon
from integrations.wording import service_text, simulated_fulfilments
from kit.tenancy import TransactionForbidden, tenant_scope
from merchants.events import SYSTEM
from merchants.models import Merchant
from rewards.fulfilment import (
    CanBeTested,
    CanWithdraw,
    FulfilmentOrder,
    Retryable,
    Terminal,
    Unknown,
    Withdrawn,
    fulfiller_for,
)
from tests.cast import at_work, workspace_of
from tests.integrations.services import (
    account,
    answered_by,
    deliver,
    hitting_second_write,
    look_up,
    order,
    withdraw,
)
from tests.providers import Providers

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Service:
    """An adapter, the simulator it talks to, the kind of its account, and what it is asked for."""

    name: str
    adapter: type[Any]
    provider: str
    kind: str
    asked: dict[str, Any]

    def order(self) -> FulfilmentOrder:
        return order(**self.asked)


SERVICES = [
    Service("SHOPIFY_DISCOUNT", ShopifyDiscount, "shopify", "SHOPIFY", {"form": "FIXED_CODE"}),
    Service("WOOCOMMERCE_COUPON", WooCoupon, "woocommerce", "WOOCOMMERCE", {"form": "FIXED_CODE"}),
    Service("STRIPE_PROMOTION", StripePromotion, "stripe", "STRIPE", {"form": "FIXED_CODE"}),
    Service("STRIPE_BALANCE", StripeBalance, "stripe", "STRIPE", {"form": "SUBSCRIPTION_CREDIT"}),
    Service("GIFT_CARD", GiftCard, "giftcards", "GIFT_CARDS", {"form": "GIFT_CARD"}),
]
each = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


def given(providers: Providers, service: Service) -> list[tuple[int, str]]:
    """What the service really gave, minus what only opens it (Stripe's coupon under a code)."""
    return [(row["amount"], row["unit"]) for row in providers.ledger(service.provider)]


@each
def test_the_registered_class_can_be_tested_and_withdrawn_from(service: Service) -> None:
    fulfiller = fulfiller_for(service.name)
    assert type(fulfiller) is service.adapter
    assert isinstance(fulfiller, CanWithdraw)
    assert isinstance(fulfiller, CanBeTested)


@each
def test_delivered_once_however_often_it_is_asked(merchant: Merchant, providers: Providers, service: Service) -> None:
    wanted = service.order()
    first = deliver(merchant, service.adapter, wanted)
    assert first.voucher
    assert deliver(merchant, service.adapter, wanted) == first
    assert look_up(merchant, service.adapter, wanted) == first
    assert given(providers, service) == [(1990, "EUR")]
    assert account(merchant, service.kind).health == "GOOD"


@each
def test_given_but_unanswered_is_unknown_and_then_found(  # hostile 88
    merchant: Merchant, providers: Providers, service: Service
) -> None:
    wanted = service.order()
    fault: dict[str, Any] = {"fault": "timeout", "seconds": 0}
    if service.name == "STRIPE_PROMOTION":  # the coupon comes first, then the code that opens it
        fault = hitting_second_write("timeout", seconds=0)
    providers.switch(service.provider, **fault)
    with pytest.raises(Unknown) as told:
        deliver(merchant, service.adapter, wanted)
    assert told.value.reason == "http_broken"
    found = look_up(merchant, service.adapter, wanted)
    assert found is not None
    assert deliver(merchant, service.adapter, wanted) == found
    assert given(providers, service) == [(1990, "EUR")]


@each
def test_nothing_there_is_not_found(merchant: Merchant, providers: Providers, service: Service) -> None:
    assert look_up(merchant, service.adapter, service.order()) is None
    assert withdraw(merchant, service.adapter, service.order(), "NOTHING") == Withdrawn.NOT_FOUND


@each
def test_asked_to_wait_it_waits_as_long_as_told(  # hostile 90
    merchant: Merchant, providers: Providers, service: Service
) -> None:
    providers.switch(service.provider, fault="429", retry_after=120, times=1)
    with pytest.raises(Retryable) as told:
        deliver(merchant, service.adapter, service.order())
    assert (told.value.reason, told.value.after) == ("http_429", 120)
    assert given(providers, service) == []


@each
def test_an_inner_error_leaves_a_write_unknown_and_the_next_try_delivers(
    merchant: Merchant, providers: Providers, service: Service
) -> None:
    wanted = service.order()
    providers.switch(service.provider, fault="500", times=1, on="writes")
    with pytest.raises(Unknown) as told:
        deliver(merchant, service.adapter, wanted)
    assert told.value.reason == "http_500"
    assert account(merchant, service.kind).health == "FAILING"
    assert look_up(merchant, service.adapter, wanted) is None
    deliver(merchant, service.adapter, wanted)
    assert given(providers, service) == [(1990, "EUR")]
    assert account(merchant, service.kind).health == "GOOD"


@each
def test_nobody_there_is_tried_again(merchant: Merchant, service: Service) -> None:
    with answered_by("http://127.0.0.1:9"), pytest.raises(Retryable) as told:
        deliver(merchant, service.adapter, service.order())
    assert told.value.reason == "http_refused"


@each
def test_refused_credentials_wait_for_new_ones(merchant: Merchant, providers: Providers, service: Service) -> None:
    field = {"SHOPIFY": "admin_token", "WOOCOMMERCE": "consumer_key", "STRIPE": "secret_key"}.get(
        service.kind, "api_key"
    )
    with at_work(merchant) as now:
        connection = Connection.objects.get(kind=service.kind)
        replace_credentials(connection=connection, values={field: "sk_test_other"}, by=SYSTEM, now=now)
    with pytest.raises(Retryable) as told:
        deliver(merchant, service.adapter, service.order())
    assert (told.value.reason, told.value.after) == ("credentials_refused", 3600)
    row = account(merchant, service.kind)
    assert (row.health, row.last_error) == ("FAILING", "credentials_refused")


@each
def test_without_an_account_it_waits_and_is_not_ready(merchant: Merchant, service: Service) -> None:
    with at_work(merchant) as now:
        assert service.adapter().is_ready(None)
        remove_connection(connection=Connection.objects.get(kind=service.kind), by=SYSTEM, now=now)
        assert not service.adapter().is_ready(None)
    with pytest.raises(Retryable) as told:
        deliver(merchant, service.adapter, service.order())
    assert (told.value.reason, told.value.after) == (f"{service.kind.lower()}_not_connected", 3600)


@each
def test_unused_is_disabled_and_stays_so(merchant: Merchant, providers: Providers, service: Service) -> None:
    wanted = service.order()
    voucher = deliver(merchant, service.adapter, wanted).voucher
    for _ in range(2):
        assert withdraw(merchant, service.adapter, wanted, voucher) == Withdrawn.DISABLED
    if service.name == "STRIPE_BALANCE":
        assert given(providers, service) == [(1990, "EUR"), (-1990, "EUR")]
    else:
        assert [(row["disabled"], row["used"]) for row in providers.ledger(service.provider)] == [(True, False)]


@each
def test_used_is_told_and_left_alone(merchant: Merchant, providers: Providers, service: Service) -> None:
    if service.name == "STRIPE_BALANCE":
        pytest.skip("a balance is used up by invoices: tests/integrations/test_stripe.py")
    wanted = service.order()
    voucher = deliver(merchant, service.adapter, wanted).voucher
    providers.switch(service.provider, use=voucher)
    assert withdraw(merchant, service.adapter, wanted, voucher) == Withdrawn.USED
    assert [(row["disabled"], row["used"]) for row in providers.ledger(service.provider)] == [(False, True)]


@each
def test_nothing_is_called_inside_a_transaction(merchant: Merchant, providers: Providers, service: Service) -> None:
    with at_work(merchant), pytest.raises(TransactionForbidden):
        service.adapter().deliver(service.order())
    assert providers.calls(service.provider) == []


@each
def test_in_production_a_private_address_is_never_called(
    merchant: Merchant, providers: Providers, service: Service
) -> None:
    with override_settings(MODE="production"), pytest.raises(Terminal) as told:
        deliver(merchant, service.adapter, service.order())
    assert told.value.reason == "http_blocked"
    assert providers.calls(service.provider) == []


@each
def test_another_merchants_account_is_never_used(merchant: Merchant, providers: Providers, service: Service) -> None:
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    with pytest.raises(Retryable):
        deliver(other, service.adapter, service.order())
    assert providers.calls(service.provider) == []


@each
def test_test_button_says_what_is_wrong_in_words(merchant: Merchant, providers: Providers, service: Service) -> None:
    connection = account(merchant, service.kind)
    good = check_connection(merchant.tenant_ref(), connection.pk)
    assert good is not None
    assert good.ok
    with tenant_scope(merchant.tenant_ref()):
        assert service.adapter().test().problem == ""
    assert given(providers, service) == []
    providers.switch(service.provider, fault="500", times=5)
    bad = check_connection(merchant.tenant_ref(), connection.pk)
    assert bad is not None
    assert (bad.ok, bad.message) == (False, service_text("http_500"))
    assert account(merchant, service.kind).health == "FAILING"


def test_stand_ins_are_called_simulated(providers: Providers) -> None:
    assert simulated_fulfilments() == {service.name for service in SERVICES}
    with override_settings(PROVIDER_URLS={"STRIPE": "", "SHOPIFY": ""}):
        assert simulated_fulfilments() == set()
