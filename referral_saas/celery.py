"""Celery: three queues, and beat's rings. Postgres holds the work: a lost message only costs time to the next ring."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, signals
from kombu import Exchange, Queue

from kit import lifeline
from kit.memory import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "referral_saas.settings")
#: Django's checks read the views of all addresses, which no worker serves: a quarter of what starting one takes.
#: ``migrate`` makes them, before workers start.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("referral_saas")
app.config_from_object("django.conf:settings", namespace="CELERY")

#: money is served by a worker of its own, so that no mail and no import can delay a reward. Each queue names its own
#: key: left to Celery all three would share one, and every message would arrive three times.
QUEUES = ("money", "default", "bulk")
app.conf.task_queues = [Queue(name, Exchange("referral"), routing_key=name) for name in QUEUES]

HOURLY = (
    "merchants.housekeeping",
    "merchants.check_hosts",
    "integrations.housekeeping",
    "rewards.housekeeping",
    "tracking.housekeeping",
    "privacy.housekeeping",
)

#: Entries by task name: {"task": ..., "schedule": seconds, "options": {"queue": ..., "expires": seconds}}.
app.conf.beat_schedule = {}


@app.on_after_finalize.connect
def ring_regularly(sender: Celery, **_: Any) -> None:
    """Every kind of sweep: by wake-up every ten seconds, over all merchants every fifteen minutes. Clicks are taken in
    each second; a ring that found no free worker for two is worth nothing, the next one is there."""
    from django.conf import settings

    for kind, sweep in settings.SWEEPS.items():
        for task, every in (("merchants.sweep", 10.0), ("merchants.sweep_all", 900.0)):
            sender.conf.beat_schedule[f"{task}:{kind}"] = {
                "task": task,
                "schedule": every,
                "kwargs": {"kind": kind},
                "options": {"queue": sweep["queue"], "expires": every},
            }
    sender.conf.beat_schedule["tracking.ingest"] = {
        "task": "tracking.ingest",
        "schedule": 1.0,
        "options": {"queue": "default", "expires": 2.0},
    }
    sender.conf.beat_schedule["privacy.close"] = {
        "task": "privacy.close",
        "schedule": 600.0,
        "options": {"queue": "bulk", "expires": 600.0},
    }
    for task in HOURLY:
        sender.conf.beat_schedule[task] = {
            "task": task,
            "schedule": 3600.0,
            "options": {"queue": "bulk", "expires": 3600.0},
        }


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
        checks.refuse_simulators()
    except (checks.UnsafeRole, checks.SimulatedProviders) as problem:
        raise SystemExit(str(problem)) from None


@signals.celeryd_after_setup.connect
def keep_what_every_task_needs(**_: Any) -> None:
    """All tasks are loaded, and no process of the pool is made yet."""
    keep_what_is_loaded()
