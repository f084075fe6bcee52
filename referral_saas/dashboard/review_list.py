"""The queue of reviews: the most urgent first. And the list of what was decided, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case as Either
from django.db.models import Count, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, Least, TruncDate
from django.http import HttpRequest
from django.utils.translation import ngettext

from kit.language import language_of_page
from kit.wording import number
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.listing import PAGE, Page, address
from referral_saas.dashboard.review_words import (
    LEVEL_TONES,
    STATE_TONES,
    by_itself,
    level_text,
    signal_title,
    signals_of,
    state_text,
)
from rewards.models import Reward
from rewards.review_selectors import UNPAID, Waiting, countdown, hold_ends, money_waiting_of, policies_of
from tracking.models import Review

FARTHEST_PAGE = 200
#: Of so many samples the outcome is told.
SAMPLES_TOLD = 200


@dataclass(frozen=True)
class Case:
    """One row. ``more``: how many signals there are beside those named."""

    review: Review
    money: list[Waiting]
    by_itself: str
    signals: list[str]
    more: int

    @property
    def level(self) -> str:
        return level_text(self.review)

    @property
    def tone(self) -> str:
        return LEVEL_TONES[Review.Level(self.review.level)]

    @property
    def state(self) -> str:
        return state_text(self.review)

    @property
    def state_tone(self) -> str:
        return STATE_TONES[Review.State(self.review.state)]


def cases_of(desk: Desk, reviews: Sequence[Review]) -> list[Case]:
    """The same few statements for any number of reviews."""
    money, ends = money_waiting_of(reviews), hold_ends(reviews)
    policies = policies_of({review.referral.program_id for review in reviews})
    zone, now = desk.workspace.time_zone, desk.now
    told = []
    for review in reviews:
        ahead = countdown(review, policies[review.referral.program_id], ends.get(review.pk))
        named = [signal_title(signal["code"]) for signal in signals_of(review)]
        words = by_itself(review, ahead, now, zone) if review.state == Review.State.OPEN else ""
        told.append(Case(review, money[review.pk], words, named[:2], max(len(named) - 2, 0)))
    return told


@dataclass(frozen=True)
class Tallies:
    open: int
    samples: int


def tallies() -> Tallies:
    is_sample = Q(cause=Review.Cause.SAMPLE)
    rows = Review.objects.filter(state=Review.State.OPEN)
    return Tallies(**rows.aggregate(open=Count("pk", filter=~is_sample), samples=Count("pk", filter=is_sample)))


@dataclass(frozen=True)
class SampleOutcome:
    """Of the samples that somebody looked at: how many should not have passed."""

    looked_at: int
    refused: int


def sample_outcome() -> SampleOutcome:
    looked = Review.objects.filter(cause=Review.Cause.SAMPLE, state__in=[Review.State.CLEARED, Review.State.REFUSED])
    newest = list(looked.order_by("-opened_at", "-pk").values_list("state", flat=True)[:SAMPLES_TOLD])
    return SampleOutcome(len(newest), newest.count(Review.State.REFUSED))


def money_of_all() -> list[Waiting]:
    """Everything that the queue holds back, per unit."""
    reviews = Review.objects.filter(state=Review.State.OPEN).exclude(cause=Review.Cause.SAMPLE)
    held = Reward.objects.filter(referral__in=reviews.values("referral_id"), state__in=UNPAID, amount_minor__gt=0)
    sums = held.values("unit").annotate(total=Sum("amount_minor")).order_by("unit")
    return [Waiting(row["unit"], row["total"]) for row in sums]


def most_urgent_first(rows: QuerySet[Review], zone: str) -> QuerySet[Review]:
    """By the day on which somebody is to have looked or the money goes by itself; of one day by what it is worth."""
    unpaid = Reward.objects.filter(referral=OuterRef("referral_id"), state__in=UNPAID).order_by()
    hold = unpaid.filter(release_at__isnull=False).order_by("release_at").values("release_at")[:1]
    worth = unpaid.values("referral").annotate(total=Sum(Coalesce("fair_minor", "amount_minor"))).values("total")
    goes = When(level=Review.Level.MEDIUM, cause__in=[Review.Cause.SCORE, Review.Cause.LIST], then=Subquery(hold))
    urgent = Least("answer_by", Either(goes, default=None, output_field=DateTimeField()))
    return rows.annotate(
        urgent_at=urgent, urgent_on=TruncDate(urgent, tzinfo=ZoneInfo(zone)), worth=Subquery(worth)
    ).order_by(
        F("urgent_on").asc(nulls_last=True), F("worth").desc(nulls_last=True), F("urgent_at").asc(nulls_last=True), "pk"
    )


def page_by_number(request: HttpRequest, rows: QuerySet[Any], whole: Callable[[list[UUID]], list[Any]]) -> Page:
    """A queue is worked off from its top, so its pages are counted: three statements. ``whole`` as of Listing."""
    at = _page_asked(request)
    keys = list(rows.values_list("pk", flat=True)[(at - 1) * PAGE : at * PAGE + 1])
    by_key = {row.pk: row for row in whole(keys[:PAGE])} if keys else {}
    total = rows.order_by().count()
    summary = ngettext("%(found)s in all", "%(found)s in all", total) % {"found": number(total, language_of_page())}
    return Page(
        rows=[by_key[key] for key in keys[:PAGE] if key in by_key],
        next_url=address(request, page=str(at + 1)) if len(keys) > PAGE and at < FARTHEST_PAGE else "",
        previous_url=address(request, page=str(at - 1) if at > 2 else "") if at > 1 else "",
        summary=summary,
    )


def _page_asked(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return min(max(int(asked), 1), FARTHEST_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
