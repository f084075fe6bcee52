"""Stripe's customers, their subscriptions and their balance."""

from collections.abc import Mapping
from typing import Any

from demo.shop.http import BadRequest, Response, Route, json_response, route

from .provider import Visit
from .store import Gift, Store
from .stripe_api import (
    NAME,
    Problem,
    a_list,
    fields_of,
    metadata,
    missing,
    named_by,
    new_id,
    no_such,
    now,
    whole_number,
)

#: Everybody is a customer who is asked for, with a subscription of this price, but for addresses that begin so.
STRANGER = "nobody"
PRICE, CURRENCY = 1900, "eur"
DAY = 86_400


def list_customers(visit: Visit) -> Response:
    fields = fields_of(visit)
    email = str(fields.get("email") or "")
    if email and not visit.store.named(NAME, "customer", email) and not email.startswith(STRANGER):
        make_customer(visit.store, email, price=PRICE, currency=CURRENCY)
    found = visit.store.named(NAME, "customer", email) if email else visit.store.all(NAME, "customer")
    return a_list(found, fields, "/v1/customers")


def make_customer(store: Store, email: str, *, price: int, currency: str, name: str = "") -> dict[str, Any]:
    """With a monthly subscription, where there is a price."""
    customer = new_customer(store, {"email": email, "name": name}, currency=currency if price else None)
    if price:
        subscribe(store, customer["id"], price, currency)
    return customer


def new_customer(store: Store, fields: Mapping[str, Any], *, currency: str | None = None) -> dict[str, Any]:
    key = new_id("cus")
    customer = {
        "id": key,
        "object": "customer",
        "balance": 0,
        "created": now(),
        "currency": currency,
        "delinquent": False,
        "description": fields.get("description") or None,
        "email": fields.get("email") or None,
        "livemode": False,
        "metadata": metadata(dict(fields)),
        "name": fields.get("name") or None,
        "phone": None,
    }
    return store.put(NAME, "customer", key, customer, name=str(fields.get("email") or ""))


def subscribe(store: Store, customer: str, amount: int, currency: str) -> None:
    price = {
        "id": new_id("price"),
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": now(),
        "currency": currency,
        "livemode": False,
        "metadata": {},
        "product": new_id("prod"),
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        "type": "recurring",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
    store.put(NAME, "price", str(price["id"]), price)
    key = new_id("sub")
    item = {
        "id": new_id("si"),
        "object": "subscription_item",
        "created": now(),
        "current_period_end": now() + 30 * DAY,
        "current_period_start": now(),
        "metadata": {},
        "price": price,
        "quantity": 1,
        "subscription": key,
    }
    subscription = {
        "id": key,
        "object": "subscription",
        "cancel_at_period_end": False,
        "collection_method": "charge_automatically",
        "created": now(),
        "currency": currency,
        "customer": customer,
        "items": {
            "object": "list",
            "data": [item],
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={key}",
        },
        "livemode": False,
        "metadata": {},
        "start_date": now(),
        "status": "active",
    }
    store.put(NAME, "subscription", key, subscription, name=customer)


def create_customer(visit: Visit) -> Response:
    return json_response(new_customer(visit.store, fields_of(visit)))


def get_customer(visit: Visit, key: str) -> Response:
    return json_response(customer_by_id(visit.store, key))


def customer_by_id(store: Store, key: str) -> dict[str, Any]:
    found = store.get(NAME, "customer", key)
    if found is None:
        raise no_such("customer", key)
    return found


def list_subscriptions(visit: Visit) -> Response:
    """All but ended ones where no status is asked for."""
    fields = fields_of(visit)
    customer, status = str(fields.get("customer") or ""), str(fields.get("status") or "")
    named = visit.store.named(NAME, "subscription", customer)
    found = named if customer else visit.store.all(NAME, "subscription")
    if status != "all":
        found = [row for row in found if (row["status"] == status if status else row["status"] != "canceled")]
    return a_list(found, fields, "/v1/subscriptions")


def get_subscription(visit: Visit, key: str) -> Response:
    return one_of(visit, "subscription", key)


def get_price(visit: Visit, key: str) -> Response:
    return one_of(visit, "price", key)


def one_of(visit: Visit, kind: str, key: str) -> Response:
    found = visit.store.get(NAME, kind, key)
    if found is None:
        raise no_such(kind, key)
    return json_response(found)


# The balance: below zero is credit


def add_to_balance(visit: Visit, key: str) -> Response:
    fields, customer = fields_of(visit), customer_by_id(visit.store, key)
    amount = whole_number(fields, "amount", least=-99_999_999)
    if amount is None:
        raise missing("amount")
    currency = str(fields.get("currency") or "").lower()
    if not currency:
        raise missing("currency")
    if customer["currency"] not in (None, currency):
        raise Problem(
            f"This customer's currency is {customer['currency']}: you cannot combine currencies on a single customer.",
            saved=True,
            param="currency",
        )
    made = entry(fields, customer, amount, currency)
    changed = customer | {"balance": made["ending_balance"], "currency": currency}
    visit.store.put(NAME, "customer", key, changed, name=customer["email"] or "")
    visit.store.put(NAME, "balance", made["id"], made, name=key)
    visit.store.give(NAME, credit(visit, customer, made))
    return json_response(made)


def entry(fields: Mapping[str, Any], customer: Mapping[str, Any], amount: int, currency: str) -> dict[str, Any]:
    return {
        "id": new_id("cbtxn"),
        "object": "customer_balance_transaction",
        "amount": amount,
        "checkout_session": None,
        "created": now(),
        "credit_note": None,
        "currency": currency,
        "customer": customer["id"],
        "description": fields.get("description") or None,
        "ending_balance": customer["balance"] + amount,
        "invoice": None,
        "livemode": False,
        "metadata": metadata(dict(fields)),
        "type": "adjustment",
    }


def credit(visit: Visit, customer: Mapping[str, Any], made: Mapping[str, Any]) -> Gift:
    return Gift(
        object=made["id"],
        key=named_by(visit, made),
        kind="balance",
        amount=-made["amount"],
        unit=made["currency"].upper(),
        recipient=customer["email"] or "",
        voucher=made["id"],
        notes=tuple(made["metadata"].items()),
    )


def list_balance(visit: Visit, key: str) -> Response:
    customer_by_id(visit.store, key)
    rows = visit.store.named(NAME, "balance", key)
    return a_list(rows, fields_of(visit), f"/v1/customers/{key}/balance_transactions")


def get_balance_entry(visit: Visit, key: str, entry_key: str) -> Response:
    found = visit.store.get(NAME, "balance", entry_key)
    if found is None or found["customer"] != key:
        raise no_such("customer balance transaction", entry_key)
    return json_response(found)


def customer_from(store: Store, values: Any) -> None:
    """As the control API tells of one: {"email": ..., "price": minor units a month, 0 for none, "currency": ...}."""
    if not isinstance(values, Mapping) or not values.get("email"):
        raise BadRequest("A customer needs an email.")
    price = values.get("price", PRICE)
    if not str(price).isdigit():
        raise BadRequest("The price is a whole number of minor units.")
    currency, name = str(values.get("currency") or CURRENCY).lower(), str(values.get("name") or "")
    make_customer(store, str(values["email"]), price=int(price), currency=currency, name=name)


ROUTES: list[Route] = [
    route("GET", "/v1/customers", list_customers),
    route("POST", "/v1/customers", create_customer),
    route("GET", "/v1/customers/<key>", get_customer),
    route("GET", "/v1/customers/<key>/balance_transactions", list_balance),
    route("POST", "/v1/customers/<key>/balance_transactions", add_to_balance),
    route("GET", "/v1/customers/<key>/balance_transactions/<entry_key>", get_balance_entry),
    route("GET", "/v1/subscriptions", list_subscriptions),
    route("GET", "/v1/subscriptions/<key>", get_subscription),
    route("GET", "/v1/prices/<key>", get_price),
]
