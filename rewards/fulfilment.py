"""What rewards need from whoever delivers them: all they know of the adapters above (settings.REWARD_FULFILLERS)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable
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
    #: Minor units of a currency, or whole pieces of another unit (months, points).
    amount_minor: int
    unit: str
    recipient_email: str
    recipient_name: str
    #: The merchant's own id of the recipient, where they told one.
    recipient_external_id: str = ""
    #: The kind of the merchant's catalogue it is of, where it is of one.
    kind_id: UUID | None = None
    #: What it is (programs.rules.Form), and the settings of its kind: "percent", "product_id", "campaign_id" ...
    form: str = ""
    setting: Mapping[str, str] = field(default_factory=dict)
    #: Until when it can be used, where its kind ends at all.
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    voucher: str = ""


#: The reason where an adapter fails with anything but the outcomes below; what it was stands in the log.
BROKE = "adapter_broke"


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


class Withdrawn(StrEnum):
    """What became of something delivered that was asked back."""

    DISABLED = "DISABLED"  # it had not been used and cannot be any more
    USED = "USED"  # too late: the person owes it
    NOT_FOUND = "NOT_FOUND"  # the provider does not know it (any more)


class Fulfiller(Protocol):
    #: Longest time a call may take, in seconds; the lease of an attempt is this + 10.
    timeout: float

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        """Deliver once per ``order.key``. Raises Retryable, Terminal or Unknown."""

    def look_up(self, order: FulfilmentOrder) -> Delivered | None:
        """What became of an earlier try with this key; None when there was none or it cannot be told."""


@runtime_checkable
class CanWithdraw(Protocol):
    """A fulfiller that can take back what was not used yet (an unused code is disabled at the provider)."""

    def withdraw(self, order: FulfilmentOrder, voucher: str) -> Withdrawn:
        """Asked twice, it answers the same. Raises Retryable, Terminal or Unknown."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """``code`` is stable (integrations.wording has the words); empty ``problem`` means that it works."""

    __test__ = False

    problem: str = ""
    detail: str = ""


@runtime_checkable
class CanBeTested(Protocol):
    """A fulfiller with a test button: asks the provider something harmless with the real credentials."""

    def test(self) -> TestResult:
        """Never raises for what the provider answers. Called without an open transaction."""


def fulfiller_for(kind: str) -> Fulfiller:
    adapter: Fulfiller = import_string(settings.REWARD_FULFILLERS[kind])()
    return adapter
