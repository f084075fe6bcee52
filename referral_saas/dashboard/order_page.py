"""What the page of an order shows: what the shop told as a timeline, the decision in words, the rewards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kit.asked import asked_often
from kit.language import language_of_page
from kit.many import any_of
from kit.money import format_money
from kit.wording import day as day_words
from programs.rules import Terms
from referral_saas.dashboard.attribution_page import (
    asks_for_worth,
    decisions_by_hand,
    may_be_given,
    may_be_undone,
    said_of,
)
from referral_saas.dashboard.decisions import considered
from referral_saas.dashboard.event_words import Line
from referral_saas.dashboard.forms.attribution import WorthForm
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.paths import link_to, public
from referral_saas.dashboard.reward_page import rewards_with_missing
from referral_saas.templatetags.ui import day, money
from rewards.actions.sales import BY_PEOPLE, HAND, LEAD, TABLE, says_delivered
from rewards.models import Reward
from rewards.review_selectors import review_of
from rewards.wording import reason_text
from tracking.actions.facts import as_facts, told_of
from tracking.models import Order, OrderFact, Referral
from tracking.rules import DisputeStatus, Fact, read_order, refunds_exceed_order
from tracking.wording import decision_text


def referrals_by_order(orders: Iterable[Order]) -> dict[UUID, Referral]:
    return {referral.order_id: referral for referral in _referrals_of([order.pk for order in orders])}


@asked_often
def _referrals_of(orders: list[UUID]) -> QuerySet[Referral]:
    return Referral.objects.filter(any_of("order", orders)).select_related("advocate__customer", "program")


@asked_often
def _with_terms(order_id: UUID) -> QuerySet[Referral]:
    """One at most, as the constraint says."""
    rows: QuerySet[Referral] = Referral.objects.filter(order=order_id)
    return rows.select_related("advocate__customer", "program", "terms")


@asked_often
def _rewards_of(order_id: UUID) -> QuerySet[Reward]:
    rows: QuerySet[Reward] = Reward.objects.filter(order=order_id)
    return rows.order_by("side")


def source_text(platform: str) -> str:
    """Where an order came from."""
    texts = {HAND: _("By hand"), TABLE: _("Imported"), LEAD: _("Lead"), "api": _("API"), "shopify": "Shopify"}
    return texts.get(platform) or platform.capitalize()


def order_context(desk: Desk, order: Order) -> dict[str, Any]:
    referral = next(iter(_with_terms(order.pk)), None)
    is_settled = order.placed_at is not None
    by_hand = decisions_by_hand(order)
    by_people = order.platform in BY_PEOPLE
    rows = told_of(order.pk)
    facts = as_facts(rows)
    rewards = _rewards_of(order.pk)
    was_released = referral is not None and any(
        reward.released_at and reward.referral_id == referral.pk for reward in rewards
    )
    return {
        "order": order,
        **_warnings(facts, referral),
        "referral": referral,
        "decision": decision_text(order),
        "why": reason_text(str(referral.reasons[0])) if referral and referral.reasons else "",
        "touches": considered(order),
        "review": review_of(referral) if referral else None,
        "facts": _facts(desk, order),
        "told": _lines(rows, order, desk.workspace.time_zone),
        "rewards": rewards_with_missing(desk, rewards),
        "can_deliver": is_settled and order.cancelled_at is None,
        "can_take_back": says_delivered(facts),
        "can_attribute": may_be_given(order, was_released=was_released),
        "by_hand": by_hand,
        "can_undo": may_be_undone(referral, by_hand, was_released=was_released),
        "said": said_of(order),
        "attribute_url": f"/w/{desk.merchant.slug}/orders/{public(order)}/attribute",
        "worth_form": _worth_form(order, referral, was_released=was_released),
        "worth_currency": referral.terms.as_terms().currency if referral else "",
        "can_cancel": by_people and is_settled and order.cancelled_at is None,
    }


def _worth_form(order: Order, referral: Referral | None, *, was_released: bool) -> WorthForm | None:
    """Where somebody has to say what an order in another currency is worth, or may say it anew."""
    if referral is None or not asks_for_worth(order, referral, was_released=was_released):
        return None
    return WorthForm(currency=referral.terms.as_terms().currency, standing=referral.worth_minor)


def _warnings(facts: list[Fact], referral: Referral | None) -> dict[str, bool]:
    """What somebody should look at: an open dispute, and more given back than was paid for."""
    view = read_order(facts)
    if view is None:
        return {}
    terms = referral.terms.as_terms() if referral else Terms(currency=view.currency)
    return {"is_disputed": view.has_open_dispute, "refunds_exceed": refunds_exceed_order(view, terms)}


def _facts(desk: Desk, order: Order) -> list[tuple[str, object]]:
    base, zone = f"/w/{desk.merchant.slug}", desk.workspace.time_zone
    counts = order.currency
    rows = [
        (_("Number"), order.number or order.external_id),
        (_("Told by"), source_text(order.platform)),
        (_("Customer"), link_to(base, order.customer)),
        (_("Placed"), day(order.placed_at, zone)),
        (pgettext("order", "Paid"), day(order.paid_at, zone)),
        (_("Delivered"), day(order.delivered_at, zone)),
        (_("Cancelled"), day(order.cancelled_at, zone)),
        (_("Base of rewards"), money(order.base_minor, order.currency) if counts else ""),
        (_("After returns"), money(order.net_base_minor, order.currency) if counts else ""),
        (_("Test order"), _("Yes: it never earns a reward.") if order.is_test else ""),
    ]
    return [row for row in rows if row[1]]


# --- what the shop told, in the order of its own clock ------------------------------------------------------------


def told(order: Order, zone: str) -> list[Line]:
    return _lines(told_of(order.pk), order, zone)


def _lines(facts: Iterable[OrderFact], order: Order, zone: str) -> list[Line]:
    ordered = sorted(facts, key=lambda fact: (fact.as_of, fact.received_at, fact.pk))
    return [fact_line(fact, order.currency, zone) for fact in ordered]


def fact_line(fact: OrderFact, currency: str, zone: str) -> Line:
    title, text, tone = _WORDS[fact.kind](fact.data, currency, zone)
    return Line(title, fact.as_of, text, tone)


def _snapshot(data: dict[str, Any], currency: str, zone: str) -> tuple[str, str, str]:
    currency = data.get("currency") or currency
    net = sum(line["net_minor"] for line in data["lines"] if not line.get("gift_card"))
    pieces = [_amount(net, currency)]
    if stated := data.get("stated_net_minor"):
        pieces += [_("stated: %(amount)s") % {"amount": _amount(stated, currency)}] if stated != net else []
    codes = ", ".join(item["code"] for item in data.get("codes", ()))
    pieces += [_("code %(codes)s") % {"codes": codes}] if codes else []
    pieces += [_("with a referral token")] if data.get("tokens") else []
    text = " · ".join(pieces)
    if data.get("cancelled_at"):
        return _("Order cancelled"), text, "bad"
    return (_("Order, paid"), text, "good") if data.get("paid_at") else (_("Order, not paid yet"), text, "warn")


def _refund(data: dict[str, Any], currency: str, zone: str) -> tuple[str, str, str]:
    lines, other = data.get("lines", ()), data.get("other_minor", 0)
    shipping = data.get("shipping_minor", 0)
    amount = sum(line["net_minor"] for line in lines) + other + shipping
    if shipping and shipping == amount:
        return (
            _("Refund"),
            _("%(amount)s on shipping") % {"amount": _amount(amount, currency)} if currency else "",
            "warn",
        )
    named = _("on named goods") if lines and not other else _("not tied to goods") if not lines else ""
    pieces = [_amount(amount, currency) if currency else "", named]
    return _("Refund"), " · ".join(piece for piece in pieces if piece), "warn"


def _parcel(data: dict[str, Any], currency: str, zone: str) -> tuple[str, str, str]:
    if data.get("cancelled"):
        return _("Parcel called off"), "", ""
    shipped = _("shipped on %(day)s") % {"day": _day(data["shipped_at"], zone)}
    if data.get("delivered_at"):
        return _("Parcel delivered"), _("delivered on %(day)s") % {"day": _day(data["delivered_at"], zone)}, "good"
    return _("Parcel on its way"), shipped, "info"


def _delivery(data: dict[str, Any], currency: str, zone: str) -> tuple[str, str, str]:
    if not data.get("delivered_at"):
        return _("Delivery taken back"), "", "warn"
    return _("Delivered"), _("delivered on %(day)s") % {"day": _day(data["delivered_at"], zone)}, "good"


def _dispute(data: dict[str, Any], currency: str, zone: str) -> tuple[str, str, str]:
    currency, amount = data.get("currency") or currency, data.get("amount_minor")
    text = _amount(amount, currency) if amount is not None and currency else ""
    if data["status"] == DisputeStatus.WON:
        return _("Dispute won"), text, "good"
    return (
        (_("Dispute lost"), text, "bad")
        if data["status"] == DisputeStatus.LOST
        else (_("Payment disputed"), text, "warn")
    )


_WORDS = {"SNAPSHOT": _snapshot, "REFUND": _refund, "PARCEL": _parcel, "DELIVERY": _delivery, "DISPUTE": _dispute}


def _amount(minor: int, currency: str) -> str:
    return format_money(minor, currency, language_of_page())


def _day(text: str, zone: str) -> str:
    return day_words(datetime.fromisoformat(text), zone, language_of_page())
