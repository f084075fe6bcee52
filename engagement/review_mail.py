"""Mails about reviews: the answer to an advocate who asked for a second look, and what the team has to hear of.

To an advocate nothing is said of what was seen: only whether it counts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Min
from django.utils.translation import gettext as _

from engagement import addresses
from engagement.desk import House, Occasion, Pen, Recipient, Values
from engagement.reward_mail import friend_name
from merchants.models import Event, Membership
from programs.models import Program
from rewards.models import Reward
from rewards.review_selectors import reviews_open
from tracking.models import Breaker, Review


def second_look_answered(event: Event, house: House) -> Occasion | None:
    """However the answer is: who asked, is answered. Most reviews were never asked about."""
    needs = ("referral__advocate__customer", "referral__program")
    review: Review | None = Review.objects.select_related(*needs).filter(pk=event.subject_id).first()
    if review is None or review.appealed_at is None:
        return None
    counts = review.state == Review.State.CLEARED

    def values(pen: Pen) -> Values:
        return {
            "friend": friend_name(review.referral),
            "counts": counts,
            "facts": _facts(review, pen) if counts else [],
            "link": addresses.portal(house.merchant.slug),
        }

    to = Recipient.of(review.referral.advocate.customer, review.referral.advocate)
    return Occasion(to, values, skip="" if review.appeal_answered_at else "overtaken")


def _facts(review: Review, pen: Pen) -> list[tuple[str, str]]:
    reward = Reward.objects.filter(referral=review.referral_id, side=Reward.Side.ADVOCATE).first()
    if reward is None or not reward.standing_minor:
        return []
    facts = [(_("Reward"), pen.money(reward.standing_minor, reward.unit))]
    if reward.state == Reward.State.HELD and reward.release_at:
        facts.append((_("Day it comes"), pen.day(reward.release_at)))
    return facts


# --- to the team --------------------------------------------------------------------------------------------------


def reminder(event: Event, house: House) -> Occasion | None:
    """What waits for longer than the program allows, told together once a day."""
    late = reviews_open().filter(reminded_at__isnull=False)
    count = late.count()
    oldest = late.aggregate(at=Min("opened_at"))["at"]

    def values(pen: Pen) -> Values:
        return {"count": count, "oldest": pen.day(oldest), "link": addresses.workspace(house.merchant.slug, "reviews")}

    return _to_member(event, house, values, skip="" if count else "overtaken")


def voided(event: Event, house: House) -> Occasion | None:
    """Nobody decided in time, so it was refused by itself."""
    since = event.at - timedelta(days=1)
    gone = Review.objects.filter(state=Review.State.VOIDED, decided_at__gt=since, decided_at__lte=event.at)

    def values(_pen: Pen) -> Values:
        link = addresses.workspace(house.merchant.slug, "reviews/decided")
        return {"count": max(gone.count(), 1), "link": link}

    return _to_member(event, house, values, skip="")


def breaker_tripped(event: Event, house: House) -> Occasion | None:
    about = Event.objects.filter(pk=event.data["event_id"]).values_list("subject_id", flat=True).first()
    program: Program | None = Program.objects.filter(pk=about).first()
    breaker = Breaker.objects.filter(program=about, tripped_at__isnull=False).first()
    if program is None:
        return None

    def values(_pen: Pen) -> Values:
        link = addresses.workspace(house.merchant.slug, f"programs/{program.slug}/checks")
        return {"program": program.name, "count": breaker.counted if breaker else 0, "link": link}

    return _to_member(event, house, values, skip="" if breaker else "overtaken")


def _to_member(event: Event, house: House, values: Callable[[Pen], Values], *, skip: str) -> Occasion | None:
    """To one person of the team, who may have left meanwhile."""
    members = Membership.objects.select_related("user").filter(merchant=house.merchant)
    member = members.filter(pk=event.data["member"]).first()
    if member is None:
        return None
    return Occasion(Recipient(member.user.email, language=member.user.language), values, skip)
