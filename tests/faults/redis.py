"""Redis as it fails."""

from __future__ import annotations

from typing import Any

from kit.wire import Wire, packed


def hang_up(live_redis: Any, wire: Wire) -> None:
    """Close this connection, as a Redis that starts anew does, and no other: tests beside this one have theirs."""
    assert live_redis.client_kill_filter(_id=wire.ask(packed(b"CLIENT", b"ID"))) == 1
