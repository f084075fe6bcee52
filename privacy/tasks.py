"""Celery: bells only. Every task may run twice, late or never; the rows decide."""

from __future__ import annotations

from celery import shared_task

from privacy.steps.closing import follow_all
from privacy.steps.housekeeping import tidy


@shared_task(name="privacy.housekeeping")
def housekeeping() -> int:
    return tidy()


@shared_task(name="privacy.close")
def close() -> int:
    return follow_all()
