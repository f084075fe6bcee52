"""Connecting shops and webhooks, and noting how they fare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from integrations.actions.pausing import resume_rewards_of, wake_rewards_of
from integrations.credentials import seal
from integrations.locks import connection_locked
from integrations.models import Connection
from integrations.selectors import connections, webhook_for
from kit.http import BlockedDestination, check_destination
from kit.ids import hash_token, new_token
from kit.signing import new_webhook_secret
from kit.tenancy import current_merchant_id, transaction_required
from kit.text import clean_text
from kit.urls import BadDestination, parse_host, read_address
from merchants.events import SYSTEM, record
from merchants.models import Door

#: A working connection's "last event" is written at most this often: every hook would make its row a hot one.
NOTED_EVERY = timedelta(minutes=1)
LONGEST_ERROR = 300


class ConnectionProblem(ValueError):
    """What keeps a connection from being made: the field, a code, and words that say what to do instead."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field, self.code = field, code


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """``secret`` is shown once: only its sealed form is kept."""

    connection: Connection
    secret: str


@transaction_required
def add_shopify_connection(
    *,
    domain: str,
    secret: str,
    admin_token: str = "",
    name: str = "",
    reports_shipping: bool = True,
    by: str,
    now: datetime,
) -> Connection:
    """Connect a shop: ``secret`` is what it signs its hooks with. Its hooks go to /hooks/shopify/<hook_token>.

    ``admin_token`` lets us make discount codes there; without one the shop only tells us of orders.

    A shop that was switched off (app uninstalled) is connected again under its old row and address. Rewards that waited
    for it go on.
    """
    address = _shop_domain(domain)
    if not secret.strip():
        message = _("Paste the signing secret the shop shows for its webhooks.")
        raise ConnectionProblem("secret", "secret_missing", message)
    shops = connections().filter(kind=Connection.Kind.SHOPIFY, address=address)
    if switched_off := shops.filter(health=Connection.Health.OFF).first():
        return _switch_on(switched_off, _shopify_credentials(secret, admin_token), by=by, now=now)
    connection = create(
        kind=Connection.Kind.SHOPIFY,
        name=clean_text(name, max_length=80).strip() or address[:80],
        address=address,
        credentials=seal(_shopify_credentials(secret, admin_token)),
        hook_token=new_token(),
        reports_shipping=reports_shipping,
        created_at=now,
    )
    open_door(connection)
    resume_rewards_of(connection, by=by, now=now)
    wake_rewards_of(Connection.Kind.SHOPIFY)
    return recorded(connection, by=by, now=now)


@transaction_required
def add_webhook_connection(*, url: str, purposes: Sequence[str], name: str = "", by: str, now: datetime) -> NewWebhook:
    """Connect an address of the merchant's that we post signed messages to. Look the name up first (check_address)."""
    address = _webhook_address(url)
    _refuse_taken(purposes)
    secret = new_webhook_secret()
    wake_rewards_of(Connection.Kind.WEBHOOK)
    connection = create(
        kind=Connection.Kind.WEBHOOK,
        name=clean_text(name, max_length=80).strip() or address[:80],
        address=address,
        credentials=seal({"secret": secret}),
        purposes=sorted(set(purposes)),
        created_at=now,
    )
    return NewWebhook(recorded(connection, by=by, now=now), secret)


@transaction_required
def remove_connection(*, connection: Connection, by: str, now: datetime) -> None:
    """Nothing is sent or taken in any more and the secret is forgotten; what came through stays."""
    connection = connection_locked(connection.pk)
    if connection.removed_at:
        return
    Door.objects.filter(kind=Door.Kind.HOOK, object_id=connection.pk, merchant_id=current_merchant_id()).delete()
    connection.removed_at, connection.credentials, connection.hook_token = now, "", ""
    connection.save(update_fields=["removed_at", "credentials", "hook_token"])
    record("connection.removed", subject=connection, by=by, now=now, data={"kind": connection.kind})


@transaction_required
def note_health(*, connection: Connection, error: str = "", now: datetime) -> None:
    """Something came or went through (``error`` empty), or failed; the change to failing is an event.

    A switched-off connection stays off: late deliveries of before do not switch it on.
    """
    if not error and not worth_noting(connection, now):
        return
    connection = connection_locked(connection.pk)
    was = connection.health
    if error:
        connection.last_error, connection.last_error_at = clean_text(error, max_length=LONGEST_ERROR), now
    else:
        connection.last_event_at = now
    if was != Connection.Health.OFF:
        connection.health = Connection.Health.FAILING if error else Connection.Health.GOOD
    connection.save(update_fields=["health", "last_event_at", "last_error", "last_error_at"])
    if connection.health == Connection.Health.FAILING != was:
        record("connection.failing", subject=connection, by=SYSTEM, now=now, data={"kind": connection.kind})


@transaction_required
def note_refusal(*, connection: Connection, reason: str, now: datetime) -> None:
    """The service said no to one reward: its words stand as the last error, while the account itself works."""
    connection = connection_locked(connection.pk)
    connection.last_error, connection.last_error_at = clean_text(reason, max_length=LONGEST_ERROR), now
    connection.save(update_fields=["last_error", "last_error_at"])


@transaction_required
def switch_off(*, connection: Connection, reason: str, by: str, now: datetime) -> Connection:
    """The shop took our access away. Held rewards stay; the caller pauses what can no longer be checked."""
    connection = connection_locked(connection.pk)
    if connection.health != Connection.Health.OFF:
        connection.health = Connection.Health.OFF
        connection.last_error, connection.last_error_at = reason, now
        connection.save(update_fields=["health", "last_error", "last_error_at"])
        data = {"kind": connection.kind, "reason": reason}
        record("connection.failing", subject=connection, by=by, now=now, data=data)
    return connection


def check_address(url: str) -> None:
    """Whether we may post there at all: looks names up, so call it before the transaction. Raises ConnectionProblem."""
    try:
        check_destination(url, allow_private=settings.MODE in {"demo", "test"})
    except BlockedDestination as error:
        raise ConnectionProblem("url", "blocked_destination", str(error)) from error


def _shopify_credentials(secret: str, admin_token: str) -> dict[str, str]:
    told = {"secret": secret.strip(), "admin_token": admin_token.strip()}
    return {name: value for name, value in told.items() if value}


def _switch_on(connection: Connection, credentials: dict[str, str], *, by: str, now: datetime) -> Connection:
    """Its rewards first: the lock of a connection comes after all others."""
    resume_rewards_of(connection, by=by, now=now)
    wake_rewards_of(connection.kind)
    connection = connection_locked(connection.pk)
    connection.health, connection.credentials = Connection.Health.UNKNOWN, seal(credentials)
    connection.save(update_fields=["health", "credentials"])
    return recorded(connection, by=by, now=now)


@transaction_required
def create(**values: object) -> Connection:
    """The bare row. Raises ConnectionProblem for an address that is connected already."""
    try:
        with transaction.atomic():
            connection: Connection = Connection.objects.create(**values)
    except IntegrityError as error:
        raise ConnectionProblem("address", "already_connected", _("This address is already connected.")) from error
    return connection


@transaction_required
def open_door(connection: Connection) -> None:
    """Hooks to the connection's address find this merchant by it."""
    Door.objects.create(
        kind=Door.Kind.HOOK,
        key=hash_token(connection.hook_token),
        merchant_id=current_merchant_id(),
        object_id=connection.pk,
    )


@transaction_required
def recorded(connection: Connection, *, by: str, now: datetime) -> Connection:
    record("connection.added", subject=connection, by=by, now=now, data={"kind": connection.kind})
    return connection


def _shop_domain(domain: str) -> str:
    try:
        return parse_host(domain)
    except BadDestination as error:
        raise ConnectionProblem("domain", "bad_domain", str(error)) from error


def _webhook_address(url: str) -> str:
    address = read_address(url)
    local = settings.MODE in {"demo", "test"}
    if address is None or len(str(address)) > 300 or (address.scheme != "https" and not local):
        message = _("Write the address in full, like https://shop.example.com/webhooks/rewards.")
        raise ConnectionProblem("url", "bad_address", message)
    return str(address)


def _refuse_taken(purposes: Sequence[str]) -> None:
    if not purposes or not set(purposes) <= set(Connection.Purpose.values):
        raise ConnectionProblem("purposes", "purpose_missing", _("Choose what this address does for you."))
    for purpose in purposes:
        if webhook_for(purpose):
            message = _("%(purpose)s: another connection already does this. Remove it first.")
            label = Connection.Purpose(purpose).label
            raise ConnectionProblem("purposes", "purpose_taken", message % {"purpose": label})


def worth_noting(connection: Connection, now: datetime) -> bool:
    last, news = connection.last_event_at, {Connection.Health.UNKNOWN, Connection.Health.FAILING}
    return connection.health in news or last is None or now - last >= NOTED_EVERY
