"""What an order's body tells about the browser and the card it was placed with. Never stored: only keyed hashes are."""

from __future__ import annotations

import ipaddress

from django.utils.translation import gettext as _

from referral_saas.api.body import Body
from tracking.facts import TraceIn

LONGEST_AGENT = 1000
LONGEST_FINGERPRINT = 200
LONGEST_REFERRER = 2000


def read_trace(body: Body) -> TraceIn | None:
    """The optional part ``buyer``. Whatever of it is left out, its signals are not available."""
    part = body.part("buyer")
    if part is None:
        return None
    return TraceIn(
        ip=_address(part),
        user_agent=part.text("user_agent", longest=LONGEST_AGENT),
        payment_fingerprint=part.text("payment_fingerprint", longest=LONGEST_FINGERPRINT),
        referrer=part.text("referrer", longest=LONGEST_REFERRER) if part.has("referrer") else None,
    )


def _address(part: Body) -> str:
    told = part.text("ip", longest=60)
    try:
        return str(ipaddress.ip_address(told)) if told else ""
    except ValueError:
        part.refuse("ip", "not_an_ip", _("Send the buyer's internet address, for example 203.0.113.7 or 2001:db8::7."))
        return ""
