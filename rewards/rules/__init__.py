"""What an attributed order is worth to both sides, and when. Pure: facts and frozen terms in, wanted rewards out."""

from rewards.rules.grants import (
    Bonus,
    BudgetNotice,
    CapNotice,
    Grant,
    budget_notice,
    cap_notice,
    cap_starts_at,
    earns_now,
)
from rewards.rules.hold import Due, HoldRule, due_at
from rewards.rules.settling import (
    KINDLY,
    NEVER_WORTH_ONE,
    UNGRANTED,
    Kindly,
    Standing,
    Wanted,
    WantedReward,
    Why,
    advocate_rule,
    kindly,
    level_rule,
    settle,
)

__all__ = [
    "KINDLY",
    "NEVER_WORTH_ONE",
    "UNGRANTED",
    "Bonus",
    "BudgetNotice",
    "CapNotice",
    "Due",
    "Grant",
    "HoldRule",
    "Kindly",
    "Standing",
    "Wanted",
    "WantedReward",
    "Why",
    "advocate_rule",
    "budget_notice",
    "cap_notice",
    "cap_starts_at",
    "due_at",
    "earns_now",
    "kindly",
    "level_rule",
    "settle",
]
