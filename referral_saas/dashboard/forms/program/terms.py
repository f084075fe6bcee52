"""Between a draft's terms and what stands in its form: both ways, without loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from programs.rules import (
    CapPeriod,
    Choice,
    CodeRule,
    CodeSource,
    Fulfilment,
    Holiday,
    Offer,
    RewardRule,
    Scope,
    Terms,
    Tier,
    TierMetric,
    TouchRule,
    Value,
)
from referral_saas.dashboard.forms.money import major_text, percent_text
from referral_saas.dashboard.forms.program.conditions import TRUST_LEVELS
from referral_saas.dashboard.forms.program.groups import CHOICES, FRIEND, HOLDS, LEVELS, SAME, SELF, Group
from referral_saas.dashboard.forms.program.shelf import Shelf, amount_text, picked, value_text


def as_typed(terms: Terms) -> dict[str, Any]:
    """What the form shows for these terms. The side that is not given shows sensible beginnings."""
    offer, advocate = terms.offer or Offer(), terms.advocate_reward
    return {
        "friend_side": "offer" if terms.offer or not terms.friend_reward else "reward",
        "friend_both": bool(terms.offer and terms.friend_reward),
        "offer_kind": offer.kind.value,
        "offer_value": _plain(offer.kind, offer.value, terms.currency),
        "offer_source": offer.source.value,
        "offer_shop_code": offer.shop_code,
        "offer_valid_days": offer.valid_days,
        **_reward_typed("friend_reward", terms.friend_reward or RewardRule(), terms.currency),
        **_reward_typed("advocate_reward", advocate, terms.currency),
        "advocate_reward_every": advocate.every,
        "advocate_reward_recurring_months": advocate.recurring_months,
        **_groups_typed(CHOICES, [_choice_typed(choice, advocate, terms) for choice in advocate.choices]),
        "tier_metric": terms.tier_metric.value,
        **_groups_typed(LEVELS, [_level_typed(tier, terms) for tier in terms.tiers]),
        **_conditions_typed(terms),
        **_holds_typed(terms),
        "advocate_cap": terms.advocate_cap,
        "advocate_cap_minor": amount_text(terms.advocate_cap_minor, advocate.unit_in(terms.currency)),
        "cap_period": terms.cap_period.value,
    }


def terms_of(data: dict[str, Any], *, before: Terms, shelf: Shelf) -> Terms:
    """The terms a valid form says. Its values are already minor units and basis points, its groups what they say."""
    both, side = data["friend_both"], data["friend_side"]
    return replace(
        before,
        offer=_offer(data) if both or side == "offer" else None,
        friend_reward=reward_of("friend_reward", data, shelf, before.friend_reward)
        if both or side == "reward"
        else None,
        advocate_reward=advocate_reward_of(data, before=before, shelf=shelf),
        tiers=data["tiers"],
        tier_metric=TierMetric(data["tier_metric"]),
        new_customers_only=data["new_customers_only"],
        min_order_minor=data["min_order_minor"] or 0,
        count_tax=data["count_tax"],
        count_shipping=data["count_shipping"],
        advocates_must_be_customers=data["advocates_must_be_customers"],
        advocate_min_orders=data["advocate_min_orders"] or 0,
        countries=tuple(filter(None, data["countries"].split(","))),
        scope=Scope(data["scope"]),
        scope_ids=() if data["scope"] == Scope.SHOP else tuple(data["scope_ids"].splitlines()),
        touch_rule=TouchRule(data["touch_rule"]),
        code_rule=CodeRule(data["code_rule"]),
        attribution_window_days=data["attribution_window_days"],
        qualification_window_days=data["qualification_window_days"],
        return_window_days=data["return_window_days"],
        hold_overrides=data["hold_overrides"],
        holiday=_holiday(data),
        trust_hold_days=_trust(data, before),
        advocate_cap=data["advocate_cap"],
        advocate_cap_minor=data["advocate_cap_minor"],
        cap_period=CapPeriod(data["cap_period"]),
        starts_on=_iso(data["starts_on"]),
        ends_on=_iso(data["ends_on"]),
    )


def advocate_reward_of(data: dict[str, Any], *, before: Terms, shelf: Shelf) -> RewardRule:
    plain = reward_of("advocate_reward", data, shelf, before.advocate_reward)
    return replace(
        plain,
        every=data["advocate_reward_every"] or 1,
        recurring_months=data["advocate_reward_recurring_months"] or 0,
        choices=data["choices"],
    )


def reward_of(name: str, data: dict[str, Any], shelf: Shelf, before: RewardRule | None) -> RewardRule:
    """A cap only limits a percentage, so beside a fixed amount it is dropped instead of cutting it unseen."""
    kind = Value(data[f"{name}_kind"])
    gives = shelf.gives(data[f"{name}_fulfilment"])
    return replace(
        before or RewardRule(),
        kind=kind,
        value=data[f"{name}_value"],
        cap_minor=data[f"{name}_cap"] if kind == Value.PERCENT else None,
        gives=gives,
        fulfilment=gives.fulfilment if gives else Fulfilment(data[f"{name}_fulfilment"]),
    )


def _conditions_typed(terms: Terms) -> dict[str, Any]:
    return {
        "new_customers_only": terms.new_customers_only,
        "min_order_minor": major_text(terms.min_order_minor or None, terms.currency),
        "count_tax": terms.count_tax,
        "count_shipping": terms.count_shipping,
        "advocates_must_be_customers": terms.advocates_must_be_customers,
        "advocate_min_orders": terms.advocate_min_orders,
        "countries": ", ".join(terms.countries),
        "scope": terms.scope.value,
        "scope_ids": "\n".join(terms.scope_ids),
        "touch_rule": terms.touch_rule.value,
        "code_rule": terms.code_rule.value,
        "attribution_window_days": terms.attribution_window_days,
        "qualification_window_days": terms.qualification_window_days,
        "starts_on": terms.starts_on or "",
        "ends_on": terms.ends_on or "",
    }


def _holds_typed(terms: Terms) -> dict[str, Any]:
    holiday, trust = terms.holiday, terms.trust_hold_days
    return {
        "return_window_days": terms.return_window_days,
        **_groups_typed(HOLDS, [{"ids": "\n".join(one.ids), "days": one.days} for one in terms.hold_overrides]),
        "holiday_from": holiday.from_on if holiday else "",
        "holiday_to": holiday.to_on if holiday else "",
        "holiday_until": holiday.until_on if holiday else "",
        **{f"trust_{level}": trust[level - 1] if level <= len(trust) else None for level in TRUST_LEVELS},
    }


def _reward_typed(name: str, rule: RewardRule, currency: str) -> dict[str, Any]:
    return {
        f"{name}_fulfilment": picked(rule.gives, rule.fulfilment),
        f"{name}_kind": rule.kind.value,
        f"{name}_value": _plain(rule.kind, rule.value, rule.unit_in(currency)),
        f"{name}_cap": major_text(rule.cap_minor, currency),
    }


def _level_typed(tier: Tier, terms: Terms) -> dict[str, Any]:
    rule, offer = tier.advocate_reward, tier.offer
    by_money = terms.tier_metric == TierMetric.REVENUE
    return {
        "name": tier.name,
        "threshold": major_text(tier.threshold, terms.currency) if by_money else str(tier.threshold),
        "gives": picked(rule.gives, rule.fulfilment),
        "value": value_text(rule.kind, rule.value, rule.unit_in(terms.currency)),
        "cap": major_text(rule.cap_minor, terms.currency),
        "offer": value_text(offer.kind, offer.value, terms.currency) if offer else "",
        "code": offer.shop_code if offer else "",
    }


def _choice_typed(choice: Choice, rule: RewardRule, terms: Terms) -> dict[str, Any]:
    unit = rule.as_chosen(choice.key).unit_in(terms.currency)
    is_same = choice.gives is None and (rule.gives is not None or choice.fulfilment == rule.fulfilment)
    return {
        "gives": SAME if is_same else picked(choice.gives, choice.fulfilment),
        "value": value_text(choice.kind, choice.value, unit) if choice.value else "",
        "to": FRIEND if choice.to_friend else SELF,
    }


def _groups_typed(group: Group, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {group.name_of(n, field): value for n, row in enumerate(rows, 1) for field, value in row.items()}


def _plain(kind: Value, value: int, unit: str) -> str:
    return percent_text(value) if kind == Value.PERCENT else amount_text(value, unit)


def _offer(data: dict[str, Any]) -> Offer:
    return Offer(
        kind=Value(data["offer_kind"]),
        value=data["offer_value"],
        source=CodeSource(data["offer_source"]),
        shop_code=data["offer_shop_code"],
        valid_days=data["offer_valid_days"],
    )


def _holiday(data: dict[str, Any]) -> Holiday | None:
    days = [_iso(data[name]) for name in ("holiday_from", "holiday_to", "holiday_until")]
    return Holiday(*(str(day) for day in days)) if all(days) else None


def _trust(data: dict[str, Any], before: Terms) -> tuple[int, ...]:
    """Levels above those of the form stay as they are."""
    days = [data[f"trust_{level}"] for level in TRUST_LEVELS]
    given = days[: days.index(None)] if None in days else [*days, *before.trust_hold_days[len(TRUST_LEVELS) :]]
    return tuple(given)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
