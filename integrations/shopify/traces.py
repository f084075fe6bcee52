"""What Shopify tells about the browser an order was placed with. It names no card: only its first and last digits,
which many cards share."""

from __future__ import annotations

from integrations.shopify.reading import Json, part, words
from tracking.facts import TraceIn

#: Placed by somebody of the shop, at its till or by hand: the address is the shop's own.
BY_THE_SHOP = frozenset({"pos", "shopify_draft_order", "iphone", "android"})


def trace_of(order: Json) -> TraceIn | None:
    """None where the order was not placed in the buyer's own browser, or nothing is told of it."""
    if words(order.get("source_name")).lower() in BY_THE_SHOP:
        return None
    client = part(order, "client_details")
    trace = TraceIn(
        ip=words(order.get("browser_ip"), longest=60) or words(client.get("browser_ip"), longest=60),
        user_agent=words(client.get("user_agent"), longest=1000),
        referrer=words(order["referring_site"], longest=2000) if "referring_site" in order else None,
    )
    return trace if trace else None
