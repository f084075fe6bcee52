"""Reads of people of the teams: where they are signed in, and who has a second factor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from merchants.models import Membership, RecoveryCode, SecondFactor, Session, User


def sessions_of(user: User, *, now: datetime) -> QuerySet[Session]:
    """Where this person is signed in (real time), last seen first."""
    return Session.objects.filter(user=user, expire_date__gt=now).order_by("-seen_at", "handle")


def second_factor_of(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user).first()


def has_second_factor(user: User) -> bool:
    return SecondFactor.objects.filter(user=user).exists()


def with_second_factor(user_ids: Iterable[UUID]) -> set[UUID]:
    return set(SecondFactor.objects.filter(user__in=list(user_ids)).values_list("user_id", flat=True))


def recovery_codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def lacks_second_factor(seat: Membership) -> bool:
    """Whether this person has to set one up before they may enter. Asked of people alone: API keys have no seat."""
    return seat.merchant.needs_second_factor and not has_second_factor(seat.user)
