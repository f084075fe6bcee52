"""How often somebody may do what costs others something: a mail, a code, a counted click."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.cache import cache

from kit.text import person_hash

logger = logging.getLogger(__name__)


def within_limit_of(action: str, *who: object, most: int, seconds: int) -> bool:
    """Whether ``action`` was done for this person at most ``most`` times within ``seconds``, counting this one.

    Who it is is kept as a keyed hash and only for that span. Without Redis everybody is within the limit: friends and
    advocates are not kept out because a counter is down.
    """
    asked = "|".join(map(str, (action, *who)))
    key = f"limit:{person_hash(asked, salt=settings.SECRET_KEY)}"
    try:
        cache.add(key, 0, timeout=seconds)
        return int(cache.incr(key)) <= most
    except ValueError:  # it ran out between the two calls
        return True
    except Exception:
        logger.warning("No limit on %s: the counter cannot be reached.", action)
        return True
