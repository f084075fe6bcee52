"""Every row lock of this app, ordered by pk (kit/locks.py states the order between kinds)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from kit.asked import asked_often
from kit.locks import Rank, note
from kit.many import any_of
from merchants.models import Event
from programs.models import CodePool, PoolCode
from rewards.models import Budget, FulfilmentAttempt, Payout, Reward, RewardBlock, Setback, Withdrawal
from rewards.rules.ending import CLAIM_WITHIN, CODES, OWN_BALANCE, TOLD_BEFORE

#: Why a pool could not deliver: the reason of what waits for codes.
NO_CODES = "code_pool_empty"

#: What releasing reads of a reward; it handles a thousand at a time.
TO_RELEASE = ("merchant_id", "program_id", "side", "fulfilment", "unit", "amount_minor", "next_try_at", "release_at")


def rewards_of_referral_for_update(referral_id: UUID, *, codes: Collection[str] = ()) -> list[Reward]:
    """Together with the rewards whose codes its order carries: locked one after the other, two orders that carry each
    other's codes would wait in a circle."""
    note(Rank.REWARD)
    if not codes:
        return _rewards_of_referral(referral_id)
    wanted = Q(referral_id=referral_id) | Q(pk__in=_unused_with(codes).values("pk"))
    rows = Reward.objects.filter(wanted).order_by("pk").select_for_update(of=("self",), no_key=True)
    return [reward for reward in rows if reward.referral_id == referral_id]


@asked_often
def _rewards_of_referral(referral_id: UUID) -> QuerySet[Reward]:
    rows = Reward.objects.filter(referral_id=referral_id).order_by("pk")
    locked: QuerySet[Reward] = rows.select_for_update(of=("self",), no_key=True)
    return locked


def reward_for_update(reward_id: UUID) -> Reward | None:
    note(Rank.REWARD)
    return next(iter(_rewards_by_id([reward_id])), None)


def rewards_for_update(reward_ids: Collection[UUID]) -> list[Reward]:
    note(Rank.REWARD)
    return _rewards_by_id(list(reward_ids))


@asked_often
def _rewards_by_id(reward_ids: list[UUID]) -> QuerySet[Reward]:
    rows: QuerySet[Reward] = Reward.objects.filter(any_of("pk", reward_ids)).order_by("pk")
    return rows.select_for_update(of=("self",), no_key=True)


def open_rewards_for_update() -> list[Reward]:
    """All that is neither given nor off, of every program."""
    note(Rank.REWARD)
    states = (Reward.State.HELD, Reward.State.RELEASED, Reward.State.FULFILLING, Reward.State.FAILED)
    rows = Reward.objects.filter(state__in=states).order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(rows.only("merchant_id", "state", "fulfilment", "release_at"))


def payout_for_update(payout_id: UUID) -> Payout:
    """Before every other lock: one payout is changed, confirmed or reconciled by one person at a time."""
    note(Rank.PAYOUT)
    found: Payout = Payout.objects.select_for_update(of=("self",), no_key=True).get(pk=payout_id)
    return found


def rewards_by_voucher_for_update(codes: Collection[str]) -> list[Reward]:
    """Delivered rewards with these codes that were not seen used yet."""
    note(Rank.REWARD)
    return list(_unused_with(codes).order_by("pk").select_for_update(of=("self",), no_key=True))


def _unused_with(codes: Collection[str]) -> QuerySet[Reward]:
    rows: QuerySet[Reward] = Reward.objects.filter(voucher__in=codes, used_at=None, fulfilled_at__isnull=False)
    return rows.exclude(voucher="")


def budget_of_program_for_update(program_id: UUID) -> Budget | None:
    note(Rank.BUDGET)
    return next(iter(_budgets_of(program_id)), None)


@asked_often
def _budgets_of(program_id: UUID) -> QuerySet[Budget]:
    """One at most, as the constraint says."""
    rows: QuerySet[Budget] = Budget.objects.filter(program=program_id)
    return rows.select_for_update(of=("self",), no_key=True)


def due_rewards_for_update(*, now: datetime, limit: int) -> list[Reward]:
    """Held, due and not stopped, the longest due first; rows another worker holds are left to it."""
    note(Rank.REWARD)
    rows = Reward.objects.filter(state=Reward.State.HELD, release_at__lte=now).exclude(_is_stopped())
    return _locked(rows.only(*TO_RELEASE), limit, order=("release_at", "pk"))


def blocked_by_budget_for_update(*, limit: int) -> list[Reward]:
    """What waits for budget and has room in it now, oldest first: however much waits in a program without room, it
    stands in nobody's way. Rows somebody else holds are left to the next sweep."""
    note(Rank.REWARD)
    open_blocks = RewardBlock.objects.filter(reward=OuterRef("pk"), kind=RewardBlock.Kind.BUDGET, lifted_at=None)
    more = OuterRef("fair_minor") - OuterRef("reserved_minor")
    too_small = Budget.objects.filter(
        program=OuterRef("program"), is_hard=True, limit_minor__lt=F("reserved_minor") + more
    )
    rows = Reward.objects.filter(Exists(open_blocks)).exclude(Exists(too_small)).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True)[:limit])


def rewards_to_fulfil_for_update(*, real_now: datetime, limit: int) -> list[Reward]:
    """Released, or being delivered by somebody whose lease is over; not stopped, and their next try has come.

    What waits for codes need not wait longer once there are some.
    """
    note(Rank.REWARD)
    abandoned = FulfilmentAttempt.objects.filter(
        reward=OuterRef("pk"), state=FulfilmentAttempt.State.CLAIMED, lease_until__lte=real_now
    )
    takeable = Q(state=Reward.State.RELEASED) | (Q(state=Reward.State.FULFILLING) & Exists(abandoned))
    is_due = Q(next_try_at__lte=real_now) | Q(state=Reward.State.RELEASED, reason=NO_CODES) & _has_codes()
    return _locked(Reward.objects.filter(takeable & is_due).exclude(_is_stopped()), limit)


def ended_unused_for_update(*, now: datetime, limit: int) -> list[Reward]:
    """Delivered, its last moment over, and not seen used where that would have been seen."""
    note(Rank.REWARD)
    return _locked(can_end_unused().filter(valid_until__lte=now), limit)


def ended_unclaimed_for_update(*, now: datetime, limit: int) -> list[Reward]:
    """Waiting for the recipient's address for longer than anybody waits."""
    note(Rank.REWARD)
    return _locked(can_end_unclaimed().filter(release_at__lte=now - CLAIM_WITHIN), limit)


def ending_soon_for_update(*, now: datetime, limit: int) -> list[Reward]:
    """What the recipient is to be told of before it ends, and was not."""
    note(Rank.REWARD)
    unused = can_end_unused().filter(valid_until__gt=now, valid_until__lte=now + TOLD_BEFORE)
    unused = unused.filter(valid_until__gt=F("fulfilled_at") + TOLD_BEFORE)
    claim_from, claim_to = now - CLAIM_WITHIN, now - CLAIM_WITHIN + TOLD_BEFORE
    unclaimed = can_end_unclaimed().filter(release_at__gt=claim_from, release_at__lte=claim_to)
    told = Exists(Event.objects.filter(subject_id=OuterRef("pk"), code="reward.expiring"))
    either = Q(pk__in=unused.values("pk")) | Q(pk__in=unclaimed.values("pk"))
    return _locked(Reward.objects.filter(either).exclude(told), limit)


def can_end_unused() -> QuerySet[Reward]:
    rows: QuerySet[Reward] = Reward.objects.filter(is_unused())
    return rows


def is_unused() -> Q:
    """Delivered and not used, of a form whose use is known. On the row itself, in the words of its index."""
    known = Q(kind__form__in=CODES) | Q(fulfilment=OWN_BALANCE)
    return known & Q(state=Reward.State.FULFILLED, used_at=None, valid_until__isnull=False)


def can_end_unclaimed() -> QuerySet[Reward]:
    """The recipient is asked where to send it. What nobody chose goes on by itself (rewards.actions.choice)."""
    asked = RewardBlock.objects.filter(reward=OuterRef("pk"), kind=RewardBlock.Kind.ADDRESS, lifted_at=None)
    waits = Exists(asked)
    rows: QuerySet[Reward] = Reward.objects.filter(waits, state__in=[Reward.State.HELD, Reward.State.RELEASED])
    return rows.filter(release_at__isnull=False)


def unchosen_for_update(*, until: datetime, limit: int) -> list[Reward]:
    """Their hold was over by then, and their recipient has not chosen how to take them."""
    note(Rank.REWARD)
    return _locked(waiting_for_choice().filter(release_at__lte=until), limit)


def waiting_for_choice() -> QuerySet[Reward]:
    asked = RewardBlock.objects.filter(reward=OuterRef("pk"), kind=RewardBlock.Kind.CHOICE, lifted_at=None)
    rows: QuerySet[Reward] = Reward.objects.filter(Exists(asked), state=Reward.State.HELD)
    return rows


def withdrawals_for_update(*, real_now: datetime, limit: int) -> list[Withdrawal]:
    """What is to be asked back now; rows another worker holds are left to it."""
    rows = Withdrawal.objects.filter(state=Withdrawal.State.WAITING, next_try_at__lte=real_now).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True)[:limit])


def withdrawal_for_update(reward_id: UUID) -> Withdrawal | None:
    """After the reward's own lock."""
    return Withdrawal.objects.filter(reward_id=reward_id).select_for_update(of=("self",), no_key=True).first()


def setback_for_update(setback_id: UUID) -> Setback:
    """In a transaction of its own, or after everything else: what it is about is not locked with it."""
    found: Setback = Setback.objects.select_for_update(of=("self",), no_key=True).get(pk=setback_id)
    return found


def _locked(rows: QuerySet[Reward], limit: int, *, order: tuple[str, ...] = ("pk",)) -> list[Reward]:
    """The rows nobody else holds, locked. It waits for none, so any order will do: that of an index finds them fast.

    Blocks and attempts are rows of their own: one that was committed between the statement's snapshot and the lock is
    seen by a new statement only, so the same is asked again of what is held now.
    """
    held = list(rows.order_by(*order).select_for_update(of=("self",), no_key=True, skip_locked=True)[:limit])
    still = set(rows.filter(any_of("pk", [row.pk for row in held])).values_list("pk", flat=True)) if held else set()
    return [row for row in held if row.pk in still]


def _has_codes() -> Q:
    """There is a code for it again: in the pool of its kind, or in its program's where it is of none."""
    free = PoolCode.objects.filter(taken_for=None)
    of_program = free.filter(pool__program=OuterRef("program"), pool__purpose=CodePool.Purpose.REWARD)
    return Q(Exists(free.filter(pool__kind=OuterRef("kind")))) | Q(Exists(of_program), kind=None)


def _is_stopped() -> Exists:
    return Exists(RewardBlock.objects.filter(reward=OuterRef("pk"), lifted_at=None))
