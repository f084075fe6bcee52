"""Where the friend's token hides in a Shopify order: cart attributes first, then the address the visit began with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from integrations.shopify.reading import Json

ATTRIBUTE = "referral_token"
PARAMETER = "rt"
#: A discount link redirects to a page whose address may carry the token; nobody nests deeper than this.
DEEPEST = 3
MOST_TOKENS = 20

_TOKEN = re.compile(r"[A-Za-z0-9._-]{10,200}", re.ASCII)


def tokens_of(order: Json) -> list[str]:
    """What looks like a token, each once, in the order found. Whether it is genuine is asked elsewhere."""
    found = [*_from_attributes(order.get("note_attributes")), *_from_address(order.get("landing_site"))]
    return [token for token in dict.fromkeys(found) if _TOKEN.fullmatch(token)][:MOST_TOKENS]


def _from_attributes(attributes: Any) -> Iterator[str]:
    """Shopify lists name and value; carts hand over one object. One attribute may hold several tokens."""
    if isinstance(attributes, dict):
        attributes = [{"name": name, "value": value} for name, value in attributes.items()]
    for item in attributes if isinstance(attributes, list) else []:
        if isinstance(item, dict) and item.get("name") == ATTRIBUTE and isinstance(item.get("value"), str):
            yield from (token.strip() for token in item["value"].split(","))


def _from_address(address: Any, depth: int = 0) -> Iterator[str]:
    if not isinstance(address, str) or depth > DEEPEST:
        return
    for name, value in _query(address):
        if name == PARAMETER:
            yield value
        elif name == "redirect":
            yield from _from_address(value, depth + 1)


def _query(address: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(address).query, max_num_fields=100)
    except ValueError:
        return []
