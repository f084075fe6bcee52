"""Everything that is asked about the two people of a referral, in one statement: each part of it by an index and with
a limit, so that it takes as long however long the history is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from advocates.models import Advocate
from kit.asked import asked_often
from kit.many import any_of
from kit.tenancy import current_merchant_id
from tracking.models import (
    AdvocateTrace,
    Breaker,
    Click,
    FraudPolicy,
    Leak,
    ListEntry,
    OrderTrace,
    Referral,
)

HOUR = timedelta(hours=1)
#: Enough to see any of the signals; more would only cost.
MOST_ORDERS, MOST_PLACES, MOST_CLICKS, MOST_ENTRIES = 50, 8, 60, 1000
DEFAULT_PER_HOUR = FraudPolicy._meta.get_field("breaker_per_hour").default


@asked_often
def people_of_referral(
    advocate_id: UUID,
    program_id: UUID,
    link_id: UUID | None,
    click_id: UUID | None,
    touched_at: datetime,
    order_id: UUID,
    friend_id: UUID | None,
    texts: list[str],
    hour_before: datetime,
    hour_after: datetime,
    hour_ago: datetime,
    until: datetime,
) -> QuerySet[Advocate]:
    """The advocate, with what is known about both of them.

    ``texts``: of the friend, as lists may have them (only entries that can fit are read).
    """
    about = {
        "policy": Subquery(FraudPolicy.objects.filter(program=program_id).values(found=_POLICY)[:1]),
        "breaker": Subquery(Breaker.objects.filter(program=program_id).values(found=_BREAKER)[:1]),
        "entries": ArraySubquery(_entries(texts).values(found=_ENTRY)[:MOST_ENTRIES]),
        "others": ArraySubquery(
            _others(advocate_id, order_id, hour_before, hour_after).values("ordered_at")[:MOST_ORDERS]
        ),
        "own_trace": Subquery(OrderTrace.objects.filter(order=order_id).values(found=_ORDER_TRACE)[:1]),
        "sign_ins": ArraySubquery(_sign_ins().values(found=_TRACE)[:MOST_PLACES]),
        "purchases": ArraySubquery(_purchases().exclude(order=order_id).values(found=_TRACE)[:MOST_PLACES]),
        "pace": _pace(program_id, hour_ago, until),
        "click": Subquery(Click.objects.filter(pk=click_id).values(found=_CLICK)[:1]),
        "rush": _rush(click_id),
        "leaked": Exists(_leaks(link_id, touched_at)),
        "friend_refers": Exists(Advocate.objects.filter(customer=friend_id)),
        "shop": F("merchant__slug"),
    }
    rows: QuerySet[Advocate] = Advocate.objects.select_related("customer").annotate(**about).filter(pk=advocate_id)
    return rows


def _leaks(link_id: UUID | None, touched_at: datetime) -> Any:
    """Whoever came before the link got out is above that suspicion."""
    states = [Leak.State.OPEN, Leak.State.ROTATED]
    return Leak.objects.filter(link=link_id, state__in=states, since__lte=touched_at)


_POLICY = JSONObject(
    medium_at="medium_at",
    high_at="high_at",
    weights="weights",
    sample_percent="sample_percent",
    breaker_per_hour="breaker_per_hour",
)
_BREAKER = JSONObject(tripped_at="tripped_at", counted="counted", reset_at="reset_at")
_ENTRY = JSONObject(id="id", list="list", field="field", pattern="pattern")
_TRACE = JSONObject(at="at", salt="salt", address="address", network="network", earlier="earlier", agent="agent")
_ORDER_TRACE = JSONObject(
    at="at",
    salt="salt",
    address="address",
    network="network",
    earlier="earlier",
    agent="agent",
    referrer="referrer",
    referrer_told="referrer_told",
)
_CLICK = JSONObject(referrer="referrer", at="at")


def _sign_ins() -> Any:
    return AdvocateTrace.objects.filter(advocate=OuterRef("pk")).order_by("-at")


def _purchases() -> Any:
    return OrderTrace.objects.filter(customer=OuterRef("customer_id")).order_by("-at")


def _others(advocate_id: UUID, order_id: UUID, after: datetime, before: datetime) -> Any:
    near = {"ordered_at__gt": after, "ordered_at__lt": before}
    rows = Referral.objects.filter(advocate=advocate_id, **near).exclude(state=Referral.State.BLOCKED)
    return rows.exclude(order=order_id)


def _pace(program_id: UUID, hour_ago: datetime, until: datetime) -> RawSQL:
    """How many of the program were ordered in the last hour (since the breaker's reset), counted to one too many."""
    merchant = current_merchant_id()
    told = [merchant, program_id, hour_ago, merchant, program_id, until]
    return RawSQL(_PACE, [*told, DEFAULT_PER_HOUR, merchant, program_id])  # noqa: S611 -- a constant, values apart


_PACE = """(SELECT count(*) FROM (
    SELECT 1 FROM tracking_referral WHERE merchant_id = %s AND program_id = %s
    AND ordered_at > GREATEST(%s, (SELECT reset_at FROM tracking_breaker WHERE merchant_id = %s AND program_id = %s))
    AND ordered_at <= %s
    LIMIT (SELECT coalesce(max(breaker_per_hour), %s) FROM tracking_fraudpolicy
           WHERE merchant_id = %s AND program_id = %s)) found)"""


def _rush(click_id: UUID | None) -> RawSQL:
    """Clicks of the same link from the address of the friend's click, within half a minute of it."""
    return RawSQL(_RUSH, [current_merchant_id(), click_id, MOST_CLICKS])  # noqa: S611 -- as above


_RUSH = """(SELECT count(*) FROM (
    SELECT 1 FROM tracking_click own JOIN tracking_click other ON other.merchant_id = own.merchant_id
    AND other.link_id = own.link_id AND other.salt = own.salt AND other.address = own.address
    AND other.at BETWEEN own.at - interval '30 seconds' AND own.at + interval '30 seconds'
    WHERE own.merchant_id = %s AND own.id = %s AND own.address <> '' LIMIT %s) found)"""


def _entries(texts: list[str]) -> Any:
    """Of what may be a long list only what can fit: the texts themselves, and what has a wildcard or a range."""
    exact = any_of("pattern", texts)
    advocates = Q(field=ListEntry.Field.ADVOCATE, pattern=OuterRef("customer__email"))
    return ListEntry.objects.filter(exact | advocates | Q(pattern__contains="*") | Q(pattern__contains="/"))
