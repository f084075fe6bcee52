"""A code that is somebody's reward came back on an order: it was used."""

from __future__ import annotations

from datetime import datetime

from kit.clock import database_now
from kit.tenancy import transaction_required
from merchants.events import SHOP, record
from merchants.wakeups import wake
from rewards import ledger
from rewards.actions.budget import commit_again
from rewards.actions.withdraw import SEEN, end_withdrawal
from rewards.locks import rewards_by_voucher_for_update, withdrawal_for_update
from rewards.models import Account, Reward, Withdrawal
from tracking.models import Order
from tracking.rules import OrderView

#: While it was being asked back, or nobody could: now it is known.
_OPEN = (Withdrawal.State.WAITING, Withdrawal.State.IMPOSSIBLE, Withdrawal.State.NOT_FOUND)


@transaction_required
def note_used(*, view: OrderView, order: Order, now: datetime) -> None:
    """Mark the rewards whose codes a paid order carries. No statement for an order without codes."""
    codes = codes_used(view)
    for reward in rewards_by_voucher_for_update(codes) if codes else ():
        reward.used_at = view.placed_at
        if reward.state == Reward.State.EXPIRED:
            _was_in_time(reward, now)
        reward.save(update_fields=["used_at", "state", "expired_at", "reason", "reserved_minor", "is_revived"])
        record("reward.used", subject=reward, by=SHOP, now=now, data={"order_id": str(order.pk)})
        _close_withdrawal(reward, now)


def codes_used(view: OrderView) -> list[str]:
    """The codes by which an order may have used somebody's reward. Their rows are locked with its own."""
    return [code for code, _discount in view.codes if code] if view.was_ever_paid and not view.is_test else []


def _was_in_time(reward: Reward, now: datetime) -> None:
    """The shop took it although it had ended here: it was given after all, and what it owed is owed again."""
    reward.state, reward.expired_at, reward.reason = Reward.State.FULFILLED, None, ""
    kinds = ("reward.expired", "reward.used")
    recovered = ledger.balance(Account.RECOVERED, unit=reward.unit, reward=reward, kinds=kinds)
    moves = [ledger.revive(reward.amount_minor), *([ledger.owe_again(recovered)] if recovered > 0 else [])]
    ledger.post("reward.used", moves=moves, unit=reward.unit, program_id=reward.program_id, now=now, reward=reward)
    commit_again(reward=reward, now=now)
    reward.is_revived = True
    wake("release", due_at=database_now())


def _close_withdrawal(reward: Reward, now: datetime) -> None:
    withdrawal = withdrawal_for_update(reward.pk)
    if withdrawal is not None and withdrawal.state in _OPEN:
        used = Withdrawal.State.USED
        end_withdrawal(withdrawal=withdrawal, reward=reward, state=used, detail=SEEN, by=SHOP, now=now)
