"""Campaign parameters (utm_source and so on) that links carry to the shop. Pure.

They end up in the shop's statistics and in the friend's address bar, so nothing that could name a person is let in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Without their prefix, in the order in which they are shown.
PARAMETERS = ("source", "medium", "campaign", "term", "content", "id")
PREFIX = "utm_"
LONGEST = 100
# Letters of any language, digits, spaces and what campaigns are named with. No @, so no address of a person.
_ALLOWED = re.compile(r"[\w .,&~+|:{}()/-]*")
# Telephone numbers begin with + or 0; campaigns have long numbers of their own, which do not. And accounts.
_OF_A_PERSON = re.compile(r"@|%40|(?<!\d)[+0](?:[ ()./-]*\d){8,}|(?<![A-Z])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3}")


class BadCampaign(ValueError):
    """``parameter`` is one of PARAMETERS (or what was given in its place), ``reason`` a code."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(f"{parameter}: {reason}")
        self.parameter, self.reason = parameter, reason


def clean_campaign(given: Mapping[str, object]) -> dict[str, str]:
    """What was given, without blanks around and without empty ones, in the order of PARAMETERS. Raises BadCampaign."""
    for name in given:
        if name not in PARAMETERS:
            raise BadCampaign(str(name), "unknown")
    cleaned = {name: _clean(name, given[name]) for name in PARAMETERS if name in given}
    return {name: value for name, value in cleaned.items() if value}


def merged(program: Mapping[str, str], link: Mapping[str, str]) -> dict[str, str]:
    """The link's own parameters go over the program's."""
    both = {**program, **link}
    return {name: both[name] for name in PARAMETERS if both.get(name)}


def _clean(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadCampaign(name, "not_text")
    text = value.strip()
    if len(text) > LONGEST:
        raise BadCampaign(name, "too_long")
    if _OF_A_PERSON.search(text):
        raise BadCampaign(name, "personal")
    if not _ALLOWED.fullmatch(text):
        raise BadCampaign(name, "characters")
    return text
