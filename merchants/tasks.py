"""Celery: bells only. Every task may run twice, late or never; the rows decide."""

from __future__ import annotations

from celery import shared_task

from merchants import wakeups
from merchants.steps.hosts import check_hosts_in_use
from merchants.steps.housekeeping import forget_ended_sessions, forget_old_answers


@shared_task(name="merchants.sweep")
def sweep(*, kind: str, is_helper: bool = False) -> int:
    if not is_helper:
        wakeups.call_helpers(kind)
    return wakeups.sweep_due(kind)


@shared_task(name="merchants.sweep_all")
def sweep_all(*, kind: str) -> int:
    return wakeups.sweep_all(kind)


@shared_task(name="merchants.housekeeping")
def housekeeping() -> int:
    return forget_old_answers() + forget_ended_sessions()


@shared_task(name="merchants.check_hosts")
def check_hosts() -> int:
    return check_hosts_in_use()
