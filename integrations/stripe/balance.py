"""Credit on a customer's balance at Stripe, used up by their next invoices: an amount, or months of their subscription.

Stripe forgets idempotency keys after a day, so a later try first looks through the customer's balance transactions for
one that carries the reward's key. Needs a key that may write customers and read subscriptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integrations.models import Connection
from integrations.providers import Line
from integrations.stripe.amounts import NotAtStripe, to_stripe
from integrations.stripe.client import META_KEY, read, refuse, write
from integrations.stripe.promotions import StripeFulfiller
from kit.money import divide_half_even
from kit.units import MONTHS
from rewards.fulfilment import Delivered, FulfilmentOrder, Unknown, Withdrawn

CUSTOMERS = "/v1/customers"
SUBSCRIPTIONS = "/v1/subscriptions"
#: Marks what takes a credit back.
BACK_KEY = "referral_reward_back"
PAGE, MOST_PAGES = 100, 10
_RUNNING = frozenset({"active", "trialing", "past_due"})
_MONTHS_IN = {"month": 1, "year": 12}


class StripeBalance(StripeFulfiller):
    kind = Connection.Kind.STRIPE
    asks = CUSTOMERS

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        line = self.line()
        customer = _customer(line, order)
        if customer is None:
            line.refused("customer_unknown")
        amount, currency = _credit(line, order, customer)
        params = {
            "amount": -amount,
            "currency": currency,
            "description": order.setting.get("name") or None,
            "metadata": {META_KEY: order.key},
        }
        answer = write(line, _transactions(customer), params, key=order.key)
        if not answer.is_success:
            refuse(line, answer)
        if not answer.dict_at().get("id"):
            raise Unknown("answer_unreadable")
        return Delivered(voucher=str(answer.dict_at()["id"]))

    def look_up(self, order: FulfilmentOrder) -> Delivered | None:
        line = self.line()
        customer = _customer(line, order)
        found = _carrying(line, customer, META_KEY, order.key) if customer else None
        return Delivered(voucher=str(found["id"])) if found else None

    def withdraw(self, order: FulfilmentOrder, voucher: str) -> Withdrawn:
        """Taken back while the customer's balance still holds all of it; once a part is spent, it counts as used."""
        line = self.line()
        customer = _customer(line, order)
        credit = _carrying(line, customer, META_KEY, order.key) if customer else None
        if customer is None or credit is None:
            return Withdrawn.NOT_FOUND
        if _carrying(line, customer, BACK_KEY, order.key):
            return Withdrawn.DISABLED
        amount = -int(credit["amount"])
        if int(customer.get("balance") or 0) > -amount:
            return Withdrawn.USED
        params = {"amount": amount, "currency": credit["currency"], "metadata": {BACK_KEY: order.key}}
        answer = write(line, _transactions(customer), params, key=f"{order.key}-back")
        if not answer.is_success:
            refuse(line, answer)
        return Withdrawn.DISABLED


def _customer(line: Line, order: FulfilmentOrder) -> dict[str, Any] | None:
    """By Stripe's own id where the shop told one, else by e-mail, which Stripe compares with its case."""
    if order.recipient_external_id.startswith("cus_") and order.recipient_external_id[4:].isalnum():
        found = read(line, f"{CUSTOMERS}/{order.recipient_external_id}").dict_at()
        if found.get("id") and not found.get("deleted"):
            return found
    for email in dict.fromkeys([order.recipient_email, order.recipient_email.lower()]):
        rows = read(line, CUSTOMERS, {"email": email, "limit": 10}).rows_at("data")
        if rows:
            return rows[0] if len(rows) == 1 else _the_one_subscribed(line, rows)
    return None


def _the_one_subscribed(line: Line, customers: list[dict[str, Any]]) -> dict[str, Any]:
    """Shops make a second customer for one person easily; the credit belongs where an invoice will come."""
    subscribed = [customer for customer in customers if _running(line, customer)]
    if len(subscribed) != 1:
        line.refused("several_customers")
    return subscribed[0]


def _running(line: Line, customer: dict[str, Any]) -> list[dict[str, Any]]:
    rows = read(line, SUBSCRIPTIONS, {"customer": customer["id"], "limit": 10}).rows_at("data")
    return [row for row in rows if row.get("status") in _RUNNING]


def _credit(line: Line, order: FulfilmentOrder, customer: dict[str, Any]) -> tuple[int, str]:
    """Amount in Stripe's units, and currency in its spelling."""
    if order.unit == MONTHS:
        return _months(line, order.amount_minor, customer)
    try:
        return to_stripe(order.amount_minor, order.unit), order.unit.lower()
    except NotAtStripe:
        line.refused("stripe_amount_step")


def _months(line: Line, months: int, customer: dict[str, Any]) -> tuple[int, str]:
    """What the subscription costs for so many months; a year's price by twelfths, each item rounded once."""
    running = _running(line, customer)
    if len(running) != 1:
        line.refused("several_subscriptions" if running else "no_subscription")
    subscription = running[0]
    total = sum(_price_for(line, item, months) for item in _items(subscription))
    if total <= 0:
        line.refused("price_unclear")
    return total, str(subscription.get("currency", ""))


def _price_for(line: Line, item: dict[str, Any], months: int) -> int:
    told = item.get("price")
    price: dict[str, Any] = told if isinstance(told, dict) else {}
    recurring = price.get("recurring") or {}
    period = _MONTHS_IN.get(str(recurring.get("interval")), 0) * int(recurring.get("interval_count") or 1)
    unit_amount = price.get("unit_amount")
    if not period or not isinstance(unit_amount, int) or recurring.get("usage_type") == "metered":
        line.refused("price_unclear")
    return divide_half_even(unit_amount * int(item.get("quantity") or 1) * months, period)


def _items(subscription: dict[str, Any]) -> list[dict[str, Any]]:
    rows = (subscription.get("items") or {}).get("data") or []
    return [row for row in rows if isinstance(row, dict)]


def _transactions(customer: dict[str, Any]) -> str:
    return f"{CUSTOMERS}/{customer['id']}/balance_transactions"


def _carrying(line: Line, customer: dict[str, Any], name: str, key: str) -> dict[str, Any] | None:
    for row in _history(line, customer):
        metadata = row.get("metadata")
        if isinstance(metadata, dict) and metadata.get(name) == key:
            return row
    return None


def _history(line: Line, customer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Newest first. Unknown where it is longer than we read: "not found" would be a guess."""
    after: str | None = None
    for _ in range(MOST_PAGES):
        answer = read(line, _transactions(customer), {"limit": PAGE, "starting_after": after})
        rows = answer.rows_at("data")
        yield from rows
        if not rows or not answer.dict_at().get("has_more"):
            return
        after = str(rows[-1].get("id"))
    raise Unknown("history_too_long")
