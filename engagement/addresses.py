"""Links that stand in mails. Tokens are row ids, signed for one purpose each: nothing secret is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from advocates.actions.magic import magic_token
from advocates.models import Link, MagicLink
from kit.signing import sign_value, unsign_value
from merchants.selectors import host_in_use

INVITATION, UNSUBSCRIBE, WHO_SENT_YOU = "invitation", "unsubscribe", "who sent you"
NO_MORE_NOTICES = "no more notices"


def portal(slug: str) -> str:
    return f"{settings.PUBLIC_URL}/p/{slug}/"


def join(slug: str, program: str, mark: str = "") -> str:
    """Where customers join a program. ``mark``: the place or staff link they are led from, so that it is counted."""
    return f"{settings.PUBLIC_URL}/p/{slug}/join/{program}" + (f"/{mark}" if mark else "")


def magic_link(slug: str, link: MagicLink) -> str:
    return f"{settings.PUBLIC_URL}/p/{slug}/enter/{magic_token(link)}"


def invitation(invitation_id: UUID) -> str:
    return f"{settings.PUBLIC_URL}/join/{_signed(str(invitation_id), INVITATION)}"


def workspace(slug: str, page: str) -> str:
    """A page of the dashboard, for somebody of the team."""
    return f"{settings.PUBLIC_URL}/w/{slug}/{page}"


@dataclass(frozen=True, slots=True)
class LinkHome:
    """How a merchant's links are written. ``host``: the one of their own that is in use; empty: they have none."""

    slug: str
    host: str = ""

    def address(self, link: Link) -> str:
        """What the advocate shares. A chosen code lives under the merchant's name, or on the merchant's own host."""
        if self.host:
            return f"{_scheme()}://{self.host}{_own_port()}/{link.code}"
        if link.is_vanity:
            return f"{_scheme()}://{settings.SHARED_LINK_HOST}/r/{self.slug}/{link.code}"
        return f"{_scheme()}://{settings.SHARED_LINK_HOST}/r/{link.code}"

    def spoken(self, link: Link) -> str:
        """The address without what nobody says or prints."""
        return self.address(link).partition("://")[2]


def link_home(slug: str) -> LinkHome:
    """Of the merchant in scope; read once for all links of a page."""
    return LinkHome(slug, host_in_use())


def _scheme() -> str:
    return urlsplit(settings.PUBLIC_URL).scheme


def _own_port() -> str:
    """A merchant's host leads to this very server: on one's own machine, to its port too."""
    port = urlsplit(settings.PUBLIC_URL).port
    return f":{port}" if port else ""


def unsubscribe(merchant_id: UUID, customer_id: UUID) -> str:
    token = _signed([str(merchant_id), str(customer_id)], UNSUBSCRIBE)
    return f"{settings.PUBLIC_URL}/mail/unsubscribe/{token}"


def read_unsubscribe(token: str) -> tuple[UUID, UUID] | None:
    """(merchant, customer), or None for anything we did not sign. Never expires: old mails keep their way out."""
    value = unsign_value(token, salt=UNSUBSCRIBE, key=settings.SECRET_KEY, fallback_keys=settings.SECRET_KEY_FALLBACKS)
    return (UUID(value[0]), UUID(value[1])) if isinstance(value, list) and len(value) == 2 else None


def no_more_notices(merchant_id: UUID, user_id: UUID, kind: str) -> str:
    """For somebody of the team, out of one kind of mail."""
    token = _signed([str(merchant_id), str(user_id), kind], NO_MORE_NOTICES)
    return f"{settings.PUBLIC_URL}/mail/unsubscribe/team/{token}"


def read_no_more_notices(token: str) -> tuple[UUID, UUID, str] | None:
    """(merchant, user, kind of mail), or None for anything we did not sign."""
    older = settings.SECRET_KEY_FALLBACKS
    value = unsign_value(token, salt=NO_MORE_NOTICES, key=settings.SECRET_KEY, fallback_keys=older)
    return (UUID(value[0]), UUID(value[1]), str(value[2])) if isinstance(value, list) and len(value) == 3 else None


def who_sent_you(merchant_id: UUID, order_id: UUID) -> str:
    """Where the buyer of an order says who sent them. Only those who are given the link can open it."""
    return f"{settings.PUBLIC_URL}/who/{_signed([str(merchant_id), str(order_id)], WHO_SENT_YOU)}"


def read_who_sent_you(sealed: str) -> tuple[UUID, UUID] | None:
    """(merchant, order), or None for anything we did not sign."""
    value = unsign_value(
        sealed, salt=WHO_SENT_YOU, key=settings.SECRET_KEY, fallback_keys=settings.SECRET_KEY_FALLBACKS
    )
    return (UUID(value[0]), UUID(value[1])) if isinstance(value, list) and len(value) == 2 else None


def _signed(value: Any, salt: str) -> str:
    return sign_value(value, salt=salt, key=settings.SECRET_KEY)
