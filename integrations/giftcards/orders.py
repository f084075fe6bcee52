"""Gift cards by an order API of Tremendous' shape: one order per reward, named by the reward's key.

``external_id`` makes an order one of its kind for ever: a second request with it is answered with the first order.
Needs an API key, and a campaign that says what the recipient may choose from.
"""

from __future__ import annotations

import json
import secrets
from typing import Any, Never
from urllib.parse import quote

from integrations.adapters import ServiceFulfiller
from integrations.models import Connection
from integrations.providers import MENDING_WAIT, Answer, Line
from kit.http import Method
from kit.units import plain_amount
from rewards.fulfilment import Delivered, FulfilmentOrder, Retryable, Unknown, Withdrawn

ORDERS = "/api/v2/orders"
REWARDS = "/api/v2/rewards"
#: The account's own balance: what most orders are paid from.
BALANCE = "balance"
_WAITING = frozenset({"CART", "PENDING APPROVAL", "PENDING INTERNAL PAYMENT APPROVAL"})


class GiftCard(ServiceFulfiller):
    kind = Connection.Kind.GIFT_CARDS
    needs = "api_key"

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        line = self.line()
        answer = _ask(line, "POST", ORDERS, _order_body(line, order), writes=True)
        if not answer.is_success:
            _refuse(line, answer)
        return _delivered(line, answer.dict_at("order"))

    def look_up(self, order: FulfilmentOrder) -> Delivered | None:
        """A first order that failed stays the answer for ever: it is told as what it is, a refusal."""
        line = self.line()
        found = _found(line, order)
        return _delivered(line, found) if found else None

    def withdraw(self, order: FulfilmentOrder, voucher: str) -> Withdrawn:
        """The service cancels what was not redeemed and may be cancelled at all; what it refuses counts as used."""
        line = self.line()
        found = _found(line, order)
        card = _card(found or {})
        if not card.get("id"):
            return Withdrawn.NOT_FOUND
        if _is_cancelled(found or {}, card):
            return Withdrawn.DISABLED
        answer = _ask(line, "POST", f"{REWARDS}/{quote(str(card['id']), safe='')}/cancel", b"{}", writes=True)
        if answer.is_success:
            return Withdrawn.DISABLED
        return Withdrawn.NOT_FOUND if answer.status == 404 else Withdrawn.USED

    def probe(self, line: Line) -> str:
        """The funding sources, with what is left where they say it."""
        answer = _ask(line, "GET", "/api/v2/funding_sources")
        if not answer.is_success:
            _refuse(line, answer)
        return ", ".join(str(row.get("method", "")) for row in answer.rows_at("funding_sources")[:5])


def _order_body(line: Line, order: FulfilmentOrder) -> bytes:
    """JSON whose one number is written digit by digit: the amount never becomes a float."""
    campaign = order.setting.get("campaign_id") or line.credentials.get("campaign_id", "")
    if not campaign:
        line.refused("campaign_missing")
    mark = secrets.token_hex(16)
    body = json.dumps(
        {
            "external_id": order.key,
            "payment": {"funding_source_id": order.setting.get("funding_source_id") or _usual_source(line)},
            "reward": {
                "campaign_id": campaign,
                "value": {"denomination": mark, "currency_code": order.unit},
                "recipient": {"name": order.recipient_name or order.recipient_email, "email": order.recipient_email},
                "delivery": {"method": "EMAIL"},
            },
        },
        separators=(",", ":"),
    )
    return body.replace(f'"{mark}"', plain_amount(order.amount_minor, order.unit)).encode("ascii")


def _usual_source(line: Line) -> str:
    return line.credentials.get("funding_source_id") or BALANCE


def _found(line: Line, order: FulfilmentOrder) -> dict[str, Any] | None:
    answer = _ask(line, "GET", f"{ORDERS}?external_id={quote(order.key, safe='')}")
    if not answer.is_success:
        _refuse(line, answer)
    rows = [row for row in answer.rows_at("orders") if row.get("external_id") == order.key]
    return rows[0] if rows else None


def _delivered(line: Line, told: dict[str, Any]) -> Delivered:
    """What an order's status means: only EXECUTED is with the person; one that waits for a hand may still become it."""
    status = str(told.get("status", ""))
    if status == "EXECUTED":
        return Delivered(voucher=str(_card(told).get("id") or told.get("id", "")))
    if status in _WAITING:
        line.note("awaits_approval")
        raise Unknown("awaits_approval")
    if status == "FAILED":
        line.refused("order_failed")
    if status == "CANCELED":
        line.refused("order_cancelled")
    raise Unknown("answer_unreadable")


def _card(told: dict[str, Any]) -> dict[str, Any]:
    rows = told.get("rewards")
    first = rows[0] if isinstance(rows, list) and rows else told.get("reward")
    return first if isinstance(first, dict) else {}


def _is_cancelled(told: dict[str, Any], card: dict[str, Any]) -> bool:
    delivery = card.get("delivery")
    return told.get("status") == "CANCELED" or (isinstance(delivery, dict) and delivery.get("status") == "CANCELED")


def _ask(line: Line, method: Method, path: str, body: bytes = b"", *, writes: bool = False) -> Answer:
    headers = {"authorization": f"Bearer {line.credentials['api_key']}"}
    if body:
        headers["content-type"] = "application/json"
    return line.call(method, path, headers=headers, body=body, writes=writes)


def _refuse(line: Line, answer: Answer) -> Never:
    """402: nothing was ordered, because the account does not hold enough. Somebody fills it and the reward comes."""
    errors = answer.dict_at("errors")
    if answer.status == 402 or "insufficient" in str(errors.get("message", "")).lower():
        line.note("no_funds")
        raise Retryable("no_funds", after=MENDING_WAIT)
    line.refused("giftcards_refused", _words(errors))


def _words(errors: dict[str, Any]) -> str:
    """Their sentence and the fields it is about."""
    payload = errors.get("payload")
    fields = json.dumps(payload, default=str)[:200] if payload else ""
    return f"{errors.get('message', '')} {fields}".strip()
