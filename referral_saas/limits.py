"""How often one address may do what costs others something: a mail, a code, a counted click."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from kit.proxies import network_of
from kit.text import person_hash

logger = logging.getLogger(__name__)


def within_limit(request: HttpRequest, action: str, *parts: object, most: int, seconds: int) -> bool:
    """Whether this address has done ``action`` at most ``most`` times in the running span of ``seconds``.

    Addresses are kept as keyed hashes and only for that span. Without Redis everybody is within the limit: friends and
    advocates are not kept out because a counter is down.
    """
    return within_limit_of(action, *parts, network_of(request.META.get("REMOTE_ADDR", "")), most=most, seconds=seconds)


def within_limit_of(action: str, *who: object, most: int, seconds: int) -> bool:
    """The same for whoever is known, from wherever they do it."""
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
