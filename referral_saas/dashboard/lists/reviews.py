"""The three lists of reviews, and links that got out."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kit.units import plain_amount
from referral_saas.dashboard.event_words import names_of
from referral_saas.dashboard.listing import Asks, Filters, Sort, by_moment
from referral_saas.dashboard.lists.listed import Listing, each, moment
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.people import search_orders
from referral_saas.dashboard.reader import Reader
from referral_saas.dashboard.review_list import most_urgent_first
from referral_saas.dashboard.review_words import signal_title, signals_of, state_text
from rewards.review_selectors import every_review, money_waiting_of, reviews_decided, reviews_open
from tracking.models import Leak, Review

#: A queue has one order, whatever else could be asked for.
_QUEUE: tuple[Sort, ...] = (Sort("", "", "opened_at"),)


def _filters(asks: Asks, sorts: tuple[Sort, ...]) -> Filters:
    causes = [(cause, label) for cause, label in Review.Cause.choices if cause != Review.Cause.SAMPLE]
    shown, search = ("q", "program", "cause", "advocate"), _("Order number or friend's e-mail")
    return Filters(asks, show=shown, search=search, sorts=sorts, cause=causes)


def _narrowed(rows: QuerySet[Any], filters: Filters, _reader: Reader) -> QuerySet[Any]:
    rows = filters.by_program(filters.by_choice(rows), program="referral__program")
    text = filters.asked.get("q", "")
    return search_orders(rows, text, order="referral__order", person="referral__friend")


def _lines(_reader: Reader, _filters: Filters, rows: list[Any]) -> list[list[object]]:
    money, names = money_waiting_of(rows), names_of(row.decided_by for row in rows if row.decided_by)
    return [_line(row, money[row.pk], names.get(row.decided_by, "")) for row in rows]


def _line(row: Review, money: list[Any], decided_by: str) -> list[object]:
    referral, order = row.referral, row.referral.order
    friend = referral.friend.email if referral.friend else ""
    people = [referral.program.name, row.advocate.customer.email, friend, order.number or order.external_id]
    signals = "; ".join(str(signal_title(signal["code"])) for signal in signals_of(row))
    waiting = "; ".join(f"{plain_amount(one.amount_minor, one.unit)} {one.unit}" for one in money)
    seen = [row.cause, row.level, row.score, signals, waiting, str(state_text(row))]
    return [public(row), *people, *seen, decided_by, *(moment(at) for at in (row.opened_at, row.decided_at))]


_COLUMNS = ("id", "program", "advocate", "friend", "order", "cause", "level", "points", "signals", "held_back", "state",
            "decided_by", "opened_at", "decided_at")  # fmt: skip


def _listing(name: str, path: str, **told: Any) -> Listing:
    sorts = told.pop("sorts", _QUEUE)
    return Listing(
        name=name,
        path=path,
        filters=lambda asks, _reader: _filters(asks, sorts),
        every=every_review,
        narrowed=_narrowed,
        columns=_COLUMNS,
        lines=_lines,
        **told,
    )


WAITING = _listing(
    "reviews-waiting",
    "/reviews",
    among=reviews_open,
    in_order=lambda rows, reader: most_urgent_first(rows, reader.workspace.time_zone),
)
SAMPLE = _listing(
    "reviews-sample",
    "/reviews/sample",
    among=lambda: reviews_open(samples=True),
)
DECIDED = _listing(
    "reviews-decided",
    "/reviews/decided",
    among=reviews_decided,
    sorts=by_moment("decided_at"),
)


def _leaks(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    return filters.narrow(rows, zone=reader.workspace.time_zone, at="found_at", advocate="link__advocate_id")


def _leak_line(row: Leak) -> list[object]:
    link = row.link
    whose = [link.advocate.program.name, link.advocate.customer.email, link.channel, link.placement, link.code]
    return [public(row), *whose, row.kind, row.state, *(moment(at) for at in (row.since, row.found_at, row.decided_at))]


LEAKS = Listing(
    name="leaks",
    path="/leaks",
    filters=lambda asks, _reader: Filters(
        asks, show=("state", "from", "to", "advocate"), sorts=by_moment("found_at"), state=Leak.State.choices
    ),
    every=lambda: Leak.objects.select_related("link__advocate__customer", "link__advocate__program"),
    narrowed=_leaks,
    columns=[
        "id",
        "program",
        "advocate",
        "channel",
        "placement",
        "code",
        "kind",
        "state",
        "since",
        "found_at",
        "decided_at",
    ],
    lines=each(_leak_line),
)
