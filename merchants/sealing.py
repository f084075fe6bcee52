"""Secrets of people at rest: sealed with the keys of CREDENTIALS_KEYS, derived for this use alone."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from django.conf import settings

from kit import crypto


def seal(data: dict[str, Any]) -> str:
    return crypto.seal(data, _keys())


def unseal(text: str) -> dict[str, Any]:
    """Raises CannotUnseal when the key is gone or the text was touched."""
    return crypto.unseal(text, _keys())


def _keys() -> list[bytes]:
    digests = (hashlib.sha256(b"second factor:" + key.encode()).digest() for key in settings.CREDENTIALS_KEYS)
    return [base64.urlsafe_b64encode(digest) for digest in digests]
