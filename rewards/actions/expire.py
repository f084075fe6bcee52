"""What nobody claimed or used in time ends: the liability goes, and the cost stays with its breakage beside it.

Only where use can be known: codes, which orders carry, and our own account of points and units. Any use of an account
since counts as use of what ends on it first, so that nobody loses what they may have used.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Sum

from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record_many
from rewards import ledger
from rewards.actions.budget import follow_budget
from rewards.locks import ended_unclaimed_for_update, ended_unused_for_update, ending_soon_for_update
from rewards.models import Account, LedgerEntry, Reward, Spend
from rewards.rules import Why
from rewards.rules.ending import CLAIM_WITHIN, OWN_BALANCE

#: Rewards in one transaction.
BATCH = 200

State = Reward.State
_PLACES = {State.HELD: Account.HELD, State.RELEASED: Account.PAYABLE, State.FULFILLED: Account.FULFILLED}


@transaction_required
def expire_unused(*, now: datetime) -> int:
    """Delivered and never used: EXPIRED. Returns how many rows were seen to."""
    rewards = ended_unused_for_update(now=now, limit=BATCH)
    used = _note_used_balances(rewards)
    _expire([reward for reward in rewards if reward.pk not in used], Why.OUT_OF_TIME, now)
    return len(rewards)


@transaction_required
def expire_unclaimed(*, now: datetime) -> int:
    """Nobody told an address for 90 days after the hold: EXPIRED. Returns how many."""
    rewards = ended_unclaimed_for_update(now=now, limit=BATCH)
    _expire(rewards, Why.EXPIRED, now)
    return len(rewards)


@transaction_required
def tell_of_ending(*, now: datetime) -> int:
    """``reward.expiring``, once per reward, while there is time to use or claim it."""
    rewards = ending_soon_for_update(now=now, limit=BATCH)
    told = [(reward, _facts_of(reward) | {"ends_at": ends_at(reward).isoformat()}) for reward in rewards]
    record_many("reward.expiring", told=told, by=SYSTEM, now=now)
    return len(rewards)


def ends_at(reward: Reward) -> datetime:
    """The last moment to use it, or to claim what is still waiting for an answer."""
    if reward.state == State.FULFILLED:
        assert reward.valid_until is not None, "only what ends is asked about"
        return reward.valid_until
    assert reward.release_at is not None, "an address is asked for from the end of the hold on"
    return reward.release_at + CLAIM_WITHIN


def _note_used_balances(rewards: Sequence[Reward]) -> set[object]:
    """Of an account with us that was used since: it counts as used at its end, and is looked at no more."""
    uses = Spend.objects.filter(
        customer=OuterRef("recipient"),
        unit=OuterRef("unit"),
        at__gte=OuterRef("fulfilled_at"),
        at__lt=OuterRef("valid_until"),
    )
    rows = Reward.objects.filter(pk__in=[reward.pk for reward in rewards], fulfilment=OWN_BALANCE)
    used = {reward.pk: reward for reward in rows.filter(Exists(uses))}
    for reward in used.values():
        reward.used_at = reward.valid_until
        reward.save(update_fields=["used_at"])
    return set(used)


def _expire(rewards: Sequence[Reward], why: Why, now: datetime) -> None:
    """State, ledger, events and budget. A debt that stood against what ended unused has come back with it."""
    debts = _debts(rewards)
    bookings = [_booking(reward, debts.get(reward.pk, 0)) for reward in rewards]
    for reward in rewards:
        reward.state, reward.expired_at, reward.reason, reward.next_try_at = State.EXPIRED, now, why.value, None
    Reward.objects.bulk_update(rewards, ["state", "expired_at", "reason", "next_try_at"])
    ledger.post_many("reward.expired", bookings=bookings, now=now)
    told = [(reward, _facts_of(reward) | {"reason": why.value}) for reward in rewards]
    record_many("reward.expired", told=told, by=SYSTEM, now=now)
    follow_budget(rewards=rewards, now=now, by=SYSTEM)


def _booking(reward: Reward, debt: int) -> ledger.Booking:
    moves = [ledger.expire(reward.amount_minor, source=_PLACES[State(reward.state)])]
    if debt > 0:
        moves.append(ledger.recover(debt))
    return ledger.Booking(moves, reward.unit, reward.program_id, reward=reward)


def _debts(rewards: Sequence[Reward]) -> dict[object, int]:
    taken = [reward.pk for reward in rewards if reward.clawed_back_minor]
    entries = LedgerEntry.objects.filter(account=Account.CLAWED_BACK, posting__reward__in=taken)
    return dict(entries.values_list("posting__reward_id").annotate(total=Sum("amount_minor")))


def _facts_of(reward: Reward) -> dict[str, object]:
    return {"amount_minor": reward.amount_minor, "unit": reward.unit, "side": reward.side}
