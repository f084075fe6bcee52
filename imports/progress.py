"""How far a file is that is written in one transaction: told beside it, for whoever looks on. Nothing depends on it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.cache import cache

from imports.models import Import

logger = logging.getLogger(__name__)
#: Seconds; of a worker that died nothing stays.
KEPT = 600


def teller(one: Import) -> Callable[[int], None]:
    key = _key(one)
    return lambda rows: _note(key, rows)


def rows_told(one: Import) -> int:
    try:
        return int(cache.get(_key(one)) or 0)
    except Exception as error:  # whatever the cache's client raises: the page shows no progress then
        logger.warning("progress of an import is not known: %s", type(error).__name__)
        return 0


def _note(key: str, rows: int) -> None:
    try:
        cache.set(key, rows, KEPT)
    except Exception as error:  # whatever the cache's client raises: the work goes on
        logger.warning("progress of an import was not told: %s", type(error).__name__)


def _key(one: Import) -> str:
    """Of this try at what is to be done now: that it was checked to the end says nothing of how much is written."""
    return f"import:{one.pk}:{one.next_try_at.timestamp() if one.next_try_at else ''}"
