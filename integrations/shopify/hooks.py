"""POST /hooks/shopify/<token>: check that the shop itself signed these bytes, keep them, say 200. Nothing else."""

from __future__ import annotations

import hashlib
from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.actions.keeping import Delivery
from integrations.credentials import secret_of
from integrations.models import Connection
from integrations.receiving import Refused, received
from integrations.shopify.mapping import TOPICS
from integrations.shopify.reading import NotReadable, moment, words
from kit.signing import shopify_hmac_matches


@csrf_exempt
@require_POST
def shopify_hook(request: HttpRequest, token: str) -> HttpResponse:
    return received(request, token, kind=Connection.Kind.SHOPIFY, reader=_read)


def _read(connection: Connection, request: HttpRequest, body: bytes) -> Delivery:
    _check_sender(connection, request, body)
    return _delivery(request, body)


def _check_sender(connection: Connection, request: HttpRequest, body: bytes) -> None:
    signature = request.headers.get("X-Shopify-Hmac-Sha256")
    if not shopify_hmac_matches(body, signature, [secret_of(connection)]):
        raise Refused(HTTPStatus.UNAUTHORIZED)
    if request.headers.get("X-Shopify-Shop-Domain", "").lower() != connection.address:
        raise Refused(HTTPStatus.UNAUTHORIZED)


def _delivery(request: HttpRequest, body: bytes) -> Delivery:
    topic = words(request.headers.get("X-Shopify-Topic"), longest=60)
    return Delivery(
        topic=topic,
        delivery_id=_delivery_id(request, topic, body),
        triggered_at=_triggered_at(request),
        body=body,
        is_for_us=topic in TOPICS,
    )


def _delivery_id(request: HttpRequest, topic: str, body: bytes) -> str:
    """Shopify's id of the delivery; without a usable one the content itself."""
    told = words(request.headers.get("X-Shopify-Webhook-Id"), longest=121)
    return told if 0 < len(told) <= 120 else "sha256:" + hashlib.sha256(topic.encode() + b"\n" + body).hexdigest()


def _triggered_at(request: HttpRequest) -> datetime | None:
    try:
        return moment(request.headers.get("X-Shopify-Triggered-At"))
    except NotReadable:
        return None
