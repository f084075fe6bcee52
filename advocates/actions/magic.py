"""One-time ways into the portal. The mailed token is the row's id, signed; nothing secret is stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from advocates.actions.standing import AdvocateStateError
from advocates.locks import advocate_for_update
from advocates.models import Advocate, MagicLink
from advocates.selectors import advocate_by_id
from kit.clock import database_now
from kit.signing import sign_value, unsign_value
from kit.tenancy import transaction_required
from merchants import events

LASTS = timedelta(minutes=30)
#: Asked again within a minute, nothing new is sent: typing somebody's address must not fill their mailbox.
QUIET_FOR = timedelta(minutes=1)
MOST_OPEN = 5
SALT = "portal.magic-link"


@transaction_required
def make_magic_link(*, advocate: Advocate, now: datetime) -> MagicLink:
    """A new link and the event that has it mailed; the newest there is when one was just made or five are open.

    Validity is real time: a test clock that moves must not lock people out. Raises AdvocateStateError for the banned.
    """
    found = advocate_for_update(advocate.pk)
    if found.state == Advocate.State.BANNED:
        raise AdvocateStateError(found.state, "let in")
    real_now = database_now()
    still_open = MagicLink.objects.filter(advocate=found, used_at=None, expires_at__gt=real_now)
    open_links: list[MagicLink] = list(still_open.order_by("-expires_at"))
    if open_links and (len(open_links) >= MOST_OPEN or _was_just_made(open_links[0], real_now)):
        return open_links[0]
    link: MagicLink = MagicLink.objects.create(advocate=found, created_at=now, expires_at=real_now + LASTS)
    data = {"magic_link": str(link.pk)}
    events.record("advocate.magic_link", subject=found, by=events.by_advocate(found.pk), now=now, data=data)
    return link


@transaction_required
def use_magic_link(*, token: str, now: datetime) -> Advocate | None:
    """Whom the token lets in, once. None for anything forged, used, too old, another merchant's or a banned one's."""
    link: MagicLink | None = MagicLink.objects.filter(pk=_link_id(token)).first()
    advocate = advocate_by_id(link.advocate_id) if link else None
    if link is None or advocate is None or advocate.state == Advocate.State.BANNED:
        return None
    # Conditions on the row itself: with a join, Postgres would not look at used_at again after waiting for a twin.
    usable = MagicLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=database_now())
    return advocate if usable.update(used_at=now) else None


def magic_token(link: MagicLink) -> str:
    """What is mailed."""
    return sign_value(str(link.pk), salt=SALT, key=settings.SECRET_KEY)


def _link_id(token: str) -> UUID | None:
    value = unsign_value(token, salt=SALT, key=settings.SECRET_KEY)
    return UUID(value) if isinstance(value, str) else None


def _was_just_made(link: MagicLink, real_now: datetime) -> bool:
    return bool(link.expires_at - LASTS > real_now - QUIET_FOR)
