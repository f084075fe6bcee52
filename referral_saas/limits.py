"""How often one address may do what costs others something: a mail, a code, a counted click."""

from __future__ import annotations

from django.http import HttpRequest

from kit.limits import within_limit_of
from kit.proxies import network_of

__all__ = ["within_limit", "within_limit_of"]


def within_limit(request: HttpRequest, action: str, *parts: object, most: int, seconds: int) -> bool:
    """Whether this address has done ``action`` at most ``most`` times in the running span of ``seconds``
    (kit.limits.within_limit_of)."""
    return within_limit_of(action, *parts, network_of(request.META.get("REMOTE_ADDR", "")), most=most, seconds=seconds)
