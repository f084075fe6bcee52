"""Shopify's Admin API: GraphQL over one address, with its three ways to say no (status, errors, userErrors)."""

from __future__ import annotations

from typing import Any, Never

from integrations.providers import MENDING_WAIT, Answer, Line, json_body
from rewards.fulfilment import Retryable, Unknown

#: Each version is answered for a year after the next one came.
API_VERSION = "2026-01"
PATH = f"/admin/api/{API_VERSION}/graphql.json"
#: A store that is frozen, locked or paused says so by status; its owner mends it.
_STORE_CLOSED = frozenset({402, 423})


def ask(line: Line, document: str, variables: dict[str, Any], *, writes: bool = False) -> dict[str, Any]:
    """What stands under "data". Raises Retryable, Terminal or Unknown."""
    headers = {"content-type": "application/json", "x-shopify-access-token": line.credentials["admin_token"]}
    body = json_body({"query": document, "variables": variables})
    answer = line.call("POST", PATH, headers=headers, body=body, writes=writes)
    if not answer.is_success:
        _raise_for_status(line, answer)
    if errors := answer.rows_at("errors"):
        _raise_for_errors(line, answer, errors, writes)
    return answer.dict_at("data")


def _raise_for_status(line: Line, answer: Answer) -> Never:
    if answer.status in _STORE_CLOSED:
        line.note("shop_closed")
        raise Retryable("shop_closed", after=MENDING_WAIT)
    line.refused("shop_unknown" if answer.status == 404 else f"http_{answer.status}")


def _raise_for_errors(line: Line, answer: Answer, errors: list[dict[str, Any]], writes: bool) -> Never:
    """GraphQL says no with 200. "THROTTLED" and "ACCESS_DENIED" did nothing; an inner error may have."""
    first = errors[0]
    code = str((first.get("extensions") or {}).get("code", "")) if isinstance(first.get("extensions"), dict) else ""
    if code == "THROTTLED":
        raise Retryable("http_429", after=answer.retry_after or _restored_in(answer))
    if code == "ACCESS_DENIED":
        line.note("scope_missing")
        raise Retryable("scope_missing", after=MENDING_WAIT)
    if code == "INTERNAL_SERVER_ERROR":
        raise Unknown("http_500") if writes else Retryable("http_500")
    line.refused("shopify_refused", str(first.get("message", "")))


def _restored_in(answer: Answer) -> float | None:
    """Seconds until the bucket holds enough again: what is missing by what comes back each second."""
    cost = answer.dict_at("extensions", "cost")
    status = answer.dict_at("extensions", "cost", "throttleStatus")
    try:
        missing = int(cost["requestedQueryCost"]) - int(status["currentlyAvailable"])
        rate = int(status["restoreRate"])
    except (KeyError, TypeError, ValueError):
        return None
    return max(1.0, missing / rate) if rate > 0 else None
