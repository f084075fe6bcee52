"""Reads that more than one caller needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Count, Exists, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce

from advocates.models import Advocate
from kit.asked import asked_often
from kit.many import any_of
from merchants.models import Event
from programs.rules import Gives, TierMetric
from rewards.locks import can_end_unclaimed, can_end_unused, waiting_for_choice
from rewards.models import Account, FulfilmentAttempt, LedgerEntry, Reward, RewardBlock, RewardSum, Withdrawal
from rewards.rules import worth_left
from rewards.rules.ending import CLAIM_WITHIN, PATIENCE, TOLD_BEFORE
from tracking.models import Order, Referral

#: Rewards in these states take a place: under a cap, and of every N. What ended unused was granted all the same.
COUNTING = (
    Reward.State.HELD,
    Reward.State.RELEASED,
    Reward.State.FULFILLING,
    Reward.State.FULFILLED,
    Reward.State.EXPIRED,
    Reward.State.FAILED,
)


def _is_stopped() -> Exists:
    """Made for each question: made once at import, when no merchant is in scope, it would be about no rows at all."""
    return Exists(RewardBlock.objects.filter(reward=OuterRef("pk"), lifted_at=None))


def next_release_at() -> datetime | None:
    """When (business time) the next hold ends that nothing stops, or the patience with one that nobody chose."""
    held = Reward.objects.filter(state=Reward.State.HELD, release_at__isnull=False).exclude(_is_stopped())
    ends = held.aggregate(at=Min("release_at"))["at"]
    unchosen = waiting_for_choice().aggregate(at=Min("release_at"))["at"]
    return min((at for at in (ends, unchosen and unchosen + PATIENCE) if at), default=None)


def next_fulfilment_at() -> datetime | None:
    """When (real time) the next delivery is to be tried, or an open attempt's lease ends."""
    waiting = Reward.objects.filter(state=Reward.State.RELEASED, next_try_at__isnull=False).exclude(_is_stopped())
    under_way = Reward.objects.filter(state=Reward.State.FULFILLING).exclude(_is_stopped())
    leases = FulfilmentAttempt.objects.filter(state=FulfilmentAttempt.State.CLAIMED, reward__in=under_way)
    times = [
        waiting.aggregate(at=Min("next_try_at"))["at"],
        leases.aggregate(at=Min("lease_until"))["at"],
    ]
    return min((at for at in times if at), default=None)


def next_ending_at(now: datetime) -> datetime | None:
    """When (business time) the next reward ends unused or unclaimed, or its recipient is to be told of that."""
    unused, unclaimed = can_end_unused(), can_end_unclaimed()
    used_up = unused.filter(valid_until__gt=now).aggregate(at=Min("valid_until"))["at"]
    told = unused.filter(valid_until__gt=now + TOLD_BEFORE).aggregate(at=Min("valid_until"))["at"]
    lapsed = unclaimed.filter(release_at__gt=now - CLAIM_WITHIN).aggregate(at=Min("release_at"))["at"]
    asked = unclaimed.filter(release_at__gt=now - CLAIM_WITHIN + TOLD_BEFORE).aggregate(at=Min("release_at"))["at"]
    times = [
        used_up,
        told and told - TOLD_BEFORE,
        lapsed and lapsed + CLAIM_WITHIN,
        asked and asked + CLAIM_WITHIN - TOLD_BEFORE,
    ]
    return min((at for at in times if at), default=None)


def next_withdrawal_at() -> datetime | None:
    """When (real time) something is next to be asked back."""
    waiting = Withdrawal.objects.filter(state=Withdrawal.State.WAITING)
    at: datetime | None = waiting.aggregate(at=Min("next_try_at"))["at"]
    return at


def was_released(referral: Referral) -> bool:
    """Whether any reward of it ever left its hold: from then on the decision stays."""
    return bool(Reward.objects.filter(referral=referral, released_at__isnull=False).exists())


def gives_of(reward: Reward) -> Gives | None:
    """What it is of the merchant's catalogue; None for plain money. A kind never changes once it is there, so the row
    says what the terms froze, whichever level or choice it came from."""
    return reward.kind.as_gives() if reward.kind else None


def may_have_arrived(reward: Reward) -> bool:
    """Whether some try ended without an answer: the person may have it, so its amount must not move."""
    unknown = FulfilmentAttempt.objects.filter(reward=reward, state=FulfilmentAttempt.State.UNKNOWN)
    return bool(unknown.exists())


@dataclass(frozen=True, slots=True)
class MoneyInState:
    """Held, due (released, not delivered) and paid, of one unit (minor units where it is a currency)."""

    unit: str
    held_minor: int
    due_minor: int
    paid_minor: int
    count: int

    def __add__(self, other: MoneyInState) -> MoneyInState:
        """Of the same unit."""
        return MoneyInState(
            self.unit,
            self.held_minor + other.held_minor,
            self.due_minor + other.due_minor,
            self.paid_minor + other.paid_minor,
            self.count + other.count,
        )


def money_by_state(rewards: Any = None) -> list[MoneyInState]:
    """One line per unit; never a sum across units. Without rewards all there ever were, from the sums that are kept.

    Whatever else is asked for is added up row by row: give it what is few (an advocate's, a day's).
    """
    if rewards is None:
        return kept_money()
    return [MoneyInState(*row) for row in _money(rewards.values_list("unit"), Count("id")).order_by("unit")]


def money_of_advocate(advocate_id: UUID) -> list[MoneyInState]:
    """Of the rewards on their own side, those of friends left out."""
    return [MoneyInState(*row) for row in _money_of_advocate(advocate_id)]


@asked_often
def _money_of_advocate(advocate_id: UUID) -> QuerySet[Any]:
    rewards = Reward.objects.filter(advocate=advocate_id, side=Reward.Side.ADVOCATE)
    return _money(rewards.values_list("unit"), Count("id")).order_by("unit")


def kept_money(*, program_id: UUID | None = None, side: str = "", unit: str = "") -> list[MoneyInState]:
    """The same of all rewards of a program, side or unit; its cost does not grow with their number."""
    lines: dict[str, MoneyInState] = {}
    for of_side, *told in _kept_of(program_id) if program_id else _kept():
        line = MoneyInState(*told)
        if side in ("", of_side) and unit in ("", line.unit):
            lines[line.unit] = line + lines[line.unit] if line.unit in lines else line
    return [line for line in lines.values() if line.count]


@asked_often
def _kept() -> QuerySet[Any]:
    return _kept_by_side(RewardSum.objects.all())


@asked_often
def _kept_of(program_id: UUID) -> QuerySet[Any]:
    return _kept_by_side(RewardSum.objects.filter(program=program_id))


def _kept_by_side(sums: QuerySet[RewardSum]) -> QuerySet[Any]:
    return _money(sums.values_list("side", "unit"), Sum("rewards")).order_by("unit", "side")


def _money(rows: Any, count: Any) -> Any:
    """What MoneyInState says, in its order."""
    state = Reward.State
    due, gone = [state.RELEASED, state.FULFILLING, state.FAILED], [state.FULFILLED, state.REVERSED]
    return rows.annotate(
        held=_sum("amount_minor", state=state.HELD),
        due=_sum("amount_minor", state__in=due),
        paid=_sum("amount_minor", state__in=gone) - _sum("clawed_back_minor"),
        count=Cast(count, BigIntegerField()),
    )


def _sum(field: str, **which: Any) -> Cast:
    """Of all rows, or of those alone; 0 where there are none."""
    return Cast(Coalesce(Sum(field, filter=Q(**which)), 0), BigIntegerField())


def rewards_by_program() -> dict[UUID, int]:
    """How many there ever were, by their program."""
    return {program_id: int(found) for program_id, found in _rewards_by_program()}


@asked_often
def _rewards_by_program() -> QuerySet[Any]:
    return RewardSum.objects.order_by().values_list("program_id").annotate(found=Sum("rewards"))


def rewards_by_state(program_id: UUID) -> dict[str, int]:
    """How many of a program are in each state; states that none is in are absent."""
    return {state: int(found) for state, found in _rewards_by_state(program_id) if found}


@asked_often
def _rewards_by_state(program_id: UUID) -> QuerySet[Any]:
    rows = RewardSum.objects.filter(program=program_id).order_by().values_list("state")
    return rows.annotate(found=Sum("rewards"))


#: What only the recipient can say: nobody of the team has to do anything about these stops.
ASKED_OF_RECIPIENT = frozenset({RewardBlock.Kind.CHOICE, RewardBlock.Kind.ADDRESS})


def open_blocks(rewards: Iterable[Reward]) -> dict[Any, list[RewardBlock]]:
    """Open blocks by reward id, in one query."""
    found: dict[Any, list[RewardBlock]] = {}
    keys = [reward.pk for reward in rewards]
    for block in _open_blocks(keys) if keys else ():
        found.setdefault(block.reward_id, []).append(block)
    return found


@asked_often
def _open_blocks(rewards: list[UUID]) -> QuerySet[RewardBlock]:
    return RewardBlock.objects.filter(any_of("reward", rewards), lifted_at=None).order_by("since")


@dataclass(frozen=True, slots=True)
class AccountBalance:
    account: str
    unit: str
    amount_minor: int


def balances() -> list[AccountBalance]:
    """Every account's sum per unit, derived from the entries."""
    rows = LedgerEntry.objects.values("account", "unit").annotate(total=Sum("amount_minor")).order_by("account", "unit")
    return [AccountBalance(str(Account(row["account"]).label), row["unit"], row["total"]) for row in rows]


def qualified_of(advocate: Advocate) -> int:
    """How many of the advocate's referrals stand qualified; further orders of the same friend are none."""
    found = Referral.objects.filter(advocate=advocate, state=Referral.State.QUALIFIED, follows=None)
    return int(found.count())


def rewarded_of(advocate: Advocate) -> int:
    """How many of them have earned a reward that stands."""
    rewards = Reward.objects.filter(advocate=advocate, side=Reward.Side.ADVOCATE, state__in=COUNTING)
    return int(rewards.filter(order__isnull=False, referral__follows=None).count())


def measured_for(advocate: Advocate, metric: TierMetric) -> int:
    """Where the advocate stands on the way to the next level: referrals, or minor units of their net value."""
    if metric == TierMetric.REFERRALS:
        return qualified_of(advocate)
    return revenue_of(Referral.objects.filter(advocate=advocate, state=Referral.State.QUALIFIED))


def revenue_of(referrals: QuerySet[Referral]) -> int:
    """Net value of their orders in minor units of the program's currency: two statements for any number."""
    plain = referrals.filter(worth_minor=None).aggregate(total=Sum("order__net_base_minor"))["total"] or 0
    stated = referrals.filter(worth_minor__isnull=False)
    rows = stated.values_list("worth_minor", "order__base_minor", "order__net_base_minor")
    return int(plain) + sum(worth_left(worth or 0, base, net) for worth, base, net in rows)


def net_worth(referral: Referral, order: Order) -> int:
    """What is left of the order in minor units of the program's currency."""
    if referral.worth_minor is None:
        return int(order.net_base_minor)
    return worth_left(referral.worth_minor, order.base_minor, order.net_base_minor)


def refused_by(reward_ids: Collection[UUID]) -> dict[UUID, str]:
    """Who refused a reward by hand, the last time somebody did."""
    told = Event.objects.filter(subject_id__in=reward_ids, code="reward.rejected").order_by("seq")
    return dict(told.values_list("subject_id", "by"))
