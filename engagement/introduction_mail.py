"""Mails about who sent somebody: the question to the buyer, and to the advocate whom the buyer named."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from engagement import addresses
from engagement.desk import House, Occasion, Pen, Recipient, Values
from merchants.models import Event
from tracking.models import Introduction, Order


def who_sent_you(event: Event, house: House) -> Occasion | None:
    """To a new customer whose order nobody referred."""
    told = _introduction(event, Introduction.objects.select_related("order__customer"))
    if told is None or told.order.customer is None:
        return None
    is_open = told.state == Introduction.State.ASKED and told.order.outcome == Order.Outcome.NOT_REFERRED

    def values(pen: Pen) -> Values:
        return {"link": addresses.who_sent_you(house.merchant.pk, told.order_id), "day": pen.day(told.expires_at)}

    return Occasion(Recipient.of(told.order.customer), values, skip="" if is_open else "overtaken")


def introduction(event: Event, house: House) -> Occasion | None:
    """To the advocate: is it so? By the name that the buyer chose for it, and nothing else about them."""
    told = _introduction(event, Introduction.objects.select_related("advocate__customer"))
    if told is None or told.advocate is None:
        return None
    is_open = told.state == Introduction.State.NAMED and str(told.advocate_id) == event.data.get("advocate_id")

    def values(pen: Pen) -> Values:
        return {
            "friend": told.friend_name,
            "day": pen.day(told.expires_at),
            "link": addresses.portal(house.merchant.slug),
        }

    to = Recipient.of(told.advocate.customer, told.advocate)
    return Occasion(to, values, skip="" if is_open else "overtaken")


def _introduction(event: Event, rows: QuerySet[Any]) -> Introduction | None:
    found: Introduction | None = rows.filter(pk=event.subject_id).first()
    return found
