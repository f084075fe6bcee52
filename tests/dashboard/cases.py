"""Referrals that look odd, told as a shop would tell them: the rules make the reviews."""

from __future__ import annotations

from datetime import datetime, timedelta

from merchants.events import SYSTEM
from programs.rules import Fulfilment, RewardRule, Value
from rewards.actions.settle import Settled, take_in
from tests.cast import World, a_world, at_work
from tests.facts import snapshot
from tracking.facts import OrderKey, PersonIn
from tracking.models import Review

HOUR = timedelta(hours=1)
FRIENDS_GET = RewardRule(Value.FIXED, 500, fulfilment=Fulfilment.MANUAL)
#: The advocate's own name and address but for a tag: 50 and 30 points, as much as it takes to be held.
HER_OWN = ("dana+shop@advocate.example", "Dana Muster")
#: The address alone: somebody looks.
HER_TAG = ("dana+two@advocate.example", "Eve Friend")


def odd_world(**changes: object) -> World:
    """Both sides get something, so both can be decided."""
    return a_world(friend_reward=FRIENDS_GET, **changes)


def buys(world: World, number: str, who: tuple[str, str], *, at: datetime | None = None, **more: object) -> Settled:
    """A friend came by the advocate's link and ordered."""
    at = at or world.now
    token = world.click(at=at - HOUR)
    with at_work(world.merchant):
        return take_in(
            key=OrderKey("api", number),
            facts=[snapshot(at, token=token, number=f"#{number}", **more)],
            person=PersonIn(email=who[0], name=who[1]),
            now=at,
            by=SYSTEM,
        )


def review_of_order(world: World, number: str) -> Review:
    with at_work(world.merchant):
        needs = ("referral__order", "advocate__customer")
        found: Review = Review.objects.select_related(*needs).get(referral__order__external_id=number)
        return found
