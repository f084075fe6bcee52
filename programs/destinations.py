"""Where links may lead and what they may carry there: what people type, checked, with words for what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_plus

from django.conf import settings
from django.utils.translation import gettext as _

from kit.urls import BadDestination, parse_destination
from merchants.models import Workspace
from programs.rules.campaign import LONGEST, PREFIX, BadCampaign, clean_campaign

#: Parameters of ours that the shop's snippet reads: the referral token and the code.
OURS = frozenset({"rt", "rc"})


class BadWay(ValueError):
    """A destination or campaign parameter that links cannot have: ``field`` is its name, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def clean_destination(text: str, workspace: Workspace) -> str:
    """The canonical address on one of the merchant's verified hosts; empty for the shop's own. Raises BadWay."""
    typed = text.strip()
    if not typed:
        return ""
    url = typed if "://" in typed else f"https://{typed}"
    try:
        address = parse_destination(url, hosts=workspace.verified_hosts, allow_localhost=local_shops_allowed())
    except BadDestination as error:
        raise BadWay("destination", str(error)) from error
    if taken := OURS & set(query_names(address)):
        said = _("Leave “%(name)s” out of the address: links carry a parameter of this name themselves.")
        raise BadWay("destination", said % {"name": sorted(taken)[0]})
    return address


def local_shops_allowed() -> bool:
    """Only a demo has a shop on its own machine."""
    return settings.MODE in {"demo", "test"}


def query_names(address: str) -> list[str]:
    """Names of the parameters of an address, decoded as a shop reads them."""
    query = address.partition("#")[0].partition("?")[2]
    return [unquote_plus(part.partition("=")[0]) for part in query.split("&") if part]


def clean_utm(given: Mapping[str, object]) -> dict[str, str]:
    """Campaign parameters by their names without utm_. Raises BadWay."""
    try:
        return clean_campaign(given)
    except BadCampaign as error:
        raise BadWay(f"{PREFIX}{error.parameter}", _WORDS[error.reason]()) from error


def _too_long() -> str:
    return _("Use %(limit)s characters at most.") % {"limit": LONGEST}


def _personal() -> str:
    return _(
        "This looks like a person's address or number. It would stand in every friend's address bar: leave it out."
    )


def _characters() -> str:
    return _("Use letters, digits, spaces and . , - _ ~ + & : / | only.")


def _not_known() -> str:
    return _("There is no campaign parameter of this name.")


_WORDS = {
    "too_long": _too_long,
    "personal": _personal,
    "characters": _characters,
    "not_text": _characters,
    "unknown": _not_known,
}
