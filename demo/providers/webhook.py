"""A merchant's own receiver of reward webhooks: gives once per `webhook-id`, as Standard Webhooks ask for."""

import json
from typing import Any

from demo.shop.http import Response, json_response, route

from .provider import Provider, Visit
from .store import Gift, Store

TAKES_BACK = frozenset({"reward.take_back", "coupon.disable"})


def problem(message: str, status: int) -> Response:
    return json_response({"error": message}, status=status)


def receive(visit: Visit, place: str = "") -> Response:
    """A repeated id gets the first answer again, and nothing more is given."""
    message = visit.request.environ.get("HTTP_WEBHOOK_ID", "")
    if not message:
        return problem("The header webhook-id is missing.", 400)
    kept = visit.store.get(Webhook.name, "message", message)
    is_back = type_in(visit.request.body) in TAKES_BACK
    return json_response(kept or (take_back if is_back else accept)(visit, message))


def take_back(visit: Visit, message: str) -> dict[str, Any]:
    """What was not used yet is not there any more; says what became of it."""
    found = visit.store.gifts_called(Webhook.name, str(data_in(visit.request.body).get("delivered_id") or ""))
    for gift in found:
        visit.store.disable(Webhook.name, gift["object"])
    state = "used" if any(gift["used"] for gift in found) else "taken_back" if found else "unknown"
    return visit.store.put(Webhook.name, "message", message, {"state": state})


def accept(visit: Visit, message: str) -> dict[str, Any]:
    """Answers the id of what was given, and a coupon where one was asked for."""
    number = visit.store.new_id()
    answer = {"id": f"wh_{number}"}
    if type_in(visit.request.body) == "coupon.create":
        answer["code"] = f"SIM-{number}"
    visit.store.give(Webhook.name, gift_in(visit.request.body, answer, message))
    return visit.store.put(Webhook.name, "message", message, answer)


def gift_in(body: bytes, answer: dict[str, str], message: str) -> Gift:
    """As far as the body tells: a receiver takes whatever is sent."""
    data = data_in(body)
    amount, recipient = data.get("amount_minor", data.get("amount")), data.get("recipient")
    email = recipient.get("email") if isinstance(recipient, dict) else data.get("email")
    return Gift(
        object=answer["id"],
        key=message,
        kind=type_in(body) or Webhook.name,
        amount=amount if isinstance(amount, int) else 1,
        unit=str(data.get("unit") or data.get("currency") or ""),
        recipient=str(email or ""),
        voucher=answer.get("code", answer["id"]),
        notes=tuple((name, value) for name, value in data.items() if isinstance(value, str)),
    )


def type_in(body: bytes) -> str:
    return str(message_in(body).get("type") or "")


def data_in(body: bytes) -> dict[str, Any]:
    data = message_in(body).get("data")
    return data if isinstance(data, dict) else {}


def message_in(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


class Webhook(Provider):
    name = "webhook"
    title = "Webhook receiver"
    routes = [route("POST", "/<place>", receive), route("POST", "/", receive)]
    refusals = {
        "unprocessable": lambda visit: problem("This cannot be given.", 422),
        "gone": lambda visit: problem("Nobody lives here any more.", 410),
        "unauthorized": lambda visit: problem("The signature does not fit.", 401),
    }

    def refuse_stranger(self, visit: Visit) -> Response | None:
        return None

    def not_found(self, visit: Visit) -> Response:
        return problem("There is nothing here.", 404)

    def limited(self, visit: Visit) -> Response:
        return problem("Too many requests.", 429)

    def broken(self, visit: Visit) -> Response:
        return problem("Something broke.", 500)

    def use(self, store: Store, voucher: str) -> bool:
        found = store.gifts_called(self.name, voucher)
        for gift in found:
            store.mark_used(self.name, gift["object"])
        return bool(found)
