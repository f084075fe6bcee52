"""Somebody of a team deletes their account: what that means in one workspace."""

from __future__ import annotations

from datetime import datetime

from engagement.models import SwitchedOff
from kit.tenancy import transaction_required
from merchants.actions.team import remove_member
from merchants.locks import workspace_for_update
from merchants.models import Membership
from privacy.actions.closing import close_workspace


@transaction_required
def leave_for_good(*, seat: Membership, now: datetime) -> None:
    """Out of the team. A sandbox in which nobody else works is deleted after its time: nobody could enter it any more.

    Raises LastOwner where others need one.
    """
    workspace_for_update()
    team = Membership.objects.filter(merchant=seat.merchant_id)
    if seat.merchant.is_sandbox and not team.exclude(pk=seat.pk).exists():
        close_workspace(typed_name=seat.merchant.name, by=seat, now=now)
    remove_member(membership=seat, by=seat, now=now)
    SwitchedOff.objects.filter(user=seat.user_id).delete()
