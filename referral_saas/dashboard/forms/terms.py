"""Between a draft's terms and what stands in its form: both ways, without loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from programs.rules import CodeSource, Fulfilment, Offer, RewardRule, Scope, Terms, TouchRule, Value
from referral_saas.dashboard.forms.money import major_text, percent_text


def as_typed(terms: Terms) -> dict[str, Any]:
    """What the form shows for these terms. The side that is not given shows sensible beginnings."""
    offer = terms.offer or Offer()
    return {
        "friend_side": "offer" if terms.offer or not terms.friend_reward else "reward",
        "friend_both": bool(terms.offer and terms.friend_reward),
        "offer_kind": offer.kind.value,
        "offer_value": _value_text(offer.kind, offer.value, terms.currency),
        "offer_source": offer.source.value,
        "offer_shop_code": offer.shop_code,
        "offer_valid_days": offer.valid_days,
        **_reward_typed("friend_reward", terms.friend_reward or RewardRule(), terms.currency),
        **_reward_typed("advocate_reward", terms.advocate_reward, terms.currency),
        **_conditions_typed(terms),
    }


def terms_of(data: dict[str, Any], *, before: Terms) -> Terms:
    """The terms a valid form says. Its values are already minor units and basis points."""
    both, side = data["friend_both"], data["friend_side"]
    return replace(
        before,
        offer=_offer(data) if both or side == "offer" else None,
        friend_reward=_reward("friend_reward", data) if both or side == "reward" else None,
        advocate_reward=_reward("advocate_reward", data),
        new_customers_only=data["new_customers_only"],
        min_order_minor=data["min_order_minor"] or 0,
        advocates_must_be_customers=data["advocates_must_be_customers"],
        advocate_min_orders=data["advocate_min_orders"] or 0,
        countries=tuple(filter(None, data["countries"].split(","))),
        scope=Scope(data["scope"]),
        scope_ids=() if data["scope"] == Scope.SHOP else tuple(data["scope_ids"].splitlines()),
        touch_rule=TouchRule(data["touch_rule"]),
        attribution_window_days=data["attribution_window_days"],
        qualification_window_days=data["qualification_window_days"],
        return_window_days=data["return_window_days"],
        advocate_cap=data["advocate_cap"],
        starts_on=_iso(data["starts_on"]),
        ends_on=_iso(data["ends_on"]),
    )


def _conditions_typed(terms: Terms) -> dict[str, Any]:
    return {
        "new_customers_only": terms.new_customers_only,
        "min_order_minor": major_text(terms.min_order_minor or None, terms.currency),
        "advocates_must_be_customers": terms.advocates_must_be_customers,
        "advocate_min_orders": terms.advocate_min_orders,
        "countries": ", ".join(terms.countries),
        "scope": terms.scope.value,
        "scope_ids": "\n".join(terms.scope_ids),
        "touch_rule": terms.touch_rule.value,
        "attribution_window_days": terms.attribution_window_days,
        "qualification_window_days": terms.qualification_window_days,
        "return_window_days": terms.return_window_days,
        "advocate_cap": terms.advocate_cap,
        "starts_on": terms.starts_on or "",
        "ends_on": terms.ends_on or "",
    }


def _reward_typed(name: str, rule: RewardRule, currency: str) -> dict[str, Any]:
    return {
        f"{name}_kind": rule.kind.value,
        f"{name}_value": _value_text(rule.kind, rule.value, currency),
        f"{name}_cap": major_text(rule.cap_minor, currency),
        f"{name}_fulfilment": rule.fulfilment.value,
    }


def _value_text(kind: Value, value: int, currency: str) -> str:
    return percent_text(value) if kind == Value.PERCENT else major_text(value, currency)


def _offer(data: dict[str, Any]) -> Offer:
    return Offer(
        kind=Value(data["offer_kind"]),
        value=data["offer_value"],
        source=CodeSource(data["offer_source"]),
        shop_code=data["offer_shop_code"],
        valid_days=data["offer_valid_days"],
    )


def _reward(name: str, data: dict[str, Any]) -> RewardRule:
    """A cap only limits a percentage, so beside a fixed amount it is dropped instead of cutting it unseen."""
    kind = Value(data[f"{name}_kind"])
    return RewardRule(
        kind=kind,
        value=data[f"{name}_value"],
        cap_minor=data[f"{name}_cap"] if kind == Value.PERCENT else None,
        fulfilment=Fulfilment(data[f"{name}_fulfilment"]),
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
