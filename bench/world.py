"""500 merchants with a live program, an advocate and a connected shop, and the orders their shops tell of.

Merchants are drawn by Zipf: the first has a seventh of all orders, the last hundred hardly any. Three orders in ten
carry a referral link's token; the others come from strangers, as most orders of any shop do. Three buyers in ten have
bought there before, which no referral program with new customers only rewards.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings

from advocates.actions.customers import new_customer
from advocates.models import Advocate, Customer, Link
from integrations.credentials import seal
from integrations.models import Connection, InboundEvent
from kit.clock import database_now
from kit.ids import hash_token, new_code, new_token, uuid7
from kit.signing import make_click_token
from kit.tenancy import TenantRef, tenant_scope, tenant_transaction
from merchants.events import SYSTEM
from merchants.models import Door, Merchant, WakeUp, Workspace
from programs.models import Program, TermsVersion
from programs.rules import Terms
from tracking.models import FraudPolicy

MERCHANTS = 500
REFERRED_SHARE = 0.3
#: Of buyers, as far as the shop has sold before.
RETURNING_SHARE = 0.3
SECRET = "the-secret-of-every-shop-here"
OPENED_AT = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shop:
    merchant_id: UUID
    connection_id: UUID
    hook_token: str
    domain: str
    link_id: UUID

    def ref(self) -> TenantRef:
        return TenantRef(self.merchant_id)


@dataclass(frozen=True, slots=True)
class Order:
    shop: Shop
    body: bytes
    buyer: int
    is_referred: bool
    is_returning: bool


def open_shops(numbers: Sequence[int]) -> list[Shop]:
    return [_open_shop(number) for number in numbers]


def _open_shop(number: int) -> Shop:
    """By rows: what the actions would check, tell and post is not measured here."""
    merchant = Merchant(name=f"Shop {number}", slug=f"shop-{number}")
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        merchant.save(force_insert=True)
        Workspace.objects.create(
            id=merchant.pk, currency="EUR", time_zone="Europe/Berlin", shop_url="https://s.example"
        )
        link = _enrol(_publish(OPENED_AT), OPENED_AT)
        connection = _connect(f"shop-{number}.myshopify.example", OPENED_AT)
    return Shop(merchant.pk, connection.pk, connection.hook_token, connection.address, link.pk)


def _publish(now: datetime) -> Program:
    terms = Terms(currency="EUR").to_json()
    made = {"draft": terms, "created_at": now}
    program: Program = Program.objects.create(name="Friends", slug="friends", **made)
    version = TermsVersion.objects.create(program=program, number=1, terms=terms, published_at=now, published_by=SYSTEM)
    program.terms, program.state, program.published_at = version, Program.State.ACTIVE, now
    program.save()
    # One advocate stands for all of a shop's: what would be looked at for haste alone is not, and is judged the same.
    FraudPolicy.objects.create(program=program, breaker_per_hour=None, weights={"VELOCITY": 0}, sample_percent=0)
    return program


def _enrol(program: Program, now: datetime) -> Link:
    dana = new_customer(email="dana@advocate.example", name="Dana", source=Customer.Source.IMPORT, now=now)
    dana.save(force_insert=True)
    advocate = Advocate.objects.create(program=program, customer=dana, enrolled_at=now, enrolled_by=SYSTEM)
    link: Link = Link.objects.create(advocate=advocate, code=new_code(), created_at=now)
    return link


def _connect(domain: str, now: datetime) -> Connection:
    connection: Connection = Connection.objects.create(
        kind=Connection.Kind.SHOPIFY,
        name=domain,
        address=domain,
        credentials=seal({"secret": SECRET}),
        hook_token=new_token(),
        created_at=now,
    )
    Door.objects.create(
        kind=Door.Kind.HOOK,
        key=hash_token(connection.hook_token),
        merchant_id=connection.merchant_id,
        object_id=connection.pk,
    )
    return connection


class Shoppers:
    """Makes orders that never repeat, the same ones in every run of the bench but for ids and times."""

    def __init__(self, shops: list[Shop], *, first: int = 0) -> None:
        self.shops = shops
        self.weights = [1 / rank for rank in range(1, len(shops) + 1)]
        self.random = random.Random(20260)
        self.made = first
        #: Who bought in an earlier batch. Nobody buys twice in one: no two orders of a batch wait for each other.
        self.buyers: dict[Shop, list[int]] = defaultdict(list)

    def orders(self, count: int) -> list[Order]:
        now = database_now()
        shops = self.random.choices(self.shops, self.weights, k=count)
        batch = [self._order(shop, now) for shop in shops]
        for order in batch:
            self.buyers[order.shop].append(order.buyer)
        return batch

    def _order(self, shop: Shop, now: datetime) -> Order:
        self.made += 1
        is_referred = self.random.random() < REFERRED_SHARE
        buyer = self._buyer(shop)
        body = json.dumps(self._payload(shop, buyer, is_referred, now)).encode()
        return Order(shop, body, buyer, is_referred, is_returning=buyer != self.made)

    def _buyer(self, shop: Shop) -> int:
        known = self.buyers[shop]
        is_returning = known and self.random.random() < RETURNING_SHARE
        return known.pop(self.random.randrange(len(known))) if is_returning else self.made

    def _payload(self, shop: Shop, buyer: int, is_referred: bool, now: datetime) -> dict[str, object]:
        """As Shopify writes an order, in the fields that we read."""
        lines = [self.random.randint(900, 9900) for _ in range(self.random.randint(1, 4))]
        token = make_click_token(click_id=uuid7(), link_id=shop.link_id, at=now, key=settings.CLICK_TOKEN_KEYS[0])
        return {
            "id": 450_000_000_000 + self.made,
            "name": f"#{self.made}",
            "email": f"buyer{buyer}@mail.example",
            "currency": "EUR",
            "created_at": now.isoformat(),
            "processed_at": now.isoformat(),
            "updated_at": now.isoformat(),
            "financial_status": "paid",
            "taxes_included": False,
            "subtotal_price": _euros(sum(lines)),
            "customer": {"id": buyer, "first_name": "Eve", "last_name": f"Buyer {buyer}"},
            "shipping_address": {"country_code": "DE"},
            "note_attributes": [{"name": "referral_token", "value": token}] if is_referred else [],
            "line_items": [
                {"id": number, "product_id": number, "quantity": 1, "price": _euros(price), "requires_shipping": True}
                for number, price in enumerate(lines, start=1)
            ],
        }


def _euros(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def fill_inbox(orders: list[Order]) -> list[InboundEvent]:
    """The rows that the hooks would have left, many at a time: taking hooks in is measured by itself."""
    return [event for shop, theirs in _by_shop(orders) for event in _fill(shop, theirs)]


def _by_shop(orders: list[Order]) -> Iterator[tuple[Shop, list[Order]]]:
    grouped: dict[Shop, list[Order]] = defaultdict(list)
    for order in orders:
        grouped[order.shop].append(order)
    yield from grouped.items()


def _fill(shop: Shop, orders: list[Order]) -> list[InboundEvent]:
    with tenant_scope(shop.ref()), tenant_transaction():
        now = database_now()
        waiting = {"connection_id": shop.connection_id, "topic": "orders/paid", "received_at": now, "next_try_at": now}
        events = [InboundEvent(delivery_id=str(uuid7()), body=order.body, **waiting) for order in orders]
        InboundEvent.objects.bulk_create(events)
        wake_ups = [WakeUp(merchant_id=shop.merchant_id, kind="inbox", due_at=now) for _ in orders]
        WakeUp.objects.bulk_create(wake_ups)
    return events
