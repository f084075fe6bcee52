"""A friend's visit: is it a person, the token that carries it to the shop, and the click that is counted.

The lane (referral_saas.lane) makes its visits with the same functions, so both ways leave the same click.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from kit.ids import uuid7_bytes
from kit.proxies import network_of
from kit.signing import click_token_text, link_part, parse_click_token
from kit.tenancy import TenantRef
from kit.urls import came_from
from referral_saas.friend.access import Place
from referral_saas.friend.counting import book
from referral_saas.friend.stream import MARK_BYTES, SECOND_DIGITS, Click
from tracking.humans import LONGEST_AGENT, client_of, is_human
from tracking.salts import LiveSalt, hash_address, hash_both, salt_for
from tracking.stream import VERSION, milliseconds_of

#: Before that the host has ended, or it is too long: no more of a Referer header is remembered.
_HOST_ENDS = 120
_UNPLAIN = re.compile(r"[|\x00-\x1f\x7f-\x9f]")


@dataclass(slots=True)
class LinkFacts:
    """What a click says about its link, with the parts of its entry that are the same for every visit."""

    merchant_id: UUID
    link_id: UUID
    program_id: UUID
    channel: str
    variant: str

    def parts(self) -> LinkParts:
        middle = f"|{self.merchant_id.hex}|{self.link_id.hex}|{self.program_id.hex}|"
        told = f"|{_plain(self.channel, 10)}|{_plain(self.variant, 40)}|"
        return LinkParts(link_part(self.link_id), self.link_id.bytes, middle, told)


class LinkParts(NamedTuple):
    token: str
    raw: bytes
    middle: str
    told: str


class Visitor(NamedTuple):
    """What the request tells: the whole user agent, the host it came from, the address of the client."""

    agent: str
    referrer: str
    address: str


class Visit(NamedTuple):
    """A visit to be taken down: its token, and its click."""

    token: str
    click: Click

    def take_down(self, ref: TenantRef) -> None:
        book().take_down(self.click, ref)


def make_visit(link: LinkParts, visitor: Visitor, salt: LiveSalt, at_ms: int) -> Visit:
    """``at_ms``: the merchant's business time. The click's id holds the real time."""
    microseconds = time.time_ns() // 1000
    click = uuid7_bytes(microseconds)
    token = click_token_text(click, link.token, at_ms // 1000, settings.CLICK_TOKEN_KEYS[0])
    agent, referrer, address = visitor
    told, mark = _browser(agent)
    known, near = hash_both(salt.secret, address)
    entry = f"{VERSION}|{click.hex()}{link.middle}{at_ms}{link.told}{told}|{referrer}|{salt.number}|{known}|{near}"
    who = known if ":" not in address else hash_address(salt.secret, network_of(address))
    marked = b"%b%0*d" % (mark, SECOND_DIGITS, microseconds // 1_000_000)
    return Visit(token, Click(entry.encode(), b"v:%b%b" % (link.raw, who.encode()), marked))


@lru_cache(maxsize=4096)
def _browser(agent: str) -> tuple[str, bytes]:
    """What an entry says of a user agent, and a mark that tells browsers apart within a minute, kept no longer."""
    client = client_of(agent)
    mark = blake2b(agent.encode("utf-8", "surrogatepass"), digest_size=MARK_BYTES).digest()
    return f"{client.device}|{client.agent}", mark


def referrer_host(said: str) -> str:
    """The host alone of a Referer header; what cannot be read is nothing."""
    return came_from(said[:_HOST_ENDS])


def _plain(text: str, longest: int) -> str:
    return _UNPLAIN.sub("", text)[:longest]


# --- through Django ---------------------------------------------------------------------------------------------


def is_person(request: HttpRequest) -> bool:
    return is_human(request.method or "", request.headers)


def visit_to(place: Place, request: HttpRequest) -> Visit:
    """Needs a transaction that may write: a week may begin, with a salt of its own."""
    link, advocate = place.link, place.link.advocate
    facts = LinkFacts(place.merchant.pk, link.pk, advocate.program_id, link.channel, advocate.variant)
    return make_visit(facts.parts(), visitor_of(request), salt_for(place.now), milliseconds_of(place.now))


def visitor_of(request: HttpRequest) -> Visitor:
    meta = request.META
    return Visitor(
        meta.get("HTTP_USER_AGENT", "")[:LONGEST_AGENT],
        referrer_host(meta.get("HTTP_REFERER", "")),
        meta.get("REMOTE_ADDR", ""),
    )


def belongs_here(token: str, place: Place) -> bool:
    """Whether we signed this token for a visit of this very link."""
    found = parse_click_token(token, keys=settings.CLICK_TOKEN_KEYS)
    return found is not None and found.link_id == place.link.pk


def came_before_the_end(token: str, place: Place) -> bool:
    """A visit of this link from before it was taken out of use."""
    found = parse_click_token(token, keys=settings.CLICK_TOKEN_KEYS)
    ended_at = place.link.retired_at
    return found is not None and found.link_id == place.link.pk and (ended_at is None or found.at < ended_at)


def click_of(token: str) -> UUID | None:
    found = parse_click_token(token, keys=settings.CLICK_TOKEN_KEYS)
    return found.click_id if found else None
