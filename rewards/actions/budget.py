"""A program's budget: reserved by one conditional UPDATE, so the last euro is given once.

Taken last of all locks (kit/locks.py). What finds no room is not lost: the reward stays held with an open BUDGET block
and goes on when there is room again (``let_in``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from kit.asked import asked_often
from kit.clock import database_now, real_time
from kit.locks import Rank, lock_named, note
from kit.many import any_of
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.wakeups import wake
from programs.models import Program
from rewards import ledger
from rewards.actions.blocks import stop_until, wake_stopped
from rewards.locks import blocked_by_budget_for_update
from rewards.models import Budget, Reward, RewardBlock
from rewards.rules import budget_notice

State = Reward.State
#: What a reward in these states is worth is kept in the budget. What was paid stays committed: the money is out.
_PROMISED = (State.HELD, State.RELEASED, State.FULFILLING, State.FAILED)
_OUT = (State.FULFILLED, State.REVERSED)
MOST_LET_IN = 200


class BudgetTooSmall(Exception):
    """Less than is committed already (minor units)."""

    def __init__(self, committed_minor: int) -> None:
        super().__init__(str(committed_minor))
        self.committed_minor = committed_minor


@transaction_required
def set_budget(*, program: Program, limit_minor: int, is_hard: bool, by: str, now: datetime) -> Budget:
    """Give the program a budget, or change it. What stands already is committed first; a hard one must hold that."""
    lock_named(Rank.PAYOUT, "budget", program.pk)  # before all rows: two people may give the first one at once
    budget = Budget.objects.filter(program=program).first()
    if budget is None:
        _lock_rewards_of(program)
        budget = Budget(program=program, limit_minor=0, reserved_minor=_commit_standing(program))
    else:
        note(Rank.BUDGET)
        budget = Budget.objects.select_for_update(no_key=True).get(pk=budget.pk)
    if is_hard and limit_minor < budget.reserved_minor:
        raise BudgetTooSmall(budget.reserved_minor)
    is_new, before = budget.set_at is None, budget.limit_minor
    budget.limit_minor, budget.is_hard, budget.set_at, budget.set_by = limit_minor, is_hard, now, by
    _forget_notices(budget)
    budget.save()
    _post_allotment(budget, limit_minor - before, committed=budget.reserved_minor if is_new else 0, now=now)
    open_again = not is_hard or budget.reserved_minor < limit_minor
    Program.objects.filter(pk=program.pk).update(out_of_budget_at=None if open_again else now)
    data = {"limit_minor": limit_minor, "before_minor": before, "is_hard": is_hard, "program_id": str(program.pk)}
    record("budget.set", subject=budget, by=by, now=now, data=data)
    wake("release", due_at=database_now())
    return budget


@transaction_required
def follow_budget(*, rewards: Sequence[Reward], now: datetime, by: str) -> None:
    """Keep as much of the budgets as the rewards are worth now. The caller holds the rows and has saved them."""
    changing = [reward for reward in rewards if _wanted(reward) != reward.reserved_minor]
    programs = {reward.program_id for reward in changing}
    budgets = {budget.program_id: budget for budget in _budgets_of(list(programs))} if programs else {}
    for reward in changing:
        if budget := budgets.get(reward.program_id):
            _follow(reward, budget, now=now, by=by)


@asked_often
def _budgets_of(program_ids: list[UUID]) -> QuerySet[Budget]:
    rows: QuerySet[Budget] = Budget.objects.filter(any_of("program_id", program_ids))
    return rows


def _follow(reward: Reward, budget: Budget, *, now: datetime, by: str) -> None:
    change = _wanted(reward) - reward.reserved_minor
    if _reserve(budget, change, now=now):
        reward.reserved_minor += change
        reward.save(update_fields=["reserved_minor"])
        _post(reward, ledger.commit(change) if change > 0 else ledger.uncommit(-change), budget, now)
        if change < 0:
            _wake_the_waiting(reward, now)
    else:
        _stop(reward, now=now, by=by)
        _close_offer(budget, now)


@transaction_required
def let_in(*, now: datetime, limit: int = MOST_LET_IN) -> int:
    """Rewards that waited for budget go on, oldest first, while there is room. Returns how many; 0: no more have."""
    let = 0
    for reward in blocked_by_budget_for_update(limit=limit):
        budget = Budget.objects.filter(program_id=reward.program_id).first()
        change = _wanted(reward) - reward.reserved_minor
        if budget and change > 0 and not _reserve(budget, change, now=now):
            continue
        if budget and change > 0:
            reward.reserved_minor += change
            reward.save(update_fields=["reserved_minor"])
            _post(reward, ledger.commit(change), budget, now)
        _lift(reward, now)
        record("reward.unblocked", subject=reward, by=SYSTEM, now=now, data={"kind": RewardBlock.Kind.BUDGET})
        if reward.state != State.HELD:  # what is held and due is released right after this
            wake_stopped(reward, now)
        let += 1
    return let


@transaction_required
def leave_budget(*, reward: Reward, now: datetime) -> None:
    """Before a reward goes over to another program: this one's budget keeps nothing for it, nor does it wait for it.
    The caller holds the row and saves it."""
    budget = Budget.objects.filter(program_id=reward.program_id).first()
    if budget and reward.reserved_minor:
        kept, reward.reserved_minor = reward.reserved_minor, 0
        _reserve(budget, -kept, now=now)
        _post(reward, ledger.uncommit(kept), budget, now)
        _wake_the_waiting(reward, now)
    _lift(reward, now)


@transaction_required
def commit_again(*, reward: Reward, now: datetime) -> None:
    """What had ended was used after all, so its money is out. Where a hard budget has no room any more nothing is
    left to stop. The caller holds the row and saves it."""
    budget = Budget.objects.filter(program_id=reward.program_id).first()
    worth = int(reward.fair_minor or 0) - reward.reserved_minor
    if budget and worth > 0 and _reserve(budget, worth, now=now):
        reward.reserved_minor += worth
        _post(reward, ledger.commit(worth), budget, now)


def _lift(reward: Reward, now: datetime) -> None:
    blocks = RewardBlock.objects.filter(reward=reward, kind=RewardBlock.Kind.BUDGET, lifted_at=None)
    blocks.update(lifted_at=now, lifted_by=SYSTEM)


def _wanted(reward: Reward) -> int:
    if reward.state in _OUT:
        return int(reward.reserved_minor)
    return int(reward.fair_minor or 0) if reward.state in _PROMISED else 0


def _reserve(budget: Budget, change: int, *, now: datetime) -> bool:
    """One conditional UPDATE: whoever comes second sees what the first one took."""
    note(Rank.BUDGET)
    room = Q(is_hard=False) | Q(reserved_minor__lte=F("limit_minor") - change)
    rows = Budget.objects.filter(pk=budget.pk)
    taken = (rows.filter(room) if change > 0 else rows).update(reserved_minor=F("reserved_minor") + change)
    if not taken:
        return False
    budget.refresh_from_db()
    if change > 0:
        _tell(budget, before=budget.reserved_minor - change, now=now)
    else:
        _reopen_offer(budget)
    return True


def _tell(budget: Budget, *, before: int, now: datetime) -> None:
    """At 80 % and when it is used up, once each until the budget is changed."""
    notice = budget_notice(reserved=budget.reserved_minor, limit=budget.limit_minor, before=before)
    if notice.warn and budget.warned_at is None:
        budget.warned_at = now
        record("budget.low", subject=budget, by=SYSTEM, now=now, data=_facts(budget))
    if notice.reached and budget.reached_at is None:
        _reached(budget, now)
    budget.save(update_fields=["warned_at", "reached_at"])


def _reached(budget: Budget, now: datetime) -> None:
    budget.reached_at = now
    record("budget.reached", subject=budget, by=SYSTEM, now=now, data=_facts(budget))
    if budget.is_hard:
        Program.objects.filter(pk=budget.program_id).update(out_of_budget_at=now)


def _close_offer(budget: Budget, now: datetime) -> None:
    """What is left is too little for a reward: friends must not be promised what waits."""
    locked = Budget.objects.select_for_update(no_key=True).get(pk=budget.pk)
    if locked.reached_at is None:
        _reached(locked, now)
        locked.save(update_fields=["reached_at"])


def _reopen_offer(budget: Budget) -> None:
    if budget.reached_at and budget.reserved_minor < budget.limit_minor:
        budget.reached_at = None
        budget.save(update_fields=["reached_at"])
        Program.objects.filter(pk=budget.program_id).update(out_of_budget_at=None)


def _stop(reward: Reward, *, now: datetime, by: str) -> None:
    if stop_until(reward=reward, kind=RewardBlock.Kind.BUDGET, now=now):
        record("reward.blocked", subject=reward, by=by, now=now, data={"kind": RewardBlock.Kind.BUDGET})


def _forget_notices(budget: Budget) -> None:
    if budget.reserved_minor * 10 < budget.limit_minor * 8:
        budget.warned_at = None
    if budget.reserved_minor < budget.limit_minor:
        budget.reached_at = None


def _lock_rewards_of(program: Program) -> None:
    note(Rank.REWARD)
    list(Reward.objects.filter(program=program).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _commit_standing(program: Program) -> int:
    """What the program promised and paid before it had a budget."""
    standing = Reward.objects.filter(program=program, state__in=[*_PROMISED, *_OUT], fair_minor__gt=0)
    standing.update(reserved_minor=F("fair_minor"))
    return int(standing.aggregate(total=Sum("fair_minor"))["total"] or 0)


def _post_allotment(budget: Budget, change: int, *, committed: int, now: datetime) -> None:
    moves = [ledger.allot(change)] if change > 0 else [ledger.take_away(-change)]
    if committed:
        moves.append(ledger.commit(committed))
    unit = budget.program.live_terms.currency
    ledger.post("budget.set", moves=moves, unit=unit, program_id=budget.program_id, now=now)


def _post(reward: Reward, move: ledger.Move, budget: Budget, now: datetime) -> None:
    unit = budget.program.live_terms.currency
    ledger.post("budget.follows", moves=[move], unit=unit, program_id=reward.program_id, now=now, reward=reward)


def _wake_the_waiting(reward: Reward, now: datetime) -> None:
    waiting = RewardBlock.objects.filter(
        kind=RewardBlock.Kind.BUDGET, lifted_at=None, reward__program_id=reward.program_id
    )
    if waiting.exists():
        wake("release", due_at=real_time(now, reward.merchant))


def _facts(budget: Budget) -> dict[str, object]:
    return {
        "program_id": str(budget.program_id),
        "reserved_minor": budget.reserved_minor,
        "limit_minor": budget.limit_minor,
        "is_hard": budget.is_hard,
    }
