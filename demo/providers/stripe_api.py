"""How Stripe answers: errors, lists, ids, and the memory behind `Idempotency-Key`."""

import hashlib
import json
import secrets
import string
import time
from collections.abc import Mapping
from typing import Any

from demo.shop.http import BadRequest, Request, Response, json_response

from .forms import Fields, nested
from .provider import Visit
from .store import Store

NAME = "stripe"
ALPHABET = string.ascii_letters + string.digits
LARGEST = 99_999_999  # of an amount, in minor units
#: From this version on a promotion code names its coupon inside `promotion`.
POLYMORPHIC = "2025-09-30"


class Problem(Exception):
    """Ends a view with an error of Stripe's. `saved`: it counts as this key's result, as all but bad parameters do."""

    def __init__(self, message: str, *, status: int = 400, saved: bool = False, **more: str) -> None:
        made = error(message, status=status, **more)
        self.response = Saved(made.body, status, made.content_type, made.headers) if saved else made


class Saved(Response):
    """An error that counts as its key's result."""


def error(message: str, *, status: int = 400, kind: str = "invalid_request_error", **more: str) -> Response:
    request_id = f"req_{random_text(14)}"
    body = {"error": {"message": message, "type": kind, **more}}
    return Response(json.dumps(body, indent=2), status, "application/json", [("Request-Id", request_id)])


def missing(param: str) -> Problem:
    return Problem(f"Missing required param: {param}.", code="parameter_missing", param=param)


def no_such(what: str, key: str, *, param: str = "id", status: int = 404) -> Problem:
    message = f"No such {what}: '{key}'"
    return Problem(message, status=status, saved=status != 404, code="resource_missing", param=param)


def new_id(prefix: str) -> str:
    return f"{prefix}_{random_text(24)}"


def random_text(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def now() -> int:
    return int(time.time())


def fields_of(visit: Visit) -> Fields:
    request = visit.request
    try:
        return nested(request.query_string if request.method == "GET" else request.body.decode("utf-8", "replace"))
    except ValueError:
        raise BadRequest("There are too many fields.") from None


def whole_number(fields: Fields, name: str, *, least: int = 1, most: int = LARGEST) -> int | None:
    given = fields.get(name)
    if given in (None, ""):
        return None
    try:
        found = int(str(given))
    except ValueError:
        raise Problem(f"Invalid integer: {given}", code="parameter_invalid_integer", param=name) from None
    if not least <= found <= most:
        raise Problem(f"This value must be between {least} and {most}.", code="parameter_invalid_integer", param=name)
    return found


def flag(fields: Fields, name: str, *, otherwise: bool) -> bool:
    given = str(fields.get(name, otherwise)).lower()
    if given not in ("true", "false"):
        raise Problem(f"Invalid boolean: {given}", param=name)
    return given == "true"


def metadata(fields: Fields) -> dict[str, str]:
    given = fields.get("metadata") or {}
    if not isinstance(given, dict):
        raise Problem("Invalid object", param="metadata")
    if len(given) > 50 or any(len(key) > 40 or len(str(value)) > 500 for key, value in given.items()):
        raise Problem("Metadata has at most 50 keys of 40 characters, with values of 500.", param="metadata")
    return {key: str(value) for key, value in given.items()}


def a_list(rows: list[dict[str, Any]], fields: Fields, url: str) -> Response:
    """Newest first; `limit` and `starting_after` turn the pages."""
    limit = whole_number(fields, "limit", most=100) or 10
    after = fields.get("starting_after")
    if after:
        places = [index for index, row in enumerate(rows) if row["id"] == after]
        rows = rows[places[0] + 1 :] if places else []
    page = {"object": "list", "url": url, "has_more": len(rows) > limit, "data": rows[:limit]}
    return json_response(page)


def speaks_polymorphic(request: Request) -> bool:
    """Without the header an account of today answers in the version of today."""
    return str(request.environ.get("HTTP_STRIPE_VERSION") or POLYMORPHIC) >= POLYMORPHIC


# Idempotency-Key


def key_of(request: Request) -> str:
    return request.environ.get("HTTP_IDEMPOTENCY_KEY", "") if request.method == "POST" else ""


def named_by(visit: Visit, made: Mapping[str, Any]) -> str:
    """What the caller knows a thing by: what it wrote on it, else the key it came under."""
    return next(iter(made["metadata"].values()), "") or key_of(visit.request)


def fingerprint(request: Request) -> str:
    """The endpoint and its parameters, in whatever order they came."""
    pairs = json.dumps(nested(request.body.decode("utf-8", "replace")), sort_keys=True)
    return hashlib.sha256(f"{request.path}\n{pairs}".encode()).hexdigest()


def kept_answer(visit: Visit) -> Response | None:
    """What this key was answered the first time, or the refusal where it came with something else then."""
    key = key_of(visit.request)
    kept = visit.store.get(NAME, "idempotency", key) if key else None
    if kept is None:
        return None
    if kept["fingerprint"] != fingerprint(visit.request):
        return error(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
            f"using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    headers = [("Idempotency-Key", key), ("Idempotent-Replayed", "true"), ("Original-Request", kept["request_id"])]
    return Response(kept["body"], kept["status"], "application/json", headers)


def keep_answer(store: Store, request: Request, response: Response) -> None:
    key = key_of(request)
    if not key:
        return
    body = response.body if isinstance(response.body, str) else response.body.decode()
    headers: Mapping[str, str] = dict(response.headers)
    kept = {
        "fingerprint": fingerprint(request),
        "status": response.status,
        "body": body,
        "request_id": headers.get("Request-Id", ""),
    }
    store.put(NAME, "idempotency", key, kept)
