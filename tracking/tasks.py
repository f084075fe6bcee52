"""Celery: bells only. What waits is in the stream and in rows; a lost ring costs the second to the next one."""

from __future__ import annotations

from celery import shared_task

from tracking.partitions import make_partitions
from tracking.steps.ingest import ingest


@shared_task(name="tracking.ingest")
def take_clicks() -> int:
    return ingest()


@shared_task(name="tracking.housekeeping")
def housekeeping() -> int:
    return make_partitions()
