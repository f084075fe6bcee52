"""What a service's event says about one of our orders: the shape every service's reader answers in."""

from __future__ import annotations

from dataclasses import dataclass

from tracking.facts import OrderKey, TraceIn
from tracking.rules import Fact


@dataclass(frozen=True, slots=True)
class Understood:
    """``orders``: whose it may be, the likeliest first. Without a fact it tells something of an order besides
    (``trace``); where it does not name the order (``is_named``), it counts for one that is known already alone."""

    orders: tuple[OrderKey, ...]
    fact: Fact | None
    trace: TraceIn | None = None
    is_named: bool = False


class NotUnderstood(Exception):
    """``reason`` is a code of integrations.wording."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
