"""Accounts at the simulated services, and orders of rewards for their adapters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from random import Random
from typing import Any

from django.test import override_settings

from integrations.actions.accounts import (
    add_gift_card_connection,
    add_stripe_connection,
    add_woocommerce_connection,
)
from integrations.actions.connections import add_shopify_connection
from integrations.models import Connection
from kit.ids import uuid7
from kit.tenancy import tenant_scope
from merchants.events import SYSTEM
from merchants.models import Merchant
from rewards.fulfilment import Delivered, Fulfiller, FulfilmentOrder, Withdrawn
from tests.cast import at_work

#: Nobody listens there: a call that should not happen fails at once.
NOWHERE = "http://127.0.0.1:9"


def urls_of(base: str) -> dict[str, str]:
    return {
        "SHOPIFY": f"{base}/shopify", "WOOCOMMERCE": f"{base}/woocommerce", "STRIPE": f"{base}/stripe",
        "GIFT_CARDS": f"{base}/giftcards",
    }  # fmt: skip


@contextmanager
def answered_by(base: str) -> Iterator[None]:
    """All services are the ones at this address."""
    with override_settings(PROVIDER_URLS=urls_of(base)):
        yield


def connect_all(merchant: Merchant) -> dict[str, Connection]:
    with at_work(merchant) as now:
        by: dict[str, Any] = {"by": SYSTEM, "now": now}
        return {
            "SHOPIFY": add_shopify_connection(
                domain="nordlicht.myshopify.com", secret="s" * 20, admin_token="shpat_demo", **by
            ),
            "WOOCOMMERCE": add_woocommerce_connection(
                address="https://shop.nordlicht.example", consumer_key="ck_demo", consumer_secret="cs_demo", **by
            ),
            "STRIPE": add_stripe_connection(secret_key="sk_test_demo", **by),
            "GIFT_CARDS": add_gift_card_connection(api_key="TEST_demo", campaign_id="CAMPAIGN1", **by),
        }


def order(**changes: Any) -> FulfilmentOrder:
    values = {
        "key": f"rwd-{uuid7()}", "reward_id": uuid7(), "program_id": uuid7(), "advocate_id": uuid7(),
        "side": "ADVOCATE", "amount_minor": 1990, "unit": "EUR", "recipient_email": "dana@advocate.example",
        "recipient_name": "Dana", "form": "FIXED_CODE",
    }  # fmt: skip
    return FulfilmentOrder(**{**values, **changes})


def deliver(merchant: Merchant, by: type[Any], what: FulfilmentOrder) -> Delivered:
    with tenant_scope(merchant.tenant_ref()):
        fulfiller: Fulfiller = by()
        return fulfiller.deliver(what)


def look_up(merchant: Merchant, by: type[Any], what: FulfilmentOrder) -> Delivered | None:
    with tenant_scope(merchant.tenant_ref()):
        fulfiller: Fulfiller = by()
        return fulfiller.look_up(what)


def withdraw(merchant: Merchant, by: type[Any], what: FulfilmentOrder, voucher: str) -> Withdrawn:
    with tenant_scope(merchant.tenant_ref()):
        answer: Withdrawn = by().withdraw(what, voucher)
        return answer


def hitting_second_write(fault: str, **more: Any) -> dict[str, Any]:
    """A fault that leaves one write alone and hits the next: the simulator draws by seed, and this one draws so."""
    rolls = ((seed, [Random(f"{seed}:{drawn}").random() for drawn in range(4)]) for seed in count(1))
    seed = next(seed for seed, (first, second, *rest) in rolls if second < 0.2 <= min(first, *rest))
    return {"fault": fault, "rate": 20, "seed": seed, "on": "writes", **more}


def account(merchant: Merchant, kind: str) -> Connection:
    with at_work(merchant):
        found: Connection = Connection.objects.get(kind=kind, removed_at=None)
        return found
