"""Where a friend is sent: always the merchant's own shop, on a verified host, whatever the request says.

``way_to_shop`` is the one function that decides it, and is pure; ``shop_of`` and ``route_of`` read what it needs.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from advocates.models import Link
from integrations.models import Connection
from integrations.selectors import connections
from kit.urls import Address, BadDestination, parse_destination, read_address
from merchants.models import Workspace
from programs.destinations import OURS, local_shops_allowed, query_names
from programs.models import Program
from programs.rules.campaign import PREFIX, merged

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shop:
    """What is known about a merchant's shop."""

    url: str
    hosts: tuple[str, ...]
    is_shopify: bool
    allows_localhost: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Where a link leads within the shop and what it carries: the link's own wishes over the program's."""

    destination: str = ""
    utm: tuple[tuple[str, str], ...] = ()


def shop_of(workspace: Workspace) -> Shop:
    is_shopify = connections().filter(kind=Connection.Kind.SHOPIFY).exists()
    return Shop(workspace.shop_url, tuple(workspace.verified_hosts), is_shopify, local_shops_allowed())


def route_of(program: Program, link: Link | None = None) -> Route:
    own = link.utm if link else {}
    destination = (link.destination if link else "") or program.destination
    return Route(destination, tuple(merged(program.utm, own).items()))


def way_to_shop(shop: Shop, route: Route = Route(), *, token: str, code: str = "") -> str:
    """The address behind "Continue to the shop"; empty when the shop's own address is not a verified one.

    A destination that has lost its verified host is left out: the friend lands at the shop's front door. A Shopify
    shop puts the code into the cart by itself: /discount/CODE?redirect=/?rt=TOKEN. Elsewhere the SDK reads ``rt`` (the
    referral token) and ``rc`` (the code) from the address. Parameters the merchant wrote into the address stay, and
    go over campaign parameters of the same name.
    """
    front = _verified(shop.url, shop)
    if front is None:
        logger.warning("the shop's address %s is not on a verified host", shop.url)
        return ""
    target = (_verified(route.destination, shop) if route.destination else None) or front
    ours = [(name, value) for name, value in (("rt", token), ("rc", code)) if value]
    campaign = [(f"{PREFIX}{name}", value) for name, value in route.utm]
    if code and shop.is_shopify and target.authority == front.authority:
        redirect = f"/{_carrying(target, [*ours, *campaign]).rest.lstrip('/')}"  # two of them would name a host
        return f"{front.scheme}://{front.authority}/discount/{quote(code, safe='')}?{urlencode({'redirect': redirect})}"
    return str(_carrying(target, [*ours, *campaign]))


def _verified(url: str, shop: Shop) -> Address | None:
    try:
        return read_address(parse_destination(url, hosts=shop.hosts, allow_localhost=shop.allows_localhost))
    except BadDestination:
        return None


def _carrying(target: Address, pairs: list[tuple[str, str]]) -> Address:
    """The address with these parameters behind its own. Ours are given once only: the shop reads the first it finds."""
    address, hash_mark, fragment = (target.rest or "/").partition("#")
    path, _mark, query = address.partition("?")
    kept = [part for part in query.split("&") if part and not OURS & set(query_names(f"?{part}"))]
    standing = set(query_names(f"?{query}"))
    added = [urlencode([pair]) for pair in pairs if pair[0] in OURS or pair[0] not in standing]
    whole = "&".join([*kept, *added])
    path = path if path.startswith("/") else f"/{path}"
    rest = f"{path}{'?' if whole else ''}{whole}{hash_mark}{fragment}"
    return Address(target.scheme, target.host, target.port, rest)
