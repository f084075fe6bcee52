"""Referrals that are to be judged again, since something came to light with something else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from kit.clock import real_time
from kit.tenancy import transaction_required
from merchants.wakeups import wake
from tracking.models import Leak, Reassessment, Referral

#: At most so many for one thing that came to light, the newest: what is older was mostly given long ago.
MOST_ASKED = 500
LEAK = "leak"
#: Their outcome is still open.
LIVE = (Referral.State.PENDING, Referral.State.QUALIFIED)


@transaction_required
def ask_again(*, referral_ids: Collection[UUID], cause: str, now: datetime) -> None:
    """Each is judged under its own locks: the next sweep does it."""
    asked = [Reassessment(referral_id=pk, cause=cause, asked_at=now) for pk in referral_ids]
    Reassessment.objects.bulk_create(asked, ignore_conflicts=True)
    if asked:
        wake("review", due_at=real_time(now, asked[0].merchant))


@transaction_required
def ask_again_of_leak(*, leak: Leak, now: datetime) -> None:
    """Whoever came by the link since it got out, and was judged before that was known."""
    came = Referral.objects.filter(link=leak.link_id, touched_at__gte=leak.since, state__in=LIVE)
    newest = came.order_by("-attributed_at", "-pk").values_list("pk", flat=True)
    ask_again(referral_ids=newest[:MOST_ASKED], cause=LEAK, now=now)
