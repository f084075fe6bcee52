"""What is known when a referral is judged. Pure and frozen; ``None`` means that this connection does not tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

#: (number of the salt, hash) pairs: two places are one where they share a pair.
Hashes = frozenset[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody was at a moment, as keyed hashes."""

    at: datetime
    addresses: Hashes = frozenset()
    networks: Hashes = frozenset()
    agent: str = ""

    def shares_address(self, other: Place) -> bool:
        return bool(self.addresses & other.addresses)

    def shares_network(self, other: Place) -> bool:
        return bool(self.networks & other.networks)

    def shares_agent(self, other: Place) -> bool:
        return bool(self.agent) and self.agent == other.agent


@dataclass(frozen=True, slots=True)
class Evidence:
    """About one referral: the advocate, the friend, and how the order came about."""

    ordered_at: datetime
    advocate_email: str | None = None
    friend_email: str | None = None
    advocate_name: str | None = None
    friend_name: str | None = None
    order_place: Place | None = None
    #: Where the advocate was seen: signing in to the portal, buying themselves. Empty: nowhere yet.
    advocate_places: tuple[Place, ...] = ()
    #: When the friend opened the link; None where they came by a code or an address.
    clicked_at: datetime | None = None
    #: When the advocate's other referred orders were placed, as far as they lie near this one.
    other_orders_at: tuple[datetime, ...] = ()
    #: How many people stand between friend and advocate in a circle of referrals; 0: there is none.
    ring: int = 0
    #: Hosts of the pages that led to link or shop. None: not told. Empty: there was none.
    referrers: tuple[str, ...] | None = None
    #: The link is known to have got out (tracking.models.Leak). None: the order came without a link.
    leaked: bool | None = None
    #: Clicks on the link within a minute of the friend's, from the friend's own address.
    clicks_in_minute: int | None = None
    #: What should have been asked and could not be: each means a review.
    broken: tuple[str, ...] = field(default=())
