"""The fulfillers that need no outside system: codes uploaded beforehand, and our own account of points and units."""

from __future__ import annotations

from kit.clock import now_for
from kit.tenancy import current_merchant_id, tenant_transaction
from merchants.models import merchant_of
from programs.actions.stock import take_code
from programs.models import CodePool, PoolCode, Program, RewardKind
from rewards.balances import balance_of
from rewards.fulfilment import Delivered, FulfilmentOrder, Retryable, Terminal, Withdrawn
from rewards.locks import NO_CODES
from rewards.models import FulfilmentAttempt, Reward
from rewards.rules.restored import RESTORED

#: An empty pool is looked at again after an hour; uploading codes wakes the rewards at once.
EMPTY_POOL_WAIT = 3600.0


class PoolFulfiller:
    timeout = 5.0

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        """The same reward always gets the same code, so a second try cannot take a second one."""
        with tenant_transaction():
            program = Program.objects.get(pk=order.program_id)
            kind = RewardKind.objects.get(pk=order.kind_id) if order.kind_id else None
            now = now_for(merchant_of(current_merchant_id()))
            code = take_code(
                program=program, purpose=CodePool.Purpose.REWARD, holder=order.reward_id, now=now, kind=kind
            )
        if code is None:
            raise Retryable(NO_CODES, after=EMPTY_POOL_WAIT)
        return Delivered(voucher=code)

    def look_up(self, order: FulfilmentOrder) -> Delivered | None:
        """After a restore the pool may have forgotten what it gave: then only people can say, so this try ends it."""
        with tenant_transaction(read_only=True):
            row = PoolCode.objects.filter(taken_for=order.reward_id).first()
            tries = FulfilmentAttempt.objects.filter(reward=order.reward_id, detail=RESTORED)
            is_forgotten = row is None and tries.filter(state=FulfilmentAttempt.State.UNKNOWN).exists()
        if is_forgotten:
            raise Terminal(RESTORED)
        return Delivered(voucher=row.code) if row else None


class BalanceFulfiller:
    """The person's account with us. The delivered reward itself is the entry, so there is nothing to write or ask.

    Balances are read from the rewards and what was spent (rewards.balances).
    """

    timeout = 5.0

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        return Delivered()

    def look_up(self, order: FulfilmentOrder) -> Delivered | None:
        return Delivered()

    def withdraw(self, order: FulfilmentOrder, voucher: str) -> Withdrawn:
        """What was taken back is off the account already. Below zero, some of it had been used: that is owed."""
        with tenant_transaction(read_only=True):
            reward = Reward.objects.select_related("recipient").get(pk=order.reward_id)
            now = now_for(merchant_of(current_merchant_id()))
            left = balance_of(reward.recipient, reward.unit, now=now)
        return Withdrawn.DISABLED if left >= 0 else Withdrawn.USED
