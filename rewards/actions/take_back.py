"""The two transactions around asking a provider to disable something (rewards.steps.withdraw calls between).

The time of the next try is the lease: whoever finds it over asks again, and a provider answers the same twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit.tenancy import transaction_required
from merchants.events import SYSTEM
from merchants.wakeups import wake
from rewards.actions.fulfil import LEASE_MARGIN, order_of, wait_after
from rewards.actions.withdraw import end_withdrawal
from rewards.fulfilment import FulfilmentOrder, Withdrawn, fulfiller_for
from rewards.locks import reward_for_update, withdrawal_for_update, withdrawals_for_update
from rewards.models import Reward, Withdrawal

State = Withdrawal.State


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to ask back, and how often it was asked with this."""

    reward_id: UUID
    order: FulfilmentOrder
    kind: str
    voucher: str
    attempt: int


@transaction_required
def claim_next(*, real_now: datetime) -> Asked | None:
    """Take one withdrawal to ask; nobody else does until its lease is over."""
    for withdrawal in withdrawals_for_update(real_now=real_now, limit=1):
        reward: Reward = Reward.objects.select_related("recipient", "kind").get(pk=withdrawal.reward_id)
        lease = timedelta(seconds=fulfiller_for(reward.fulfilment).timeout) + LEASE_MARGIN
        withdrawal.attempts += 1
        withdrawal.next_try_at = real_now + lease
        withdrawal.save(update_fields=["attempts", "next_try_at"])
        wake("withdraw", due_at=withdrawal.next_try_at)
        return Asked(reward.pk, order_of(reward), reward.fulfilment, reward.voucher, withdrawal.attempts)
    return None


@transaction_required
def record_withdrawn(*, asked: Asked, outcome: Withdrawn, now: datetime) -> None:
    """The provider said what became of it, once. An order that came back meanwhile finds its code disabled: told."""
    reward, withdrawal = _locked(asked)
    if withdrawal is not None and withdrawal.state not in (State.DISABLED, State.USED):
        end_withdrawal(withdrawal=withdrawal, reward=reward, state=outcome.value, detail="", by=SYSTEM, now=now)


@transaction_required
def record_not_asked(
    *, asked: Asked, reason: str, after: float | None, is_final: bool, now: datetime, real_now: datetime
) -> None:
    """No answer, or "not now": asked again later, as often as a delivery is tried; then a person has to look."""
    reward, withdrawal = _locked(asked)
    if withdrawal is None or withdrawal.state != State.WAITING or withdrawal.attempts != asked.attempt:
        return
    wait = None if is_final else wait_after(asked.attempt, after)
    if wait is None:
        end_withdrawal(withdrawal=withdrawal, reward=reward, state=State.IMPOSSIBLE, detail=reason, by=SYSTEM, now=now)
        return
    withdrawal.next_try_at, withdrawal.detail = real_now + wait, reason[:300]
    withdrawal.save(update_fields=["next_try_at", "detail"])
    wake("withdraw", due_at=withdrawal.next_try_at)


def _locked(asked: Asked) -> tuple[Reward, Withdrawal | None]:
    reward = reward_for_update(asked.reward_id)
    assert reward is not None, "rewards are never deleted"
    return reward, withdrawal_for_update(asked.reward_id)
