"""Cookies of a merchant's portal that say who is there: signed, and worth nothing at another merchant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kit.signing import sign_value, unsign_value
from merchants.models import Merchant


def remember(
    response: HttpResponse, name: str, merchant: Merchant, parts: list[Any], *, salt: str, lasts: timedelta, path: str
) -> None:
    response.set_cookie(
        name,
        sign_value([str(merchant.pk), *parts], salt=salt, key=settings.SECRET_KEY),
        path=path,
        max_age=lasts,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def remembered(
    request: HttpRequest, name: str, merchant: Merchant, *, salt: str, lasts: timedelta, parts: int
) -> list[Any] | None:
    """The parts that were signed for this merchant; None for anything else."""
    value = unsign_value(
        request.COOKIES.get(name),
        salt=salt,
        key=settings.SECRET_KEY,
        max_age=lasts,
        fallback_keys=settings.SECRET_KEY_FALLBACKS,
    )
    if not isinstance(value, list) or len(value) != parts + 1 or value[0] != str(merchant.pk):
        return None
    return value[1:]
