"""Cards to print: the shop, what friends get, a QR code and the address to type. Several on a sheet of A4."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from advocates.models import Link
from engagement.addresses import LinkHome
from kit.language import language_of_page
from programs.wording import disclosure, friend_headline

#: How many fill a sheet, by what is asked for.
SHEETS = (1, 2, 8)


def card_context(request: HttpRequest, link: Link, home: LinkHome, qr_url: str) -> dict[str, Any]:
    """``?cards=``: 1, 2 or 8 on the sheet."""
    asked = request.GET.get("cards", "")
    count = int(asked) if asked in map(str, SHEETS) else SHEETS[-1]
    advocate = link.advocate
    words = (advocate.live_terms, advocate.program, language_of_page())
    name = advocate.customer.first_name
    return {
        "link": link,
        "count": count,
        "cards": range(count),
        "sheets": [(each, each == count) for each in SHEETS],
        "address": home.address(link),
        "spoken": home.spoken(link),
        "qr_url": qr_url,
        "headline": friend_headline(*words, advocate=name),
        "disclosure": disclosure(*words, advocate=name),
    }
