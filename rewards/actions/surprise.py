"""The surprise desk: somebody of the team gives a reward for no order, from an allowance of their own.

Owners and admins give without a limit until they set themselves one; everybody else has what was allowed to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from advocates.models import Advocate
from kit.clock import real_time
from kit.days import add_days, local_date, start_of_day
from kit.locks import Rank, lock_named
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants.events import record
from merchants.models import Membership, Role
from merchants.selectors import workspace
from merchants.wakeups import wake
from programs.models import RewardKind
from programs.rules import Fulfilment
from rewards import ledger
from rewards.actions.addresses import follow_address
from rewards.actions.budget import follow_budget
from rewards.actions.rejection import reject_reward, undo_rejection
from rewards.models import Allowance, Reward, Surprise

LONGEST_TEXT = 500
#: What plain money can wait for.
MONEY_BY = (Fulfilment.PAYOUT, Fulfilment.MANUAL)
UNLIMITED_ROLES = (Role.OWNER, Role.ADMIN)


class BadSurprise(ValueError):
    """Refused, nothing changed: ``field`` says where, ``code`` why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code = field, code


class OverAllowance(Exception):
    """More than the giver has left this month, in minor units of the workspace's currency; nothing changed."""

    def __init__(self, left_minor: int) -> None:
        super().__init__(str(left_minor))
        self.left_minor = left_minor


@dataclass(frozen=True, slots=True)
class Room:
    """What a person may give in a month and has given. ``monthly_minor`` None: as much as they like."""

    monthly_minor: int | None
    given_minor: int

    @property
    def left_minor(self) -> int | None:
        return None if self.monthly_minor is None else max(self.monthly_minor - self.given_minor, 0)


def room_of(giver: Membership, *, now: datetime) -> Room:
    return rooms_of([giver], now=now)[giver.user_id]


def rooms_of(givers: Iterable[Membership], *, now: datetime) -> dict[UUID, Room]:
    """By user; as many statements for all as for one."""
    unset = {giver.user_id: None if giver.role in UNLIMITED_ROLES else 0 for giver in givers}
    monthly = unset | dict(Allowance.objects.filter(user_id__in=unset).values_list("user_id", "monthly_minor"))
    given = _given_in_month_of(unset, now)
    return {user_id: Room(monthly[user_id], given.get(user_id, 0)) for user_id in unset}


def _given_in_month_of(user_ids: Collection[UUID], at: datetime) -> dict[UUID, int]:
    """What was taken back does not count. Months are the calendar's, in the merchant's zone."""
    zone = workspace().time_zone
    first = local_date(at, zone).replace(day=1)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    given = Surprise.objects.filter(
        user_id__in=user_ids, given_at__gte=start_of_day(first, zone), given_at__lt=start_of_day(following, zone)
    )
    sums = given.filter(reward__rejected_at=None).values_list("user_id").annotate(total=Sum("worth_minor"))
    return dict(sums.order_by())


@transaction_required
def set_allowance(*, member: Membership, monthly_minor: int | None, by: str, now: datetime) -> None:
    """None: no allowance of their own. Counts at once, also for what was given this month already."""
    lock_named(Rank.ADVOCATE, "allowance", member.user_id)
    Allowance.objects.filter(user_id=member.user_id).delete()
    if monthly_minor is not None:
        Allowance.objects.create(user_id=member.user_id, monthly_minor=monthly_minor, set_at=now, set_by=by)
    data = {"user_id": str(member.user_id), "monthly_minor": monthly_minor}
    record("allowance.set", subject=workspace(), by=by, now=now, data=data)


@transaction_required
def give_surprise(
    *,
    advocate: Advocate,
    giver: Membership,
    kind: RewardKind | None = None,
    money_by: Fulfilment = Fulfilment.MANUAL,
    amount_minor: int,
    reason: str,
    message: str = "",
    at_once: bool = False,
    by: str,
    now: datetime,
) -> Reward:
    """A reward of ``kind``, or plain money, that goes the way of every other: held, released, delivered.

    ``reason`` is for the team, ``message`` for the recipient. The program's hold counts unless ``at_once``. Raises
    BadSurprise and OverAllowance.
    """
    _refuse_what_cannot_be(advocate, kind, money_by, amount_minor, reason, message)
    worth = _worth(kind, amount_minor)
    _take_from_allowance(giver, worth, now)
    reward = _hold(advocate, kind, money_by, amount_minor, worth, clean_text(reason).strip(), at_once, now)
    Surprise.objects.create(
        reward=reward, user_id=giver.user_id, worth_minor=worth, message=clean_text(message).strip(), given_at=now
    )
    _tell(reward, worth, by, now)
    follow_budget(rewards=[reward], now=now, by=by)
    follow_address(reward=reward, now=now)
    assert reward.release_at is not None
    wake("release", due_at=real_time(reward.release_at, reward.merchant))
    return reward


@transaction_required
def take_back(*, surprise: Surprise, by: str, now: datetime) -> Reward:
    """While it is not paid. The allowance has it again. RewardStateError: too late."""
    return reject_reward(reward=surprise.reward, reason="", by=by, now=now)


@transaction_required
def give_again(*, surprise: Surprise, giver: Membership | None, by: str, now: datetime) -> Reward:
    """Undo the taking back. It counts in the month in which it was given. ``giver``: whose allowance it is; None once
    they have left the team."""
    if giver is not None:
        _take_from_allowance(giver, surprise.worth_minor, surprise.given_at)
    return undo_rejection(reward=surprise.reward, by=by, now=now)


def _refuse_what_cannot_be(
    advocate: Advocate, kind: RewardKind | None, money_by: str, amount_minor: int, reason: str, message: str
) -> None:
    if advocate.state not in (Advocate.State.ACTIVE, Advocate.State.PAUSED):
        raise BadSurprise("advocate", "not_taking_part")
    if kind is None and money_by not in MONEY_BY:
        raise BadSurprise("what", "not_a_way_to_pay")
    if kind is not None and kind.archived_at is not None:
        raise BadSurprise("what", "kind_archived")
    if amount_minor <= 0:
        raise BadSurprise("amount", "must_be_positive")
    if not clean_text(reason).strip():
        raise BadSurprise("reason", "required")
    for field, text in (("reason", reason), ("message", message)):
        if len(clean_text(text)) > LONGEST_TEXT:
            raise BadSurprise(field, "too_long")


def _worth(kind: RewardKind | None, amount_minor: int) -> int:
    worth = kind.as_gives().fair_value(amount_minor) if kind else amount_minor
    if worth is None:
        raise BadSurprise("what", "worth_unknown")
    return worth


def _take_from_allowance(giver: Membership, worth: int, at: datetime) -> None:
    """Under a lock of the giver's own: two gifts at the same moment are counted one after the other."""
    lock_named(Rank.ADVOCATE, "allowance", giver.user_id)
    left = room_of(giver, now=at).left_minor
    if left is not None and worth > left:
        raise OverAllowance(left)


def _hold(
    advocate: Advocate,
    kind: RewardKind | None,
    money_by: Fulfilment,
    amount: int,
    worth: int,
    note: str,
    at_once: bool,
    now: datetime,
) -> Reward:
    days = 0 if at_once else advocate.program.live_terms.return_window_days
    reward: Reward = Reward.objects.create(
        program_id=advocate.program_id,
        advocate=advocate,
        recipient_id=advocate.customer_id,
        side=Reward.Side.ADVOCATE,
        kind=kind,
        fulfilment=kind.fulfilment if kind else money_by,
        unit=kind.unit if kind else workspace().currency,
        amount_minor=amount,
        full_minor=amount,
        fair_minor=worth,
        note=note,
        release_at=add_days(now, days, workspace().time_zone) if days else now,
        created_at=now,
    )
    return reward


def _tell(reward: Reward, worth: int, by: str, now: datetime) -> None:
    move = ledger.hold(reward.amount_minor)
    ledger.post("reward.held", moves=[move], unit=reward.unit, program_id=reward.program_id, now=now, reward=reward)
    facts = {"amount_minor": reward.amount_minor, "unit": reward.unit, "side": reward.side}
    assert reward.release_at is not None
    record("reward.given", subject=reward, by=by, now=now, data={**facts, "worth_minor": worth})
    record("reward.held", subject=reward, by=by, now=now, data={**facts, "release_at": reward.release_at.isoformat()})
