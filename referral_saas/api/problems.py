"""What the API says when it refuses: RFC 9457 problem details with a stable code and what to do next.

A refusal is always an exception, so that it leaves through the transaction and nothing stays of what was begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.http import JsonResponse
from django.utils.translation import gettext as _

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """``field`` is the path in the body ("lines[0].total") or the name of the query parameter."""

    field: str
    code: str
    detail: str


class Problem(Exception):
    """``code`` never changes once published; ``title`` names the kind; ``detail`` says what to do next."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.title, self.detail = status, code, title, detail
        self.errors, self.headers = tuple(errors), headers or {}

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        return body | ({"errors": [asdict(error) for error in self.errors]} if self.errors else {})

    def response(self) -> JsonResponse:
        return JsonResponse(self.as_json(), status=self.status, content_type=CONTENT_TYPE, headers=self.headers)


def bad_fields(errors: Sequence[FieldError]) -> Problem:
    return Problem(
        400,
        "bad_fields",
        _("Some fields cannot be used"),
        _("Nothing was stored. Correct the fields under errors and send the request again."),
        errors=errors,
    )


def bad_field(field: str, code: str, detail: str) -> Problem:
    return bad_fields([FieldError(field, code, detail)])


def not_found() -> Problem:
    return Problem(
        404,
        "not_found",
        _("Not found"),
        _("There is nothing with this id in the workspace of your API key. Check the id and the key."),
    )


def unauthorised(detail: str = "", *, code: str = "not_authenticated") -> Problem:
    return Problem(
        401,
        code,
        _("No valid API key"),
        detail or _("Send a secret key of your workspace in the header: Authorization: Bearer sk_..."),
        headers={"WWW-Authenticate": 'Bearer realm="api"'},
    )


def not_allowed(allowed: str) -> Problem:
    return Problem(
        405,
        "method_not_allowed",
        _("Method not allowed"),
        _("This address answers to: %(methods)s.") % {"methods": allowed},
        headers={"Allow": allowed},
    )


def conflict(code: str, detail: str, *, retry_after: int | None = None) -> Problem:
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else None
    return Problem(409, code, _("Not possible now"), detail, headers=headers)


def too_many() -> Problem:
    detail = _("Nothing was stored. Send the request again in a minute, and fewer at a time.")
    return Problem(429, "too_many_requests", _("Too many requests"), detail, headers={"Retry-After": "60"})
