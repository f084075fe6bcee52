"""One request at the shop: what views need, and what the browser remembers between requests (cart, code, landing)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .catalogue import BY_SLUG
from .desk import MOST_OF_ONE, Desk
from .hooks import Sender
from .http import Request, Response
from .rendering import render
from .store import Store

VISIT = 30 * 60  # seconds of quiet after which a visit is over, as Shopify counts
CART, CODE, LANDING = "cart", "discount_code", "landing_page"
LONGEST_LANDING = 1000


@dataclass(frozen=True)
class Visit:
    request: Request
    store: Store
    desk: Desk
    sender: Sender
    referral_url: str

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        shared = {
            "connection": self.desk.connection,
            "path": self.request.path,
            "now": self.desk.now,
            "cart_count": sum(quantity for _slug, quantity in self.cart_lines()),
            "referral_url": self.referral_url,
        }
        return Response(render(template, shared | values), status)

    def cart_lines(self) -> list[tuple[str, int]]:
        """The cart cookie reads `polarnacht.2_fjord.1`; what makes no sense in it is left out."""
        pairs = (part.partition(".") for part in self.request.cookies.get(CART, "").split("_"))
        return [(slug, int(count)) for slug, _dot, count in pairs if slug in BY_SLUG and sensible(count)]

    def code(self) -> str:
        return self.request.cookies.get(CODE, "")

    def landing(self) -> str:
        """The path the visit began with. A new referral link begins a new one."""
        kept, here = self.request.cookies.get(LANDING, ""), self.request.address
        fresh = not kept or token_in(here) not in ("", token_in(kept))
        return here[:LONGEST_LANDING] if fresh else kept


def sensible(count: str) -> bool:
    return count.isascii() and count.isdigit() and 0 < int(count[:4]) <= MOST_OF_ONE


def set_cart(response: Response, lines: list[tuple[str, int]]) -> Response:
    response.set_cookie(CART, "_".join(f"{slug}.{quantity}" for slug, quantity in lines))
    return response


def token_in(address: str) -> str:
    """The referral token in the query, or in the path that a discount link redirects to."""
    query = parse_qs(urlsplit(address).query)
    if "rt" in query:
        return query["rt"][0]
    return token_in(query["redirect"][0]) if "redirect" in query else ""
