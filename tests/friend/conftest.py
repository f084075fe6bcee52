"""A friend's phone, and counters that begin at nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Mobile/15E148 Safari/604.1"
)


@pytest.fixture(autouse=True)
def _no_limits_left_over(live_redis: Any) -> None:
    cache.clear()


@pytest.fixture
def friend() -> Client:
    return Client(headers={"User-Agent": PHONE})
