"""Whether a link can lead straight to the shop. Pure."""

from __future__ import annotations

from programs.rules.terms import CodeSource, Terms

STRAIGHT = "REDIRECT"


def leads_straight(landing: str, terms: Terms) -> bool:
    """Whether a link answers with the way to the shop. What was chosen yields to an offer that must be shown: terms may
    be published after the choice."""
    return landing == STRAIGHT and not needs_page(terms)


def needs_page(terms: Terms) -> bool:
    """A code of the friend's own must be shown somewhere; one for the whole shop, or none, can go along by itself."""
    offers = [terms.offer, *(tier.offer for tier in terms.tiers)]
    return any(offer is not None and offer.source != CodeSource.SHOP_CODE for offer in offers)
