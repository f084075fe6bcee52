"""A merchant with one advocate, and counters that begin at nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from tests.cast import World, a_world


@pytest.fixture(autouse=True)
def _no_limits_left_over(live_redis: Any) -> None:
    cache.clear()


@pytest.fixture
def world() -> World:
    return a_world()
