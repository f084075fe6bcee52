"""The ways in which a reward can be taken, as its recipient is asked."""

from __future__ import annotations

from dataclasses import dataclass

from programs.rules import Form, RewardRule
from rewards.models import Reward
from rewards.rules import UNGRANTED, Grant, level_rule
from rewards.selectors import net_worth
from tracking.models import Referral


@dataclass(frozen=True, slots=True)
class Option:
    """``key`` "" is the rule itself. ``amount`` in ``unit``, of the order as it stands now."""

    key: str
    amount: int
    unit: str
    name: str
    to_friend: bool
    is_donation: bool
    is_taken: bool


def grant_of(referral: Referral) -> Grant:
    return Grant.from_json(referral.granted) if referral.granted else UNGRANTED


def rule_of(reward: Reward) -> RewardRule | None:
    """The advocate's rule at their level, before any choice; None for what was given at somebody's discretion."""
    if reward.terms is None or reward.referral is None or reward.side != Reward.Side.ADVOCATE:
        return None
    return level_rule(reward.terms.as_terms(), grant_of(reward.referral))


def options_for(reward: Reward) -> list[Option]:
    """All ways while it can still be chosen, the usual one first; none where there is nothing to choose."""
    rule = rule_of(reward)
    if rule is None or not rule.choices or reward.state != Reward.State.HELD:
        return []
    has_friend = bool(reward.referral and reward.referral.friend_id)
    known = [choice for choice in rule.choices if has_friend or not choice.to_friend]
    return [_option(reward, rule, "")] + [_option(reward, rule, choice.key) for choice in known]


def _option(reward: Reward, rule: RewardRule, key: str) -> Option:
    referral, order, terms = reward.referral, reward.order, reward.terms
    assert referral, "only rewards of a referral have a rule"
    assert order, "and their order"
    assert terms, "and its terms"
    taken = rule.as_chosen(key)
    gives = taken.gives
    return Option(
        key=key,
        amount=grant_of(referral).advocate_amount(taken, net_worth(referral, order)),
        unit=taken.unit_in(terms.as_terms().currency),
        name=gives.name if gives else "",
        to_friend=rule.goes_to_friend(key),
        is_donation=bool(gives and gives.form == Form.DONATION),
        is_taken=reward.chosen == key,
    )
