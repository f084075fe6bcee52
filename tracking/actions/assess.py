"""Gather what is known about a referral and let tracking.rules.fraud judge it.

Two statements for a referred order, however long the history is: the advocate's lock (two orders of one advocate at
the same moment must not both be the fifth), and one that reads everything, each part of it by an index and with a
limit. A third looks for a ring where the friend is an advocate too. Orders that are not referred cost none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection

from advocates.models import Customer
from kit.signing import parse_click_token
from kit.tenancy import BeginAgain, current_merchant_id, transaction_required
from kit.text import email_key
from kit.urls import came_from
from tracking.actions.evidence import DEFAULT_PER_HOUR, HOUR, people_of_referral
from tracking.actions.traces import hashes_of
from tracking.facts import TraceIn
from tracking.locks import lock_advocate
from tracking.models import (
    ListEntry,
    Order,
    OrderTrace,
    Referral,
)
from tracking.rules import CLOCK_SKEW, MatchedBy, OrderView, Touch
from tracking.rules.fraud import (
    Assessment,
    Entry,
    Evidence,
    Place,
    Policy,
    Subject,
    assess,
    fitting,
    is_sampled,
    plain_address,
    plain_host,
    trusted,
    typed_host,
)

logger = logging.getLogger(__name__)

#: People in a circle of referrals that is still looked for.
LONGEST_RING = 5


@dataclass(frozen=True, slots=True)
class Tie:
    """What is judged: how one order came from one advocate."""

    by: str
    at: datetime
    advocate_id: UUID
    program_id: UUID
    link_id: UUID | None = None
    click_id: UUID | None = None


def tie_of(touch: Touch) -> Tie:
    return Tie(touch.by, touch.at, touch.advocate_id, touch.program_id, touch.link_id, touch.click_id)


def tie_of_referral(referral: Referral, view: OrderView) -> Tie:
    """The same from what is stored; the click stands in the order's token."""
    parsed = (parse_click_token(text, keys=settings.CLICK_TOKEN_KEYS) for text in view.tokens)
    clicks = [token.click_id for token in parsed if token and token.link_id == referral.link_id]
    at, link_id = referral.touched_at, referral.link_id
    return Tie(referral.matched_by, at, referral.advocate_id, referral.program_id, link_id, next(iter(clicks), None))


@dataclass(frozen=True, slots=True)
class Judged:
    """How genuine the referral looks."""

    assessment: Assessment
    #: The merchant's own list says no.
    is_listed: bool = False
    #: The other referrals of a ring: they are to be judged again.
    ring: tuple[UUID, ...] = ()
    #: So many in the hour, where that is too many and nobody has stopped the program's new ones yet.
    trip_at: int | None = None


@transaction_required
def judge(
    *,
    order: Order,
    tie: Tie,
    ordered_at: datetime,
    trace: TraceIn | None = None,
    broken: tuple[str, ...] = (),
    is_pardoned: bool = False,
    trust_of: Callable[[UUID], int] | None = None,
    now: datetime,
) -> Judged:
    """How genuine an attributed order's referral looks. The caller holds the order's and the friend's lock.

    ``trace``: what this very delivery told; only hashes of it are kept. ``is_pardoned``: somebody of the team let it
    pass although it was on a list. ``trust_of``: what an advocate's trust is by now, asked where they have any, for it
    may be gone since. What cannot be gathered means a review, never a pass.
    """
    lock_advocate(tie.advocate_id)
    people = people_of_referral(
        advocate_id=tie.advocate_id,
        program_id=tie.program_id,
        link_id=tie.link_id,
        click_id=tie.click_id,
        touched_at=tie.at,
        order_id=order.pk,
        friend_id=order.customer_id,
        texts=[text for texts in _texts(order.customer, trace).values() for text in texts],
        hour_before=ordered_at - HOUR,
        hour_after=ordered_at + HOUR,
        hour_ago=now - HOUR,
        until=now + CLOCK_SKEW,
    )
    if not people:
        raise BeginAgain("The advocate was merged into somebody while we waited.")
    [advocate] = people
    policy = _policy(advocate.policy)
    listed = None if is_pardoned else _listed(advocate, order, trace)
    if listed and listed.list == ListEntry.List.BLOCK:
        return Judged(Assessment(), is_listed=True)
    if listed:
        return Judged(trusted(listed.id))
    ring = _ring(advocate, order, tie)
    evidence = _gathered(advocate, order, tie, ordered_at, len(ring), broken)
    stopped, trip_at = _breaker(advocate, ordered_at, now)
    trust = trust_of(advocate.pk) if trust_of and advocate.trust_level else advocate.trust_level
    found = assess(evidence, policy, trust=trust, stopped=stopped, is_sample=_is_drawn(advocate, order, policy))
    return Judged(found, ring=ring, trip_at=trip_at)


def _is_drawn(advocate: Any, order: Order, policy: Policy) -> bool:
    """For a look although nothing speaks against it: other orders at each merchant."""
    told = f"{advocate.shop}|{order.platform}|{order.external_id}"
    return is_sampled(told, policy.sample_percent, key=settings.CREDENTIALS_KEYS[0].encode())


def _policy(told: Mapping[str, Any] | None) -> Policy:
    if told is None:
        return Policy()
    return Policy(told["medium_at"], told["high_at"], told["weights"], told["sample_percent"])


# --- the merchant's lists -----------------------------------------------------------------------------------------


def _texts(customer: Customer | None, trace: TraceIn | None) -> dict[str, list[str]]:
    """What is known of the friend for each field of a list, hosts with all that stand above them."""
    email = customer.email.lower() if customer else ""
    return {
        "EMAIL": [email, email_key(email)] if email else [],
        "DOMAIN": _and_above(email.rpartition("@")[2]),
        "COUNTRY": [customer.country.lower()] if customer and customer.country else [],
        "NETWORK": [plain_address(trace.ip)] if trace and trace.ip else [],
        "REFERRER": _and_above(came_from(trace.referrer)) if trace and trace.referrer else [],
    }


def _and_above(host: str) -> list[str]:
    """In both spellings: entries from before there was one may have either."""
    spellings = dict.fromkeys([plain_host(host), typed_host(plain_host(host))]) if host else {}
    return [above for spelling in spellings for above in _hosts_above(spelling)]


def _hosts_above(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def _listed(advocate: Any, order: Order, trace: TraceIn | None) -> Entry | None:
    entries = [Entry(**told) for told in advocate.entries]
    if not entries:
        return None
    texts = {name: tuple(found[:2] if name == "EMAIL" else found[:1]) for name, found in
             _texts(order.customer, trace).items()}  # fmt: skip
    texts["ADVOCATE"] = (advocate.customer.email.lower(),)
    texts["REFERRER"] = tuple(filter(None, {*texts["REFERRER"], *(_referrers(advocate) or ())}))
    fitted = _fitted(advocate, entries, order, texts["NETWORK"])
    return fitting(entries, Subject(texts, fitted))


def _fitted(advocate: Any, entries: Collection[Entry], order: Order, told: tuple[str, ...]) -> frozenset[str]:
    """Which entries about networks fitted: seen while the address is at hand, remembered when it is not any more."""
    traces = OrderTrace.objects.filter(order=order)
    if not told:
        has_listed = any(entry.field == "NETWORK" for entry in entries) and advocate.own_trace
        return frozenset(traces.values_list("listed", flat=True).first() or []) if has_listed else frozenset()
    networks = [entry for entry in entries if entry.field == "NETWORK"]
    fitted = [entry.id for entry in networks if fitting([entry], Subject({"NETWORK": told}))]
    if fitted:
        traces.update(listed=fitted)
    return frozenset(fitted)


# --- evidence -----------------------------------------------------------------------------------------------------


def _gathered(
    advocate: Any,
    order: Order,
    tie: Tie,
    ordered_at: datetime,
    ring: int,
    broken: tuple[str, ...],
) -> Evidence:
    try:
        return _evidence(advocate, order, tie, ordered_at, ring, broken)
    except DatabaseError:
        raise
    except Exception:  # what cannot be read is looked at by a person
        logger.exception("the evidence on order %s could not be gathered", order.pk)
        return Evidence(ordered_at, broken=(*broken, "evidence"))


def _evidence(
    advocate: Any, order: Order, tie: Tie, ordered_at: datetime, ring: int, broken: tuple[str, ...]
) -> Evidence:
    friend, is_click = order.customer, tie.by == MatchedBy.TOKEN
    return Evidence(
        ordered_at=ordered_at,
        advocate_email=advocate.customer.email or None,
        friend_email=friend.email if friend else None,
        advocate_name=advocate.customer.name or None,
        friend_name=(friend.name or None) if friend else None,
        order_place=_place(advocate.own_trace, ordered_at) if advocate.own_trace else None,
        advocate_places=tuple(filter(None, (_place(told) for told in [*advocate.sign_ins, *advocate.purchases]))),
        clicked_at=tie.at if is_click else None,
        other_orders_at=tuple(advocate.others),
        ring=ring + 1 if ring else 0,
        referrers=_referrers(advocate),
        leaked=advocate.leaked if tie.link_id else None,
        clicks_in_minute=advocate.rush if advocate.click else None,
        broken=broken,
    )


def _place(told: Mapping[str, Any], at: datetime | None = None) -> Place | None:
    """None where no address was told."""
    addresses = hashes_of(told, 0)
    seen_at = at or datetime.fromisoformat(told["at"])
    return Place(seen_at, addresses, hashes_of(told, 1), told["agent"]) if addresses else None


def _referrers(advocate: Any) -> tuple[str, ...] | None:
    """Where the friend came from: to the link, and to the shop as the shop saw it. None: neither is known."""
    told = [advocate.click["referrer"]] if advocate.click else []
    if advocate.own_trace and advocate.own_trace["referrer_told"]:
        told.append(advocate.own_trace["referrer"])
    return tuple(filter(None, told)) if told else None


def _ring(advocate: Any, order: Order, tie: Tie) -> tuple[UUID, ...]:
    """The referrals that lead from the friend to the advocate, if any: with this one they close a circle."""
    if order.customer_id is None or not advocate.friend_refers or tie.by == MatchedBy.BOUND:
        return ()
    merchant = current_merchant_id()
    told = [merchant, tie.program_id, advocate.customer_id, merchant, tie.program_id, order.customer_id,
            LONGEST_RING - 1, order.customer_id]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_RING, told)
        row = cursor.fetchone()
    return tuple(row[0]) if row else ()


_RING = """WITH RECURSIVE up (customer_id, path) AS (
    SELECT bringer.customer_id, ARRAY[brought.id] FROM tracking_referral brought
    JOIN advocates_advocate bringer ON bringer.merchant_id = brought.merchant_id AND bringer.id = brought.advocate_id
    WHERE brought.merchant_id = %s AND brought.program_id = %s AND brought.friend_id = %s
    AND brought.follows_id IS NULL AND brought.state IN ('PENDING', 'QUALIFIED')
    UNION ALL
    SELECT bringer.customer_id, up.path || brought.id FROM up
    JOIN tracking_referral brought ON brought.merchant_id = %s AND brought.program_id = %s
    AND brought.friend_id = up.customer_id AND brought.follows_id IS NULL AND brought.state IN ('PENDING', 'QUALIFIED')
    JOIN advocates_advocate bringer ON bringer.merchant_id = brought.merchant_id AND bringer.id = brought.advocate_id
    WHERE up.customer_id <> %s AND cardinality(up.path) < %s
) SELECT path FROM up WHERE customer_id = %s ORDER BY cardinality(path) LIMIT 1"""


# --- the breaker --------------------------------------------------------------------------------------------------


def _breaker(advocate: Any, ordered_at: datetime, now: datetime) -> tuple[dict[str, Any] | None, int | None]:
    """What stops new ones, and whether it has to trip now. Orders told long after they were placed neither trip it nor
    are stopped by it: a shop that hands in last month's is no attack."""
    if ordered_at <= now - HOUR:
        return None, None
    told, state = advocate.policy, advocate.breaker
    per_hour = told["breaker_per_hour"] if told else DEFAULT_PER_HOUR
    if state and state["tripped_at"]:
        return {"per_hour": state["counted"]}, None
    if per_hour is None or advocate.pace < per_hour:
        return None, None
    return {"per_hour": advocate.pace + 1}, advocate.pace + 1
