"""Bring the rewards of a referral to what is wanted, posting only the difference."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kit.clock import real_time
from kit.tenancy import transaction_required
from merchants.events import record
from merchants.wakeups import wake
from rewards import ledger
from rewards.locks import rewards_of_referral_for_update
from rewards.models import Reward
from rewards.rules import Wanted, WantedReward
from rewards.selectors import may_have_arrived
from tracking.models import Order, Referral

State = Reward.State
#: The reason between being emptied and being worth something for its new owner, who then hears of it as of any other.
HANDED_OVER = "handed_over"


@transaction_required
def bring_to(*, wanted: Wanted, referral: Referral, order: Order, now: datetime, by: str) -> list[Reward]:
    """Create, change, cancel, restore or claw back. The caller holds the order's and the friend's lock."""
    standing = {reward.side: reward for reward in rewards_of_referral_for_update(referral.pk)}
    for side, want in ((Reward.Side.ADVOCATE, wanted.advocate), (Reward.Side.FRIEND, wanted.friend)):
        reward = standing.get(side)
        if reward is None and want is not None and _has_recipient(side, referral):
            standing[side] = _create(side, want, wanted.reason, referral, order, now=now, by=by)
        elif reward is not None:
            _hand_over(reward, referral, now=now, by=by)
            _bring(reward, want, wanted.reason, now=now, by=by)
    return list(standing.values())


def _has_recipient(side: str, referral: Referral) -> bool:
    return side == Reward.Side.ADVOCATE or referral.friend_id is not None


def _create(
    side: Reward.Side, want: WantedReward, reason: str, referral: Referral, order: Order, *, now: datetime, by: str
) -> Reward:
    """Worth nothing by now, it is created cancelled: every order of arrival ends in the same rows."""
    is_held = want.amount_minor > 0
    reward: Reward = Reward.objects.create(
        referral=referral,
        order=order,
        side=side,
        **_whose(side, referral),
        amount_minor=want.amount_minor,
        full_minor=want.full_minor,
        state=State.HELD if is_held else State.CANCELLED,
        reason="" if is_held else reason,
        release_at=want.release_at,
        created_at=now,
        cancelled_at=None if is_held else now,
    )
    _post(reward, "reward.held", ledger.hold(want.amount_minor), now)
    if is_held:
        _tell("reward.held", reward, now=now, by=by)
        _wake(reward)
    return reward


def _whose(side: str, referral: Referral) -> dict[str, Any]:
    """What a reward takes from its referral. Empty where the terms have nothing for this side."""
    terms, is_advocates = referral.terms.as_terms(), side == Reward.Side.ADVOCATE
    rule = terms.advocate_reward if is_advocates else terms.friend_reward
    if rule is None:
        return {}
    return {
        "program_id": referral.program_id,
        "terms_id": referral.terms_id,
        "advocate_id": referral.advocate_id,
        "recipient_id": referral.advocate.customer_id if is_advocates else referral.friend_id,
        "fulfilment": rule.fulfilment,
        "unit": terms.currency,
    }


def _hand_over(reward: Reward, referral: Referral, *, now: datetime, by: str) -> None:
    """New evidence named another advocate or other terms before the hold was over: the row is theirs from now on.

    It is emptied first, on the books it was on; what the new terms are worth is then held on the new ones.
    """
    whose = _whose(reward.side, referral)
    if reward.released_at is not None or all(getattr(reward, name) == value for name, value in whose.items()):
        return
    data = {"former_advocate_id": str(reward.advocate_id), "before_minor": reward.amount_minor}
    _post(reward, "reward.handed_over", ledger.unhold(reward.amount_minor), now)
    for name, value in whose.items():
        setattr(reward, name, value)
    reward.amount_minor, reward.state, reward.cancelled_at = 0, State.CANCELLED, reward.cancelled_at or now
    reward.reason = HANDED_OVER
    record("reward.handed_over", subject=reward, by=by, now=now, data=data)


def _bring(reward: Reward, want: WantedReward | None, reason: str, *, now: datetime, by: str) -> None:
    amount = want.amount_minor if want else 0
    if want:
        reward.full_minor = want.full_minor
    if reward.state in (State.HELD, State.CANCELLED) and reward.released_at is None:
        _bring_unreleased(reward, amount, want, reason, now=now, by=by)
    elif reward.state in (State.RELEASED, State.FAILED, State.CANCELLED):
        _bring_released(reward, amount, reason, now=now, by=by)
    elif reward.state in (State.FULFILLED, State.REVERSED):
        _bring_paid(reward, amount, reason, now=now, by=by)
    reward.save()


def _bring_unreleased(
    reward: Reward, amount: int, want: WantedReward | None, reason: str, *, now: datetime, by: str
) -> None:
    before = reward.amount_minor
    _reschedule(reward, want, now=now, by=by)
    if amount == before:
        if reward.state == State.CANCELLED:
            reward.reason = reason
        return
    reward.amount_minor = amount
    move = ledger.hold(amount - before) if amount > before else ledger.unhold(before - amount)
    _post(reward, "reward.follows", move, now)
    if amount == 0:
        _cancel(reward, reason, now=now, by=by, before=before)
    elif reward.state == State.CANCELLED:
        _restore(reward, State.HELD, now=now, by=by)
    else:
        _tell("reward.changed", reward, now=now, by=by, before=before)


def _bring_released(reward: Reward, amount: int, reason: str, *, now: datetime, by: str) -> None:
    """Released and not paid: what is owed follows the net order, unless it may be with the person already."""
    before = reward.amount_minor
    if amount == before or may_have_arrived(reward):
        return
    reward.amount_minor = amount
    _post(reward, "reward.follows", _owe(amount - before), now)
    if amount == 0:
        _cancel(reward, reason, now=now, by=by, before=before)
    elif reward.state == State.CANCELLED:
        _restore(reward, State.RELEASED, now=now, by=by)
        _deliver_again(reward, now)
    else:
        _tell("reward.changed", reward, now=now, by=by, before=before)


def _bring_paid(reward: Reward, amount: int, reason: str, *, now: datetime, by: str) -> None:
    """Paid: the row stays as paid, and what was too much is taken back by a negative entry (or given back again)."""
    owed_back = max(reward.amount_minor - amount, 0)
    change = owed_back - reward.clawed_back_minor
    if change == 0:
        return
    reward.clawed_back_minor = owed_back
    _post(reward, "reward.clawed_back", ledger.claw_back(change) if change > 0 else ledger.give_back(-change), now)
    wholly = owed_back == reward.amount_minor
    reward.state = State.REVERSED if wholly else State.FULFILLED
    reward.reversed_at = now if wholly else None
    reward.reason = reason if wholly else ""
    code = "reward.clawed_back" if change > 0 else "reward.restored"
    record(code, subject=reward, by=by, now=now, data=_facts_of(reward) | {"change_minor": change, "reason": reason})


def _deliver_again(reward: Reward, now: datetime) -> None:
    if not reward.is_by_hand:
        reward.next_try_at = real_time(now, reward.merchant)
        wake("fulfil", due_at=reward.next_try_at)


def _owe(change: int) -> ledger.Move:
    return ledger.owe_more(change) if change > 0 else ledger.owe_less(-change)


def _reschedule(reward: Reward, want: WantedReward | None, *, now: datetime, by: str) -> None:
    if want is None or want.release_at == reward.release_at:
        return
    reward.release_at = want.release_at
    if reward.state == State.HELD:
        _tell("reward.rescheduled", reward, now=now, by=by)
        _wake(reward)


def _cancel(reward: Reward, reason: str, *, now: datetime, by: str, before: int) -> None:
    reward.state, reward.cancelled_at, reward.failed_at, reward.reason = State.CANCELLED, now, None, reason
    reward.next_try_at = None
    _tell("reward.cancelled", reward, now=now, by=by, before=before)


def _restore(reward: Reward, state: Reward.State, *, now: datetime, by: str) -> None:
    code = "reward.held" if reward.reason == HANDED_OVER else "reward.restored"
    reward.state, reward.cancelled_at, reward.reason = state, None, ""
    _tell(code, reward, now=now, by=by)
    if state == State.HELD:
        _wake(reward)


def _post(reward: Reward, kind: str, move: ledger.Move, now: datetime) -> None:
    ledger.post(kind, moves=[move], unit=reward.unit, program_id=reward.program_id, now=now, reward=reward)


def _wake(reward: Reward) -> None:
    if reward.release_at:
        wake("release", due_at=real_time(reward.release_at, reward.merchant))


def _tell(code: str, reward: Reward, *, now: datetime, by: str, before: int | None = None) -> None:
    data = _facts_of(reward) | ({"before_minor": before} if before is not None else {}) | {"reason": reward.reason}
    record(code, subject=reward, by=by, now=now, data=data)


def _facts_of(reward: Reward) -> dict[str, object]:
    return {
        "amount_minor": reward.amount_minor,
        "unit": reward.unit,
        "side": reward.side,
        "order_id": str(reward.order_id),
        "referral_id": str(reward.referral_id),
        "release_at": reward.release_at.isoformat() if reward.release_at else None,
    }
