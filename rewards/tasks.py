"""Celery: bells only. Rewards themselves are swept by merchants.sweep (settings.SWEEPS)."""

from __future__ import annotations

from celery import shared_task

from rewards.steps.housekeeping import forget_old_addresses


@shared_task(name="rewards.housekeeping")
def housekeeping() -> int:
    return forget_old_addresses()
