"""The inbox: turn a kept delivery into facts (integrations.actions.keeping put it there)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from integrations.actions.connections import switch_off
from integrations.actions.pausing import pause_rewards_of
from integrations.locks import event_locked
from integrations.models import Connection, InboundEvent
from integrations.shopify.mapping import ORDER_TOPICS, REFUND_TOPICS, UNINSTALLED, Mapped, Unreadable, to_facts
from integrations.understanding import NotUnderstood
from kit.clock import database_now
from kit.jsonio import BadJson, loads_bounded
from kit.many import columns, update_many
from kit.patience import MOST_ATTEMPTS, pause_after, words_of
from kit.tenancy import transaction_required
from merchants.events import SHOP, SYSTEM, record
from merchants.selectors import workspace
from merchants.wakeups import wake
from rewards.actions.plain import Told, take_in_plain
from rewards.actions.settle import Settled, take_in
from tracking.selectors import order_by_key

State = InboundEvent.State


class NotReplayable(Exception):
    """HTTP 409. ``code``: not_set_aside, or body_forgotten."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def handle_event(event: InboundEvent, *, now: datetime) -> None:
    """Understand a waiting delivery and act on it; ``handled_at`` belongs to the same transaction as its effects."""
    if event.body is None:
        return _set_aside(event, "body_forgotten", now=now)
    try:
        payload = loads_bounded(bytes(event.body))
    except BadJson as trouble:
        return _set_aside(event, trouble.kind, now=now)
    if event.connection.kind in settings.SERVICE_EVENTS:
        return _service_told(event, payload, now=now)
    if event.topic == UNINSTALLED:
        return _uninstalled(event, payload, now=now)
    mapped = _mapped(event, payload, workspace().currency if event.topic in REFUND_TOPICS else None)
    if isinstance(mapped, Unreadable):
        return _set_aside(event, mapped.reason, now=now)
    return _settled(event, mapped, now=now)


@transaction_required
def handle_together(events: Sequence[InboundEvent], *, now: datetime) -> list[InboundEvent]:
    """Handle those of waiting deliveries that tell of plain orders (rewards.actions.plain); gives them back, closed.

    Where none can be one, the oldest is handled by itself at once: the transaction is there.
    """
    told = {event: mapped for event in events if (mapped := _order_told(event))}
    taken = take_in_plain(
        told=[Told(mapped.key, mapped.facts, mapped.person, mapped.trace) for mapped in told.values()],
        now=now,
        by=SHOP,
    )
    if events and not taken.has_locked:
        handle_event(events[0], now=now)
        return [events[0]]
    settled = dict(taken.settled)
    handled = [event for event, mapped in told.items() if _closes(event, settled.pop(mapped.key, None), now)]
    if handled:
        closed = [(event.pk, event.order_id, event.result) for event in handled]
        same = {"state": State.HANDLED.value, "handled_at": now, "error": ""}
        update_many(InboundEvent, same=same, each=columns(("id", "order_id", "result"), closed))
    return handled


def _closes(event: InboundEvent, settled: Settled | None, now: datetime) -> bool:
    """In memory. Of two deliveries about one order the first told it."""
    if settled is None:
        return False
    event.state, event.handled_at, event.order_id = State.HANDLED, now, settled.order.pk
    event.result = settled.order.outcome.lower()
    return True


def _order_told(event: InboundEvent) -> Mapped | None:
    """What a delivery says about an order, where it says that much by itself and nothing else is to be done."""
    connection = event.connection
    if event.body is None or connection.kind in settings.SERVICE_EVENTS or event.topic not in ORDER_TOPICS:
        return None
    if connection.health == Connection.Health.OFF:
        return None  # its rewards are to be paused
    try:
        mapped = _mapped(event, loads_bounded(bytes(event.body)), None)
    except BadJson:
        return None
    return mapped if isinstance(mapped, Mapped) and mapped.facts else None


def _mapped(event: InboundEvent, payload: object, currency: str | None) -> Mapped | Unreadable:
    return to_facts(
        event.topic,
        payload,
        reports_shipping=event.connection.reports_shipping,
        triggered_at=event.triggered_at,
        currency=currency,
    )


@transaction_required
def note_failure(*, event_id: UUID, trouble: Exception, now: datetime) -> InboundEvent:
    """Handling broke and was rolled back: try again later, or set aside after the last try."""
    event = event_locked(event_id)
    if event.handled_at:
        return event  # another worker took it meanwhile
    event.attempts += 1
    event.error = words_of(trouble)
    event.next_try_at = database_now() + pause_after(event.attempts)
    event.save(update_fields=["attempts", "error", "next_try_at"])
    if event.attempts >= MOST_ATTEMPTS:
        _set_aside(event, event.error, now=now)
    return event


@transaction_required
def replay_event(*, event: InboundEvent, now: datetime) -> InboundEvent:
    """Try one that was set aside from the beginning. Raises NotReplayable."""
    event = event_locked(event.pk)
    if event.state != State.SET_ASIDE:
        raise NotReplayable("not_set_aside")
    if event.body is None:
        raise NotReplayable("body_forgotten")
    event.state, event.handled_at, event.attempts, event.error, event.result = State.WAITING, None, 0, "", ""
    event.next_try_at = database_now()
    event.save(update_fields=["state", "handled_at", "attempts", "error", "result", "next_try_at"])
    wake("inbox", due_at=event.next_try_at)
    return event


def _settled(event: InboundEvent, mapped: Mapped, *, now: datetime) -> None:
    if not mapped.facts and not mapped.trace:
        return _close(event, State.IGNORED, result="nothing_new", now=now)
    settled = take_in(key=mapped.key, facts=mapped.facts, person=mapped.person, trace=mapped.trace, now=now, by=SHOP)
    event.order_id = settled.order.pk
    _close(event, State.HANDLED, result=settled.order.outcome.lower(), now=now)
    if settled.rewards and event.connection.health == Connection.Health.OFF:
        pause_rewards_of(event.connection, by=SYSTEM, now=now)
    return None


def _service_told(event: InboundEvent, payload: object, *, now: datetime) -> None:
    """Of the orders it may be about the one we know; else it waits for the likeliest."""
    try:
        understood = import_string(settings.SERVICE_EVENTS[event.connection.kind])(event.topic, payload)
    except NotUnderstood as trouble:
        return _set_aside(event, trouble.reason, now=now)
    known = (key for key in understood.orders if order_by_key(key))
    key = next(known, understood.orders[0] if understood.fact or understood.is_named else None)
    if key is None:
        return _close(event, State.IGNORED, result="nothing_new", now=now)
    facts = [understood.fact] if understood.fact else []
    return _settled(event, Mapped(key, facts, trace=understood.trace), now=now)


def _uninstalled(event: InboundEvent, payload: object, *, now: datetime) -> None:
    """The topic stands outside the signature, so the body must be what Shopify sends then: the shop itself."""
    address = event.connection.address
    domains = {payload.get("myshopify_domain"), payload.get("domain")} if isinstance(payload, dict) else set()
    if address not in domains:
        return _set_aside(event, "not_the_shop", now=now)
    pause_rewards_of(event.connection, by=SYSTEM, now=now)
    event.connection = switch_off(connection=event.connection, reason="app_uninstalled", by=SHOP, now=now)
    return _close(event, State.HANDLED, result="switched_off", now=now)


def _set_aside(event: InboundEvent, reason: str, *, now: datetime) -> None:
    """Kept with the reason, and told: sending the same bytes again would not help."""
    event.error = reason
    _close(event, State.SET_ASIDE, result=reason[:60], now=now)
    record("event.set_aside", subject=event, by=SYSTEM, now=now, data={"topic": event.topic, "reason": event.result})


def _close(event: InboundEvent, state: InboundEvent.State, *, result: str, now: datetime) -> None:
    event.state, event.result, event.handled_at = state, result, now
    event.save(update_fields=["state", "result", "handled_at", "error", "order_id"])
