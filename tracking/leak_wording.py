"""Why a link seems to have got out, in words for the merchant. Never shown to advocates: they are not blamed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kit.wording import day, number
from tracking.models import Leak
from tracking.rules.leaks import Kind

_SIGNS: dict[str, Promise | str] = {
    Kind.COUPON_SITE: _("%(visits)s visits came from sites that collect codes (%(sites)s), the first from %(site)s."),
    Kind.TYPED: _(
        "%(orders)s orders in one day had the code typed in by people whom nothing else ties to the advocate. "
        "On an ordinary day there are %(usual)s."
    ),
    Kind.NETWORKS: _(
        "Within one hour it was opened from %(networks)s different networks. "
        "On an ordinary day it has %(usual)s visits."
    ),
    Kind.VELOCITY: _(
        "%(visits)s visits in one day. On an ordinary day there are %(usual)s, "
        "and there were never more than %(busiest)s."
    ),
}
#: Where all of them came from one.
_ONE_SITE = _("%(visits)s visits came from %(site)s, a site that collects codes for everybody.")
_KINDLY: dict[str, Promise | str] = {
    Leak.State.OPEN: _("Nothing is changed until somebody decides."),
    Leak.State.ROTATED: _("Friends from before keep everything."),
    Leak.State.DISMISSED: _("Somebody looked and found nothing wrong."),
}


def signs_text(leak: Leak, *, zone: str, language: str) -> list[str]:
    """One sentence for each sign, with its numbers and its first moment."""
    return [_sign_text(sign, zone, language) for sign in leak.seen.get("signs", ())]


def _sign_text(sign: dict[str, Any], zone: str, language: str) -> str:
    said = {name: _said(value, language) for name, value in sign.items()}
    since = day(datetime.fromisoformat(sign["since"]), zone, language)
    words = _ONE_SITE if sign.get("sites") == [sign.get("site")] else _SIGNS[sign["kind"]]
    return f"{words % said} {_now('First seen %(moment)s.') % {'moment': since}}"


def _said(value: Any, language: str) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return number(value, language) if isinstance(value, int | float) else str(value)


def state_text(leak: Leak) -> str:
    return str(_KINDLY[leak.state])


def first_site(leak: Leak) -> str:
    """Where it was seen first, if it was on a site."""
    return next((str(sign["site"]) for sign in leak.seen.get("signs", ()) if sign.get("site")), "")
