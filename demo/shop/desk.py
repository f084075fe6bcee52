"""The shop's desk: each verb changes an order, stores it and queues that event's hooks, in one open transaction."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from . import disputes, orders
from .browser import Client
from .catalogue import BY_SLUG, Product
from .connection import FURTHEST_OFFSET, connection_from
from .hooks import queue_hook
from .orders import Buyer, Order, Refused
from .payloads import COUNTRIES, dispute_payload, order_payload, parcel_payload, refund_payload
from .pricing import Code, PricedCart, price_cart
from .store import Store

SDK_PATH = "/static/sdk/v1.js"  # where Referral SaaS serves it, unless the connection says otherwise
LONGEST_TOKEN = 500
LONGEST_LANDING = 1000
MOST_OF_ONE = 99

Json = dict[str, Any]
News = str | tuple[str, Json]  # a topic, with its payload unless that is the order


@dataclass(frozen=True)
class Done:
    order: Order
    hooks: list[dict[str, str]]
    extra: Json


@dataclass(frozen=True)
class Purchase:
    """What a buyer sends at checkout, not yet trusted."""

    email: str
    name: str
    country: str
    lines: Sequence[tuple[str, int]]  # slug, quantity
    code: str = ""
    landing_site: str = ""
    referral_token: str = ""
    client: Client = field(default_factory=Client)
    test: bool = False


class Desk:
    def __init__(self, store: Store, *, shop_url: str, referral_url: str) -> None:
        self.store = store
        self.shop_url = shop_url
        self.connection = connection_from({"sdk_url": f"{referral_url}{SDK_PATH}"} | store.settings())
        self.instant: datetime = self.connection.instant()
        self.now: datetime = self.instant.replace(microsecond=0)  # Shopify stamps whole seconds

    # Reading

    def order(self, order_id: int) -> Order:
        order = self.store.order(order_id)
        if order is None:
            raise Refused(_("There is no such order."))
        return order

    def usable_code(self, text: str, *, email: str = "") -> Code | None:
        """None when no code was given; Refused, with the reason, when it cannot be used."""
        if not text.strip():
            return None
        code = self.store.code(normal_code(text))
        if code is None:
            raise Refused(_("We do not know this code."))
        if code.expired(self.now):
            raise Refused(_("This code has expired."))
        if code.used_up():
            raise Refused(_("This code has been used already."))
        if email and code.new_customers_only and self.store.orders_of(email):
            raise Refused(_("This code is for a first order only."))
        return code

    def cart(self, lines: Sequence[tuple[str, int]], code: Code | None) -> PricedCart:
        return price_cart([(product_by(slug), checked_quantity(quantity)) for slug, quantity in lines], code)

    # Verbs

    def place_order(self, purchase: Purchase, *, paid: bool) -> Done:
        email = checked_email(purchase.email)
        if purchase.country not in COUNTRIES:
            raise Refused(_("We do not ship to this country."))
        self.catch_up(purchase.referral_token)
        code = self.usable_code(purchase.code, email=email)
        cart = self.cart(purchase.lines, code)
        order = orders.place(
            cart,
            buyer=self.buyer(purchase, email),
            number=self.store.next_in("number"),
            token=secrets.token_hex(16),
            new_id=self.store.new_id,
            now=self.now,
            landing_site=purchase.landing_site[:LONGEST_LANDING] or None,
            referral_token=purchase.referral_token.strip()[:LONGEST_TOKEN] or None,
            client=purchase.client,
            test=purchase.test,
        )
        if code:
            self.store.use_code(code.code)
        if paid:
            orders.pay(order, now=self.now)
        return self.finish(order, ["orders/create", "orders/paid"] if paid else ["orders/create"])

    def catch_up(self, tokens: str) -> None:
        """A sandbox's clock runs ahead once it was moved. Whoever comes from there came just now, so now is then."""
        ahead = int(max(times_in(tokens), default=0) - self.instant.timestamp())
        offset = self.connection.clock_offset_seconds + ahead + 1
        if ahead > 0 and offset <= FURTHEST_OFFSET:
            self.store.save_settings({"clock_offset_seconds": str(offset)})
            self.connection = replace(self.connection, clock_offset_seconds=offset)
            self.instant = self.connection.instant()
            self.now = self.instant.replace(microsecond=0)

    def buyer(self, purchase: Purchase, email: str) -> Buyer:
        first_name, _space, last_name = purchase.name.strip().partition(" ")
        if not first_name:
            raise Refused(_("Please give your name."))
        customer_id, count = self.store.count_order(email)
        return Buyer(customer_id, email, first_name, last_name.strip(), purchase.country, count)

    def pay(self, order_id: int) -> Done:
        order = self.order(order_id)
        orders.pay(order, now=self.now)
        return self.finish(order, ["orders/paid", "orders/updated"])

    def ship(self, order_id: int, *, parcels: int = 1, units: dict[int, int] | None = None) -> Done:
        """Given units in one parcel, or all that is left in one or two."""
        order = self.order(order_id)
        loads = [units] if units else orders.everything_unshipped(order, parcels=parcels)
        sent = orders.ship(order, parcels=loads, new_id=self.store.new_id, now=self.now)
        news: list[News] = [("fulfillments/create", parcel_payload(order, parcel)) for parcel in sent]
        if order.fulfillment_status == "fulfilled":
            news.append("orders/fulfilled")
        return self.finish(order, [*news, "orders/updated"], parcels=[parcel.id for parcel in sent])

    def deliver(self, order_id: int, *, parcel_id: int | None = None) -> Done:
        order = self.order(order_id)
        arrived = orders.deliver(order, parcel_id=parcel_id, now=self.now)
        news = [("fulfillments/update", parcel_payload(order, parcel)) for parcel in arrived]
        return self.finish(order, [*news, "orders/updated"], parcels=[parcel.id for parcel in arrived])

    def refund_lines(self, order_id: int, units: dict[int, int], *, note: str, with_shipping: bool = False) -> Done:
        order = self.order(order_id)
        refund = orders.refund_lines(
            order, units, new_id=self.store.new_id, now=self.now, note=note, with_shipping=with_shipping
        )
        return self.finish_refund(order, refund)

    def refund_amount(self, order_id: int, amount: int, *, note: str) -> Done:
        order = self.order(order_id)
        return self.finish_refund(
            order, orders.refund_amount(order, amount, new_id=self.store.new_id, now=self.now, note=note)
        )

    def refund_all(self, order_id: int, *, note: str) -> Done:
        order = self.order(order_id)
        return self.finish_refund(order, orders.refund_all(order, new_id=self.store.new_id, now=self.now, note=note))

    def remove_line(self, order_id: int, line_id: int) -> Done:
        order = self.order(order_id)
        return self.finish_refund(order, orders.remove_line(order, line_id, new_id=self.store.new_id, now=self.now))

    def cancel(self, order_id: int) -> Done:
        order = self.order(order_id)
        refund = orders.cancel(order, new_id=self.store.new_id, now=self.now)
        news: list[News] = ["orders/cancelled"]
        if refund:
            news.append(("refunds/create", refund_payload(order, refund)))
        return self.finish(order, [*news, "orders/updated"])

    def open_dispute(self, order_id: int, amount: int | None = None) -> Done:
        order = self.order(order_id)
        dispute = disputes.open_dispute(order, amount, new_id=self.store.new_id, now=self.now)
        return self.finish(order, [("disputes/create", dispute_payload(order, dispute))], dispute_id=dispute.id)

    def close_dispute(self, order_id: int, dispute_id: int, *, won: bool) -> Done:
        order = self.order(order_id)
        dispute = disputes.close_dispute(order, dispute_id, won=won, now=self.now)
        return self.finish(order, [("disputes/update", dispute_payload(order, dispute))], dispute_id=dispute.id)

    def finish_refund(self, order: Order, refund: orders.Refund) -> Done:
        news: list[News] = [("refunds/create", refund_payload(order, refund)), "orders/updated"]
        return self.finish(order, news, refund_id=refund.id)

    def finish(self, order: Order, news: Sequence[News], **extra: Any) -> Done:
        """All hooks of one event share its event id."""
        self.store.save_order(order)
        whole, event_id = order_payload(order, shop_url=self.shop_url), str(uuid.uuid4())
        pairs = [(item, whole) if isinstance(item, str) else item for item in news]
        hooks = [
            queue_hook(
                self.store, topic=topic, payload=body, order_id=order.id, event_id=event_id, triggered_at=self.instant
            )
            for topic, body in pairs
        ]
        return Done(order, hooks, extra)


def product_by(slug: str) -> Product:
    if slug not in BY_SLUG:
        raise Refused(_("We do not sell this product."))
    return BY_SLUG[slug]


def checked_quantity(quantity: int) -> int:
    if not 0 < quantity <= MOST_OF_ONE:
        raise Refused(_("Choose between 1 and 99 pieces."))
    return quantity


def checked_email(text: str) -> str:
    email = text.strip()
    name, at, host = email.rpartition("@")
    if not (name and at and "." in host) or len(email) > 254 or any(char.isspace() for char in email):
        raise Refused(_("Please give a complete e-mail address."))
    return email


def normal_code(text: str) -> str:
    return text.strip().upper()


def times_in(tokens: str) -> list[int]:
    """When the links were opened: the fourth part of each referral token, in seconds."""
    parts = (token.strip().split(".") for token in tokens.split(","))
    return [int(each[3]) for each in parts if len(each) == 5 and each[3].isascii() and each[3].isdigit()]
