"""Codes of authenticator apps (TOTP, RFC 6238): six digits that a shared secret gives for every 30 seconds."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS, STEP_SECONDS, SECRET_BYTES = 6, 30, 20
#: Clocks of phones differ: the code of the step before and of the one after count too.
TOLERANCE = 1


def new_secret() -> str:
    """160 random bits, as base32: what apps take by hand where they cannot read the QR code."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    return _generator(secret).generate(step * STEP_SECONDS).decode("ascii")


def matching_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The step whose code this is. None for a wrong code, and for one of a step up to ``after``: it was used."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    here = step_of(now)
    for step in range(max(here - TOLERANCE, after + 1), here + TOLERANCE + 1):
        if hmac.compare_digest(code_at(secret, step), typed):
            return step
    return None


def address(secret: str, *, account: str, issuer: str) -> str:
    """otpauth://..., which the QR code carries. Written out here, because apps show a blank spelled "+" as a plus."""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"


def in_groups(secret: str) -> str:
    """Four and four, to be read and typed."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _generator(secret: str) -> TOTP:
    try:
        key = base64.b32decode(secret, casefold=True)
    except binascii.Error as error:
        raise ValueError("The secret of an authenticator app is base32.") from error
    return TOTP(key, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  # what every app counts with
