"""What the rule about leaks is told: links that were used lately and how, in few statements and bounded rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count

from advocates.models import Advocate, Channel, Link
from kit.days import local_date
from kit.ids import uuid7
from kit.many import as_array
from kit.tenancy import current_merchant_id, transaction_required
from tracking.models import Leak, LinkDay, Referral
from tracking.rules.fraud import Signal
from tracking.rules.leaks import HISTORY_DAYS, RECENT, STRANGERS_A_DAY, Kind, Spread, Typed, Visit

#: Links looked at in one sweep, those with the most visits: what leaks is never at the end of that list for long.
MOST_LINKS = 100
#: The newest clicks of each; more would say the same.
MOST_VISITS = 500
MOST_TYPED = 2_000
#: How long what somebody left as it is stays so.
QUIET_FOR = timedelta(days=30)
CROWDS = (Advocate.Kind.INFLUENCER, Advocate.Kind.PARTNER)

#: The newest clicks of each link. The key bounds the months to look into: it holds the real time, and a merchant's
#: clock never runs slower than that, so a day of theirs is a day of ours at most.
VISITS = """
SELECT link.id, visit.at, visit.network, visit.referrer
FROM unnest(%s::uuid[]) AS link(id) CROSS JOIN LATERAL (
    SELECT click.at, click.network, click.referrer FROM tracking_click click
    WHERE click.merchant_id = %s AND click.link_id = link.id AND click.at > %s AND click.at <= %s AND click.id >= %s
    ORDER BY click.at DESC LIMIT %s
) visit
"""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A link with what is known of its use."""

    link: Link
    spread: Spread


@transaction_required
def links_to_judge(*, now: datetime, real_now: datetime, zone: str) -> list[Suspect]:
    """Every link in use that was opened or typed much within the last day. Constant in statements."""
    today = local_date(now, zone)
    keys = {*_much_opened(today), *_much_typed(now)}
    if not keys:
        return []
    links = list(Link.objects.filter(pk__in=keys, retired_at=None).select_related("advocate"))
    used = [link.pk for link in links]
    told: dict[str, dict[UUID, Any]] = {
        "visits": _visits(used, now, real_now),
        "days": _days(used, today),
        "typed": _typed(used, now),
        "sold": _sold(used, now),
        "left": _left_alone(used, now),
    }
    return [Suspect(link, _spread(link, today, now, told)) for link in links]


def _spread(link: Link, today: date, now: datetime, told: dict[str, dict[UUID, Any]]) -> Spread:
    days: dict[date, int] = told["days"].get(link.pk, {})
    spread = Spread(
        now=now,
        made_at=link.created_at,
        visits=told["visits"].get(link.pk, ()),
        visits_today=days.get(today, 0),
        days_before=[clicks for day, clicks in days.items() if day < today],
        typed=told["typed"].get(link.pk, ()),
        sold_from_sites=told["sold"].get(link.pk, 0),
        speaks_to_crowds=link.advocate.kind in CROWDS or link.channel == Channel.QR,
    )
    quiet, sites = told["left"].get(link.pk, (frozenset(), frozenset()))
    return replace(spread, quiet=quiet, quiet_sites=sites)


def _much_opened(today: date) -> list[UUID]:
    """By the daily figures, so that it costs links and not clicks."""
    days = LinkDay.objects.filter(day__gte=today - timedelta(days=1), link__retired_at=None)
    busiest = days.order_by("-clicks", "pk").values_list("link_id", flat=True)[: 2 * MOST_LINKS]
    return list(dict.fromkeys(busiest))[:MOST_LINKS]


def _much_typed(now: datetime) -> list[UUID]:
    """Read aloud or printed somewhere, a code needs no click at all."""
    lately = Referral.objects.filter(attributed_at__gt=now - RECENT, matched_by=Referral.MatchedBy.CODE, claim=None)
    busy = lately.exclude(link=None).values("link_id").annotate(n=Count("pk")).filter(n__gte=STRANGERS_A_DAY)
    return [row["link_id"] for row in busy.order_by("-n")[:MOST_LINKS]]


def _visits(keys: Sequence[UUID], now: datetime, real_now: datetime) -> dict[UUID, list[Visit]]:
    found: dict[UUID, list[Visit]] = defaultdict(list)
    since = uuid7(real_now - 2 * RECENT)
    with connection.cursor() as cursor:
        told: list[Any] = [as_array(keys), current_merchant_id(), now - RECENT, now, since, MOST_VISITS]
        cursor.execute(VISITS, told)
        for link_id, at, network, referrer in cursor.fetchall():
            found[link_id].append(Visit(at, network, referrer))
    return found


def _days(keys: Collection[UUID], today: date) -> dict[UUID, dict[date, int]]:
    found: dict[UUID, dict[date, int]] = defaultdict(dict)
    rows = LinkDay.objects.filter(link_id__in=keys, day__gt=today - timedelta(days=HISTORY_DAYS), day__lte=today)
    for link_id, day, clicks in rows.values_list("link_id", "day", "clicks"):
        found[link_id][day] = clicks
    return found


def _typed(keys: Collection[UUID], now: datetime) -> dict[UUID, list[Typed]]:
    """Orders of four weeks with a code typed, whatever became of them."""
    since = now - timedelta(days=HISTORY_DAYS)
    rows = Referral.objects.filter(link_id__in=keys, matched_by=Referral.MatchedBy.CODE, attributed_at__gt=since)
    found: dict[UUID, list[Typed]] = defaultdict(list)
    wanted = ("link_id", "advocate_id", "attributed_at", "claim_id", "order__decision")
    told = rows.order_by("-attributed_at").values_list(*wanted)
    for link_id, advocate_id, at, claim_id, decision in told[:MOST_TYPED]:
        is_stranger = claim_id is None and not _came_before(decision, advocate_id)
        found[link_id].append(Typed(at, is_stranger))
    return found


def _sold(keys: Collection[UUID], now: datetime) -> dict[UUID, int]:
    """Orders of the last day that were seen to come from a coupon site."""
    seen = {"assessment__signals__contains": [{"code": Signal.COUPON_SITE.value}]}
    lately = Referral.objects.filter(link_id__in=keys, attributed_at__gt=now - RECENT, **seen)
    return Counter(lately.values_list("link_id", flat=True)[:MOST_TYPED])


def _came_before(decision: dict[str, Any], advocate_id: UUID) -> bool:
    """Something else than the code ties the buyer to the advocate: a visit, a claim, a word afterwards."""
    considered: Iterable[dict[str, Any]] = (decision or {}).get("considered", ())
    return any(item["by"] != "CODE" and item["advocate_id"] == str(advocate_id) for item in considered)


def _left_alone(keys: Collection[UUID], now: datetime) -> dict[UUID, tuple[frozenset[Kind], frozenset[str]]]:
    """What a person saw and left as it is: kinds for a month, sites for good."""
    found: dict[UUID, tuple[frozenset[Kind], frozenset[str]]] = {}
    rows = Leak.objects.filter(link_id__in=keys, state=Leak.State.DISMISSED)
    for leak in rows:
        kinds, sites = found.get(leak.link_id, (frozenset(), frozenset()))
        lately = frozenset(_kinds(leak)) if leak.decided_at and leak.decided_at > now - QUIET_FOR else frozenset()
        found[leak.link_id] = (kinds | lately, sites | frozenset(_sites(leak)))
    return found


def _kinds(leak: Leak) -> Iterator[Kind]:
    """A site that was not there before is always news."""
    return (Kind(sign["kind"]) for sign in leak.seen.get("signs", ()) if sign["kind"] != Kind.COUPON_SITE)


def _sites(leak: Leak) -> Iterator[str]:
    return (site for sign in leak.seen.get("signs", ()) for site in sign.get("sites", ()))
