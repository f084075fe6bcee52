"""Celery: bells only. What waits is in the stream and in rows; a lost ring costs the second to the next one."""

from __future__ import annotations

from celery import shared_task

from tracking.partitions import make_partitions
from tracking.steps.ingest import ingest
from tracking.steps.retention import forget_strays


@shared_task(name="tracking.ingest")
def take_clicks() -> int:
    return ingest()


@shared_task(name="tracking.housekeeping")
def housekeeping() -> int:
    forget_strays()
    return make_partitions()
