"""What an attributed order is worth to both sides, and when. Pure: facts and frozen terms in, wanted rewards out."""

from rewards.rules.settling import (
    KINDLY,
    NEVER_WORTH_ONE,
    CapNotice,
    Kindly,
    Standing,
    Wanted,
    WantedReward,
    Why,
    cap_notice,
    kindly,
    settle,
)

__all__ = [
    "KINDLY",
    "NEVER_WORTH_ONE",
    "CapNotice",
    "Kindly",
    "Standing",
    "Wanted",
    "WantedReward",
    "Why",
    "cap_notice",
    "kindly",
    "settle",
]
