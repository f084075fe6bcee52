"""What takes long to build, built once for all tests of a file and gone after the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """What is written within is rolled back, as around Django's own test cases. One may stand in another: around what
    is built for a file, and again around each of its tests."""
    around = transaction.atomic()
    around._from_testcase = True  # durable transactions may open within
    with around:
        yield
        transaction.set_rollback(True)


def for_a_file(make: Callable[[], Any]) -> tuple[Any, Any]:
    """Two fixtures, to be named ``built`` and as the tests call it: what ``make`` makes for the first test that asks,
    and each test's own copy of it, whose rows are undone afterwards.

    Not where a test of the file commits: all of them stand in one transaction.
    """

    @pytest.fixture(scope="module")
    def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
        with django_db_blocker.unblock(), undone():
            yield make()

    @pytest.fixture
    def own(built: Any, db: None) -> Any:
        return deepcopy(built)

    return built, own
