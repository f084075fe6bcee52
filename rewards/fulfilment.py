"""What rewards need from whoever delivers them: all they know of the adapters above (settings.REWARD_FULFILLERS)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class FulfilmentOrder:
    """All an adapter may know. ``key`` grows from the reward's id, so every try of one reward carries the same."""

    key: str
    reward_id: UUID
    program_id: UUID
    advocate_id: UUID
    side: str
    amount_minor: int
    currency: str
    recipient_email: str
    recipient_name: str


@dataclass(frozen=True, slots=True)
class Delivered:
    voucher: str = ""


class Retryable(Exception):
    """Not delivered for certain; worth trying again, not before ``after`` seconds if given."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.after = reason, after


class Terminal(Exception):
    """Refused; trying again cannot help."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unknown(Exception):
    """It may or may not have been delivered: the next try carries the same key and looks up first."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Fulfiller(Protocol):
    #: Longest time a call may take, in seconds; the lease of an attempt is this + 10.
    timeout: float

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        """Deliver once per ``order.key``. Raises Retryable, Terminal or Unknown."""

    def look_up(self, order: FulfilmentOrder) -> Delivered | None:
        """What became of an earlier try with this key; None when there was none or it cannot be told."""


def fulfiller_for(kind: str) -> Fulfiller:
    adapter: Fulfiller = import_string(settings.REWARD_FULFILLERS[kind])()
    return adapter
