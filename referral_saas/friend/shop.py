"""Where a friend is sent: always the merchant's own shop, on a verified host, whatever the request says."""

from __future__ import annotations

import logging
from urllib.parse import quote, urlencode

from django.conf import settings

from integrations.models import Connection
from integrations.selectors import connections
from kit.urls import BadDestination, parse_destination, read_address
from merchants.models import Workspace

logger = logging.getLogger(__name__)


def way_to_shop(workspace: Workspace, *, token: str, code: str = "") -> str:
    """The address behind "Continue to the shop"; empty when the shop's address is not a verified one.

    A Shopify shop puts the code into the cart by itself: /discount/CODE?redirect=/?rt=TOKEN. Elsewhere the SDK reads
    ``rt`` (the referral token) and ``rc`` (the code) from the address.
    """
    shop = read_address(workspace.shop_url)
    if shop is None:
        return ""
    carried = {"rt": token} | ({"rc": code} if code else {})
    carried = {name: value for name, value in carried.items() if value}
    if code and _is_shopify():
        url = f"{shop.scheme}://{shop.authority}/discount/{quote(code, safe='')}?" + urlencode(
            {"redirect": "/?" + urlencode(carried)}
        )
    else:
        url = _with_query(str(shop), carried)
    return _verified(url, workspace)


def _is_shopify() -> bool:
    return connections().filter(kind=Connection.Kind.SHOPIFY).exists()


def _with_query(url: str, values: dict[str, str]) -> str:
    if not values:
        return url
    address, hash_mark, fragment = url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}{hash_mark}{fragment}"


def _verified(url: str, workspace: Workspace) -> str:
    try:
        return parse_destination(url, hosts=workspace.verified_hosts, allow_localhost=settings.MODE in {"demo", "test"})
    except BadDestination:
        logger.warning("workspace %s: the shop's address is not a verified one", workspace.pk)
        return ""
