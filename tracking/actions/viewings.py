"""Somebody of the team looks at an advocate's portal as the advocate sees it, for half an hour.

Nothing can be changed there; who looked at whom, from when and until when stands in the log. Where they came from is
kept as a hash with the week's secret (tracking.salts), as of everybody: comparable for a while, readable never.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from advocates.actions.standing import AdvocateStateError
from advocates.locks import advocate_for_update
from advocates.models import Advocate, Viewing
from kit.clock import database_now
from kit.tenancy import transaction_required
from merchants import events
from merchants.locks import user_for_update
from merchants.models import Membership
from tracking.actions.traces import says_where
from tracking.salts import hash_address, salt_for

LASTS = timedelta(minutes=30)
#: The same look begun again within this span is a second press.
PRESSED_TWICE = timedelta(minutes=1)


@transaction_required
def begin_viewing(
    *, advocate: Advocate, member: Membership, session: str, ip: str, tell: bool, now: datetime
) -> Viewing:
    """One session of a member looks at one advocate of this merchant at a time: an earlier look ends.

    ``tell``: the advocate gets a mail. Validity is real time. Raises AdvocateStateError for the banned, who have no
    portal to look at.
    """
    user_for_update(member.user)  # two presses for two advocates would not wait for each other's locks below
    real_now, whose = database_now(), session_hash(session)
    earlier = _standing(member, whose, real_now)
    locked = {key: advocate_for_update(key) for key in sorted({advocate.pk, *(each.advocate_id for each in earlier)})}
    found = locked[advocate.pk]
    if found.state == Advocate.State.BANNED:
        raise AdvocateStateError(found.state, "looked at")
    for other in earlier:
        if (other.advocate_id, other.is_told) == (found.pk, tell) and real_now < other.ends_at - LASTS + PRESSED_TWICE:
            return other
        _leave(other, now)
    salt, address = _whence(ip, now)
    told = {"session": whose, "salt": salt, "address": address, "is_told": tell}
    viewing: Viewing = Viewing.objects.create(
        advocate=found, user_id=member.user_id, begun_at=now, ends_at=real_now + LASTS, **told
    )
    data = {"viewing": str(viewing.pk), "until": viewing.ends_at.isoformat(), "told": tell}
    events.record("advocate.viewed", subject=found, by=events.by_user(member.user_id), now=now, data=data)
    return viewing


@transaction_required
def end_viewing(*, viewing_id: UUID, member: Membership, session: str, now: datetime) -> Viewing | None:
    """The member leaves before the time is over. None where it is not theirs, or over already."""
    user_for_update(member.user)
    mine = _standing(member, session_hash(session), database_now())
    viewing = next((each for each in mine if each.pk == viewing_id), None)
    if viewing is not None:
        advocate_for_update(viewing.advocate_id)  # guards the numbers of their events
        _leave(viewing, now)
    return viewing


def session_hash(session: str) -> str:
    """What stands for a member's log-in: nobody who reads the row can use it."""
    return hmac.new(settings.SECRET_KEY.encode(), f"viewing\x1f{session}".encode(), hashlib.sha256).hexdigest()


def _standing(member: Membership, whose: str, real_now: datetime) -> list[Viewing]:
    mine = Viewing.objects.filter(user=member.user_id, session=whose, left_at=None, ends_at__gt=real_now)
    return list(mine.select_related("advocate__customer").order_by("pk"))


def _leave(viewing: Viewing, now: datetime) -> None:
    """The caller holds the locks of whoever looks and of the advocate."""
    Viewing.objects.filter(pk=viewing.pk).update(left_at=now)
    if viewing.user_id:
        by, data = events.by_user(viewing.user_id), {"viewing": str(viewing.pk)}
        events.record("advocate.view_left", subject=viewing.advocate, by=by, now=now, data=data)


def _whence(ip: str, now: datetime) -> tuple[int | None, str]:
    if not says_where(ip):
        return None, ""
    salt = salt_for(now)
    return salt.number, hash_address(salt.secret, ip)
