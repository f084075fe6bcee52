"""How Celery reaches Redis."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

#: A message is repeated when a worker dies with it. Nothing may wait in the broker longer than the visibility timeout:
#: it would run several times. What is due later is a row with a due date, never a countdown.
TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": 3600,
    "global_keyprefix": "celery:",
    "socket_timeout": 5,
    "socket_connect_timeout": 0.5,
    # A ring that nobody hears is no loss: whoever rings after a commit must not wait seconds for a broker that is away.
    "max_retries": 0,
}


def url_of(redis_url: str) -> str:
    """Celery's spelling of a unix socket; every other address stays as it is."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    return f"redis+socket://{parts.path}?virtual_host={dict(parse_qsl(parts.query)).get('db', '0')}"
