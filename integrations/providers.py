"""Calling the services that make rewards: which account, which address, what an answer means, how the account fares.

Every adapter speaks through a ``Line``: one account with its credentials and one deadline for all calls of a try. What
went wrong is told in the three words of rewards.fulfilment; ``writes`` tells whether a call may have made something.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Never
from uuid import UUID

from django.conf import settings

from integrations.actions.connections import note_health, note_refusal
from integrations.credentials import credentials_of
from integrations.models import Connection
from integrations.selectors import connection_by_id, provider_account
from kit.clock import now_for
from kit.crypto import CannotUnseal
from kit.http import BlockedDestination, HttpAnswer, HttpFailure, Method, request
from kit.jsonio import BadJson, loads_bounded
from kit.tenancy import current_merchant_id, tenant_transaction, transaction_forbidden
from merchants.models import merchant_of
from rewards.fulfilment import Retryable, Terminal, Unknown

logger = logging.getLogger(__name__)

#: Seconds for all calls of one ``deliver`` or one ``look_up``; a try may make both.
BUDGET = 12.0
TRY_TIMEOUT = 2 * BUDGET
LARGEST_ANSWER = 1_048_576
#: What the merchant must mend first (a token, an empty account) is looked at again after an hour.
MENDING_WAIT = 3600.0
#: Asked for a pause by status alone: nothing was done.
_BUSY = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """``data`` is {} where the body is no JSON object or list."""

    status: int
    data: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: float | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def dict_at(self, *path: str) -> dict[str, Any]:
        """The object at ``path``, {} where something on the way is another shape."""
        found = self.data
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def rows_at(self, *path: str) -> list[dict[str, Any]]:
        found = self.dict_at(*path[:-1]).get(path[-1]) if path else self.data
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


@dataclass
class Line:
    """One account and one deadline. Opened by ``line_to``; never kept between tries."""

    kind: Connection.Kind
    connection_id: UUID
    address: str
    credentials: Mapping[str, str]
    base_url: str
    #: Of the newest answer, also when it was raised as an error.
    last_headers: Mapping[str, str] = field(default_factory=dict)
    _ends: float = field(default_factory=lambda: time.monotonic() + BUDGET)

    @transaction_forbidden
    def call(
        self,
        method: Method,
        path: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        writes: bool = False,
    ) -> Answer:
        """One call. Raises for silence, 429, refused credentials and 5xx; every other answer is the caller's."""
        self.last_headers = {}
        try:
            told = self._told(method, path, headers=headers, body=body)
        except HttpFailure as failure:
            self._fail_for(failure, writes)
        self.last_headers = told.headers
        answer = Answer(told.status, _read(told.body), told.headers, told.retry_after)
        if answer.status in _BUSY:
            raise Retryable(f"http_{answer.status}", after=answer.retry_after)
        if answer.status in (401, 403):
            reason = "credentials_refused" if answer.status == 401 else "permission_missing"
            self.note(reason)
            raise Retryable(reason, after=MENDING_WAIT)
        if answer.status >= 500 or answer.status == 409:
            self._fail_for_status(answer, writes)
        if answer.is_success:
            self.note()
        return answer

    def note(self, problem: str = "") -> None:
        """How this account fares, for the connection's page."""
        with tenant_transaction():
            if connection := connection_by_id(self.connection_id):
                note_health(connection=connection, error=problem, now=now_for(merchant_of(current_merchant_id())))

    def refused(self, reason: str, said: str = "") -> Never:
        """Terminal: what the service said of this one reward stands on the connection's page in its own words."""
        with tenant_transaction():
            if connection := connection_by_id(self.connection_id):
                now = now_for(merchant_of(current_merchant_id()))
                note_refusal(connection=connection, reason=said or reason, now=now)
        raise Terminal(reason)

    def _told(self, method: Method, path: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise HttpFailure("timeout", "The total time is over.")
        return request(
            method,
            self.base_url + path,
            body=body,
            headers={"user-agent": "ReferralSaaS/1", "accept": "application/json", **headers},
            timeout_total=left,
            max_bytes=LARGEST_ANSWER,
            allow_private=settings.MODE in {"demo", "test"},
        )

    def _fail_for(self, failure: HttpFailure, writes: bool) -> Never:
        reason = f"http_{failure.kind}"
        self.note(reason)
        if isinstance(failure, BlockedDestination) or failure.kind == "bad_request":
            raise Terminal(reason) from failure
        if writes and failure.maybe_delivered:
            raise Unknown(reason) from failure
        raise Retryable(reason) from failure

    def _fail_for_status(self, answer: Answer, writes: bool) -> Never:
        """Only "come again then" (503 with Retry-After) promises that nothing was done; 409: a twin is under way."""
        reason = f"http_{answer.status}"
        if answer.status != 409:
            self.note(reason)
        if answer.status == 503 and answer.retry_after is not None:
            raise Retryable(reason, after=answer.retry_after)
        if writes:
            raise Unknown(reason)
        raise Retryable(reason)


@transaction_forbidden
def line_to(kind: Connection.Kind, *, needs: str) -> Line:
    """The merchant's account of this kind whose credentials hold ``needs``. Raises Retryable where there is none.

    Not a refusal: the merchant connects it and the reward comes.
    """
    try:
        with tenant_transaction(read_only=True):
            connection = provider_account(kind, needs=needs)
    except CannotUnseal as error:
        raise Retryable("credentials_unreadable", after=MENDING_WAIT) from error
    if connection is None:
        raise Retryable(f"{kind.lower()}_not_connected", after=MENDING_WAIT)
    return line_of(connection)


def line_of(connection: Connection) -> Line:
    """Raises CannotUnseal."""
    kind = Connection.Kind(connection.kind)
    return Line(kind, connection.pk, connection.address, credentials_of(connection), base_url_of(connection))


def base_url_of(connection: Connection) -> str:
    """A simulator's address where one is set, else the real service's or the shop's own; without a closing slash."""
    override: str = settings.PROVIDER_URLS.get(connection.kind, "")
    address = override or connection.address
    return (address if "://" in address else f"https://{address}").rstrip("/")


def json_body(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _read(body: bytes) -> Any:
    try:
        found = loads_bounded(body, max_bytes=LARGEST_ANSWER)
    except BadJson:
        return {}
    return found if isinstance(found, dict | list) else {}
