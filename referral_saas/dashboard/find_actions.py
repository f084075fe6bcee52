"""What support may do from a person's story: the buttons of other pages, for those whose role may press them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from advocates.models import Advocate
from insights.people import Story
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.paths import path_of, public
from rewards.models import Reward
from tracking.models import Claim, Introduction, Order, Referral, Review


@dataclass(frozen=True)
class Action:
    """A link to where it is done, or a form of one button (``is_post``)."""

    label: str
    url: str
    icon: str
    why: str = ""
    is_post: bool = False


def actions_for(desk: Desk, story: Story) -> list[Action]:
    base = f"/w/{desk.merchant.slug}"
    return [
        *(action for place in story.places for action in _of_place(desk, place, base)),
        *(action for claim in story.claims for action in _of_claim(desk, claim, base)),
        *(action for order in story.orders for action in _of_order(desk, story, order, base)),
        *(action for review in story.reviews for action in _of_review(desk, review, base)),
        *(action for reward in story.rewards for action in _of_reward(desk, reward, base)),
        *_of_person(desk, story, base),
    ]


def _of_place(desk: Desk, place: Advocate, base: str) -> Iterator[Action]:
    program = {"program": place.program.name}
    if desk.may("advocate.edit") and place.state != Advocate.State.BANNED:
        why = _("Works once, for 30 minutes. Program %(program)s.") % program
        yield Action(_("Send a portal link"), f"{path_of(base, place)}/send-link", "envelope", why, is_post=True)
    if desk.may("advocate.view_as") and place.state != Advocate.State.BANNED:
        why = _("As they see it in %(program)s, for 30 minutes. Nothing can be changed, and it is logged.") % program
        yield Action(_("See their portal"), f"{path_of(base, place)}/view-as", "eye", why, is_post=True)
    if desk.may("reward.give") and place.state == Advocate.State.ACTIVE:
        where = f"{base}/surprises/new?advocate={public(place)}"
        yield Action(_("Give a surprise"), where, "sparkles", _("As an advocate of %(program)s.") % program)


def _of_claim(desk: Desk, claim: Claim, base: str) -> Iterator[Action]:
    is_usable = claim.state == Claim.State.ISSUED and claim.expires_at > desk.now
    if desk.may("advocate.edit") and claim.friend_id and is_usable:
        why = _("To the address they claimed with.")
        yield Action(_("Send the code again"), f"{path_of(base, claim)}/send-code", "envelope", why, is_post=True)


def _of_review(desk: Desk, review: Review, base: str) -> Iterator[Action]:
    if desk.may("review.decide") and review.state == Review.State.OPEN:
        yield Action(_("Open the review"), path_of(base, review), "shield-check")


def _of_order(desk: Desk, story: Story, order: Order, base: str) -> Iterator[Action]:
    if not desk.may("order.record") or order.placed_at is None or order.cancelled_at:
        return
    named = {"number": order.number or order.external_id}
    referral = story.referrals.get(order.pk)
    if referral is None or referral.state == Referral.State.BLOCKED:
        label = _("Give order %(number)s to an advocate") % named
        yield Action(label, f"{path_of(base, order)}/attribute", "user-plus", _("With a reason, kept in the log."))
        yield from _asking(story, order, base)
    elif order.delivered_at is None:
        label = _("Mark order %(number)s as delivered") % named
        yield Action(label, path_of(base, order), "truck", _("Where the shop does not tell us."))


def _asking(story: Story, order: Order, base: str) -> Iterator[Action]:
    """Only what nobody referred, and what was not answered already; for how long they may say it is looked up then."""
    told = story.introductions.get(order.pk)
    is_open = told is None or told.state == Introduction.State.ASKED
    if order.customer_id and order.outcome == Order.Outcome.NOT_REFERRED and is_open:
        url = f"{base}/find/{public(order)}/ask"
        why = _("By mail. The advocate they name has to confirm it.")
        yield Action(_("Ask who sent them"), url, "chat-bubble-left-right", why, is_post=True)


def _of_reward(desk: Desk, reward: Reward, base: str) -> Iterator[Action]:
    if desk.may("reward.pay") and reward.state == Reward.State.FAILED:
        yield Action(_("Try the failed reward again"), path_of(base, reward), "arrow-path")


def _of_person(desk: Desk, story: Story, base: str) -> Iterator[Action]:
    if story.customer and desk.may("advocate.edit") and not story.places:
        yield Action(_("Make them an advocate"), f"{base}/advocates/new", "megaphone")
