"""Mail domains and sites that mean something to whoever weighs a referral. Pure look-ups; a domain counts with all
that is below it.

Disposable domains come with a package, newest when the requirements are locked anew; the two short lists are ours:
`tracking/data/relay_mail.txt` and `tracking/data/coupon_sites.txt`.
"""

from __future__ import annotations

from collections.abc import Set

from disposable_email_domains import blocklist as _disposable

from tracking.data import listed

_LONGEST_DOMAIN = 253


def is_disposable(domain: str) -> bool:
    """Mailboxes for a few minutes, open to everybody. A relay is none, whatever others call it: somebody owns it."""
    return _is_within(domain, _disposable) and not is_relay(domain)


def is_relay(domain: str) -> bool:
    """Addresses that forward to a mailbox which stays unknown."""
    return _is_within(domain, listed("relay_mail"))


def is_coupon_site(host: str) -> bool:
    """Where codes are collected for everybody. ``host`` as a click keeps it; a port does not matter."""
    return _is_within(host.partition(":")[0], listed("coupon_sites"))


def _is_within(domain: str, known: Set[str]) -> bool:
    """`domain` or one above it is known: "a.b.example.com" asks for itself, b.example.com, example.com and com."""
    labels = _ascii(domain.strip().rstrip(".").lower()[:_LONGEST_DOMAIN]).split(".")
    return any(".".join(labels[start:]) in known for start in range(len(labels)))


def _ascii(domain: str) -> str:
    """As lists spell it: kit.text keeps domains in letters, lists in punycode."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
