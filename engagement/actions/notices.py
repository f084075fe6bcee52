"""What people of the team want to be told of by mail. Nothing stored means: everything that is their work."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from engagement.models import SwitchedOff
from engagement.notices import SWITCHES, kinds_for
from kit.tenancy import current_merchant_id, transaction_required
from merchants.models import Membership


@transaction_required
def choose_notices(*, seat: Membership, wanted: Collection[str], now: datetime) -> None:
    """Of the kinds that are this person's work, exactly these. What another role was told of stays as it was chosen."""
    for kind in kinds_for(seat.role):
        _set(seat.user_id, kind, is_on=kind in wanted, now=now)


@transaction_required
def switch_notice(*, user_id: UUID, kind: str, is_on: bool, now: datetime) -> bool:
    """By the link of a mail. False, and nothing changed, for whoever is no longer in the team."""
    seats = Membership.objects.filter(merchant=current_merchant_id(), user=user_id)
    if kind not in SWITCHES or not seats.exists():
        return False
    _set(user_id, kind, is_on=is_on, now=now)
    return True


def _set(user_id: UUID, kind: str, *, is_on: bool, now: datetime) -> None:
    """Twice at once ends as once: the unique constraint stands behind it."""
    if is_on:
        SwitchedOff.objects.filter(user=user_id, kind=kind).delete()
    else:
        SwitchedOff.objects.get_or_create(user_id=user_id, kind=kind, defaults={"at": now})
