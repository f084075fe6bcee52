"""What a reward is, in words: "39,80 €", "500 points", "T-shirt", "2 × T-shirt"."""

from __future__ import annotations

from kit.units import PIECES, amount_text
from rewards.models import Reward


def given_text(reward: Reward, amount: int, language: str) -> str:
    """``amount`` of what the reward gives: of a piece its name says more than its number."""
    if reward.unit != PIECES or reward.kind is None:
        return amount_text(amount, reward.unit, language)
    return reward.kind.name if amount == 1 else f"{amount} × {reward.kind.name}"
