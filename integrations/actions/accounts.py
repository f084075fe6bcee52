"""Accounts at services that make rewards: WooCommerce, Stripe, gift cards; and new credentials for any connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from integrations.actions.connections import ConnectionProblem, create, open_door, recorded
from integrations.actions.pausing import wake_rewards_of
from integrations.credentials import credentials_of, seal
from integrations.locks import connection_locked
from integrations.models import Connection
from kit.crypto import CannotUnseal
from kit.ids import new_token
from kit.tenancy import current_merchant_id, transaction_required
from kit.text import clean_text
from kit.urls import read_address
from merchants.events import record
from merchants.models import merchant_of

STRIPE_ADDRESS = "api.stripe.com"
#: Keys of gift card accounts say by their beginning which of the two services they open.
GIFT_CARDS_ADDRESS, GIFT_CARDS_TEST_ADDRESS, TEST_PREFIX = "api.tremendous.com", "testflight.tremendous.com", "TEST_"
_LIVE = ("sk_live_", "rk_live_", "PROD_")
#: Kind -> the credentials a person may enter, the needed ones first.
FIELDS: Mapping[str, tuple[str, ...]] = {
    Connection.Kind.SHOPIFY: ("secret", "admin_token"),
    Connection.Kind.WOOCOMMERCE: ("consumer_key", "consumer_secret"),
    Connection.Kind.STRIPE: ("secret_key", "webhook_secret"),
    Connection.Kind.GIFT_CARDS: ("api_key", "campaign_id", "funding_source_id"),
}
LONGEST = 300


@transaction_required
def add_woocommerce_connection(
    *, address: str, consumer_key: str, consumer_secret: str, name: str = "", by: str, now: datetime
) -> Connection:
    shop = _shop_address(address)
    credentials = {"consumer_key": consumer_key, "consumer_secret": consumer_secret}
    return _add(Connection.Kind.WOOCOMMERCE, shop, credentials, name or shop.partition("://")[2], by=by, now=now)


@transaction_required
def add_stripe_connection(
    *, secret_key: str, webhook_secret: str = "", name: str = "", by: str, now: datetime
) -> Connection:
    """Its events go to /hooks/stripe/<hook_token>, signed with ``webhook_secret``; without one all are refused."""
    key = _plain("secret_key", secret_key)
    if not key.startswith(("sk_", "rk_")):
        message = _("Paste a secret key or a restricted key of Stripe: it begins with sk_ or rk_.")
        raise ConnectionProblem("secret_key", "not_a_secret_key", message)
    credentials = {"secret_key": key, "webhook_secret": webhook_secret}
    return _add(
        Connection.Kind.STRIPE, STRIPE_ADDRESS, credentials, name or "Stripe", hook_token=new_token(), by=by, now=now
    )


@transaction_required
def add_gift_card_connection(
    *, api_key: str, campaign_id: str = "", funding_source_id: str = "", name: str = "", by: str, now: datetime
) -> Connection:
    """``campaign_id`` and ``funding_source_id`` are for kinds of reward that name none; the account's balance pays."""
    credentials = {"api_key": api_key, "campaign_id": campaign_id, "funding_source_id": funding_source_id}
    address = _gift_cards_address(api_key)
    return _add(Connection.Kind.GIFT_CARDS, address, credentials, name or _("Gift cards"), by=by, now=now)


@transaction_required
def replace_credentials(*, connection: Connection, values: Mapping[str, str], by: str, now: datetime) -> Connection:
    """What is left empty stays as it was. Rewards that waited for it are tried at once."""
    told = {
        name: _plain(name, values.get(name, "")) for name in FIELDS[connection.kind] if values.get(name, "").strip()
    }
    if not told:
        raise ConnectionProblem(FIELDS[connection.kind][0], "nothing_told", _("Enter at least one of them."))
    _refuse_live_in_sandbox(told)
    wake_rewards_of(connection.kind)
    connection = connection_locked(connection.pk)
    kept = {**_old(connection), **told}
    if FIELDS[connection.kind][0] not in kept:  # the old ones cannot be opened any more
        raise ConnectionProblem(FIELDS[connection.kind][0], "required", _("Paste it as the service shows it."))
    connection.credentials, connection.last_error, connection.last_error_at = seal(kept), "", None
    if connection.kind == Connection.Kind.GIFT_CARDS:
        connection.address = _gift_cards_address(kept["api_key"])
    if connection.health == Connection.Health.FAILING:
        connection.health = Connection.Health.UNKNOWN
    connection.save(update_fields=["credentials", "last_error", "last_error_at", "health", "address"])
    data = {"kind": connection.kind, "fields": sorted(told)}
    record("connection.changed", subject=connection, by=by, now=now, data=data)
    return connection


def _add(
    kind: Connection.Kind,
    address: str,
    credentials: Mapping[str, str],
    name: str,
    *,
    hook_token: str = "",
    by: str,
    now: datetime,
) -> Connection:
    told = {field: _plain(field, value) for field, value in credentials.items()}
    needed = ("consumer_key", "consumer_secret", "secret_key", "api_key")
    for field in told:
        if field in needed and not told[field]:
            raise ConnectionProblem(field, "required", _("Paste it as the service shows it."))
    _refuse_live_in_sandbox(told)
    wake_rewards_of(kind)
    connection = create(
        kind=kind,
        name=clean_text(name, max_length=80).strip() or address[:80],
        address=address,
        credentials=seal({field: value for field, value in told.items() if value}),
        hook_token=hook_token,
        created_at=now,
    )
    if hook_token:
        open_door(connection)
    return recorded(connection, by=by, now=now)


def _plain(field: str, value: str) -> str:
    """Credentials travel in headers: plain signs without spaces inside."""
    text = value.strip()
    if len(text) > LONGEST or not text.isascii() or any(not sign.isprintable() or sign.isspace() for sign in text):
        raise ConnectionProblem(field, "not_a_credential", _("Paste it exactly as the service shows it."))
    return text


def _refuse_live_in_sandbox(credentials: Mapping[str, str]) -> None:
    """A sandbox's clock can be moved, and its referrals are invented: nothing of it may reach real people's money."""
    live = [field for field, value in credentials.items() if value.startswith(_LIVE)]
    if live and merchant_of(current_merchant_id()).is_sandbox:
        message = _("This is a sandbox: use a test key, so that no real money moves.")
        raise ConnectionProblem(live[0], "live_key_in_sandbox", message)


def _shop_address(text: str) -> str:
    """With the folder WordPress may live in, without a closing slash; https, as passwords travel with every call."""
    typed = text.strip()
    address = read_address(typed if "://" in typed else f"https://{typed}")
    local = settings.MODE in {"demo", "test"}
    odd = address is None or "?" in address.rest or "#" in address.rest or len(str(address)) > 300
    if address is None or odd or (address.scheme != "https" and not local):
        message = _("Write the shop's address like https://shop.example.com.")
        raise ConnectionProblem("address", "bad_address", message)
    return str(address).rstrip("/")


def _gift_cards_address(api_key: str) -> str:
    return GIFT_CARDS_TEST_ADDRESS if api_key.strip().startswith(TEST_PREFIX) else GIFT_CARDS_ADDRESS


def _old(connection: Connection) -> dict[str, str]:
    """Nothing where its sealing key is gone: the new ones stand alone then."""
    try:
        return credentials_of(connection)
    except CannotUnseal:
        return {}
