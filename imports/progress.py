"""How far a file is that is written in one transaction: told beside it, for whoever looks on. Nothing depends on it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from django.core.cache import cache

logger = logging.getLogger(__name__)
#: Seconds; of a worker that died nothing stays.
KEPT = 600


def teller(import_id: UUID) -> Callable[[int], None]:
    return lambda rows: _note(import_id, rows)


def rows_told(import_id: UUID) -> int:
    try:
        return int(cache.get(_key(import_id)) or 0)
    except Exception as error:  # whatever the cache's client raises: the page shows no progress then
        logger.warning("progress of an import is not known: %s", type(error).__name__)
        return 0


def _note(import_id: UUID, rows: int) -> None:
    try:
        cache.set(_key(import_id), rows, KEPT)
    except Exception as error:  # whatever the cache's client raises: the work goes on
        logger.warning("progress of an import was not told: %s", type(error).__name__)


def _key(import_id: UUID) -> str:
    return f"import:{import_id}"
