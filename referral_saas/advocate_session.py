"""The advocate's session: one signed cookie per merchant, bound to (merchant, advocate, epoch).

Advocates are not Users: nothing of it is stored, and raising the advocate's ``session_epoch`` ends every copy of it.
The friend's page reads it too, to tell advocates that a link is their own.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from advocates.models import Advocate
from kit.signing import sign_value, unsign_value
from merchants.models import Merchant

LASTS = timedelta(days=30)
_SALT = "advocate session"


def cookie_name(merchant: Merchant) -> str:
    """Each merchant's portal has its own: being signed in at one says nothing at another."""
    return f"advocate_{merchant.slug}"


def sign_in(response: HttpResponse, merchant: Merchant, advocate: Advocate) -> None:
    value = [str(merchant.pk), str(advocate.pk), advocate.session_epoch]
    response.set_cookie(
        cookie_name(merchant),
        sign_value(value, salt=_SALT, key=settings.SECRET_KEY),
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def sign_out(response: HttpResponse, merchant: Merchant) -> None:
    response.delete_cookie(cookie_name(merchant), samesite="Lax")


def signed_in_advocate(request: HttpRequest, merchant: Merchant) -> Advocate | None:
    """Who is signed in at this merchant, which must be the one in scope; banned advocates are nobody."""
    found = _read(request, merchant)
    if found is None:
        return None
    advocate_id, epoch = found
    advocates = Advocate.objects.select_related("customer", "program__terms", "program__merchant", "accepted_terms")
    advocate: Advocate | None = advocates.filter(pk=advocate_id, session_epoch=epoch).first()
    return None if advocate is None or advocate.state == Advocate.State.BANNED else advocate


def _read(request: HttpRequest, merchant: Merchant) -> tuple[UUID, int] | None:
    value = unsign_value(
        request.COOKIES.get(cookie_name(merchant)),
        salt=_SALT,
        key=settings.SECRET_KEY,
        max_age=LASTS,
        fallback_keys=settings.SECRET_KEY_FALLBACKS,
    )
    if not isinstance(value, list) or len(value) != 3 or value[0] != str(merchant.pk):
        return None
    return UUID(value[1]), int(value[2])
