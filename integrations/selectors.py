"""Reads about connections and what came through them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from integrations.credentials import credentials_of
from integrations.models import Connection, InboundEvent
from kit.asked import asked_often
from merchants.models import Door

#: Kind of connection -> what it fulfils (settings.REWARD_FULFILLERS).
FULFILMENTS_OF: dict[str, tuple[str, ...]] = {
    Connection.Kind.SHOPIFY: ("SHOPIFY_DISCOUNT",),
    Connection.Kind.WOOCOMMERCE: ("WOOCOMMERCE_COUPON",),
    Connection.Kind.STRIPE: ("STRIPE_PROMOTION", "STRIPE_BALANCE"),
    Connection.Kind.GIFT_CARDS: ("GIFT_CARD",),
    Connection.Kind.WEBHOOK: ("WEBHOOK", "COUPON_WEBHOOK"),
}


def connections() -> QuerySet[Connection]:
    """Those that stand, oldest first; removed ones are history."""
    found: QuerySet[Connection] = Connection.objects.filter(removed_at=None).order_by("created_at", "pk")
    return found


def connection_by_id(connection_id: UUID) -> Connection | None:
    return connections().filter(pk=connection_id).first()


def connection_behind(door: Door, *, kind: str) -> Connection | None:
    """The connection a hook's address leads to; asked inside the door's own tenant."""
    return connections().filter(pk=door.object_id, kind=kind).first()


def webhook_for(purpose: str) -> Connection | None:
    """The webhook that serves a purpose: at most one does (actions.connections sees to it)."""
    return connections().filter(kind=Connection.Kind.WEBHOOK, purposes__contains=[purpose]).first()


def provider_account(kind: str, *, needs: str) -> Connection | None:
    """The first account of this kind whose credentials hold ``needs``. Raises CannotUnseal."""
    accounts = connections().filter(kind=kind).exclude(health=Connection.Health.OFF)
    return next((one for one in accounts if credentials_of(one).get(needs)), None)


def is_simulated(kind: str) -> bool:
    """Whether calls of this kind go to an address of the operator's in place of the real service."""
    return bool(settings.PROVIDER_URLS.get(kind))


def newest_events(connection: Connection, *, limit: int = 50) -> QuerySet[InboundEvent]:
    found: QuerySet[InboundEvent] = InboundEvent.objects.filter(connection=connection).order_by("-received_at", "-pk")
    return found[:limit]


def events_set_aside() -> QuerySet[InboundEvent]:
    found: QuerySet[InboundEvent] = InboundEvent.objects.filter(state=InboundEvent.State.SET_ASIDE)
    return found.select_related("connection").order_by("-received_at", "-pk")


def next_event_due_at() -> datetime | None:
    """When (real time) the earliest waiting delivery may next be tried."""
    return next((due_at for (due_at,) in _earliest_waiting()), None)


@asked_often
def _earliest_waiting() -> QuerySet[Any]:
    return InboundEvent.objects.filter(handled_at=None).order_by("next_try_at").values_list("next_try_at")[:1]
