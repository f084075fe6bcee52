"""Who stands behind a request."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """The browser an order was placed with, as far as the shop sees it."""

    address: str = ""
    agent: str = ""
    referrer: str = ""
