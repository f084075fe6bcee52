"""From an event of Stripe's to a fact of one order, or to the card it was paid with. Pure: the event in, a fact or the
reason why not out.

Stripe knows payments, not orders. Which order it is, the dispute's metadata says ("order_id"); else the id of the
payment itself is taken for the order's, as shops do that tell us of orders by it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from integrations.stripe.amounts import NotAtStripe, from_stripe
from integrations.understanding import NotUnderstood, Understood
from kit.money import is_currency
from kit.text import clean_json
from tracking.facts import OrderKey, TraceIn
from tracking.rules import DisputeStatus, Fact, FactKind

#: Orders of the API: that is where shops tell them that are paid at Stripe.
PLATFORM = "api"
#: Tells nothing but which card an order was paid with.
PAID = "charge.succeeded"
TOPICS = frozenset({"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", PAID})
LONGEST_ID = 120
#: What was refunded in place of a dispute is told as a refund.
_KEPT = frozenset({"won", "warning_closed", "prevented"})


def understand(topic: str, payload: Any) -> Understood:
    """Raises NotUnderstood."""
    event = clean_json(payload)
    data = event.get("data") if isinstance(event, dict) else None
    dispute = data.get("object") if isinstance(data, dict) else None
    if not isinstance(dispute, dict):
        raise NotUnderstood("not_an_object")
    if topic not in TOPICS:
        raise NotUnderstood("unknown_topic")
    if topic == PAID:
        return _paid(dispute)
    return Understood(_orders(dispute), _fact(event, dispute))


def _paid(charge: dict[str, Any]) -> Understood:
    """The card's fingerprint is the same for every payment with it; the shop says which order by its metadata."""
    orders = _orders({**charge, "charge": charge.get("id")})
    metadata = charge.get("metadata")
    is_named = isinstance(metadata, dict) and orders[0].external_id == metadata.get("order_id")
    return Understood(orders, None, TraceIn(payment_fingerprint=_fingerprint(charge)), is_named)


def _fingerprint(charge: dict[str, Any]) -> str:
    """Of a card, or of the account a direct debit was taken from."""
    details = charge.get("payment_method_details")
    kinds = [details.get(str(details.get("type")))] if isinstance(details, dict) else []
    told = next((kind.get("fingerprint") for kind in kinds if isinstance(kind, dict)), "")
    return told if isinstance(told, str) and len(told) <= LONGEST_ID else ""


def _orders(dispute: dict[str, Any]) -> tuple[OrderKey, ...]:
    metadata = dispute.get("metadata")
    told = metadata.get("order_id") if isinstance(metadata, dict) else None
    ids = [told, _id_of(dispute.get("payment_intent")), _id_of(dispute.get("charge"))]
    found = [one for one in ids if isinstance(one, str) and 0 < len(one) <= LONGEST_ID]
    if not found:
        raise NotUnderstood("no_id")
    return tuple(OrderKey(PLATFORM, one) for one in dict.fromkeys(found))


def _id_of(value: Any) -> Any:
    """An id, or the whole object where it was expanded."""
    return value.get("id") if isinstance(value, dict) else value


def _fact(event: dict[str, Any], dispute: dict[str, Any]) -> Fact:
    key = dispute.get("id")
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_ID:
        raise NotUnderstood("no_id")
    currency = str(dispute.get("currency") or "").upper()
    if not is_currency(currency):
        raise NotUnderstood("unknown_currency")
    opened_at = _moment(dispute.get("created"))
    data = {
        "status": _status(dispute.get("status")),
        "amount_minor": _amount(dispute.get("amount"), currency),
        "currency": currency,
        "opened_at": opened_at.isoformat(),
    }
    return Fact(FactKind.DISPUTE, key, _moment(event.get("created")), data)


def _status(told: Any) -> DisputeStatus:
    """Early warnings are disputes too: nothing is given while the bank asks."""
    if told == "lost":
        return DisputeStatus.LOST
    if told in _KEPT:
        return DisputeStatus.WON
    if not isinstance(told, str) or not told:
        raise NotUnderstood("unknown_status")
    return DisputeStatus.OPENED


def _amount(told: Any, currency: str) -> int | None:
    if not isinstance(told, int) or isinstance(told, bool) or told < 0:
        raise NotUnderstood("bad_amount")
    try:
        return from_stripe(told, currency) or None
    except NotAtStripe as error:
        raise NotUnderstood("bad_amount") from error


def _moment(told: Any) -> datetime:
    if not isinstance(told, int) or isinstance(told, bool) or not 0 < told < 10**11:
        raise NotUnderstood("no_time")
    return datetime.fromtimestamp(told, UTC)
