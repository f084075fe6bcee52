"""Codes that were delivered are worth money: whoever neither pays nor gives rewards sees their end alone."""

from __future__ import annotations

from referral_saas.dashboard.reader import Reader
from rewards.models import Reward

SHOWN = 4


def voucher_shown(reader: Reader, reward: Reward) -> str:
    """Enough to tell two codes apart, for those who may not have them."""
    if reader.may("reward.pay") or reader.may("reward.give") or not reward.voucher:
        return reward.voucher
    return f"…{reward.voucher[-SHOWN:]}" if len(reward.voucher) > SHOWN else "…"
