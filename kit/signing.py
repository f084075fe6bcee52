"""Signatures: click tokens, hooks coming in, webhooks going out, signed cookies and links.

Whatever checks a signature compares in constant time, tries every key, and answers bad input with None or False.
"""

import base64
import binascii
import hmac
import re
import secrets as randomness
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core import signing as django_signing

if TYPE_CHECKING:
    from hashlib import _Hash

WEBHOOK_SECRET_PREFIX = "whsec_"  # noqa: S105  (the published mark of such secrets, not one of them)
WEBHOOK_TOLERANCE_SECONDS = 300

_CLICK_TOKEN = re.compile(r"v1\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})\.([0-9]{1,11})\.([A-Za-z0-9_-]{22})")
_HEADER_SAFE = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True)
class ClickToken:
    """What a friend's browser carries from the click to the order; `at` is the click's second, UTC."""

    click_id: UUID
    link_id: UUID
    at: datetime


def make_click_token(*, click_id: UUID, link_id: UUID, at: datetime, key: bytes) -> str:
    """ "v1.<click>.<link>.<unix seconds>.<mac>", about 80 characters that need no escaping anywhere."""
    if not key:
        raise ValueError("A click token needs a key.")
    if at.tzinfo is None or at.timestamp() < 0:
        raise ValueError("A click token needs an aware datetime after 1970.")
    return click_token_text(click_id.bytes, link_part(link_id), int(at.timestamp()), key)


def click_token_text(click: bytes, link: str, seconds: int, key: bytes) -> str:
    """The same from parts at hand: the click's sixteen bytes, ``link_part()`` of the link, unix seconds."""
    claim = f"v1.{_urlsafe(click)}.{link}.{seconds}"
    return f"{claim}.{_click_mac(claim, key)}"


def link_part(link_id: UUID) -> str:
    """How a link stands in its tokens."""
    return _urlsafe(link_id.bytes)


def parse_click_token(text: object, *, keys: Sequence[bytes]) -> ClickToken | None:
    """The claim in `text` if one of `keys` signed exactly this spelling, else None. Never raises."""
    found = _CLICK_TOKEN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    claim = found[0].rpartition(".")[0]
    if not _one_matches([_comparable(found[4])], [_comparable(_click_mac(claim, key)) for key in keys if key]):
        return None
    return ClickToken(_unpack(found[1]), _unpack(found[2]), datetime.fromtimestamp(int(found[3]), UTC))


def _click_mac(claim: str, key: bytes) -> str:
    # The label keeps this signature from being one of anything else made with the same key. 128 bits are enough.
    digest = hmac_sha256(key, b"click token\n" + claim.encode("ascii"))
    return _urlsafe(digest[:16])


def _unpack(text: str) -> UUID:
    return UUID(bytes=base64.urlsafe_b64decode(f"{text}=="))


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """As hmac.digest says it, in half the time for a key that is used again and again."""
    inner, outer = _keyed(key)
    inner, outer = inner.copy(), outer.copy()
    inner.update(message)
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=1024)
def _keyed(key: bytes) -> "tuple[_Hash, _Hash]":
    """RFC 2104, as far as it depends on the key alone."""
    block = (key if len(key) <= 64 else sha256(key).digest()).ljust(64, b"\0")
    return sha256(block.translate(_INNER)), sha256(block.translate(_OUTER))


_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


def _urlsafe(data: bytes) -> str:
    """As base64.urlsafe_b64encode, which goes three functions deep, without the padding."""
    return binascii.b2a_base64(data, newline=False).translate(_URLSAFE, b"=").decode("ascii")


_URLSAFE = bytes.maketrans(b"+/", b"-_")


def shopify_hmac_matches(body: bytes, header: str | None, secrets: Sequence[str]) -> bool:
    """Whether one of `secrets` signed these very bytes the way Shopify does (base64 of HMAC-SHA256)."""
    given = _comparable(header or "")
    expected = [_base64_hmac(_comparable(secret), body) for secret in secrets if secret]
    return _one_matches([given], expected)


def link_signature_matches(message: str, given: str, secrets: Sequence[str]) -> bool:
    """Whether one of `secrets` signed this message for a link (hexadecimal HMAC-SHA256, as shop templates can)."""
    expected = [hmac.new(_comparable(one), _comparable(message), "sha256").hexdigest() for one in secrets if one]
    return _one_matches([_comparable(given)], [_comparable(each) for each in expected])


def stripe_signed_at(body: bytes, header: str | None, secrets: Sequence[str]) -> datetime | None:
    """When one of `secrets` signed these very bytes the way Stripe does ("t=...,v1=..."); None if none did.

    Several v1 stand there while one secret replaces another; other versions prove nothing. Whether the moment is near
    now is for the caller to judge, who can tell a clock that is wrong from a signature that is.
    """
    parts = [part.strip().partition("=") for part in (header or "").split(",")[:20]]
    moments = [value for name, _, value in parts if name == "t"]
    given = [_comparable(value) for name, _, value in parts if name == "v1"]
    if len(moments) != 1 or not re.fullmatch(r"[0-9]{1,11}", moments[0]) or not given:
        return None
    message = moments[0].encode("ascii") + b"." + body
    expected = [
        hmac.new(_comparable(secret), message, "sha256").hexdigest().encode("ascii") for secret in secrets if secret
    ]
    return datetime.fromtimestamp(int(moments[0]), UTC) if _one_matches(given, expected) else None


def _one_matches(given: Sequence[bytes], expected: Sequence[bytes]) -> bool:
    """Compares every pair, however early one fits: the time taken tells nothing about which."""
    matches = False
    for one in given:
        for other in expected:
            matches |= hmac.compare_digest(one, other)
    return matches


def _base64_hmac(key: bytes, message: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, message, "sha256"))


def _comparable(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def new_webhook_secret() -> str:
    """32 random bytes as standard-webhooks writes a secret (24 to 64 are allowed)."""
    return WEBHOOK_SECRET_PREFIX + base64.b64encode(randomness.token_bytes(32)).decode("ascii")


def sign_webhook(
    *, secret: str | Sequence[str], message_id: str, timestamp: datetime | int, body: bytes
) -> dict[str, str]:
    """The three headers of standard-webhooks 1.0.0. Several secrets, while one replaces another, give several
    signatures. Raises ValueError for a secret that is empty or not base64, or an id that is no plain word."""
    if not _HEADER_SAFE.fullmatch(message_id):
        raise ValueError("A message id is made of letters, digits, '-' and '_'.")
    keys = [_webhook_key(one) for one in _as_list(secret)]
    if not keys or None in keys:
        raise ValueError("A webhook secret is base64, best from new_webhook_secret().")
    seconds = int(timestamp.timestamp()) if isinstance(timestamp, datetime) else timestamp
    signatures = [_webhook_signature(key, message_id, str(seconds), body) for key in keys if key]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signatures),
    }


def verify_webhook(
    *,
    secret: str | Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    tolerance_seconds: int = WEBHOOK_TOLERANCE_SECONDS,
) -> bool:
    """Whether the message was signed with one of the secrets and its time is near `now`. Never raises."""
    found = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = found.get("webhook-id", ""), found.get("webhook-timestamp", "")
    if not message_id or not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    if abs(int(now.timestamp()) - int(timestamp)) > tolerance_seconds:
        return False
    keys = [key for key in map(_webhook_key, _as_list(secret)) if key]
    expected = [_comparable(_webhook_signature(key, message_id, timestamp, body)) for key in keys]
    given = [_comparable(one) for one in found.get("webhook-signature", "").split(" ")]
    return _one_matches(given, expected)


def _as_list(secret: str | Sequence[str]) -> Sequence[str]:
    return [secret] if isinstance(secret, str) else secret


def _webhook_key(secret: str) -> bytes | None:
    encoded = secret.removeprefix(WEBHOOK_SECRET_PREFIX).rstrip("=")
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _webhook_signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    message = b".".join([_comparable(message_id), timestamp.encode("ascii"), body])
    return "v1," + _base64_hmac(key, message).decode("ascii")


def sign_value(value: Any, *, salt: str, key: str | bytes) -> str:
    """`value` (anything JSON) readable but unforgeable, for a cookie or a link. Carries the time it was signed.

    `salt` names the purpose: a value signed for one is worth nothing for another.
    """
    return django_signing.dumps(value, key=_django_key(key), salt=salt, compress=False)


def unsign_value(
    text: object,
    *,
    salt: str,
    key: str | bytes,
    max_age: timedelta | int | None = None,
    fallback_keys: Sequence[str | bytes] = (),
) -> Any | None:
    """The value signed with `key` or an older key for this `salt`, not longer ago than `max_age` (seconds, real
    time); otherwise None. Never raises."""
    if not isinstance(text, str):
        return None
    older: list[str | bytes] = [_django_key(one) for one in fallback_keys]
    try:
        return django_signing.loads(text, key=_django_key(key), salt=salt, max_age=max_age, fallback_keys=older)
    except (django_signing.BadSignature, ValueError, OverflowError):
        return None


def _django_key(key: str | bytes) -> str:
    return key if isinstance(key, str) else key.hex()
