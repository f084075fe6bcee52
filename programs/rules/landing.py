"""Whether a link can lead straight to the shop. Pure."""

from __future__ import annotations

from programs.rules.terms import CodeSource, Terms


def needs_page(terms: Terms) -> bool:
    """A code of the friend's own must be shown somewhere; one for the whole shop, or none, can go along by itself."""
    offers = [terms.offer, *(tier.offer for tier in terms.tiers)]
    return any(offer is not None and offer.source != CodeSource.SHOP_CODE for offer in offers)
