"""What mappings hand over about an order besides its facts: which order, and which person."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OrderKey:
    """The natural key of an order: where it was placed and how that place calls it."""

    platform: str
    external_id: str


@dataclass(frozen=True, slots=True)
class PersonIn:
    """The buyer as the platform names them. Stored on the customer row alone, never in a fact."""

    email: str
    name: str = ""
    country: str = ""
    external_id: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class TraceIn:
    """What came with an order about its browser and its payment. Lives as long as the transaction that takes it in:
    only keyed hashes are stored (tracking.actions.traces), and no part of it is shown when it is printed."""

    ip: str = field(default="", repr=False)
    user_agent: str = field(default="", repr=False)
    payment_fingerprint: str = field(default="", repr=False)
    #: Address of the page that led to the shop; only its host is kept. None: not told. Empty: there was none.
    referrer: str | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return bool(self.ip or self.user_agent or self.payment_fingerprint) or self.referrer is not None
