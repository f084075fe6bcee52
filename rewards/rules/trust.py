"""Trust memory: how many clean referrals make which level. Pure."""

from __future__ import annotations

#: Clean referrals for level 1, 2 ...: a newcomer has none, and a refusal begins the count anew.
LEVELS = (3, 10)


def trust_for(clean: int) -> int:
    return sum(clean >= needed for needed in LEVELS)
