"""The recipient chooses how to take a reward: cash or credit, keep it, give it to the friend, donate it.

A reward whose rule has choices waits with an open CHOICE block; choosing lifts it, and what nobody chose in time goes
on as the rule itself says.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.models import Event
from rewards.actions.blocks import RewardStateError, lift_block
from rewards.actions.fulfil import lock_all
from rewards.actions.settle import settle_locked
from rewards.choices import grant_of, rule_of
from rewards.locks import unchosen_for_update
from rewards.models import Reward, RewardBlock
from rewards.rules import Grant
from rewards.rules.ending import PATIENCE

#: Rewards in one transaction.
AT_ONCE = 100
#: Changes of mind about one reward in a day: whoever it is for after each gets a mail.
MOST_CHANGES, CHANGES_COUNTED = 10, timedelta(days=1)


@transaction_required
def choose(*, reward: Reward, key: str, by: str, now: datetime) -> Reward:
    """Take it this way ("" is the rule itself). Can be changed until the hold is over, a few times a day."""
    locked = lock_all(reward)
    if locked.state != Reward.State.HELD or not (locked.referral and locked.terms and locked.order):
        raise RewardStateError("choice_over")
    rule = rule_of(locked)
    if rule is None or (key and key not in {choice.key for choice in rule.choices}):
        raise RewardStateError("no_such_choice")
    if rule.goes_to_friend(key) and locked.referral.friend_id is None:
        raise RewardStateError("friend_unknown")
    if key == locked.chosen and not open_choice(locked):
        return locked
    _refuse_flood(locked, now)
    referral = locked.referral
    referral.granted = Grant.from_json(grant_of(referral).to_json() | {"chosen": key}).to_json()
    referral.save(update_fields=["granted"])
    record("reward.chosen", subject=locked, by=by, now=now, data={"choice": key})
    settle_locked(order=locked.order, referral=referral, now=now, by=by)
    if open_choice(locked):
        lift_block(reward=locked, kind=RewardBlock.Kind.CHOICE, by=by, now=now)
    locked.refresh_from_db()
    return locked


@transaction_required
def end_patience(*, now: datetime) -> int:
    """Whatever nobody chose in time goes on as the rule says. Returns how many."""
    overdue = unchosen_for_update(until=now - PATIENCE, limit=AT_ONCE)
    for reward in overdue:
        lift_block(reward=reward, kind=RewardBlock.Kind.CHOICE, by=SYSTEM, now=now)
    return len(overdue)


def _refuse_flood(reward: Reward, now: datetime) -> None:
    chosen = Event.objects.filter(subject_id=reward.pk, code="reward.chosen", at__gt=now - CHANGES_COUNTED)
    if chosen.count() >= MOST_CHANGES:
        raise RewardStateError("chosen_too_often")


def open_choice(reward: Reward) -> bool:
    blocks: QuerySet[RewardBlock] = RewardBlock.objects.filter(
        reward=reward, kind=RewardBlock.Kind.CHOICE, lifted_at=None
    )
    return blocks.exists()
