"""A ring reaches its one queue; beat rings only what exists."""

from __future__ import annotations

from typing import Any

import pytest

from kit import ring
from referral_saas.celery import QUEUES, app


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("queue", QUEUES)
def test_ring_arrives_once_and_in_its_own_queue(live_redis: Any, queue: str) -> None:
    """With one routing key for all queues, as Celery makes it by itself, every message would arrive three times."""
    with app.connection_for_write() as connection:
        for each in app.conf.task_queues:
            each(connection.default_channel).declare()
    ring.ring("somebody.waits", queue=queue, row="1")
    lengths = {name: live_redis.llen(f"celery:{name}") for name in QUEUES}
    assert lengths == {name: int(name == queue) for name in QUEUES}


def test_beat_rings_registered_tasks_into_known_queues() -> None:
    app.loader.import_default_modules()
    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks, name
        assert entry.get("options", {}).get("queue", "default") in QUEUES, name


def test_every_task_of_ours_is_late_acknowledged_and_survives_its_worker() -> None:
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert [task.name for task in ours if not (task.acks_late and task.reject_on_worker_lost)] == []
    assert app.conf.broker_transport_options["visibility_timeout"] == 3600
    assert app.conf.worker_prefetch_multiplier == 1
