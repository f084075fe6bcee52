"""A gift card service of Tremendous' shape: orders that an `external_id` keeps from being doubled, rewards, funds."""

import secrets
import string
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from demo.shop.http import BadRequest, Response, json_response, route

from .provider import Provider, Visit, minor_units
from .store import Gift, Store

NAME = "giftcards"
TOKEN = "TEST_demo"
BALANCE_ID, CAMPAIGN_ID = "BALANCEDEMO1", "CAMPAIGNDEMO"
FUNDS = 1_000_000_00  # what the account begins with, in cents
METHODS = ("EMAIL", "LINK", "PHONE")
#: Mail to addresses that begin so cannot be delivered.
BOUNCING = "bounce"
ALPHABET = string.ascii_uppercase + string.digits


class Problem(Exception):
    def __init__(self, message: str, *, status: int = 422, payload: Mapping[str, Any] | None = None) -> None:
        self.response = problem(message, status, payload)


def problem(message: str, status: int, payload: Mapping[str, Any] | None = None) -> Response:
    return json_response({"errors": {"message": message, "payload": payload or {}}}, status=status)


def wrong(payload: Mapping[str, Any]) -> Problem:
    """`payload` names the fields as the request did, with what is wrong at the innermost place."""
    return Problem("Order failed: validation failure", payload=payload)


def new_id() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


def moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Orders


def create_order(visit: Visit) -> Response:
    """201 says: this external_id was there before, here is its order; nothing new was made."""
    body, store = visit.request.json, visit.store
    external = body.get("external_id")
    known = store.named(NAME, "order", str(external)) if external else []
    if known:
        return json_response({"order": known[-1]}, status=201)
    wish, cents = wish_in(body)
    if cents > funds(store):
        return insufficient_funds(visit)
    order = order_from(body, wish)
    store.put(NAME, "order", order["id"], order, name=str(external or ""))
    store.put(NAME, "reward", order["rewards"][0]["id"], order["rewards"][0], name=order["id"])
    store.give(NAME, gift_of(order, cents))
    return json_response({"order": order})


def wish_in(body: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """The one reward that is ordered, checked, and its value in minor units."""
    payment = body.get("payment")
    source = payment.get("funding_source_id") if isinstance(payment, dict) else None
    if not source:
        raise wrong({"payment": {"funding_source_id": "Your request was missing a funding_source_id."}})
    if str(source) not in ("balance", BALANCE_ID):
        raise wrong({"payment": {"funding_source_id": "There is no such funding source in your account."}})
    several = body.get("rewards")
    wish = body.get("reward") or (several[0] if isinstance(several, list) and len(several) == 1 else None)
    if not isinstance(wish, dict):
        raise wrong({"reward": "Your request was missing a reward."})
    check_recipient(wish)
    return wish, cents_in(wish)


def check_recipient(wish: Mapping[str, Any]) -> None:
    if not wish.get("campaign_id") and not wish.get("products"):
        raise wrong({"reward": {"campaign_id": "Either products or campaign_id must be specified."}})
    delivery, recipient = wish.get("delivery") or {}, wish.get("recipient") or {}
    method = delivery.get("method") if isinstance(delivery, dict) else None
    if method not in METHODS:
        raise wrong({"reward": {"delivery": {"method": f"Must be one of {', '.join(METHODS)}."}}})
    email = str(recipient.get("email") or "") if isinstance(recipient, dict) else ""
    if method == "EMAIL" and "@" not in email:
        raise wrong({"reward": {"recipient": {"email": "A valid email is needed for delivery by email."}}})


def cents_in(wish: Mapping[str, Any]) -> int:
    value = wish.get("value")
    if not isinstance(value, dict) or not str(value.get("currency_code") or "").isalpha():
        raise wrong({"reward": {"value": {"currency_code": "Your request was missing a currency_code."}}})
    try:
        cents = minor_units(value.get("denomination"), str(value["currency_code"]).upper())
    except ValueError:
        raise wrong({"reward": {"value": {"denomination": "This is not a valid amount."}}}) from None
    if not 0 < cents <= 2_000_00:
        raise wrong({"reward": {"value": {"denomination": "Must be between 0.01 and 2000."}}})
    return cents


def order_from(body: Mapping[str, Any], wish: Mapping[str, Any]) -> dict[str, Any]:
    order, value = new_id(), wish["value"]
    total = float(str(value["denomination"]))
    return {
        "id": order,
        "external_id": body.get("external_id"),
        "campaign_id": wish.get("campaign_id"),
        "created_at": moment(),
        "status": "EXECUTED",
        "channel": "API",
        "payment": {"subtotal": total, "total": total, "fees": 0.0, "discount": 0.0},
        "invoice_id": None,
        "rewards": [reward_from(order, wish)],
    }


def reward_from(order: str, wish: Mapping[str, Any]) -> dict[str, Any]:
    key, method = new_id(), wish["delivery"]["method"]
    link = {"link": f"https://testflight.tremendous.com/rewards/payout/{key.lower()}"} if method == "LINK" else {}
    recipient = wish.get("recipient") or {}
    return {
        "id": key,
        "order_id": order,
        "created_at": moment(),
        "campaign_id": wish.get("campaign_id"),
        "products": wish.get("products"),
        "value": {
            "denomination": float(str(wish["value"]["denomination"])),
            "currency_code": str(wish["value"]["currency_code"]).upper(),
        },
        "recipient": {name: recipient.get(name) for name in ("name", "email", "phone")},
        "delivery": {"method": method, "status": delivered(str(recipient.get("email") or "")), **link},
        "custom_fields": wish.get("custom_fields") or [],
    }


def delivered(email: str) -> str:
    return "FAILED" if email.startswith(BOUNCING) else "SUCCEEDED"


def gift_of(order: Mapping[str, Any], cents: int) -> Gift:
    reward = order["rewards"][0]
    return Gift(
        object=reward["id"],
        key=str(order["external_id"] or ""),
        kind="gift_card",
        amount=cents,
        unit=reward["value"]["currency_code"],
        recipient=reward["recipient"]["email"] or "",
        voucher=reward["delivery"].get("link") or reward["id"],
        notes=(("order", order["id"]), ("campaign_id", str(order["campaign_id"] or ""))),
    )


def list_orders(visit: Visit) -> Response:
    query, store = visit.request.query, visit.store
    external = query.get("external_id")
    found = store.named(NAME, "order", external) if external else store.all(NAME, "order", limit=1000)
    start, limit = number(query, "offset", 0), min(number(query, "limit", 10), 100)
    return json_response({"orders": found[start : start + limit], "total_count": len(found)})


def number(query: Mapping[str, str], name: str, otherwise: int) -> int:
    given = query.get(name, "")
    return int(given) if given.isdigit() else otherwise


def get_order(visit: Visit, key: str) -> Response:
    """By its own id or the caller's external_id."""
    found = visit.store.get(NAME, "order", key)
    named = visit.store.named(NAME, "order", key)
    if found is None and not named:
        raise Problem("Record not found", status=404)
    return json_response({"order": found or named[-1]})


# Rewards


def get_reward(visit: Visit, key: str) -> Response:
    return json_response({"reward": reward_by_id(visit.store, key)})


def reward_by_id(store: Store, key: str) -> dict[str, Any]:
    found = store.get(NAME, "reward", key)
    if found is None:
        raise Problem("Record not found", status=404)
    return found


def cancel_reward(visit: Visit, key: str) -> Response:
    """Only what nobody has opened can be taken back. The order is cancelled with its only reward.

    The real service may be stricter: its reference promises this only for cards whose delivery failed.
    """
    store, reward = visit.store, reward_by_id(visit.store, key)
    if any(gift["used"] or gift["disabled"] for gift in store.gifts_called(NAME, key)):
        raise Problem("Reward cannot be canceled", payload={"id": "It was redeemed or canceled before."})
    order = store.get(NAME, "order", reward["order_id"]) or {}
    delivery = {name: value for name, value in reward["delivery"].items() if name != "link"}
    changed = store.put(NAME, "reward", key, reward | {"delivery": delivery | {"status": "CANCELED"}}, name=order["id"])
    refund = {"refund": {"total": order["payment"]["total"]}}
    order |= {"status": "CANCELED", "rewards": [changed], "payment": order["payment"] | refund}
    store.put(NAME, "order", order["id"], order, name=str(order["external_id"] or ""))
    store.disable(NAME, key)
    return json_response({"reward": changed})


# The account


def funds(store: Store) -> int:
    """What is left of the balance, in cents; what was cancelled came back."""
    sql = "SELECT coalesce(sum(amount), 0) FROM gift WHERE provider = ? AND NOT disabled"
    return FUNDS - int(store.db.execute(sql, [NAME]).fetchone()[0])


def funding_sources(visit: Visit) -> Response:
    balance = {
        "id": BALANCE_ID,
        "method": "balance",
        "type": "available",
        "usage_permissions": ["api_orders", "dashboard_orders", "balance_funding"],
        "meta": {"available_cents": funds(visit.store), "pending_cents": 0},
    }
    return json_response({"funding_sources": [balance]})


def campaigns(visit: Visit) -> Response:
    campaign = {"id": CAMPAIGN_ID, "name": "Nordlicht thank you", "description": None, "products": ["OKMHM2X2OHYV"]}
    return json_response({"campaigns": [campaign]})


def insufficient_funds(visit: Visit) -> Response:
    return problem("Order failed: insufficient funds", 402, {"payment": "Your balance does not cover this order."})


class GiftCards(Provider):
    name = NAME
    title = "Gift cards"
    routes = [
        route("POST", "/api/v2/orders", create_order),
        route("GET", "/api/v2/orders", list_orders),
        route("GET", "/api/v2/orders/<key>", get_order),
        route("GET", "/api/v2/rewards/<key>", get_reward),
        route("POST", "/api/v2/rewards/<key>/cancel", cancel_reward),
        route("GET", "/api/v2/funding_sources", funding_sources),
        route("GET", "/api/v2/campaigns", campaigns),
    ]
    refusals: ClassVar[Mapping[str, Any]] = {
        "insufficient_funds": insufficient_funds,
        "campaign": lambda visit: wrong({"reward": {"campaign_id": "There is no such campaign."}}).response,
        "forbidden": lambda visit: problem("You are not allowed to do this.", 403),
    }

    def refuse_stranger(self, visit: Visit) -> Response | None:
        given = visit.request.environ.get("HTTP_AUTHORIZATION", "")
        return None if given == f"Bearer {TOKEN}" else problem("You need to authenticate before making requests.", 401)

    def answer(self, visit: Visit) -> Response:
        try:
            return super().answer(visit)
        except Problem as wrong_one:
            return wrong_one.response
        except BadRequest as unreadable:
            return problem(str(unreadable), 400)

    def not_found(self, visit: Visit) -> Response:
        return problem("Not found", 404)

    def limited(self, visit: Visit) -> Response:
        """The one place where the service says `error`, not `errors`."""
        return json_response({"error": {"message": "Too many requests", "payload": {}}}, status=429)

    def broken(self, visit: Visit) -> Response:
        return problem("Internal server error", 500)

    def use(self, store: Store, voucher: str) -> bool:
        found = store.gifts_called(NAME, voucher)
        usable = [gift for gift in found if not gift["disabled"] and not gift["used"]]
        for gift in usable:
            store.mark_used(NAME, gift["object"])
        return bool(usable)
