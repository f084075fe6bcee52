"""Links that stand in mails. Tokens are row ids, signed for one purpose each: nothing secret is stored."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from advocates.actions.magic import magic_token
from advocates.models import MagicLink
from kit.signing import sign_value, unsign_value

INVITATION, UNSUBSCRIBE = "invitation", "unsubscribe"


def portal(slug: str) -> str:
    return f"{settings.PUBLIC_URL}/p/{slug}/"


def magic_link(slug: str, link: MagicLink) -> str:
    return f"{settings.PUBLIC_URL}/p/{slug}/enter/{magic_token(link)}"


def invitation(invitation_id: UUID) -> str:
    return f"{settings.PUBLIC_URL}/join/{_signed(str(invitation_id), INVITATION)}"


def workspace(slug: str, page: str) -> str:
    """A page of the dashboard, for somebody of the team."""
    return f"{settings.PUBLIC_URL}/w/{slug}/{page}"


def friend_link(code: str) -> str:
    """What the advocate shares."""
    return f"{urlsplit(settings.PUBLIC_URL).scheme}://{settings.SHARED_LINK_HOST}/r/{code}"


def unsubscribe(merchant_id: UUID, customer_id: UUID) -> str:
    token = _signed([str(merchant_id), str(customer_id)], UNSUBSCRIBE)
    return f"{settings.PUBLIC_URL}/mail/unsubscribe/{token}"


def read_unsubscribe(token: str) -> tuple[UUID, UUID] | None:
    """(merchant, customer), or None for anything we did not sign. Never expires: old mails keep their way out."""
    value = unsign_value(token, salt=UNSUBSCRIBE, key=settings.SECRET_KEY, fallback_keys=settings.SECRET_KEY_FALLBACKS)
    return (UUID(value[0]), UUID(value[1])) if isinstance(value, list) and len(value) == 2 else None


def _signed(value: Any, salt: str) -> str:
    return sign_value(value, salt=salt, key=settings.SECRET_KEY)
