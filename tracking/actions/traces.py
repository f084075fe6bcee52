"""Keep where orders and sign-ins came from as keyed hashes, so that two of them can be compared and none read.

Each hash is made with the secret of its week, and with every older one that still lives: what came weeks apart can be
compared as long as the older secret is not destroyed (tracking.salts).
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Subquery

from advocates.models import Advocate
from kit.rows import save_changed, values_of
from kit.tenancy import current_merchant_id, transaction_required
from kit.urls import came_from
from tracking.facts import TraceIn
from tracking.humans import agent_of
from tracking.models import AdvocateTrace, Order, OrderTrace
from tracking.salts import LiveSalt, hash_address, hash_network, live_salts, salt_for

logger = logging.getLogger(__name__)
MOST_TWINS = 50
INNER = tuple(
    ipaddress.ip_network(text)
    for text in ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                 "192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """``broken``: what was told and could not be kept; whoever judges must know of it. ``is_news``: the order's
    decision rests on it and was made without it."""

    broken: tuple[str, ...] = ()
    is_news: bool = False
    has_card: bool = False


@transaction_required
def keep_order_trace(
    *, order: Order, trace: TraceIn | None, is_new_order: bool, now: datetime, salts: Salts | None = None
) -> Kept:
    """The first that is told about an order stays; what was left open is filled in when it becomes known (a card, say,
    by its payment's own event). The caller holds the order's lock. An order never fails for its trace.

    ``salts``: of whoever keeps the traces of many orders at this moment.
    """
    if not trace:
        return Kept(has_card=not is_new_order)
    standing = None if is_new_order else OrderTrace.objects.filter(order=order).first()
    row = standing or OrderTrace(order=order, customer=order.customer, at=now)
    before = values_of(row)
    broken = _fill(row, trace, order, salts or Salts(now))
    if standing is None:
        row.save(force_insert=True)
        return Kept(broken, is_news=True, has_card=bool(row.fingerprint))
    save_changed(row, before=before)
    return Kept(broken, is_news=values_of(row) != before, has_card=True)


class Salts:
    """The secrets that live now, read at first need."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    @cached_property
    def newest(self) -> LiveSalt:
        return salt_for(self.now)

    @cached_property
    def earlier(self) -> list[LiveSalt]:
        return [salt for salt in live_salts(self.now) if salt.number < self.newest.number]


def _fill(row: OrderTrace, trace: TraceIn, order: Order, salts: Salts) -> tuple[str, ...]:
    """What the row does not say yet. Gives what could not be hashed."""
    broken = _try_to_hash(row, trace, salts) if not row.address else ()
    if trace.payment_fingerprint and not row.fingerprint:
        row.fingerprint = card_hash(trace.payment_fingerprint)
    if trace.referrer is not None and not row.referrer_told:
        row.referrer, row.referrer_told = came_from(trace.referrer), True
    row.customer = row.customer or order.customer
    return broken


def _try_to_hash(row: OrderTrace | AdvocateTrace, trace: TraceIn, salts: Salts) -> tuple[str, ...]:
    try:
        for name, value in _hashed(trace, salts).items():
            setattr(row, name, value)
    except DatabaseError:
        raise
    except Exception:  # a secret that no key opens any more, say
        logger.exception("where %s came from could not be hashed", row.pk)
        return ("address",)
    return ()


def customers_with_card_of(order: Order) -> frozenset[UUID]:
    """Who else paid with the card this order was paid with, as far as the connections tell."""
    card = OrderTrace.objects.filter(order=order).exclude(fingerprint="").values("fingerprint")
    same = OrderTrace.objects.filter(fingerprint=Subquery(card[:1]), customer__isnull=False)
    same = same.exclude(fingerprint="")  # says nothing new, and the index of cards may be used
    return frozenset(same.values_list("customer_id", flat=True).distinct()[:MOST_TWINS])


@transaction_required
def keep_advocate_trace(*, advocate: Advocate, trace: TraceIn, now: datetime) -> None:
    """Where an advocate came in from; the same place once a week. Nobody is kept out for it."""
    row = AdvocateTrace(advocate=advocate, at=now)
    if says_where(trace.ip) and not _try_to_hash(row, trace, Salts(now)):
        AdvocateTrace.objects.bulk_create([row], ignore_conflicts=True)


def says_where(ip: str) -> bool:
    """Whether an address is somebody's place at all. Those of inner networks are the shop's own balancer, or a test on
    one machine: everybody would share them."""
    try:
        address = ipaddress.ip_address(ip.strip())
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return not any(plain.version == network.version and plain in network for network in INNER)


def _hashed(trace: TraceIn, salts: Salts) -> dict[str, Any]:
    agent = {"agent": agent_of(trace.user_agent)} if trace.user_agent else {}
    if not says_where(trace.ip):
        return agent
    address, network = _pair(salts.newest, trace.ip)
    earlier = {str(salt.number): _pair(salt, trace.ip) for salt in salts.earlier}
    return agent | {"salt": salts.newest.number, "address": address, "network": network, "earlier": earlier}


def _pair(salt: LiveSalt, ip: str) -> tuple[str, str]:
    return hash_address(salt.secret, ip), hash_network(salt.secret, ip)


def card_hash(fingerprint: str) -> str:
    """Different for every merchant; nobody can guess a card's fingerprint from it."""
    told = f"payment fingerprint\x1f{current_merchant_id()}\x1f{fingerprint}".encode()
    return hmac.new(settings.CREDENTIALS_KEYS[0].encode(), told, hashlib.sha256).hexdigest()


def hashes_of(row: Mapping[str, Any], place: int) -> frozenset[tuple[int, str]]:
    """(salt, hash) pairs of a trace's row as a mapping; ``place`` 0 for the address, 1 for its network."""
    newest = (row["address"], row["network"])[place]
    older = {(int(number), pair[place]) for number, pair in (row["earlier"] or {}).items()}
    return frozenset(older | {(row["salt"], newest)} if newest else older)
