"""The session of somebody of the team who looks at an advocate's portal as the advocate sees it.

The cookie is another one than the advocate's own and goes before it: as long as it is there, nothing of this portal
is done as anybody. When the look is over a page says so, until the person leaves; so what was opened as a look never
turns into something that is done in their own name. The dashboard begins it, the portal asks before every page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import DateTimeField, Func, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from advocates.models import Advocate, Viewing
from merchants.models import Membership, Merchant, User
from merchants.permissions import can
from merchants.selectors import memberships_of
from merchants.staff_selectors import has_second_factor
from referral_saas import portal_cookies
from tracking.actions.viewings import session_hash

NEED = "advocate.view_as"
#: Longer than any look lasts: until then its end is said, and nothing done in one's own name by mistake.
REMEMBERED = timedelta(hours=12)
_SALT = "looking as advocate"


@dataclass(frozen=True, slots=True)
class Banner:
    """In the language of whoever looks, which need not be the advocate's."""

    title: str
    text: str
    leave: str


@dataclass(frozen=True, slots=True)
class Look:
    """``advocate`` is None when it is over: by time, by leaving, or because whoever looked may no longer.

    ``now`` is the merchant's, while it is not over.
    """

    advocate: Advocate | None = None
    now: datetime | None = None

    @property
    def banner(self) -> Banner:
        if self.advocate is None:
            return Banner(_("You were looking at somebody's portal."), _("That is over."), _("Leave"))
        name = self.advocate.customer.first_name or self.advocate.customer.email
        return Banner(_("You see what %(name)s sees.") % {"name": name}, _("Nothing can be changed."), _("Leave"))


def remember(response: HttpResponse, merchant: Merchant, viewing: Viewing) -> None:
    parts, path = [str(viewing.pk)], _path(merchant)
    portal_cookies.remember(response, cookie_name(merchant), merchant, parts, salt=_SALT, lasts=REMEMBERED, path=path)


def forget(response: HttpResponse, merchant: Merchant) -> None:
    response.delete_cookie(cookie_name(merchant), path=_path(merchant), samesite="Lax")


def cookie_name(merchant: Merchant) -> str:
    return f"looking_{merchant.slug}"


def _path(merchant: Merchant) -> str:
    """The cookie goes to this portal alone."""
    return f"/p/{merchant.slug}/"


def viewing_named(request: HttpRequest, merchant: Merchant) -> UUID | None:
    """Which look the browser carries, valid or over; None for everybody else."""
    found = portal_cookies.remembered(request, cookie_name(merchant), merchant, salt=_SALT, lasts=REMEMBERED, parts=1)
    return UUID(found[0]) if found else None


def look_of(request: HttpRequest, merchant: Merchant, viewing_id: UUID) -> Look:
    """Asked with every request, in one statement: the seat, the role, the log-in and the time may have ended meanwhile.
    The merchant is in scope."""
    session = request.session.session_key
    if not request.user.is_authenticated or not session:
        return Look()
    clock = Func(function="clock_timestamp", output_field=DateTimeField())
    seat = Membership.objects.filter(merchant=merchant, user=OuterRef("user")).values("role")
    rows = Viewing.objects.filter(pk=viewing_id, user=request.user.pk, session=session_hash(session), left_at=None)
    rows = rows.filter(ends_at__gt=clock).exclude(advocate__state=Advocate.State.BANNED)
    needs = ("customer", "program__terms", "program__merchant", "accepted_terms")
    rows = rows.select_related(*(f"advocate__{need}" for need in needs))
    viewing = rows.annotate(role=Subquery(seat), asked_at=clock).first()
    if viewing is None or not _may_look(viewing.role, request.user, merchant):
        return Look()
    return Look(viewing.advocate, viewing.asked_at + merchant.clock_offset)


def _may_look(role: str | None, user: User, merchant: Merchant) -> bool:
    """Where a second factor is asked of everybody, nobody looks without one either."""
    if role is None or not can(role, NEED):
        return False
    return not merchant.needs_second_factor or has_second_factor(user)


def member_looking(request: HttpRequest, merchant: Merchant) -> Membership | None:
    """The person of the team who is logged in and may look at portals here."""
    if not request.user.is_authenticated:
        return None
    member = memberships_of(request.user).filter(merchant=merchant).first()
    return member if member and _may_look(member.role, request.user, merchant) else None
