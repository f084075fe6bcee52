"""Payout accounts at rest: sealed before they are stored, opened only for the file that pays and for their owner."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from django.conf import settings

from kit import crypto
from kit.tenancy import current_merchant_id


def seal(details: dict[str, Any]) -> str:
    return crypto.seal(details, _sealing_keys())


def unseal(sealed: str) -> dict[str, str]:
    """Raises kit.crypto.CannotUnseal when its key is gone."""
    return {name: str(value) for name, value in crypto.unseal(sealed, _sealing_keys()).items()}


def fingerprint(account: str) -> str:
    """A keyed hash, different for every merchant: equal accounts are seen, and none can be guessed from it.

    Rotating the keys changes it; it is compared only to warn, so an account shared across a rotation is not seen.
    """
    told = f"payout account\x1f{current_merchant_id()}\x1f{account}".encode()
    return hmac.new(settings.CREDENTIALS_KEYS[0].encode(), told, hashlib.sha256).hexdigest()


def _sealing_keys() -> list[bytes]:
    """One key per configured secret, not those of credentials: what one kind of row holds does not open the other."""
    digests = (hashlib.sha256(b"payout-accounts:" + key.encode()).digest() for key in settings.CREDENTIALS_KEYS)
    return [base64.urlsafe_b64encode(digest) for digest in digests]
