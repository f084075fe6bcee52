"""A friend's visit: is it a person, does it count, and the token that carries it to the shop."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from kit.ids import uuid7
from kit.signing import make_click_token, parse_click_token
from referral_saas.friend.access import Place
from referral_saas.limits import within_limit
from tracking.actions.clicks import record_click, token_of
from tracking.humans import LONGEST_AGENT, device_of, is_human

#: One browser at one address counts once a minute per link, and one address thirty times: whoever reloads a page or
#: hammers a link adds no clicks. Each visit gets a token of its own all the same, so no friend behind a shared
#: address loses their offer: the token is the claim, the row only evidence.
COUNTED_PER_BROWSER, COUNTED_PER_ADDRESS, SPAN_SECONDS = 1, 30, 60


def is_person(request: HttpRequest) -> bool:
    return is_human(request.method or "", request.headers)


def token_for_visit(request: HttpRequest, place: Place) -> str:
    """Record the click if it counts; give the signed token. Needs a transaction that may write."""
    agent = request.headers.get("User-Agent", "")[:LONGEST_AGENT]
    if _counts(request, place, agent):
        return token_of(record_click(link=place.link, device=device_of(agent), now=place.now))
    return make_click_token(click_id=uuid7(), link_id=place.link.pk, at=place.now, key=settings.CLICK_TOKEN_KEYS[0])


def _counts(request: HttpRequest, place: Place, agent: str) -> bool:
    link = place.link.pk
    return within_limit(request, "click", link, agent, most=COUNTED_PER_BROWSER, seconds=SPAN_SECONDS) and within_limit(
        request, "clicks", link, most=COUNTED_PER_ADDRESS, seconds=SPAN_SECONDS
    )


def belongs_here(token: str, place: Place) -> bool:
    """Whether we signed this token for a visit of this very link."""
    found = parse_click_token(token, keys=settings.CLICK_TOKEN_KEYS)
    return found is not None and found.link_id == place.link.pk


def click_of(token: str) -> UUID | None:
    found = parse_click_token(token, keys=settings.CLICK_TOKEN_KEYS)
    return found.click_id if found else None
