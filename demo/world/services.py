"""Accounts at the services that make rewards. In the demo the simulated ones answer (PROVIDER_URLS), and they know
these credentials; nobody else does."""

from __future__ import annotations

from datetime import datetime

from integrations.actions.accounts import (
    add_gift_card_connection,
    add_stripe_connection,
    add_woocommerce_connection,
)
from integrations.models import Connection

SHOPIFY_TOKEN, STRIPE_KEY, GIFT_CARDS_KEY, CAMPAIGN = "shpat_demo", "sk_test_demo", "TEST_demo", "CAMPAIGNDEMO"
WOO_KEY, WOO_SECRET = "ck_demo", "cs_demo"


def connect_stripe(*, by: str, now: datetime) -> Connection:
    return add_stripe_connection(secret_key=STRIPE_KEY, by=by, now=now)


def connect_gift_cards(*, by: str, now: datetime) -> Connection:
    return add_gift_card_connection(api_key=GIFT_CARDS_KEY, campaign_id=CAMPAIGN, by=by, now=now)


def connect_second_shop(*, address: str, name: str, by: str, now: datetime) -> Connection:
    return add_woocommerce_connection(
        address=address, consumer_key=WOO_KEY, consumer_secret=WOO_SECRET, name=name, by=by, now=now
    )
