"""What became of a look at the DNS, in words for somebody who has never seen a DNS record."""

from __future__ import annotations

from django.conf import settings
from django.http.request import split_domain_port
from django.utils.translation import gettext as _

from merchants.models import Host
from merchants.rules.hosts import Missing

_TONES = {Host.State.WAITING: "info", Host.State.VERIFIED: "good", Host.State.LOST: "bad"}


def tone_of(host: Host) -> str:
    return "warn" if host.state == Host.State.VERIFIED and host.failing_since else _TONES[Host.State(host.state)]


def missing_words(host: Host) -> str:
    return {
        Missing.ABSENT: _("There is no such TXT record yet. New records take minutes, sometimes hours, to be seen."),
        Missing.OTHER: _("There is a TXT record of this name, but it says something else. Copy the value once more."),
        Missing.UNREACHABLE: _("The DNS did not answer. That says nothing about your record: try again later."),
        Missing.TAKEN: _("Another workspace uses this address. Remove it there first, then check again."),
    }[Missing(host.missing)]


def found_words(host: Host) -> str:
    said = {
        Host.Use.PAGES: _("%(host)s is yours. Links are written with it from now on."),
        Host.Use.SHOP: _("%(host)s is yours. Links may lead there from now on."),
    }
    return said[Host.Use(host.use)] % {"host": host.host}


def our_host() -> str:
    """Where a merchant's host has to point: the host of our own links, without its port."""
    return split_domain_port(settings.SHARED_LINK_HOST)[0]
