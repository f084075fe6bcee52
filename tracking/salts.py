"""Addresses are kept as keyed hashes only, of the full address and of its network apart, with a secret of the week.

Each merchant has secrets of its own, a new one every seven days of its business time. A secret is sealed at rest and
deleted once no claim made under it can still lead to an order: the longest attribution window and a week later
(tracking.steps.retention). From then on nobody, we included, can tell whose address a hash was of.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from django.conf import settings

from kit import crypto
from kit.ids import uuid7
from kit.many import insert_many
from kit.tenancy import transaction_required
from programs.models import TermsVersion
from programs.rules import Terms
from tracking.models import Salt

#: Numbers count weeks from here, so that none comes twice, whatever has been deleted.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LASTS = timedelta(days=7)
#: How much longer than the longest attribution window: whoever looks into an order has that long.
GRACE = timedelta(days=7)
SECRET_BYTES = 32
HASH_BYTES, HASH_LENGTH = 16, 22
NETWORK_BITS = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True)
class LiveSalt:
    number: int
    secret: bytes
    #: Business time from which another one is to be used.
    until_at: datetime


@transaction_required
def salt_for(now: datetime) -> LiveSalt:
    """The secret to hash addresses with at ``now`` (business time); made when there is none. May write one row."""
    number = (now - EPOCH) // LASTS
    row = Salt.objects.filter(number=number).first()
    if row is None:
        _make_salt(number)
        row = Salt.objects.get(number=number)
    return _opened(row)


@transaction_required
def live_salts(now: datetime) -> list[LiveSalt]:
    """Every secret that may still be used, newest first: for comparing a new address with earlier clicks."""
    return [_opened(row) for row in Salt.objects.filter(destroy_at__gt=now).order_by("-number")]


@transaction_required
def salts_to_destroy(now: datetime) -> list[int]:
    """The numbers of those whose time is over."""
    return list(Salt.objects.filter(destroy_at__lte=now).order_by("number").values_list("number", flat=True))


@transaction_required
def destroy_old_salts(*, now: datetime) -> int:
    """Delete the secrets whose time is over; gives how many. Hashes of clicks stay and tell nothing more; those of
    people and orders are gone already (tracking.actions.retention)."""
    deleted, _ = Salt.objects.filter(destroy_at__lte=now).delete()
    return deleted


def hash_address(secret: bytes, address: str) -> str:
    """Of the full address, however it is spelled; empty for what is none."""
    found = _read(address)
    return _hash(secret, f"address|{found}") if found else ""


def hash_network(secret: bytes, address: str) -> str:
    """Of the /24 or /48 around the address: never equal to a hash of a full one; empty for what is none."""
    found = _read(address)
    if found is None:
        return ""
    network = ipaddress.ip_network((found, NETWORK_BITS[found.version]), strict=False)
    return _hash(secret, f"network|{network}")


def hash_both(secret: bytes, address: str) -> tuple[str, str]:
    """``hash_address`` and ``hash_network`` of an address that is spelled as ``str(ip_address(...))``, in a tenth of
    the time for the usual kind: the network of an IPv4 address needs no arithmetic."""
    if not address or ":" in address:
        return hash_address(secret, address), hash_network(secret, address)
    network = address[: address.rindex(".")]
    return _hash(secret, f"address|{address}"), _hash(secret, f"network|{network}.0/24")


def _hash(secret: bytes, text: str) -> str:
    """BLAKE2 takes a key by itself: a third of the time of an HMAC, twice for each click."""
    digest = blake2b(text.encode(), key=secret, digest_size=HASH_BYTES).digest()
    return base64.urlsafe_b64encode(digest)[:HASH_LENGTH].decode()


def _read(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IPv4 address wrapped into IPv6 is that address; the zone of a link-local one says nothing about it."""
    try:
        found = ipaddress.ip_address(address.strip().partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _make_salt(number: int) -> None:
    """Of two who make it at the same moment one does; both then use what stands."""
    from_at = EPOCH + number * LASTS
    insert_many(
        Salt,
        each={
            "id": [uuid7()],
            "number": [number],
            "secret": [_sealed(secrets.token_bytes(SECRET_BYTES))],
            "from_at": [from_at],
            "until_at": [from_at + LASTS],
            "destroy_at": [from_at + LASTS + longest_attribution() + GRACE],
        },
        new_only=True,
    )


def longest_attribution() -> timedelta:
    """Of every version of terms that stands: friends who claimed under an earlier one keep its window."""
    terms = [Terms.from_json(held) for held in TermsVersion.objects.values_list("terms", flat=True)]
    days = [one.attribution_window_days for one in terms] or [Terms(currency="EUR").attribution_window_days]
    return timedelta(days=max(days))


def _sealed(secret: bytes) -> str:
    return crypto.seal({"secret": base64.b64encode(secret).decode()}, _sealing_keys())


def _opened(row: Salt) -> LiveSalt:
    secret = crypto.unseal(row.secret, _sealing_keys())["secret"]
    return LiveSalt(row.number, base64.b64decode(secret), row.until_at)


def _sealing_keys() -> list[bytes]:
    """Of their own: what opens a salt opens no credentials."""
    digests = (hashlib.sha256(b"salts:" + key.encode()).digest() for key in settings.CREDENTIALS_KEYS)
    return [base64.urlsafe_b64encode(digest) for digest in digests]
