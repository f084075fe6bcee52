"""Answers drawn by Django itself, kept per shape of link and view, and until when they may be used."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from kit.days import local_date, start_of_day
from kit.proxies import WsgiApplication
from kit.tenancy import TenantRef, tenant_scope, tenant_transaction
from referral_saas.friend.access import Place, place_of
from referral_saas.friend.drawing import DRAWING
from referral_saas.friend.notices import standing_obstacle
from referral_saas.friend.views import first_answer, unknown
from referral_saas.lane.records import LinkRecord, record_of
from referral_saas.lane.requests import Spelling, View
from referral_saas.lane.shelf import known_address
from referral_saas.lane.slots import Drawn, Slots
from rewards.models import BonusCampaign
from tracking.salts import LiveSalt, salt_for
from tracking.stream import milliseconds_of


@dataclass(slots=True)
class Plan:
    """``ahead_ms``: the merchant's business time less this machine's. ``until_ms`` is business time."""

    drawn: Drawn
    counts: bool
    ref: TenantRef
    salt: LiveSalt
    ahead_ms: int
    until_ms: int
    stamp: bytes | None
    checked: float


@dataclass(frozen=True, slots=True)
class SlotPlace(Place):
    """A known link with a slot in place of the advocate's name."""

    name: str = ""

    @property
    def advocate_name(self) -> str:
        return self.name


class InTrouble(Exception):
    """Django could not draw: that says nothing about the link."""


class Sketch:
    """Draws one answer: handed to Django as the function that answers the request."""

    def __init__(self, spelling: Spelling, record: LinkRecord, view: View, slots: Slots) -> None:
        self._spelling, self._record, self._view, self._slots = spelling, record, view, slots
        self._plan: dict[str, Any] = {}

    def plan(self, django: WsgiApplication, *, stamp: bytes | None, checked: float) -> Plan | None:
        """None where the link has changed meanwhile, or is not to be found there any more. Raises InTrouble."""
        status, headers, body = _answer_of(django, self._environ())
        if status.startswith("5"):
            raise InTrouble(status)
        if not self._plan:
            return None
        return Plan(Drawn(status, headers, body, self._slots), stamp=stamp, checked=checked, **self._plan)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = known_address(self._spelling)
        if address is None:
            return unknown(request)
        with tenant_scope(address.ref), tenant_transaction():
            place = place_of(request, address)
            if place is None or place.link.retired_at or record_of(place).shape != self._record.shape:
                return unknown(request)
            counts = self._view.person and standing_obstacle(place) is None
            response = first_answer(request, self._with_slots(place), self._slots.token if counts else "")
            salt = salt_for(place.now)
            self._plan = {
                "counts": counts,
                "ref": address.ref,
                "salt": salt,
                "ahead_ms": milliseconds_of(place.now) - time.time_ns() // 1_000_000,
                "until_ms": milliseconds_of(min(salt.until_at, _until(place))),
            }
        return response

    def _with_slots(self, place: Place) -> SlotPlace:
        return SlotPlace(place.link, place.workspace, place.now, self._slots.name if self._record.name else "")

    def _environ(self) -> dict[str, Any]:
        host, _colon, port = self._view.host.partition(":")
        return {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": self._spelling.path(self._slots.code),
            "QUERY_STRING": "",
            "SERVER_NAME": host,
            "SERVER_PORT": port or ("443" if self._view.scheme == "https" else "80"),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": self._view.host,
            "HTTP_ACCEPT_LANGUAGE": self._view.language,
            "wsgi.url_scheme": self._view.scheme,
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            DRAWING: self,
        }


def _answer_of(django: WsgiApplication, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    said: list[Any] = []
    chunks = django(environ, lambda status, headers, *_: said.extend((status, headers)))
    try:
        body = b"".join(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()  # Django gives its connection back here
    return said[0], list(said[1]), body


def _until(place: Place) -> datetime:
    """When what is drawn now may be wrong without anybody having changed anything: days begin, bonuses begin and end,
    and a week of addresses has a salt of its own."""
    tomorrow = local_date(place.now, place.workspace.time_zone) + timedelta(days=1)
    ends = [start_of_day(tomorrow, place.workspace.time_zone)]
    for bonus in BonusCampaign.objects.filter(program_id=place.program.pk, ends_at__gt=place.now):
        ends.append(bonus.starts_at if bonus.starts_at > place.now else bonus.ends_at)
    return min(ends)
