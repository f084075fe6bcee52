"""Celery: three queues, and beat's rings. Postgres holds the work; a lost message only costs the time to the next ring."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, signals
from kombu import Queue

from kit import lifeline

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "referral_saas.settings")

app = Celery("referral_saas")
app.config_from_object("django.conf:settings", namespace="CELERY")

#: money is served by a worker of its own, so that no mail and no import can delay a reward.
app.conf.task_queues = [Queue("money"), Queue("default"), Queue("bulk")]

#: Entries by task name: {"task": ..., "schedule": seconds, "options": {"queue": ..., "expires": seconds}}.
app.conf.beat_schedule = {}

app.autodiscover_tasks()


@signals.worker_process_init.connect
def end_with_worker(**_: Any) -> None:
    if lifeline.asked_for():
        lifeline.die_with(os.getppid())


@signals.worker_init.connect
@signals.beat_init.connect
def refuse_unsafe_role(**_: Any) -> None:
    from referral_saas import checks

    try:
        checks.refuse_unsafe_role()
    except checks.UnsafeRole as problem:
        raise SystemExit(str(problem)) from None
