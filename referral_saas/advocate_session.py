"""The advocate's session: one signed cookie per merchant, bound to (merchant, advocate, epoch).

Advocates are not Users: nothing of it is stored, and raising the advocate's ``session_epoch`` ends every copy of it.
The friend's page reads it too, to tell advocates that a link is their own.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from advocates.models import Advocate
from advocates.selectors import present_advocate
from merchants.models import Merchant
from referral_saas import portal_cookies

LASTS = timedelta(days=30)
_SALT = "advocate session"


def cookie_name(merchant: Merchant) -> str:
    """Each merchant's portal has its own: being signed in at one says nothing at another."""
    return f"advocate_{merchant.slug}"


def sign_in(response: HttpResponse, merchant: Merchant, advocate: Advocate) -> None:
    parts = [str(advocate.pk), advocate.session_epoch]
    portal_cookies.remember(response, cookie_name(merchant), merchant, parts, salt=_SALT, lasts=LASTS, path="/")


def sign_out(response: HttpResponse, merchant: Merchant) -> None:
    response.delete_cookie(cookie_name(merchant), samesite="Lax")


def signed_in_advocate(request: HttpRequest, merchant: Merchant) -> Advocate | None:
    """Who is signed in at this merchant, which must be the one in scope; banned advocates are nobody."""
    found = _read(request, merchant)
    if found is None:
        return None
    advocate_id, epoch = found
    advocate = present_advocate(advocate_id)
    if advocate is None or advocate.session_epoch != epoch or advocate.state == Advocate.State.BANNED:
        return None
    return advocate


def _read(request: HttpRequest, merchant: Merchant) -> tuple[UUID, int] | None:
    found = portal_cookies.remembered(request, cookie_name(merchant), merchant, salt=_SALT, lasts=LASTS, parts=2)
    return (UUID(found[0]), int(found[1])) if found else None
