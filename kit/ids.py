"""Keys, their public spelling, codes for people and secret tokens.

Keys are uuid7: they sort by creation and carry their time, which partitions rely on. Outside they are shown as
`<prefix>_<26 characters>`, so that nobody can pass an advocate where a link is meant.
"""

import hashlib
import os
import secrets
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from uuid import UUID

PREFIXES: dict[str, str] = {
    "prg": "program",
    "adv": "advocate",
    "lnk": "link",
    "clk": "click",
    "ord": "order",
    "rwd": "reward",
    "knd": "kind of reward",
    "gft": "surprise",
    "evt": "event",
    "cus": "customer",
    "clm": "claim",
    "ref": "referral",
    "frd": "friend",
    "con": "connection",
    "key": "API key",
    "blk": "bulk upload",
    "pst": "posting",
    "pay": "payout",
    "pln": "line of a payout",
    "tax": "tax form",
    "lek": "leak",
    "int": "introduction",
    "lst": "list entry",
    "stk": "what was set aside",
    "rev": "review",
    "hst": "host",
    "stf": "link for staff",
    "nte": "note",
    "tsk": "task",
    "msg": "mail that was sent",
    "imp": "import",
    "exp": "export",
    "sav": "saved view",
    "lea": "lead",
}

# Crockford's base32: no i, l, o, u. Lower case, because these stand in addresses.
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
_BASE32_VALUES = {character: value for value, character in enumerate(_BASE32)}
_BASE32_LENGTH = 26

# Nothing that can be misread on paper or over the phone: no 0 and O, no 1, I and L, no U beside V.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uuid7(at: datetime | None = None) -> UUID:
    """A new key, of this very moment unless `at` (aware) is given.

    The twelve bits behind the milliseconds hold their fraction (RFC 9562, method 3), so keys made by one process
    sort finer than a millisecond; the other 62 bits are random.
    """
    return UUID(bytes=uuid7_bytes(time.time_ns() // 1000 if at is None else _microseconds_of(at)))


def uuid7_bytes(microseconds: int) -> bytes:
    """The sixteen bytes of a new key of that moment since 1970, for those who need no UUID around them."""
    milliseconds, rest = divmod(microseconds, 1000)
    return (milliseconds << 16 | 0x7000 | rest * 4096 // 1000).to_bytes(8, "big") + _random_half()


#: The system's randomness in stock: asking for it key by key lets go of the interpreter's lock each time, which threads
#: of a busy web process pay for. A process that forks must not hand on the same.
_stock: deque[bytes] = deque()
os.register_at_fork(after_in_child=_stock.clear)


def _random_half() -> bytes:
    """The last eight bytes of a key: the two bits that say how it is laid out, and 62 random ones."""
    while True:
        try:
            return _stock.pop()
        except IndexError:
            fresh = os.urandom(2048)
            _stock.extend(bytes([fresh[at] & 0x3F | 0x80]) + fresh[at + 1 : at + 8] for at in range(0, len(fresh), 8))


def _microseconds_of(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("A key needs an aware datetime.")
    microseconds = (at - _EPOCH) // timedelta(microseconds=1)
    if microseconds < 0:
        raise ValueError("A key cannot be older than 1970.")
    return microseconds


def uuid7_time(key: UUID) -> datetime | None:
    """The millisecond a uuid7 was made, UTC; None for any other kind of UUID."""
    if key.version != 7:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=key.int >> 80)
    except OverflowError:
        return None


def public_id(prefix: str, key: UUID) -> str:
    if prefix not in PREFIXES:
        raise ValueError(f"Unknown prefix {prefix!r}: add it to PREFIXES.")
    digits = [_BASE32[(key.int >> shift) & 31] for shift in range(5 * (_BASE32_LENGTH - 1), -1, -5)]
    return f"{prefix}_{''.join(digits)}"


def parse_public_id(prefix: str, text: object) -> UUID | None:
    """The key behind `text`, or None for anything but the one canonical spelling. Never raises."""
    if not isinstance(text, str) or not text.startswith(f"{prefix}_"):
        return None
    digits = text[len(prefix) + 1 :]
    if len(digits) != _BASE32_LENGTH or any(digit not in _BASE32_VALUES for digit in digits):
        return None
    value = 0
    for digit in digits:
        value = value << 5 | _BASE32_VALUES[digit]
    return UUID(int=value) if value < 1 << 128 else None


def new_code(length: int = 8) -> str:
    """A code for people: eight characters are 39 random bits."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))


def new_token(nbytes: int = 32) -> str:
    """A secret for machines, safe in addresses. Store `hash_token` of it, never the token."""
    return secrets.token_urlsafe(nbytes)


def hash_token(token: str) -> str:
    """SHA-256 in hex. Unsalted on purpose: tokens are random, and the hash is what they are looked up by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
