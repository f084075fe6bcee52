"""What every hook's door does: bound the body, find whose it is, keep what is signed, and answer by status alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from integrations.actions.keeping import Delivery, keep_delivery
from integrations.models import Connection
from integrations.selectors import connection_behind
from kit.clock import now_for
from kit.ids import hash_token
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Door
from merchants.selectors import door_for

logger = logging.getLogger(__name__)

LARGEST_BODY = 1_048_576
RETRY_AFTER_SECONDS = 30
#: Checks who sent it and says what it is. Raises Refused.
Reader = Callable[[Connection, HttpRequest, bytes], Delivery]


class Refused(Exception):
    """Nothing of this request is kept. Leaves through the transaction, so that it is rolled back."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


def received(request: HttpRequest, token: str, *, kind: Connection.Kind, reader: Reader) -> HttpResponse:
    """200 once the row is committed. 5xx only when the database is away: then the sender tries again by itself."""
    try:
        _take_in(request, token, kind, reader)
    except Refused as refused:
        logger.info("%s hook refused: %s", kind.lower(), refused.status.value)
        return _answer(refused.status)
    except (OperationalError, InterfaceError) as error:
        logger.warning("%s hook not kept: %s", kind.lower(), type(error).__name__)
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER_SECONDS)})
    return _answer(HTTPStatus.OK)


def _answer(status: HTTPStatus, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status.phrase, status=status, content_type="text/plain", headers=headers)


def _take_in(request: HttpRequest, token: str, kind: Connection.Kind, reader: Reader) -> None:
    body = _body(request)
    door = door_for(Door.Kind.HOOK, hash_token(token))
    if door is None:
        raise Refused(HTTPStatus.NOT_FOUND)
    with tenant_scope(door.tenant_ref()), tenant_transaction():
        connection = connection_behind(door, kind=kind)
        if connection is None:
            raise Refused(HTTPStatus.NOT_FOUND)
        delivery = reader(connection, request, body)
        keep_delivery(connection=connection, delivery=delivery, now=now_for(door.merchant))


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
