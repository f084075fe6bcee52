"""People's accounts of points, credit and units of their own: read from what was delivered to them and what they used.

Nothing is stored but the rewards and the uses, so no balance can be wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from advocates.models import Customer
from programs.rules import Fulfilment
from rewards.models import Reward, Spend
from rewards.rules.balance import Credit, Use, left_of


@dataclass(frozen=True, slots=True)
class Balance:
    """Minor units where the unit is a currency, whole pieces otherwise. Below zero where something used was taken
    back."""

    unit: str
    left: int


def balances_of(*rows: Customer, now: datetime) -> list[Balance]:
    """Every unit the person ever had on their account with us, by name. Two queries. Several rows are one person."""
    credits, uses = _credits(rows), _uses(rows)
    return [Balance(unit, left_of(credits[unit], uses.get(unit, []), now=now)) for unit in sorted(credits)]


def balance_of(customer: Customer, unit: str, *, now: datetime) -> int:
    return next((each.left for each in balances_of(customer, now=now) if each.unit == unit), 0)


def _credits(rows: Collection[Customer]) -> dict[str, list[Credit]]:
    delivered = Reward.objects.filter(
        recipient__in=rows, fulfilment=Fulfilment.BALANCE, fulfilled_at__isnull=False
    ).only("unit", "amount_minor", "clawed_back_minor", "fulfilled_at", "valid_until", "expired_at")
    found: dict[str, list[Credit]] = {}
    for reward in delivered:
        until = _earliest(reward.valid_until, reward.expired_at)
        found.setdefault(reward.unit, []).append(Credit(reward.standing_minor, reward.fulfilled_at, until))
    return found


def _uses(rows: Collection[Customer]) -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for spend in Spend.objects.filter(customer__in=rows):
        found.setdefault(spend.unit, []).append(Use(spend.amount_minor, spend.at))
    return found


def _earliest(*moments: datetime | None) -> datetime | None:
    known: Iterable[datetime] = [moment for moment in moments if moment]
    return min(known, default=None)
