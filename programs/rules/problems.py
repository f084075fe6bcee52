"""What keeps a set of terms from being published, by itself. Pure: no ORM, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kit.money import is_currency
from programs.rules.terms import CodeSource, Offer, RewardRule, Scope, Terms, Value


@dataclass(frozen=True, slots=True)
class Problem:
    """Why terms may not be published: the field and a reason code; the words are made where they are shown."""

    field: str
    code: str


def problems(terms: Terms) -> list[Problem]:
    """Everything that is wrong with these terms by themselves (stock and connections are asked elsewhere)."""
    return list(_problems(terms))


def _problems(terms: Terms) -> Iterator[Problem]:
    if terms.offer is None and terms.friend_reward is None:
        yield Problem("friend_side", "friend_gets_nothing")
    yield from _window_problems(terms)
    if terms.offer:
        yield from _offer_problems(terms.offer)
    for name, rule in (("advocate_reward", terms.advocate_reward), ("friend_reward", terms.friend_reward)):
        if rule:
            yield from _value_problems(f"{name}_value", rule.kind, rule.value)
            yield from _limit_problems(f"{name}_cap", rule.cap_minor)
            yield from _rule_problems(name, rule)
    yield from _limit_problems("advocate_cap", terms.advocate_cap)
    yield from _limit_problems("advocate_cap_minor", terms.advocate_cap_minor)
    if terms.advocate_cap_minor is not None and len(set(_advocate_units(terms))) > 1:
        yield Problem("advocate_cap_minor", "cap_needs_one_unit")
    yield from _tier_problems(terms)
    yield from _hold_problems(terms)
    for name in ("min_order_minor", "advocate_min_orders"):
        if getattr(terms, name) < 0:
            yield Problem(name, "must_not_be_negative")
    if terms.scope != Scope.SHOP and not terms.scope_ids:
        yield Problem("scope_ids", "required")
    yield from _date_problems(terms)


def _window_problems(terms: Terms) -> Iterator[Problem]:
    for name in ("attribution_window_days", "qualification_window_days"):
        if not 1 <= getattr(terms, name) <= 365:
            yield Problem(name, "days_1_to_365")
    if not 0 <= terms.return_window_days <= 365:
        yield Problem("return_window_days", "days_0_to_365")


def _offer_problems(offer: Offer) -> Iterator[Problem]:
    yield from _value_problems("offer_value", offer.kind, offer.value)
    if offer.source == CodeSource.SHOP_CODE and not offer.shop_code:
        yield Problem("offer_shop_code", "required")
    if not 1 <= offer.valid_days <= 365:
        yield Problem("offer_valid_days", "days_1_to_365")


def _value_problems(name: str, kind: Value, value: int) -> Iterator[Problem]:
    if value <= 0:
        yield Problem(name, "must_be_positive")
    if kind == Value.PERCENT and value > 10_000:
        yield Problem(name, "over_100_percent")


def _advocate_units(terms: Terms) -> Iterator[str]:
    """Every unit an advocate may get: a limit by value counts one."""
    for rule in (terms.advocate_reward, *(tier.advocate_reward for tier in terms.tiers)):
        yield rule.unit_in(terms.currency)
        for choice in rule.choices:
            yield rule.as_chosen(choice.key).unit_in(terms.currency)


def _rule_problems(name: str, rule: RewardRule) -> Iterator[Problem]:
    if rule.gives and rule.kind == Value.PERCENT and not is_currency(rule.gives.unit):
        yield Problem(f"{name}_kind", "percent_needs_money")
    if not 1 <= rule.every <= 1000:
        yield Problem(f"{name}_every", "times_1_to_1000")
    if not 0 <= rule.recurring_months <= 120:
        yield Problem(f"{name}_recurring_months", "months_0_to_120")
    keys = [choice.key for choice in rule.choices]
    if len(keys) != len(set(keys)) or not all(keys):
        yield Problem(f"{name}_choices", "choices_differ")
    for choice in rule.choices:
        if choice.value < 0 or (choice.kind == Value.PERCENT and choice.value > 10_000):
            yield Problem(f"{name}_choices", "must_be_positive")


def _tier_problems(terms: Terms) -> Iterator[Problem]:
    """Rising thresholds: "the highest one reached" must be one level."""
    thresholds = [tier.threshold for tier in terms.tiers]
    if thresholds != sorted(set(thresholds)) or any(threshold <= 0 for threshold in thresholds):
        yield Problem("tiers", "thresholds_must_rise")
    for tier in terms.tiers:
        if not tier.name.strip():
            yield Problem("tiers", "required")
        yield from _value_problems("tiers", tier.advocate_reward.kind, tier.advocate_reward.value)
        yield from _rule_problems("tiers", tier.advocate_reward)


def _hold_problems(terms: Terms) -> Iterator[Problem]:
    for override in terms.hold_overrides:
        if not 0 <= override.days <= 365:
            yield Problem("hold_overrides", "days_0_to_365")
        if not override.ids:
            yield Problem("hold_overrides", "required")
    if any(not 0 <= days <= 365 for days in terms.trust_hold_days):
        yield Problem("trust_hold_days", "days_0_to_365")
    if terms.holiday:
        days = [terms.holiday.from_on, terms.holiday.to_on, terms.holiday.until_on]
        if not all(_is_date_or_empty(day) for day in days) or not all(days):
            yield Problem("holiday", "no_date")
        elif days != sorted(days):
            yield Problem("holiday", "end_before_start")


def _limit_problems(name: str, limit: int | None) -> Iterator[Problem]:
    if limit is not None and limit <= 0:
        yield Problem(name, "must_be_positive")


def _date_problems(terms: Terms) -> Iterator[Problem]:
    wrong = [name for name in ("starts_on", "ends_on") if not _is_date_or_empty(getattr(terms, name))]
    for name in wrong:
        yield Problem(name, "no_date")
    if not wrong and terms.starts_on and terms.ends_on and terms.ends_on < terms.starts_on:
        yield Problem("ends_on", "end_before_start")


def _is_date_or_empty(text: str | None) -> bool:
    """ISO dates of ten characters, so that they also compare as text."""
    try:
        return text is None or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
