"""Signed messages to a merchant's own address (standard-webhooks 1.0.0), and what an answer means.

``webhook-id`` is the idempotency key: a message repeated under it must have one effect at the other side.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from integrations.credentials import secret_of
from integrations.models import Connection
from integrations.selectors import webhook_for
from kit.crypto import CannotUnseal
from kit.http import HttpAnswer, HttpFailure, post
from kit.jsonio import BadJson, loads_bounded
from kit.signing import sign_webhook
from kit.tenancy import tenant_transaction, transaction_forbidden
from kit.text import clean_text

LARGEST_ANSWER = 65_536
LONGEST_CODE = 80


class NotConnected(Exception):
    """No webhook serves this purpose, or its secret cannot be opened. ``reason`` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post and what signs it; read in a transaction, used outside of one."""

    address: str
    secret: str


@transaction_forbidden
def target_for(purpose: str) -> Target:
    """The webhook of the merchant in scope for this purpose. Raises NotConnected."""
    with tenant_transaction(read_only=True):
        connection = webhook_for(purpose)
    if connection is None:
        raise NotConnected("webhook_not_connected")
    return target_of(connection)


def target_of(connection: Connection) -> Target:
    try:
        return Target(connection.address, secret_of(connection))
    except CannotUnseal as error:
        raise NotConnected("webhook_secret_unreadable") from error


@transaction_forbidden
def send(target: Target, *, message_id: str, kind: str, data: Mapping[str, Any], timeout: float) -> HttpAnswer:
    """One signed POST of {"type", "timestamp", "data"}. Raises HttpFailure when no status came.

    Signed with real time, which the receiver compares with its own clock; never with a sandbox's.
    """
    at = datetime.now(UTC)
    message = {"type": kind, "timestamp": at.isoformat(timespec="seconds"), "data": dict(data)}
    body = json.dumps(message, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    headers = sign_webhook(secret=target.secret, message_id=message_id, timestamp=at, body=body)
    return post(
        target.address,
        body=body,
        headers={"content-type": "application/json", "user-agent": "ReferralSaaS-Webhooks/1", **headers},
        timeout_total=timeout,
        max_bytes=LARGEST_ANSWER,
        allow_private=settings.MODE in {"demo", "test"},
    )


def is_success(answer: HttpAnswer) -> bool:
    """2xx only: a redirect is not followed and counts as a failure."""
    return 200 <= answer.status < 300


def reason_of(answer: HttpAnswer) -> str:
    return f"http_{answer.status}"


def failure_reason(failure: HttpFailure) -> str:
    return f"http_{failure.kind}"


def text_in(answer: HttpAnswer, name: str, *, longest: int = LONGEST_CODE) -> str:
    """A text of the JSON answer, or "" where there is no usable one. A body cut at the limit is none."""
    try:
        found = loads_bounded(answer.body, max_bytes=LARGEST_ANSWER)
    except BadJson:
        return ""
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, str) or len(value) > longest:
        return ""
    return value if value.isprintable() and clean_text(value).strip() == value else ""
