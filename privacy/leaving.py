"""What becomes of the workspaces of somebody who deletes their account."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from merchants.models import Membership, Role, User
from merchants.selectors import memberships_of


@dataclass(frozen=True, slots=True)
class Leaving:
    """Their seats, each under one heading."""

    #: Nobody else owns these workspaces. While there is one, the account stays.
    needed_in: list[Membership] = field(default_factory=list)
    #: Sandboxes in which nobody else works: deleted too, after their time.
    ended: list[Membership] = field(default_factory=list)
    left: list[Membership] = field(default_factory=list)


def leaving_of(user: User) -> Leaving:
    others = Membership.objects.filter(merchant=OuterRef("merchant")).exclude(user=OuterRef("user"))
    seats = memberships_of(user).annotate(
        has_others=Exists(others), has_other_owner=Exists(others.filter(role=Role.OWNER))
    )
    found = Leaving()
    for seat in seats:
        _heading(found, seat).append(seat)
    return found


def _heading(found: Leaving, seat: Membership) -> list[Membership]:
    if seat.merchant.is_sandbox and not seat.has_others:  # type: ignore[attr-defined]
        return found.ended
    is_last_owner = seat.role == Role.OWNER and not seat.has_other_owner  # type: ignore[attr-defined]
    return found.needed_in if is_last_owner else found.left
