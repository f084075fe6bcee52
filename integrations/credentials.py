"""Credentials of connections: sealed before they are stored, opened only to sign, never shown again."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from django.conf import settings

from integrations.models import Connection
from kit import crypto


def seal(credentials: dict[str, Any]) -> str:
    return crypto.seal(credentials, _sealing_keys())


def credentials_of(connection: Connection) -> dict[str, str]:
    """Everything that was sealed for this connection. Raises CannotUnseal when its key is gone."""
    sealed = crypto.unseal(connection.credentials, _sealing_keys())
    return {name: str(value) for name, value in sealed.items()}


def secret_of(connection: Connection) -> str:
    """The secret that signs what comes from or goes to this connection. Raises CannotUnseal when its key is gone."""
    return credentials_of(connection)["secret"]


def _sealing_keys() -> list[bytes]:
    """One key per configured secret, of the length and spelling the cipher wants."""
    digests = (hashlib.sha256(b"credentials:" + key.encode()).digest() for key in settings.CREDENTIALS_KEYS)
    return [base64.urlsafe_b64encode(digest) for digest in digests]
