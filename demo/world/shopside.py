"""Nordlicht's connections: the shop, a second one for offices, services that make rewards, the partner that has begun
to fail, and deliveries set aside."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from demo.world.counts import Counts
from demo.world.history import History
from demo.world.services import SHOPIFY_TOKEN, connect_gift_cards, connect_second_shop, connect_stripe
from integrations.actions.connections import add_shopify_connection, add_webhook_connection, note_health
from integrations.actions.intake import handle_event
from integrations.actions.keeping import Delivery, keep_delivery
from integrations.heartbeats import note_heartbeat
from integrations.models import Connection, InboundEvent
from kit.ids import new_token
from merchants.actions.keys import create_key
from merchants.models import ApiKey, Role

DOMAIN = "nordlicht-kaffee.myshopify.com"
OFFICE_SHOP = "https://buero.nordlicht-kaffee.example"
PARTNER = "https://gutscheine.example/api/nordlicht"
#: What no one can read: cut off on the way, a shop's test message without an order, a refund of nothing.
UNREADABLE = (
    ("orders/updated", b'{"id": 5600003611, "currency": "EUR", "line_it'),
    ("orders/create", b'{"message": "This is a test notification", "shop": "nordlicht-kaffee"}'),
    ("refunds/create", b'{"id": 910000772, "created_at": "2026-02-30T10:00:00+01:00", "refund_line_items": []}'),
)


class ShopSide:
    def __init__(self, history: History, counts: Counts, who: dict[str, str]) -> None:
        self.history, self.counts, self.who = history, counts, who
        self.shop: Connection | None = None
        self.partner: Connection | None = None
        self.services: list[Connection] = []

    def put_on(self) -> None:
        day, stage = self.history.moments.day, self.history.stage
        stage.at(day(424.9), self._connect)
        stage.at(day(271), self._connect_partner)
        stage.at(day(195), self._connect_services)
        for index in range(self.counts.set_aside):
            stage.at(day(1.2 + 2.1 * index), partial(self._set_aside, index))
        for days in (9, 4, 2, 0.8):
            stage.at(day(days), partial(self._partner_answers, days > 5))
        stage.at(day(0.02), self._all_well)

    def _connect(self, now: datetime) -> None:
        by = self.who[Role.ADMIN]
        self.shop = add_shopify_connection(
            domain=DOMAIN, secret=new_token(), admin_token=SHOPIFY_TOKEN, name="Nordlicht Shop", by=by, now=now
        )
        create_key(kind=ApiKey.Kind.PUBLISHABLE, name="Shop", by=by, now=now)
        create_key(kind=ApiKey.Kind.SECRET, name="Kasse im Laden", by=by, now=now)

    def _connect_partner(self, now: datetime) -> None:
        purposes = [Connection.Purpose.REWARD]
        by = self.who[Role.ADMIN]
        self.partner = add_webhook_connection(
            url=PARTNER, purposes=purposes, name="Gutscheine", by=by, now=now
        ).connection

    def _connect_services(self, now: datetime) -> None:
        by = self.who[Role.ADMIN]
        self.services = [
            connect_gift_cards(by=by, now=now),
            connect_stripe(by=by, now=now),
            connect_second_shop(address=OFFICE_SHOP, name="Nordlicht Büroshop", by=by, now=now),
        ]

    def _partner_answers(self, well: bool, now: datetime) -> None:
        assert self.partner is not None
        note_health(connection=self.partner, error="" if well else "http_timeout", now=now)

    def _set_aside(self, index: int, now: datetime) -> None:
        assert self.shop is not None
        topic, body = UNREADABLE[index % len(UNREADABLE)]
        delivery = Delivery(topic, f"b54557e4-{index:04d}", triggered_at=now, body=body)
        kept = keep_delivery(connection=self.shop, delivery=delivery, now=now)
        handle_event(InboundEvent.objects.select_related("connection").get(pk=kept.event_id), now=now)

    def _all_well(self, now: datetime) -> None:
        assert self.shop is not None
        for connection in (self.shop, *self.services):
            note_health(connection=connection, now=now)
        for placement in ("page", "cart"):
            note_heartbeat(placement=placement, page_host="nordlicht-kaffee.example", now=now)
