"""POST /hooks/stripe/<token>: check that Stripe signed these bytes, just now; keep them, say 200. Nothing else."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.actions.keeping import Delivery
from integrations.credentials import credentials_of
from integrations.models import Connection
from integrations.receiving import Refused, received
from integrations.stripe.mapping import TOPICS
from kit.jsonio import BadJson, loads_bounded
from kit.signing import stripe_signed_at

logger = logging.getLogger(__name__)

TOLERANCE = timedelta(seconds=300)


@csrf_exempt
@require_POST
def stripe_hook(request: HttpRequest, token: str) -> HttpResponse:
    return received(request, token, kind=Connection.Kind.STRIPE, reader=_read)


def _read(connection: Connection, request: HttpRequest, body: bytes) -> Delivery:
    _check_sender(connection, request.headers.get("Stripe-Signature"), body)
    event = _event(body)
    topic = _words(event.get("type"), 60)
    return Delivery(
        topic=topic,
        delivery_id=_words(event.get("id"), 120) or "sha256:" + hashlib.sha256(body).hexdigest(),
        triggered_at=_moment(event.get("created")),
        body=body,
        is_for_us=topic in TOPICS or not event,
    )


def _check_sender(connection: Connection, header: str | None, body: bytes) -> None:
    """Real time is compared, never a sandbox's. Refused, Stripe tries again for days: a clock that is off loses nothing
    once it is right, and until then this line of the log is the alarm."""
    signed_at = stripe_signed_at(body, header, [credentials_of(connection).get("webhook_secret", "")])
    if signed_at is None:
        raise Refused(HTTPStatus.UNAUTHORIZED)
    now = datetime.now(UTC)
    if not is_fresh(signed_at, now=now):
        logger.error("stripe hook refused for its age: clock_skew_seconds=%d", int((now - signed_at).total_seconds()))
        raise Refused(HTTPStatus.UNAUTHORIZED)


def is_fresh(signed_at: datetime, *, now: datetime) -> bool:
    """Either way: a signature from the future is as odd as an old one."""
    return abs(now.replace(microsecond=0) - signed_at) <= TOLERANCE


def _event(body: bytes) -> dict[str, Any]:
    """{} where it cannot be read: it is kept and set aside with the reason when it is worked."""
    try:
        found = loads_bounded(body)
    except BadJson:
        return {}
    return found if isinstance(found, dict) else {}


def _words(value: Any, longest: int) -> str:
    return value if isinstance(value, str) and value.isascii() and value.isprintable() and len(value) <= longest else ""


def _moment(value: Any) -> datetime | None:
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**11
    return datetime.fromtimestamp(value, UTC) if usable else None
