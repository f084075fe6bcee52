"""Celery: bells only. Rewards themselves are swept by merchants.sweep (settings.SWEEPS)."""

from __future__ import annotations

from celery import shared_task

from rewards.steps.housekeeping import fold_all_sums, forget_old_addresses


@shared_task(name="rewards.housekeeping")
def housekeeping() -> int:
    """Says how many addresses were forgotten."""
    forgotten = forget_old_addresses()  # first: sums that cannot be folded keep nobody's address
    fold_all_sums()
    return forgotten
