"""POST /hooks/shopify/<token>: check that the shop itself signed these bytes, keep them, say 200. Nothing else."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.actions.intake import Delivery, keep_delivery
from integrations.credentials import secret_of
from integrations.models import Connection
from integrations.selectors import connection_behind
from integrations.shopify.mapping import TOPICS
from integrations.shopify.reading import NotReadable, moment, words
from kit.clock import now_for
from kit.ids import hash_token
from kit.signing import shopify_hmac_matches
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Door
from merchants.selectors import door_for

logger = logging.getLogger(__name__)

LARGEST_BODY = 1_048_576
RETRY_AFTER_SECONDS = 30


class Refused(Exception):
    """Nothing of this request is kept. Leaves through the transaction, so that it is rolled back."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


@csrf_exempt
@require_POST
def shopify_hook(request: HttpRequest, token: str) -> HttpResponse:
    """200 once the row is committed. 5xx only when the database is away: then the shop tries again by itself."""
    try:
        _take_in(token, request, _body(request))
    except Refused as refused:
        logger.info("shopify hook refused: %s", refused.status.value)
        return _answer(refused.status)
    except (OperationalError, InterfaceError) as error:
        logger.warning("shopify hook not kept: %s", type(error).__name__)
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER_SECONDS)})
    return _answer(HTTPStatus.OK)


def _answer(status: HTTPStatus, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status.phrase, status=status, content_type="text/plain", headers=headers)


def _body(request: HttpRequest) -> bytes:
    """The bytes as they came. Too many are refused before anything is computed over them."""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:20]) > LARGEST_BODY:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        body = request.read(LARGEST_BODY + 1)
    except UnreadablePostError as error:
        raise Refused(HTTPStatus.BAD_REQUEST) from error
    if len(body) > LARGEST_BODY:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return body


def _take_in(token: str, request: HttpRequest, body: bytes) -> None:
    door = door_for(Door.Kind.HOOK, hash_token(token))
    if door is None:
        raise Refused(HTTPStatus.NOT_FOUND)
    with tenant_scope(door.tenant_ref()), tenant_transaction():
        connection = connection_behind(door)
        if connection is None:
            raise Refused(HTTPStatus.NOT_FOUND)
        _check_sender(connection, request, body)
        keep_delivery(connection=connection, delivery=_delivery(request, body), now=now_for(door.merchant))


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
