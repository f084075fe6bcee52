"""Stripe's API by our own client: form-encoded calls of one pinned version, idempotency keys, errors by their codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Never
from urllib.parse import urlencode

from integrations.providers import MENDING_WAIT, Answer, Line
from rewards.fulfilment import Retryable, Unknown

#: The version whose parameters and answers the tests compare with the types of Stripe's own package.
API_VERSION = "2026-10-28.endive"
#: Carries the reward's key on everything we make.
META_KEY = "referral_reward"
_CLOSED = frozenset({"account_closed", "account_invalid", "api_key_expired", "platform_api_key_expired"})


def read(line: Line, path: str, params: Mapping[str, Any] | None = None) -> Answer:
    """GET. The caller judges 404; everything else that is no success is raised."""
    query = f"?{urlencode(_flat(params))}" if params else ""
    answer = line.call("GET", path + query, headers=_headers(line))
    if not answer.is_success and answer.status != 404:
        refuse(line, answer)
    return answer


def write(line: Line, path: str, params: Mapping[str, Any], *, key: str) -> Answer:
    """POST under an idempotency key. The caller judges what is refused; see ``refuse``.

    Stripe keeps the first outcome of a key for a day, a failure of its own too. Such an echo means that the first try
    ended in failure: the same is asked once more under a second key. While the first is under way, nothing is echoed.
    """
    try:
        answer = _post(line, path, params, key)
    except _Echo:
        try:
            answer = _post(line, path, params, f"{key}-2")
        except _Echo as echo:
            raise Unknown("http_500") from echo
    if error_of(answer).get("type") == "idempotency_error":
        # Another amount was asked for under this key: whether that was done, only a look can tell.
        raise Unknown("idempotency_error")
    return answer


class _Echo(Exception):
    pass


def _post(line: Line, path: str, params: Mapping[str, Any], key: str) -> Answer:
    headers = {
        **_headers(line),
        "content-type": "application/x-www-form-urlencoded",
        "idempotency-key": key,
    }
    try:
        return line.call("POST", path, headers=headers, body=urlencode(_flat(params)).encode(), writes=True)
    except Unknown as unknown:
        if line.last_headers.get("idempotent-replayed") == "true":
            raise _Echo from unknown
        raise


def error_of(answer: Answer) -> dict[str, Any]:
    return answer.dict_at("error")


def refuse(line: Line, answer: Answer) -> Never:
    """Raise what a refusal means: an account that is closed can be mended, a parameter cannot."""
    error = error_of(answer)
    if error.get("code") in _CLOSED:
        line.note("account_closed")
        raise Retryable("account_closed", after=MENDING_WAIT)
    line.refused("stripe_refused", str(error.get("message", "")))


def _headers(line: Line) -> dict[str, str]:
    return {"authorization": f"Bearer {line.credentials['secret_key']}", "stripe-version": API_VERSION}


def _flat(params: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    return list(_pairs(params or {}, ""))


def _pairs(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """``{"a": {"b": 1}}`` is written a[b]=1, as Stripe reads forms."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _pairs(inner, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif value is not None:
        yield name, str(value)
