"""What each signal saw, in a sentence for the team with its values. Nobody else is ever shown one of these: whoever
learns the rules learns the way around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import ngettext

from tracking.rules.fraud import Signal

Values = Mapping[str, Any]


def signal_text(signal: Mapping[str, Any]) -> str:
    """``signal``: one of ``Referral.assessment["signals"]``. A code from a later release stays readable as it is."""
    code, seen = str(signal["code"]), signal.get("seen") or {}
    text = _TEXTS.get(code)
    return text(seen) if text else code.replace("_", " ").lower()


def missing_text(code: str) -> str:
    """For a signal whose input the connection does not give: it says nothing, and scores nothing."""
    return _now("Not available with this connection.")


def _similar_email(seen: Values) -> str:
    texts = {
        "same": _now("The friend's e-mail address is the advocate's with something put behind a plus sign."),
        "same_box_elsewhere": _now("The friend and the advocate use the same name in front of the @ at two providers."),
        "near": _now("The two e-mail addresses differ by a letter or two."),
    }
    return texts.get(str(seen.get("how")), _now("The two e-mail addresses look alike."))


def _similar_name(seen: Values) -> str:
    if seen.get("how") == "same":
        return _now("The friend and the advocate have the same full name.")
    return _now("The full names of friend and advocate differ by a letter or two.")


def _same_address(seen: Values) -> str:
    if seen.get("what") == "network":
        return _now("The order came from the neighbourhood of an internet address that the advocate uses.")
    return _now(
        "The order came from the same internet address as the advocate. Homes, offices and dormitories share one, so "
        "this alone says little."
    )


def _same_browser(_seen: Values) -> str:
    return _now("It was placed with the same browser and system as the advocate's, from the same network.")


def _address_and_haste(seen: Values) -> str:
    minutes = int(seen.get("minutes", 0))
    if minutes < 1:
        return _now("Same internet address and browser as the advocate, and less than a minute between the two.")
    return ngettext(
        "Same internet address and browser as the advocate, and only %(n)s minute between the two.",
        "Same internet address and browser as the advocate, and only %(n)s minutes between the two.",
        minutes,
    ) % {"n": minutes}


def _disposable_mail(_seen: Values) -> str:
    return _now("The friend uses an e-mail address of the kind that is thrown away after a few minutes.")


def _relay_mail(_seen: Values) -> str:
    return _now("The friend uses a service that hides their own e-mail address. Many honest people do.")


def _velocity(seen: Values) -> str:
    orders = int(seen.get("orders", 0))
    return _now("It is order number %(n)s through this advocate within one hour.") % {"n": orders}


def _ring(seen: Values) -> str:
    people = int(seen.get("people", 0))
    if people <= 2:
        return _now("The friend and the advocate referred each other.")
    return _now("%(n)s people referred each other in a circle, this friend and this advocate among them.") % {
        "n": people
    }


def _coupon_site(seen: Values) -> str:
    site = str(seen.get("site", ""))
    return _now("The friend came from %(site)s, a site that collects codes for everybody.") % {"site": site}


def _too_fast(seen: Values) -> str:
    seconds = int(seen.get("seconds", 0))
    return ngettext(
        "The order was placed %(n)s second after the link was opened.",
        "The order was placed %(n)s seconds after the link was opened.",
        seconds,
    ) % {"n": seconds}


def _leaked_code(_seen: Values) -> str:
    return _now("The advocate's link is known to have got out to strangers.")


def _hammered_link(seen: Values) -> str:
    clicks = int(seen.get("clicks", 0))
    return _now("The link was opened %(n)s times within a minute from one internet address.") % {"n": clicks}


def _listed(_seen: Values) -> str:
    return _now("It fits an entry of your trust list, so nothing else was looked at.")


def _breaker(seen: Values) -> str:
    count = int(seen.get("per_hour", 0))
    return _now("The program had %(n)s referrals within one hour, more than you allow.") % {"n": count}


def _failed(seen: Values) -> str:
    count = len(seen.get("rules", []))
    return ngettext(
        "%(n)s check could not be made, so nothing is released before somebody has looked.",
        "%(n)s checks could not be made, so nothing is released before somebody has looked.",
        count,
    ) % {"n": count}


_TEXTS: dict[str, Callable[[Values], str]] = {
    Signal.SIMILAR_EMAIL: _similar_email,
    Signal.SIMILAR_NAME: _similar_name,
    Signal.SAME_ADDRESS: _same_address,
    Signal.SAME_BROWSER: _same_browser,
    Signal.ADDRESS_AND_HASTE: _address_and_haste,
    Signal.DISPOSABLE_MAIL: _disposable_mail,
    Signal.RELAY_MAIL: _relay_mail,
    Signal.VELOCITY: _velocity,
    Signal.RING: _ring,
    Signal.COUPON_SITE: _coupon_site,
    Signal.TOO_FAST: _too_fast,
    Signal.LEAKED_CODE: _leaked_code,
    Signal.HAMMERED_LINK: _hammered_link,
    Signal.LISTED: _listed,
    Signal.BREAKER: _breaker,
    Signal.EVALUATION_FAILED: _failed,
}
