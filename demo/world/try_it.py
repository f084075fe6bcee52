"""How to enter the demo world: ties the running test shop to the sandbox, then tells every address and log-in."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from advocates.actions.links import link_for
from advocates.actions.magic import make_magic_link
from advocates.models import Advocate, Channel
from advocates.selectors import advocates_of, customer_by_email
from demo.world import sandbox
from demo.world.neighbours import NEIGHBOURS
from demo.world.nordlicht import NAME as NORDLICHT
from demo.world.people import COLLEAGUES, NEU, OWNER, PASSWORD, Login
from engagement import addresses
from integrations.credentials import secret_of
from integrations.models import Connection
from kit.clock import now_for
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.actions.workspaces import change_workspace
from merchants.events import SYSTEM
from merchants.models import Merchant
from merchants.selectors import publishable_key, workspace

TIMEOUT = 10.0
SDK_PATH = "/static/sdk/v1.js"


class NoWorld(Exception):
    """The demo world was not built here."""


class NoShop(Exception):
    """The test shop does not answer."""


@dataclass(frozen=True)
class Place:
    name: str
    address: str


def lead_the_way(*, shop_url: str) -> list[str]:
    """Ties the shop and gives the lines to print, what to try first. Raises NoWorld."""
    found = _sandbox()
    trouble = ""
    try:
        tie_shop(found, shop_url)
    except NoShop as problem:
        trouble = f"The test shop could not be tied to the sandbox: {problem}"
    friend_link, magic_link = _ways_of_first_advocate(found)
    steps = "buy in the test shop, press deliver, move the clock 30 days, see the reward"
    lines = [f"Try it: open this friend link {friend_link}, {steps}", *_with_services(found), ""]
    lines += _aligned(_places(found, shop_url, friend_link, magic_link))
    lines += ["", *_logins()]
    return [*lines, "", trouble] if trouble else lines


def _sandbox() -> Merchant:
    found = Merchant.objects.filter(name=sandbox.NAME, memberships__user__email=OWNER.email).first()
    if found is None:
        raise NoWorld("There is no demo world in this database yet: manage.py demo_world builds it.")
    return found


# --- the shop ---------------------------------------------------------------------------------------------------


def tie_shop(merchant: Merchant, shop_url: str) -> None:
    """Addresses, secret, keys and codes, given anew at every start: ports may have changed. Raises NoShop."""
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        _follow_shop(merchant, shop_url)
        wanted = _connection_of(merchant)
    _post(f"{shop_url}/admin/connection", wanted)
    _post(f"{shop_url}/admin/codes.json", {"codes": [code.to_json() for code in sandbox.shop_codes()]})


def _follow_shop(merchant: Merchant, shop_url: str) -> None:
    """Friends are sent to where the shop is now. Nothing happens while it has not moved."""
    place = workspace()
    if place.shop_url.rstrip("/") == shop_url.rstrip("/"):
        return
    change_workspace(
        name=merchant.name,
        currency=place.currency,
        time_zone=place.time_zone,
        shop_url=shop_url,
        support_email=place.support_email,
        language=place.language,
        brand_colour=place.brand_colour,
        by=SYSTEM,
        now=now_for(merchant),
    )


def _connection_of(merchant: Merchant) -> dict[str, object]:
    connection = Connection.objects.get(kind=Connection.Kind.SHOPIFY, address=sandbox.DOMAIN, removed_at=None)
    key = publishable_key()
    return {
        "hook_url": f"{settings.PUBLIC_URL}/hooks/shopify/{connection.hook_token}",
        "hook_secret": secret_of(connection),
        "publishable_key": key.public_value if key else "",
        "sdk_url": f"{settings.PUBLIC_URL}{SDK_PATH}",
        "who_url": f"{settings.PUBLIC_URL}/who/shop/{merchant.slug}/",
        "shop_domain": connection.address,
        "clock_offset_seconds": int(merchant.clock_offset.total_seconds()),
    }


def _post(url: str, data: dict[str, object]) -> None:
    request = urllib.request.Request(url, json.dumps(data).encode(), {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=TIMEOUT).close()
    except urllib.error.HTTPError as refusal:
        raise NoShop(f"{url} answered {refusal.code}: {refusal.read(300).decode(errors='replace')}") from refusal
    except OSError as silence:
        raise NoShop(f"{url} does not answer") from silence


# --- what is printed --------------------------------------------------------------------------------------------


def _ways_of_first_advocate(merchant: Merchant) -> tuple[str, str]:
    """Their friend link, and a way into the portal that works once."""
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        advocate, now = _first_advocate(), now_for(merchant)
        link = link_for(advocate=advocate, channel=Channel.LINK, now=now)
        magic = make_magic_link(advocate=advocate, now=now)
        return addresses.link_home(merchant.slug).address(link), addresses.magic_link(merchant.slug, magic)


def _first_advocate() -> Advocate:
    return _advocate(sandbox.ADVOCATES[0].email, program="Freunde")


def _advocate(email: str, *, program: str) -> Advocate:
    customer = customer_by_email(email)
    assert customer is not None, "the sandbox was built with them"
    return next(each for each in advocates_of(customer) if each.program.name == program)


def _with_services(merchant: Merchant) -> Iterator[str]:
    """The same with services that make the reward, and how to see them fail. Where they run is told by the launcher."""
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        chooser = _advocate(sandbox.CHOOSER.email, program=sandbox.CHOOSING)
        link = link_for(advocate=chooser, channel=Channel.LINK, now=now_for(merchant))
        magic = make_magic_link(advocate=chooser, now=now_for(merchant))
        way = addresses.link_home(merchant.slug).address(link)
    portal = addresses.magic_link(merchant.slug, magic)
    yield f"With a choice: the same by {way}, then choose at {portal}: a gift card, credit at Stripe or a shop code"
    if services := os.environ.get("PROVIDERS_URL"):
        yield f"Simulated services: {services}/ shows every gift card, code and credit they gave"
        yield "  Switch one there to slow, 429, refuses or 500, move the clock, and watch what becomes of the reward"


def _places(merchant: Merchant, shop_url: str, friend_link: str, magic_link: str) -> Iterator[Place]:
    first, site = sandbox.ADVOCATES[0], settings.PUBLIC_URL
    dashboard = Merchant.objects.get(name=NORDLICHT, memberships__user__email=OWNER.email)
    yield Place("Friend link", friend_link)
    yield Place("Test shop", shop_url)
    yield Place("Its orders (deliver)", f"{shop_url}/admin/orders")
    yield Place("Sandbox clock", f"{site}/w/{merchant.slug}/clock")
    yield Place("Sandbox", f"{site}/w/{merchant.slug}")
    yield Place("Dashboard", f"{site}/w/{dashboard.slug}")
    yield Place(f"Portal of {first.first_name}", f"{magic_link}  (once, within 30 minutes)")
    yield Place("Portal later", f"{addresses.portal(merchant.slug)}  (as {first.email}; the link comes to the mailbox)")
    yield Place("Mailbox", f"{site}/mailbox")


def _aligned(places: Iterator[Place]) -> list[str]:
    return [f"{place.name + ':':<24}{place.address}" for place in places]


def _logins() -> Iterator[str]:
    """One line for each, the same password for all."""
    yield f"Log-ins at {settings.PUBLIC_URL}/account/login/, password {PASSWORD}"
    sees = f"{NORDLICHT}, {sandbox.NAME}"
    for login in (OWNER, *COLLEAGUES):
        yield _login_line(login, sees)
    for neighbour in NEIGHBOURS:
        yield _login_line(neighbour.login, neighbour.name)
    yield _login_line(NEU, "Neu, just signed up")


def _login_line(login: Login, sees: str) -> str:
    return f"{str(login.role.label) + ':':<24}{login.email:<30}{sees}"
