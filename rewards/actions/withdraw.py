"""Something delivered whose order fell through is asked back: its code is disabled, or it is known that it was used.

Only what is wholly taken back: a code of which a part still stands stays with the person, and the rest is their debt.
"""

from __future__ import annotations

from datetime import datetime

from kit.clock import real_time
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.wakeups import wake
from programs.rules import Fulfilment
from rewards import ledger
from rewards.actions.blocks import RewardStateError
from rewards.fulfilment import CanWithdraw, fulfiller_for
from rewards.locks import reward_for_update, withdrawal_for_update
from rewards.models import Account, Reward, Withdrawal

State = Withdrawal.State
#: Given without a code: on an account here, or by the merchant's own system, which need not name it.
NAMELESS = frozenset({Fulfilment.BALANCE, Fulfilment.WEBHOOK})
#: What is a thing at a provider, in the merchant's own system or on our own account, until it is used.
CAN_COME_BACK = NAMELESS | frozenset(
    {
        Fulfilment.COUPON_POOL,
        Fulfilment.COUPON_WEBHOOK,
        Fulfilment.SHOPIFY_DISCOUNT,
        Fulfilment.WOOCOMMERCE_COUPON,
        Fulfilment.STRIPE_PROMOTION,
        Fulfilment.STRIPE_BALANCE,
        Fulfilment.GIFT_CARD,
    }
)
#: Details that we write down ourselves; all others are a provider's reason.
NO_WAY = "adapter_cannot_disable"
CAME_BACK = "order_came_back_meanwhile"
SEEN = "seen_on_an_order"
BY_HAND = "by_hand"


@transaction_required
def ask_back(*, reward: Reward, by: str, now: datetime) -> Withdrawal | None:
    """A delivered reward was wholly taken back. The caller holds its row. None: there is nothing to disable."""
    if reward.fulfilment not in CAN_COME_BACK or not (reward.voucher or reward.fulfilment in NAMELESS):
        return None
    standing = withdrawal_for_update(reward.pk)
    if standing is not None and standing.state in (State.DISABLED, State.WAITING):
        return _gone_already(standing, reward, now)
    withdrawal = standing or Withdrawal(reward=reward)
    withdrawal.state, withdrawal.asked_at, withdrawal.ended_at, withdrawal.attempts = State.WAITING, now, None, 0
    withdrawal.next_try_at, withdrawal.detail = real_time(now, reward.merchant), ""
    if reward.used_at:
        _end(withdrawal, State.USED, SEEN, now)
    elif not isinstance(fulfiller_for(reward.fulfilment), CanWithdraw):
        _end(withdrawal, State.IMPOSSIBLE, NO_WAY, now)
    withdrawal.save()
    if withdrawal.state == State.WAITING:
        wake("withdraw", due_at=withdrawal.next_try_at)
    tell(withdrawal, reward, by=by, now=now)
    return withdrawal


def _gone_already(standing: Withdrawal, reward: Reward, now: datetime) -> Withdrawal:
    """Disabled the first time and never given anew: taken back once more, it has come back already."""
    if standing.state == State.DISABLED:
        _recover(reward, now)
    return standing


@transaction_required
def leave_it(*, reward: Reward, by: str, now: datetime) -> None:
    """The order came back. What was not asked yet is not asked; what was is looked at by a person, if it went wrong.

    On our own account the credit is back by itself.
    """
    withdrawal = withdrawal_for_update(reward.pk)
    if withdrawal is None:
        return
    if reward.fulfilment == Fulfilment.BALANCE:
        _owe_again(reward, now)
        withdrawal.delete()
    elif _nothing_was_done(withdrawal):
        withdrawal.delete()
    elif withdrawal.state not in (State.DISABLED, State.USED):
        _end(withdrawal, State.IMPOSSIBLE, CAME_BACK, now)
        withdrawal.save()
        tell(withdrawal, reward, by=by, now=now)


def _nothing_was_done(withdrawal: Withdrawal) -> bool:
    """Never asked, or refused at the first try. After several, one without an answer may have disabled it."""
    if withdrawal.state == State.WAITING:
        return withdrawal.attempts == 0
    return withdrawal.state == State.IMPOSSIBLE and withdrawal.attempts <= 1


@transaction_required
def end_withdrawal(*, withdrawal: Withdrawal, reward: Reward, state: str, detail: str, by: str, now: datetime) -> None:
    """It is known what became of it. Disabled unused, the debt has come back; used or unknown, it stays a debt.

    The caller holds both rows.
    """
    _end(withdrawal, State(state), detail, now)
    withdrawal.save()
    if withdrawal.state == State.DISABLED:
        _recover(reward, now)
    tell(withdrawal, reward, by=by, now=now)


@transaction_required
def say_what_became(*, reward: Reward, is_disabled: bool, by: str, now: datetime) -> None:
    """Somebody looked in the shop: the code is disabled there, or it had been used."""
    locked = reward_for_update(reward.pk)
    withdrawal = withdrawal_for_update(reward.pk)
    if locked is None or withdrawal is None or withdrawal.state not in (State.IMPOSSIBLE, State.NOT_FOUND):
        raise RewardStateError("nothing_to_disable")
    if withdrawal.detail == CAME_BACK and not is_disabled:
        withdrawal.delete()
        return
    state = State.DISABLED if is_disabled else State.USED
    if state == State.USED and locked.used_at is None:
        locked.used_at = now
        locked.save(update_fields=["used_at"])
    end_withdrawal(withdrawal=withdrawal, reward=locked, state=state, detail=BY_HAND, by=by, now=now)


@transaction_required
def give_anew(*, reward: Reward, voucher: str, by: str, now: datetime) -> None:
    """Its code was disabled and then the order came back: the person got another one in its place."""
    locked = reward_for_update(reward.pk)
    withdrawal = withdrawal_for_update(reward.pk)
    if locked is None or withdrawal is None or not needs_anew(locked, withdrawal):
        raise RewardStateError("nothing_to_give_anew")
    if ledger.balance(Account.CLAWED_BACK, unit=locked.unit, reward=locked) >= 0:
        raise RewardStateError("nothing_to_give_anew")  # a payout gave it again
    locked.voucher = voucher
    locked.save(update_fields=["voucher"])
    _owe_again(locked, now)
    withdrawal.delete()
    record("reward.given_anew", subject=locked, by=by, now=now)


def needs_anew(reward: Reward, withdrawal: Withdrawal) -> bool:
    return withdrawal.state == State.DISABLED and reward.state == Reward.State.FULFILLED


def _end(withdrawal: Withdrawal, state: Withdrawal.State, detail: str, now: datetime) -> None:
    withdrawal.state, withdrawal.ended_at, withdrawal.next_try_at = state, now, None
    withdrawal.detail = detail[:300]


def _recover(reward: Reward, now: datetime) -> None:
    debt = ledger.balance(Account.CLAWED_BACK, unit=reward.unit, reward=reward)
    if debt > 0:
        _post(reward, ledger.recover(debt), now)


def _owe_again(reward: Reward, now: datetime) -> None:
    """What counted as come back because it was disabled is with the person again."""
    back = ledger.balance(Account.RECOVERED, unit=reward.unit, reward=reward, kinds=("reward.withdrawn",))
    if back > 0:
        _post(reward, ledger.owe_again(back), now)


def _post(reward: Reward, move: ledger.Move, now: datetime) -> None:
    ledger.post(
        "reward.withdrawn", moves=[move], unit=reward.unit, program_id=reward.program_id, now=now, reward=reward
    )


@transaction_required
def tell(withdrawal: Withdrawal, reward: Reward, *, by: str, now: datetime) -> None:
    """``reward.ask_back`` while it is to be asked, ``reward.withdrawn`` with its outcome after."""
    data = {"state": str(withdrawal.state), "detail": withdrawal.detail[:60]}
    if withdrawal.state == State.WAITING:
        record("reward.ask_back", subject=reward, by=by, now=now, data={})
    else:
        record("reward.withdrawn", subject=reward, by=by or SYSTEM, now=now, data=data)
