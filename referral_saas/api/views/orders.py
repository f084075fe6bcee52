"""Orders, refunds and deliveries: told by the shop, settled before the answer."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from kit.ids import parse_public_id
from kit.text import clean_text
from referral_saas.api.base import Reads, Undoes, Writes
from referral_saas.api.body import Body
from referral_saas.api.disputes_in import read_dispute_body
from referral_saas.api.idempotency import Answer
from referral_saas.api.orders_in import PLATFORM, Told, cancelled, told_before
from referral_saas.api.paging import PAGING, page, refuse_unknown_parameters
from referral_saas.api.present import Json, order_json, order_line, who_sent_json
from referral_saas.api.problems import conflict, not_found
from referral_saas.api.refunds_in import delivered_at_told, delivery, read_refund_body
from referral_saas.api.taking import take_order
from rewards.actions.settle import Settled, take_in
from rewards.models import Reward
from tracking.actions.attribute import are_all_of_links
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey
from tracking.models import Order, Referral
from tracking.rules import Fact


class Orders(Reads, Writes):
    """POST tells an order; GET lists them, newest first."""

    def write(self, body: Body, **ids: str) -> Answer:
        taken = take_order(body, now=self.caller.now(), by=self.caller.by)
        return _answer(taken.settled, created=taken.is_first, warnings=_warnings(taken.fact))

    def read(self, **ids: str) -> Answer:
        request = self.request._request
        refuse_unknown_parameters(request, PAGING)
        return Answer(
            page(Order.objects.all(), request, prefix="ord", show=lambda rows: [order_line(row) for row in rows])
        )


class OneOrder(Reads):
    def read(self, **ids: str) -> Answer:
        order = _order_by(ids["order_id"])
        return Answer(_standing(order))


class Refunds(Writes):
    """POST tells a refund; one whose order has not come waits for it."""

    def write(self, body: Body, **ids: str) -> Answer:
        key = OrderKey(PLATFORM, body.key("order_id"))
        lock_order(key)
        told = told_before(key)
        fact = read_refund_body(body, told, now=self.caller.now())
        settled = _take(self, key, [fact])
        return _answer(settled, created=settled.is_new, more={"refund_id": fact.key})


class Disputes(Writes):
    """POST tells that the payment is disputed, and later how it ended."""

    def write(self, body: Body, **ids: str) -> Answer:
        key, told = _told_of(ids["order_id"])
        fact = read_dispute_body(body, told, now=self.caller.now())
        settled = _take(self, key, [fact])
        return _answer(settled, created=settled.is_new, more={"dispute_id": fact.key})


class Delivered(Writes, Undoes):
    """POST: the order is with the friend, the hold runs. DELETE: it was not delivered after all."""

    def write(self, body: Body, **ids: str) -> Answer:
        now = self.caller.now()
        key, told = _told_of(ids["order_id"])
        delivered_at = body.time("delivered_at", now=now)
        if delivered_at and told.order and told.order.placed_at and delivered_at < told.order.placed_at:
            body.refuse("delivered_at", "before_the_order", _("The order was placed later than this."))
        body.done()
        if delivered_at is None and delivered_at_told(told):
            return _answer(_take(self, key, []))
        return _answer(_take(self, key, [delivery(told, delivered_at or now, now=now)]))

    def undo(self, **ids: str) -> Answer:
        key, told = _told_of(ids["order_id"])
        facts = [delivery(told, None, now=self.caller.now())] if delivered_at_told(told) else []
        return _answer(_take(self, key, facts))


class Cancelled(Writes):
    """POST: the order was cancelled. Doing it again changes nothing."""

    def write(self, body: Body, **ids: str) -> Answer:
        body.done()
        key, told = _told_of(ids["order_id"])
        if told.as_of is None:
            raise conflict("order_awaited", _("The order itself has not come yet. Send it with the status cancelled."))
        fact = cancelled(told, now=self.caller.now())
        return _answer(_take(self, key, [fact] if fact else []))


def _take(view: Writes | Undoes, key: OrderKey, facts: Sequence[Fact]) -> Settled:
    return take_in(key=key, facts=facts, person=None, now=view.caller.now(), by=view.caller.by)


def _told_of(order_id: str) -> tuple[OrderKey, Told]:
    """The order behind the address, locked, and what was told of it; 404 for any other merchant's."""
    order = _order_by(order_id)
    key = OrderKey(order.platform, order.external_id)
    lock_order(key)
    return key, told_before(key)


def _order_by(order_id: str) -> Order:
    """By our id of any order, or by the shop's own id of an order told here."""
    key = parse_public_id("ord", order_id)
    told_here = Order.objects.filter(platform=PLATFORM, external_id=clean_text(order_id))
    orders = Order.objects.filter(pk=key) if key else told_here
    order: Order | None = orders.first()
    if order is None:
        raise not_found()
    return order


def _answer(
    settled: Settled, *, created: bool = False, warnings: Sequence[Json] = (), more: Json | None = None
) -> Answer:
    body = order_json(settled.order, settled.referral, settled.rewards) | who_sent_json(settled.order)
    return Answer(body | (more or {}) | {"warnings": list(warnings)}, 201 if created else 200)


def _standing(order: Order) -> Json:
    referral = Referral.objects.filter(order=order).first()
    return order_json(order, referral, list(Reward.objects.filter(order=order))) | who_sent_json(order)


def _warnings(fact: Fact) -> list[Json]:
    """What was taken but cannot help: the shop must not lose an order over a friend's broken cookie."""
    if are_all_of_links(fact.data["tokens"]):
        return []
    detail = _(
        "The referral token is from no link of this workspace or was changed on its way, so it counts for nothing."
        " Is the API key the sandbox's, or another shop's?"
    )
    return [{"field": "referral_token", "code": "token_not_valid", "detail": detail}]
