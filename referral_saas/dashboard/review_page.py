"""What the page of a review shows: why it is held, what happened, the money of each side, and cases like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from merchants.selectors import events_of
from referral_saas.dashboard.event_words import Line, lines_of, names_of
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.order_page import told
from referral_saas.dashboard.paths import link_to
from referral_saas.dashboard.review_words import (
    LEVEL_TONES,
    STATE_TONES,
    cause_sentence,
    level_text,
    signal_title,
    signals_of,
    state_text,
    trust_text,
    without_decision,
)
from referral_saas.dashboard.reward_page import RewardLine, rewards_with_missing
from referral_saas.templatetags.ui import day
from rewards.actions.reviews import GONE
from rewards.models import Reward
from rewards.review_selectors import (
    countdown,
    from_same_address,
    hold_ends,
    money_waiting,
    of_the_circle,
    policy_of,
    similar_cases,
)
from tracking.fraud_wording import signal_text
from tracking.models import FraudPolicy, Review
from tracking.rules.fraud import TRUST_MARGIN, Signal
from tracking.wording import reason_text


@dataclass(frozen=True)
class Evidence:
    """One thing that speaks against it. ``points`` 0: it counts by itself, not by its points."""

    title: str
    text: str
    points: int


@dataclass(frozen=True)
class Scale:
    """The score against the two lines, for a bar of 1,000 units; ``most`` is its right end in points."""

    score: int
    medium_at: int
    high_at: int
    most: int

    def _at(self, points: int) -> int:
        return min(points, self.most) * 1000 // self.most

    @property
    def medium_x(self) -> int:
        return self._at(self.medium_at)

    @property
    def high_x(self) -> int:
        return self._at(self.high_at)

    @property
    def medium_width(self) -> int:
        return self.high_x - self.medium_x

    @property
    def high_width(self) -> int:
        return 1000 - self.high_x

    @property
    def marker_x(self) -> int:
        return min(self._at(self.score), 994)

    @property
    def passes_until(self) -> int:
        return self.medium_at - 1

    @property
    def medium_until(self) -> int:
        return self.high_at - 1


def scale_of(review: Review, policy: FraudPolicy) -> Scale:
    """Trust moves the first line, so it is drawn where it stands for this advocate."""
    medium_at = min(policy.medium_at + TRUST_MARGIN * review.advocate.trust_level, policy.high_at)
    return Scale(review.score, medium_at, policy.high_at, max(100, policy.high_at + 20, review.score))


@dataclass(frozen=True)
class Side:
    """What one side waits for, and what was decided about it."""

    name: str
    label: str
    line: RewardLine
    ok: bool | None


@dataclass(frozen=True)
class Alike:
    """Another case, and what it has in common with this one."""

    review: Review
    common: list[str]
    word: str
    tone: str


def review_context(desk: Desk, review: Review) -> dict[str, Any]:
    policy, zone = policy_of(review.referral.program_id), desk.workspace.time_zone
    ahead = countdown(review, policy, hold_ends([review]).get(review.pk))
    is_open = review.state == Review.State.OPEN
    sides = sides_of(desk, review)
    return {
        "review": review,
        "referral": review.referral,
        "is_open": is_open,
        "is_sample": review.cause == Review.Cause.SAMPLE,
        "is_appeal": is_open and review.cause == Review.Cause.APPEAL,
        "state": state_text(review),
        "state_tone": STATE_TONES[Review.State(review.state)],
        "level": level_text(review),
        "level_tone": LEVEL_TONES[Review.Level(review.level)],
        "cause": cause_sentence(review.cause),
        "scale": scale_of(review, policy),
        "evidence": [Evidence(signal_title(s["code"]), signal_text(s), s["points"]) for s in signals_of(review)],
        "unseen": [signal_title(code) for code in review.referral.assessment.get("missing", [])],
        "ahead": without_decision(review, ahead, zone) if is_open else "",
        "remind_at": ahead.remind_at if is_open else None,
        "money": money_waiting(side.line.reward for side in sides),
        "sides": sides,
        "can_decide": is_open and desk.may("review.decide"),
        "people": _people(desk, review),
        "story": story_of(review, zone),
        "history": lines_of(events_of(review.pk), zone=zone),
        "alike": _alike_all(review),
        "decided_by": _decided_by(review),
        "can_undo": can_undo(review, sides),
    }


def sides_of(desk: Desk, review: Review) -> list[Side]:
    rewards = Reward.objects.filter(referral=review.referral_id).order_by("side")
    lines = rewards_with_missing(desk, rewards)
    decided = {Reward.Side.ADVOCATE.value: review.advocate_ok, Reward.Side.FRIEND.value: review.friend_ok}
    return [
        Side(line.reward.side, str(line.reward.get_side_display()), line, decided[line.reward.side]) for line in lines
    ]


def can_undo(review: Review, sides: Sequence[Side]) -> bool:
    """While nothing that the decision gave is with anybody, or on its way."""
    if review.state not in (Review.State.CLEARED, Review.State.REFUSED, Review.State.VOIDED):
        return False
    return not any(side.ok and side.line.reward.state in GONE for side in sides)


def _decided_by(review: Review) -> str:
    return names_of([review.decided_by])[review.decided_by] if review.decided_by else ""


def _people(desk: Desk, review: Review) -> list[tuple[str, object]]:
    base, zone, referral = f"/w/{desk.merchant.slug}", desk.workspace.time_zone, review.referral
    advocate, order = review.advocate, referral.order
    rows = [
        (_("Advocate"), _person(link_to(base, advocate), advocate.customer.email)),
        (_("Advocate since"), day(advocate.enrolled_at, zone)),
        (_("Trust"), trust_text(advocate.trust_level)),
        (_("Friend"), _person(link_to(base, referral.friend), referral.friend.email) if referral.friend else ""),
        (_("Order"), link_to(base, order, order.number or order.external_id)),
        (_("Referral"), link_to(base, referral, _("The decision in words"))),
        (_("Program"), link_to(base, referral.program)),
    ]
    return [row for row in rows if row[1]]


def _person(link: SafeString | str, email: str) -> SafeString:
    """The address may break before its domain."""
    box, at, domain = email.rpartition("@")
    return format_html('{}<br><span class="muted small">{}{}<wbr>{}</span>', link, box, at, domain)


def story_of(review: Review, zone: str) -> list[Line]:
    """How the friend came, what the shop told, and that it was stopped, in the order of time."""
    referral = review.referral
    how = reason_text(referral.how) if referral.how else str(referral.get_matched_by_display())
    lines = [Line(_("The friend came"), referral.touched_at, how, "info"), *told(referral.order, zone)]
    lines.append(Line(_("Attributed to the advocate"), referral.attributed_at, str(referral.advocate), "good"))
    stopped = _("Picked as a sample") if review.cause == Review.Cause.SAMPLE else _("Put in review")
    lines.append(Line(stopped, review.opened_at, "", "warn"))
    if review.appealed_at:
        lines.append(Line(_("The advocate asked for a second look"), review.appealed_at, "", "info"))
    return sorted(lines, key=lambda line: line.at)


def _alike_all(review: Review) -> list[Alike]:
    """Of the same circle and from the same address first, decided or not; then what was decided about the same
    advocate or the same signs."""
    nearby = {other.pk: other for other in from_same_address(review)}
    circle = {other.pk: other for other in of_the_circle(review)}
    others = circle | nearby | {other.pk: other for other in similar_cases(review)}
    return [_alike(other, review, is_near=other.pk in nearby) for other in others.values()]


def _alike(other: Review, review: Review, *, is_near: bool) -> Alike:
    mine = {signal["code"] for signal in signals_of(review)}
    same = [signal_title(signal["code"]) for signal in signals_of(other) if signal["code"] in mine]
    advocate = [_("Same advocate")] if other.advocate_id == review.advocate_id else []
    near = [_("Same internet address")] if is_near and Signal.SAME_ADDRESS not in mine else []
    return Alike(other, [*near, *advocate, *same], state_text(other), STATE_TONES[Review.State(other.state)])
