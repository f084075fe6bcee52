"""What takes long to build, built once for all tests of a file and gone after the last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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
