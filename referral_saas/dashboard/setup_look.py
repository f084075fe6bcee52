"""What is being typed, on its way into the frames that show it: signed and in the address, so that nothing is kept."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from zlib import compress, decompress

from django.conf import settings
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from kit.signing import sign_value, unsign_value
from programs.models import Program
from programs.rules import Terms
from referral_saas.dashboard.frame import Desk

#: Whose pages can be looked at.
SIDES = ("friend", "advocate")


@dataclass(frozen=True, slots=True)
class Look:
    """``shop`` and ``colour`` as the people of the shop would see them."""

    terms: Terms
    program: str
    shop: str
    colour: str

    def to_json(self) -> list[Any]:
        return [self.terms.to_json(), self.program, self.shop, self.colour]


def standing(desk: Desk, program: Program) -> Look:
    """As it is kept now."""
    return Look(program.draft_terms, program.name, desk.merchant.name, desk.workspace.brand_colour)


def frames(desk: Desk, look: Look) -> list[dict[str, str]]:
    """The addresses of the pages that show it."""
    titles = {"friend": _("What your friends see"), "advocate": _("What advocates see")}
    asked = urlencode({"as": _sealed(desk, look)})
    return [{"title": titles[side], "src": f"/w/{desk.merchant.slug}/setup/preview/{side}?{asked}"} for side in SIDES]


def look_of(desk: Desk, text: str) -> Look | None:
    """None for whatever was not written by ``frames`` for this workspace."""
    older = settings.SECRET_KEY_FALLBACKS
    value = unsign_value(text, salt=_salt(desk), key=settings.SECRET_KEY, fallback_keys=older)
    if not isinstance(value, str):
        return None
    terms, *words = json.loads(decompress(urlsafe_b64decode(value)))
    return Look(Terms.from_json(terms), *words)


def _sealed(desk: Desk, look: Look) -> str:
    packed = urlsafe_b64encode(compress(json.dumps(look.to_json()).encode(), 9)).decode("ascii")
    return sign_value(packed, salt=_salt(desk), key=settings.SECRET_KEY)


def _salt(desk: Desk) -> str:
    return f"dashboard.setup.look.{desk.merchant.pk}"
