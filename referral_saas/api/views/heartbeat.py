"""A sign of life of the SDK in the shop's pages. The only address that takes a publishable key: in the body.

navigator.sendBeacon can send no headers, asks no permission and reads no answer: text/plain, any origin, no cookies.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from integrations.heartbeats import note_heartbeat
from kit.tenancy import in_tenant_transaction
from kit.urls import read_address
from merchants.models import Door
from referral_saas.api.auth import behind
from referral_saas.api.base import parse, raw_body
from referral_saas.api.body import Body
from referral_saas.api.problems import Problem, not_allowed, too_many
from referral_saas.limits import within_limit

#: A visitor sends a few in a day; an address that sends more is not a visitor.
MOST_A_MINUTE = 60
TYPES = ("", "text/plain", "application/json")
ANYWHERE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
    "Cache-Control": "no-store",
}
_PLACEMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.:/-]{0,59}")


@csrf_exempt
def heartbeat(request: HttpRequest) -> HttpResponse:
    try:
        if request.method != "OPTIONS":
            _note(request)
        response = HttpResponse(status=204)
    except Problem as problem:
        response = problem.response()
    for name, value in ANYWHERE.items():
        response.headers[name] = value
    return response


def _note(request: HttpRequest) -> None:
    if request.method != "POST":
        raise not_allowed("POST, OPTIONS")
    body = Body.of(parse(raw_body(request, types=TYPES)))
    key, place = body.text("key", required=True, longest=200), _place(body)
    body.done()
    caller = behind(Door.Kind.PUBLISHABLE_KEY, key)
    if not within_limit(request, "heartbeat", caller.key_id, most=MOST_A_MINUTE, seconds=60):
        raise too_many()
    in_tenant_transaction(caller.ref, lambda: note_heartbeat(**place, now=caller.now()))


def _place(body: Body) -> dict[str, Any]:
    placement = body.text("placement", longest=60) or "site"
    if not _PLACEMENT.fullmatch(placement):
        body.refuse("placement", "bad_placement", _("Use letters, digits and - _ . : / for the name of a placement."))
    host = body.text("page_host", required=True, longest=260)
    address = read_address(f"https://{host}/")
    if host and (address is None or address.rest != "/"):
        body.refuse("page_host", "not_a_host", _("Send the host of the page, for example shop.example.com."))
    return {"placement": placement, "page_host": address.authority if address else ""}
