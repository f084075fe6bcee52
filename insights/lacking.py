"""What is missing right now, in plain words: the answer to "why has nothing come?". Pure: a story in, sentences out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.models import Advocate, Link
from engagement.models import Message
from insights.people import Story, considered_of
from kit.days import add_days, local_date
from kit.wording import day
from programs.models import TermsVersion
from rewards.models import Reward
from rewards.wording import missing_for, reason_text
from tracking.models import Claim, Introduction, Order, Referral, Review
from tracking.rules import Reason


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that has not happened, or that stands in the way. ``code`` is stable, ``about`` is where to look."""

    code: str
    text: str
    about: Model | None = None


def missing(story: Story, *, now: datetime, zone: str, language: str) -> list[Lack]:
    """The person's own orders first, then what they get, then what they take part in; said once each."""
    at, own = _At(now, zone, language), {order.pk for order in story.orders}
    found = [
        *(lack for order in story.orders for lack in _of_order(story, order, at)),
        *(lack for reward in story.rewards for lack in _of_reward(story, reward, at)),
        *(lack for claim in story.claims for lack in _of_claim(story, claim, at)),
        *(lack for row in story.brought if row.order_id not in own for lack in _of_brought(row)),
        *(lack for review in story.reviews for lack in _of_review(review, at)),
        *(lack for place in story.places for lack in _of_place(place)),
        *_of_person(story),
    ]
    return list({(lack.code, lack.text, lack.about): lack for lack in found}.values())


@dataclass(frozen=True, slots=True)
class _At:
    now: datetime
    zone: str
    language: str

    def day(self, at: datetime) -> str:
        return day(at, self.zone, self.language)

    def days_between(self, first: datetime, second: datetime) -> int:
        """Calendar days in the merchant's zone; the same day counts as one."""
        return max((local_date(second, self.zone) - local_date(first, self.zone)).days, 1)


# --- orders ---------------------------------------------------------------------------------------------------------


def _of_order(story: Story, order: Order, at: _At) -> Iterator[Lack]:
    if order.outcome == Order.Outcome.AWAITED:
        yield Lack("order_awaited", _("The order itself has not come yet: only news about it."), order)
    elif order.outcome == Order.Outcome.NOT_REFERRED:
        yield from _of_nobodys(story, order, at)
    elif order.outcome == Order.Outcome.BLOCKED:
        yield Lack("blocked", reason_text(str(order.decision.get("reason", ""))), order)
    elif referral := story.referrals.get(order.pk):
        yield from _of_referral(referral, order)


def _of_referral(referral: Referral, about: Model) -> Iterator[Lack]:
    if referral.state in (Referral.State.PENDING, Referral.State.NOT_QUALIFIED) and referral.reasons:
        yield Lack(str(referral.reasons[0]), reason_text(str(referral.reasons[0])), about)


def _of_nobodys(story: Story, order: Order, at: _At) -> Iterator[Lack]:
    introduction = story.introductions.get(order.pk)
    if introduction and introduction.state == Introduction.State.NAMED:
        name = introduction.advocate
        yield Lack("introduced", _("The friend named %(name)s, who has not confirmed it yet.") % {"name": name}, order)
    touches = considered_of(order)
    if not touches:
        yield from _without_evidence(story, order, at)
    for touch in touches:
        yield Lack(str(touch["reason"]), _refused(story, order, touch, at), order)


def _without_evidence(story: Story, order: Order, at: _At) -> Iterator[Lack]:
    view = story.view_of(order)
    codes = ", ".join(code for code, _off in view.codes) if view else ""
    if order.customer_id is None:
        yield Lack("no_address", _("The order came without an e-mail address, so no claim can fit it."), order)
    retired = [story.typed_links[code.upper()] for code, _off in view.codes if _is_retired(story, code)] if view else []
    if retired:
        yield from (_code_retired(link, order, at) for link in retired)
    elif codes:
        yield Lack("unknown_code", _("The code %(codes)s is no advocate's and no friend's.") % {"codes": codes}, order)
    elif view and view.tokens:
        yield Lack("unknown_token", _("The order came with a referral token that is not ours."), order)
    else:
        yield _no_trace(story, order)


def _is_retired(story: Story, code: str) -> bool:
    link = story.typed_links.get(code.upper())
    return link is not None and link.retired_at is not None


def _code_retired(link: Link, order: Order, at: _At) -> Lack:
    told = {"code": link.code, "name": link.advocate, "day": at.day(link.retired_at or at.now)}
    return Lack("code_retired", _("The code %(code)s of %(name)s was taken out of use on %(day)s.") % told, order)


def _no_trace(story: Story, order: Order) -> Lack:
    if order.customer_id is None:
        return Lack("no_trace", _("It also came without a code and without a referral link."), order)
    if story.claims:
        text = _("The offer was claimed only after this order had come, and the order came without a code.")
        return Lack("claimed_later", text, order)
    text = _("No claim with this e-mail address. The order came without a code and without a referral link.")
    return Lack("no_trace", text, order)


def _refused(story: Story, order: Order, touch: dict[str, Any], at: _At) -> str:
    """Why one touch was not taken; where it came too late, by how much."""
    touched = datetime.fromisoformat(touch["at"])
    placed = order.placed_at or order.received_at
    if touch["reason"] == Reason.WINDOW_OVER and (ended := _window_end(story, touch, touched, at)):
        days = at.days_between(ended, placed)
        return ngettext(
            "The attribution window ended %(days)s day before the order.",
            "The attribution window ended %(days)s days before the order.",
            days,
        ) % {"days": days}
    if touch["reason"] == Reason.BEFORE_TOUCH:
        return _("The order was placed before the friend opened the link or claimed, on %(day)s.") % {
            "day": at.day(touched)
        }
    return reason_text(str(touch["reason"]))


def _window_end(story: Story, touch: dict[str, Any], touched: datetime, at: _At) -> datetime | None:
    version = _version_of(story, touch, touched)
    return add_days(touched, version.as_terms().attribution_window_days, at.zone) if version else None


def _version_of(story: Story, touch: dict[str, Any], touched: datetime) -> TermsVersion | None:
    """What the friend saw: the claim's own terms, else those published at the touch."""
    claims = {str(claim.pk): claim for claim in story.claims}
    if claim := claims.get(touch.get("claim_id") or ""):
        return claim.terms  # type: ignore[no-any-return]
    advocate = story.advocates.get(UUID(touch["advocate_id"]))
    versions = [row for row in story.versions if advocate and row.program_id == advocate.program_id]
    seen = [row for row in versions if row.published_at <= touched]
    return next(iter([*seen, *reversed(versions)]), None)


# --- rewards, claims, reviews -----------------------------------------------------------------------------------------


def _of_reward(story: Story, reward: Reward, at: _At) -> Iterator[Lack]:
    """What stands between the reward and its recipient; a failed one says why. A hold that is over keeps nobody."""
    blocks, payout = story.blocks.get(reward.pk, []), story.payouts.get(reward.pk)
    is_over = bool(blocks) and reward.release_at is not None and reward.release_at <= at.now
    for item in missing_for(reward, blocks, zone=at.zone, language=at.language, payout=payout):
        if item.code == "hold" and is_over:
            continue
        yield Lack(item.code, item.text, reward)
    if reward.state == Reward.State.FAILED and reward.reason:
        yield Lack(reward.reason, reason_text(reward.reason), reward)


def _of_claim(story: Story, claim: Claim, at: _At) -> Iterator[Lack]:
    if claim.state == Claim.State.PREPARING:
        yield Lack("code_prepared", _("The friend's code is still being prepared."), claim)
    elif claim.state == Claim.State.REFUSED:
        yield Lack("no_code", _("No code could be given. Opening the offer again tries once more."), claim)
    elif claim.state == Claim.State.ISSUED:
        yield from _of_unused(story, claim, at)


def _of_unused(story: Story, claim: Claim, at: _At) -> Iterator[Lack]:
    """A code that is out and came back on no order. Who ordered without it is known by their address all the same."""
    if any(row.claim_id == claim.pk for row in story.referrals.values()):
        return
    until = {"day": at.day(claim.expires_at)}
    if claim.expires_at <= at.now:
        yield Lack("code_over", _("The friend's code ended on %(day)s and was never used.") % until, claim)
    else:
        yield Lack("order", _("Waiting for an order: the friend's code can be used until %(day)s.") % until, claim)


def _of_brought(referral: Referral) -> Iterator[Lack]:
    """Of a friend's order that brought the advocate nothing so far."""
    yield from _of_referral(referral, referral)
    if referral.state == Referral.State.BLOCKED and referral.reasons:
        yield Lack("blocked", reason_text(str(referral.reasons[0])), referral)


def _of_review(review: Review, at: _At) -> Iterator[Lack]:
    """A sample of what passed stops nothing, so nothing is missing."""
    if not review.stops_rewards:
        return
    if review.answer_by is None:
        yield Lack("review", _("Somebody of the team has to look at it and decide."), review)
    else:
        text = _("Somebody of the team has to look at it and decide, by %(day)s.")
        yield Lack("review", text % {"day": at.day(review.answer_by)}, review)


# --- taking part ------------------------------------------------------------------------------------------------------


def _of_place(place: Advocate) -> Iterator[Lack]:
    texts = {
        Advocate.State.INVITED: _("Was invited and has not joined yet."),
        Advocate.State.PAUSED: _("Is paused: the links bring no new claims."),
        Advocate.State.BANNED: _("Is banned: nothing of theirs counts from then on."),
    }
    if place.state in texts:
        yield Lack(place.state.lower(), texts[Advocate.State(place.state)], place)


def _of_person(story: Story) -> Iterator[Lack]:
    person = story.customer
    if person is None:
        return
    if not (story.orders or story.claims or story.places):
        text = _("No order, no claim and no link of this address has come. Look for another address of theirs.")
        yield Lack("nothing", text, person)
    if person.unsubscribed_at:
        yield Lack("unsubscribed", _("Wants no mail but what is strictly needed."), person)
    newest = max(story.messages, key=lambda row: row.at, default=None)
    if newest and newest.state == Message.State.FAILED:
        yield Lack("mail_failed", _("The last mail could not be delivered. Is the address right?"), person)
