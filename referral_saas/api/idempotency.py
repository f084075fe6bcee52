"""Idempotency-Key: the same request answered once, however often and however concurrently it is sent.

The row goes in first, in the request's own transaction. A twin that comes meanwhile waits on it for at most two
seconds; when the first rolls back, row and all, the twin does the work itself. So only success is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.db import OperationalError, connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from kit.clock import database_now
from kit.ids import uuid7
from kit.tenancy import current_merchant_id
from kit.text import clean_text
from merchants.models import IdempotentRequest
from referral_saas.api.problems import Problem, bad_field, conflict

LONGEST_KEY = 255
LOCK_NOT_AVAILABLE = "55P03"

_INSERT = """
    INSERT INTO merchants_idempotentrequest (id, merchant_id, key, path, body_hash, created_at)
    VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (merchant_id, key) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A success. Refusals are Problems, raised."""

    body: dict[str, Any] | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def key_of(request: HttpRequest) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable() or not key.isascii():
        raise bad_field(
            "Idempotency-Key",
            "bad_key",
            _("Use 1 to 255 plain characters, for example a random UUID per attempt to create."),
        )
    return key


def once(*, key: str, request: HttpRequest, body: bytes, work: Callable[[], Answer]) -> Answer:
    """Do the work under this key, or give the answer it gave before. Runs inside the request's transaction."""
    path = clean_text(f"{request.method} {request.path}")
    digest = sha256(path.encode() + b"\n" + body).hexdigest()
    if not _is_first(key, path, digest):
        return _replayed(key, digest)
    answer = work()
    IdempotentRequest.objects.filter(key=key).update(status=answer.status, answer=answer.body)
    return answer


def _is_first(key: str, path: str, digest: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        try:
            cursor.execute(_INSERT, [uuid7(), current_merchant_id(), key, path[:200], digest, database_now()])
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
                raise _still_running() from error
            raise
        inserted = cursor.rowcount == 1
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    return inserted


def _replayed(key: str, digest: str) -> Answer:
    stored = IdempotentRequest.objects.get(key=key)
    if stored.body_hash != digest:
        raise Problem(
            422,
            "idempotency_key_reused",
            _("This Idempotency-Key belongs to another request"),
            _("Send a new key with a new request, and the old one only with exactly the same address and body."),
        )
    return Answer(stored.answer, stored.status, {"Idempotent-Replayed": "true"})


def _still_running() -> Problem:
    detail = _("A request with this Idempotency-Key is still being worked on. Send it again in a few seconds.")
    return conflict("request_in_progress", detail, retry_after=2)
