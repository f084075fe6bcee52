"""Celery: bells only. The inbox itself is swept by merchants.sweep (settings.SWEEPS)."""

from __future__ import annotations

from celery import shared_task

from integrations.steps.inbox import forget_old_bodies


@shared_task(name="integrations.housekeeping")
def housekeeping() -> int:
    return forget_old_bodies()
