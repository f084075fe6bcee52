"""The doors of the friend's pages: a code on the shared host, under a merchant's name, or on a merchant's own host."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from advocates.actions.links import SHARED_PREFIX
from advocates.models import Link
from advocates.selectors import link_ever_by_code
from kit.clock import now_for
from kit.tenancy import TenantRef
from merchants.models import Door, Merchant, Workspace
from merchants.selectors import door_for, workspace
from programs.models import Program
from programs.rules import Terms
from referral_saas.advocate_session import signed_in_advocate
from referral_saas.languages import language_at, speak

_CODE = re.compile(r"[A-Za-z0-9_-]{3,40}", re.ASCII)
_SLUG = re.compile(r"[a-z0-9_-]{1,60}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says before anything is read: whose it is, and which code."""

    ref: TenantRef
    code: str


def address_of(code: str, merchant: str, own: Door | None = None) -> Address | None:
    """None for unknown ones and for everything that is not spelled like a code: line ends never get further.

    ``own``: on a merchant's own host that merchant's codes are known and nobody else's.
    """
    if not _CODE.fullmatch(code):
        return None
    capitals = code.upper()
    if own is not None:
        door = None if merchant else own
    elif not merchant:
        door = door_for(Door.Kind.LINK, SHARED_PREFIX + capitals)
    else:
        door = door_for(Door.Kind.PORTAL, merchant.lower()) if _SLUG.fullmatch(merchant.lower()) else None
    return Address(door.tenant_ref(), capitals) if door else None


@dataclass(frozen=True, slots=True)
class Place:
    """A known link and all that its pages speak about, read in one go."""

    link: Link
    workspace: Workspace
    now: datetime

    @property
    def merchant(self) -> Merchant:
        return self.workspace.merchant

    @property
    def program(self) -> Program:
        program: Program = self.link.advocate.program
        return program

    @property
    def terms(self) -> Terms:
        return self.link.advocate.live_terms

    @property
    def advocate_name(self) -> str:
        """First name only: a friend knows the rest, a stranger needs none of it."""
        return str(self.link.advocate.customer.first_name)


def place_for(address: Address) -> Place | None:
    """The link behind the address, in use or not (notices.standing_obstacle); asked inside its tenant's transaction."""
    link = link_ever_by_code(address.code)
    if link is None:
        return None
    settings_of_shop = workspace()
    return Place(link, settings_of_shop, now_for(settings_of_shop.merchant))


def place_of(request: HttpRequest, address: Address) -> Place | None:
    """``place_for`` whoever asks: from here on in the language that they read at this shop."""
    place = place_for(address)
    if place is not None:
        speak(request, language_at(request, place.workspace))
    return place


def is_own_link(request: HttpRequest, place: Place) -> bool:
    """The advocate's portal session of this merchant is in this browser."""
    visitor = signed_in_advocate(request, place.merchant)
    return visitor is not None and visitor.customer_id == place.link.advocate.customer_id
