"""The frame of every address: who calls, one transaction, an answer. Refusals are exceptions and roll back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NoReturn

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from kit.jsonio import BadJson, loads_bounded
from kit.tenancy import in_tenant_transaction, tenant_scope, tenant_transaction
from kit.text import clean_json
from referral_saas.api.auth import Caller, caller_of, touch
from referral_saas.api.body import Body
from referral_saas.api.idempotency import Answer, key_of, once
from referral_saas.api.problems import Problem, not_allowed, too_many
from referral_saas.limits import within_limit

logger = logging.getLogger(__name__)

LARGEST_BODY = 1_048_576
#: Requests of one key from one address.
MOST_A_MINUTE = 1200
JSON_TYPES = ("", "application/json")


class AlwaysJson(BaseContentNegotiation):
    """Whatever the caller says it accepts, it gets JSON: there is nothing else to choose from."""

    def select_parser(self, request: Request, parsers: Any) -> None:
        return None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        return JSONRenderer(), "application/json"


class ApiView(APIView):
    """Authenticates before anything else; a view mixes in what it can do: Reads, Writes, Undoes."""

    content_negotiation_class = AlwaysJson
    caller: Caller

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.caller = caller_of(request._request)
        if not within_limit(request._request, "api", self.caller.key_id, most=MOST_A_MINUTE, seconds=60):
            raise too_many()
        touch(self.caller)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
        raise not_allowed(", ".join(method.upper() for method in self.http_method_names if hasattr(self, method)))

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]  # Django's own do as well
        if isinstance(exc, Problem):
            return exc.response()
        if isinstance(exc, exceptions.APIException):
            return Problem(exc.status_code, str(exc.default_code), str(exc.default_detail), str(exc.detail)).response()
        if isinstance(exc, OperationalError):
            logger.exception("the database did not answer")
            return _unavailable().response()
        raise exc

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response.headers.setdefault("Cache-Control", "no-store")
        return response  # DRF would ask for a renderer; these are Django's own and ready


class Reads(ApiView):
    """GET: ``read`` runs in one read-only transaction."""

    def get(self, request: Request, **ids: str) -> HttpResponse:
        with tenant_scope(self.caller.ref), tenant_transaction(read_only=True):
            return _response(self.read(**ids))

    def read(self, **ids: str) -> Answer:
        raise NotImplementedError


class Writes(ApiView):
    """POST: ``write`` runs in one transaction, under the caller's Idempotency-Key if there is one."""

    def post(self, request: Request, **ids: str) -> HttpResponse:
        raw = raw_body(request._request)
        data = parse(raw)
        return run_once(self, raw, lambda: self.write(Body.of(data), **ids))

    def write(self, body: Body, **ids: str) -> Answer:
        raise NotImplementedError


class Undoes(ApiView):
    """DELETE: ``undo`` takes back what the POST of the same address said. No body."""

    def delete(self, request: Request, **ids: str) -> HttpResponse:
        return run_once(self, b"", lambda: self.undo(**ids))

    def undo(self, **ids: str) -> Answer:
        raise NotImplementedError


def run_once(view: ApiView, raw: bytes, work: Callable[[], Answer]) -> HttpResponse:
    """One transaction; a deadlock runs the whole again, the idempotency row included."""
    request = view.request._request
    key = key_of(request)
    guarded = (lambda: once(key=key, request=request, body=raw, work=work)) if key else work
    return _response(in_tenant_transaction(view.caller.ref, guarded))


def raw_body(request: HttpRequest, *, types: tuple[str, ...] = JSON_TYPES) -> bytes:
    """The body as it came, refused by its announced length before it is read, and by its kind."""
    if (request.content_type or "").lower() not in types:
        raise Problem(
            415, "not_json", _("Not JSON"), _("Send the body as JSON with the header Content-Type: application/json.")
        )
    if _announced(request) > LARGEST_BODY:
        raise _too_large()
    raw = request.read(LARGEST_BODY + 1)
    if len(raw) > LARGEST_BODY:
        raise _too_large()
    return raw


def parse(raw: bytes) -> Any:
    """Bounded JSON with everything unstorable replaced; an empty body is an empty object."""
    try:
        return clean_json(loads_bounded(raw, max_bytes=LARGEST_BODY)) if raw.strip() else {}
    except BadJson as trouble:
        raise Problem(400, trouble.kind, _("The body cannot be read"), str(trouble)) from trouble


def _announced(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() and len(text) < 16 else LARGEST_BODY + 1


def _too_large() -> Problem:
    detail = _("Send at most %(limit)s bytes; divide more over several requests.") % {"limit": LARGEST_BODY}
    return Problem(413, "too_large", _("The body is too large"), detail)


def _unavailable() -> Problem:
    detail = _("Nothing was stored. Send the request again in a few seconds.")
    return Problem(503, "unavailable", _("Not available now"), detail, headers={"Retry-After": "5"})


def _response(answer: Answer) -> HttpResponse:
    if answer.body is None:
        return HttpResponse(status=answer.status, headers=answer.headers)
    return JsonResponse(answer.body, status=answer.status, headers=answer.headers)
