"""Take in one order body, whichever way it came: by itself or as a line of many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from referral_saas.api.body import Body
from referral_saas.api.orders_in import NOTHING_TOLD, PLATFORM, read_order_body, told_before
from rewards.actions import plain
from rewards.actions.settle import Settled, take_in
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey
from tracking.rules import Fact


@dataclass(frozen=True, slots=True)
class Taken:
    """``is_first``: no version of this order was known before."""

    settled: Settled
    fact: Fact
    is_first: bool


def take_order(body: Body, *, now: datetime, by: str) -> Taken:
    """Inside the caller's transaction. Raises Problem with every field in need of correction."""
    key = OrderKey(PLATFORM, body.key("order_id"))
    lock_order(key)
    told = told_before(key)
    order = read_order_body(body, told, key=key, now=now)
    settled = take_in(key=key, facts=[order.fact], person=order.person, trace=order.trace, now=now, by=by)
    return Taken(settled, order.fact, told.as_of is None)


def read_new_order(body: Body, *, now: datetime) -> plain.Told:
    """The order as it stands by itself, as if nothing had been told of it before. Raises Problem."""
    order = read_order_body(body, NOTHING_TOLD, key=OrderKey(PLATFORM, body.key("order_id")), now=now)
    return plain.Told(order.key, [order.fact], order.person, order.trace)
