"""Real threads, real connections: what two workers do at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run all at once, each on its own connection; gives results, or the exception of each."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return work()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.fixture(name="together")
def together_fixture() -> Callable[..., list[Any]]:
    return together
