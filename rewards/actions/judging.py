"""Whose referral an order is and how genuine it looks: decided once per evidence, and looked at again when something
comes to light with another one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from advocates.models import Advocate
from kit.asked import asked_often
from kit.tenancy import transaction_required
from rewards.actions.breaker import trip
from rewards.actions.trust import renew_trust
from rewards.models import PayoutAccount, Reward
from rewards.review_selectors import review_of
from rewards.selectors import was_released
from tracking.actions.again import LIVE, MOST_ASKED, ask_again
from tracking.actions.assess import judge, tie_of, tie_of_referral
from tracking.actions.attribute import decide, evidence_key
from tracking.actions.referrals import write_decision
from tracking.actions.traces import Kept
from tracking.facts import TraceIn
from tracking.models import Order, Referral, Review
from tracking.rules import Decision, MatchedBy, OrderView, Reason, Verdict
from tracking.rules.fraud import Assessment, Level

RING, ACCOUNT = "ring", "payout_account"


@transaction_required
def judge_order(
    *,
    order: Order,
    view: OrderView,
    referral: Referral | None,
    zone: str,
    trace: TraceIn | None,
    kept: Kept,
    now: datetime,
    by: str,
) -> Referral | None:
    """Judge when there is new evidence; once a reward was released the decision stays. The caller saves the order."""
    key = evidence_key(view, order.customer_id)
    if (order.evidence_key == key and not kept.is_news) or (referral and was_released(referral)):
        return referral
    pardoned = pardoned_advocate(referral)
    decision = decide(
        order=order,
        view=view,
        standing=referral,
        zone=zone,
        has_card=kept.has_card,
        payout_twins=people_paid_like,
        forgiven=pardoned.customer_id if pardoned else None,
    )
    assessment = None
    if decision.verdict == Verdict.ATTRIBUTED:
        decision, assessment = _judged(order, view, decision, trace, kept, pardoned, now=now)
    return write_decision(
        order=order,
        decision=decision,
        evidence_key=key,
        buyer_id=order.customer_id,
        standing=referral,
        ordered_at=view.placed_at,
        assessment=assessment.to_json() if assessment else None,
        now=now,
        by=by,
    )


def _judged(
    order: Order,
    view: OrderView,
    decision: Decision,
    trace: TraceIn | None,
    kept: Kept,
    pardoned: Advocate | None,
    *,
    now: datetime,
) -> tuple[Decision, Assessment | None]:
    touch = decision.touch
    assert touch is not None, "what is attributed has a touch"
    if touch.by == MatchedBy.BOUND and touch.follows_id:
        return decision, _as_first(touch.follows_id)
    found = judge(
        order=order,
        tie=tie_of(touch),
        ordered_at=view.placed_at,
        trace=trace,
        broken=kept.broken,
        is_pardoned=pardoned is not None and pardoned.pk == touch.advocate_id,
        trust_of=partial(renew_trust, now=now),
        now=now,
    )
    if found.is_listed:
        return replace(decision, verdict=Verdict.BLOCKED, reason=Reason.BLOCK_LISTED), None
    if found.trip_at is not None:
        trip(program_id=touch.program_id, counted=found.trip_at, now=now)
    if found.ring:
        ask_again(referral_ids=found.ring, cause=RING, now=now)
    return decision, found.assessment


def _as_first(first_id: UUID) -> Assessment:
    """A further order of a friend is as genuine as their first: what is being looked at there is looked at here too,
    and where it was refused a person decides about the others as well."""
    first = Referral.objects.get(pk=first_id)
    review = review_of(first)
    if review is None or review.state in (Review.State.CLEARED, Review.State.LAPSED):
        return Assessment()
    judged = Assessment.from_json(first.assessment)
    if review.state in (Review.State.REFUSED, Review.State.VOIDED):
        return replace(judged, level=Level.HIGH, is_sample=False)
    return judged if review.stops_rewards else Assessment()


def pardoned_advocate(referral: Referral | None) -> Advocate | None:
    """To whom somebody of the team gave it although a card, an account or a list said no. To nobody else: whoever new
    evidence names instead is judged as anybody is."""
    review = review_of(referral) if referral else None
    if review is None or review.state != Review.State.CLEARED or review.cause != Review.Cause.APPEAL:
        return None
    pardoned: Advocate = review.advocate
    return pardoned


def people_paid_like(customer_id: UUID) -> frozenset[UUID]:
    """Who is paid out to the same account as this customer."""
    return frozenset(found for (found,) in _paid_like(customer_id))


@asked_often
def _paid_like(customer_id: UUID) -> QuerySet[Any]:
    own = PayoutAccount.objects.filter(customer=customer_id).values("fingerprint")
    same = PayoutAccount.objects.filter(fingerprint__in=own).exclude(customer=customer_id)
    return same.values_list("customer_id")[:50]


def _is_paid_like_friend(referral: Referral) -> bool:
    if referral.friend_id is None or was_released(referral):
        return False
    pardoned = pardoned_advocate(referral)
    is_pardoned = pardoned is not None and pardoned.pk == referral.advocate_id
    return not is_pardoned and referral.advocate.customer_id in people_paid_like(referral.friend_id)


@transaction_required
def ask_again_of_account(*, customer_id: UUID, now: datetime) -> None:
    """What this person and those who are paid out to the same account referred to each other, while nothing is paid."""
    alike = people_paid_like(customer_id)
    if not alike:
        return
    between = Q(friend=customer_id, advocate__customer__in=alike) | Q(friend__in=alike, advocate__customer=customer_id)
    released = Reward.objects.filter(referral=OuterRef("pk"), released_at__isnull=False)
    rows = Referral.objects.filter(between, state__in=LIVE).exclude(Exists(released))
    newest = rows.order_by("-attributed_at", "-pk").values_list("pk", flat=True)
    ask_again(referral_ids=newest[:MOST_ASKED], cause=ACCOUNT, now=now)


@transaction_required
def judge_again(*, referral: Referral, view: OrderView, now: datetime) -> bool:
    """Only how genuine it looks: whose it is stays, but for what blocks for certain since. False where it looks no
    worse than it did. The caller holds the locks of the order, the friend and the referral, and settles afterwards."""
    if referral.state == Referral.State.BLOCKED:
        return False
    if _is_paid_like_friend(referral):
        referral.order.evidence_key = ""  # settling decides anew
        referral.order.save(update_fields=["evidence_key"])
        return True
    found = judge(
        order=referral.order,
        tie=tie_of_referral(referral, view),
        ordered_at=view.placed_at,
        trust_of=partial(renew_trust, now=now),
        now=now,
    ).assessment
    if found.score <= Assessment.from_json(referral.assessment).score:
        return False
    referral.assessment = found.to_json()
    referral.save(update_fields=["assessment"])
    return True
