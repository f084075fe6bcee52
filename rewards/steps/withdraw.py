"""Ask back what was delivered and no longer stands: claim (transaction), ask the provider (none), record."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from kit.clock import database_now, now_for
from kit.tenancy import TenantRef, in_tenant_transaction, tenant_scope, transaction_forbidden
from merchants.models import Merchant, merchant_of
from rewards.actions import take_back
from rewards.actions.withdraw import NO_WAY
from rewards.fulfilment import BROKE, CanWithdraw, Retryable, Terminal, Unknown, fulfiller_for
from rewards.selectors import next_withdrawal_at

logger = logging.getLogger(__name__)

#: Withdrawals of one merchant in one sweep; the rest comes with the next wake-up.
MOST_AT_ONCE = 50
#: Seconds one turn may take, for a merchant's own system may be slow and others wait behind it.
LONGEST_SWEEP = 15.0


@transaction_forbidden
def sweep(ref: TenantRef, *, seconds: float = LONGEST_SWEEP) -> datetime | None:
    """Ask what is due, one at least; returns when (real time) something is next to be asked."""
    merchant, ends_at = merchant_of(ref), time.monotonic() + seconds
    for _ in range(MOST_AT_ONCE):
        if not ask_one(ref, merchant) or time.monotonic() >= ends_at:
            break
    return in_tenant_transaction(ref, next_withdrawal_at)


@transaction_forbidden
def ask_one(ref: TenantRef, merchant: Merchant) -> bool:
    """One withdrawal through all three steps. False when there is none to take."""
    asked = in_tenant_transaction(ref, lambda: take_back.claim_next(real_now=database_now()))
    if asked is None:
        return False
    with tenant_scope(ref):
        record = _answer(asked)
    in_tenant_transaction(ref, lambda: record(merchant))
    return True


def _answer(asked: take_back.Asked) -> Callable[[Merchant], None]:
    """What to write down after the call. Any surprise counts as "unknown": the provider is asked again."""
    fulfiller = fulfiller_for(asked.kind)
    if not isinstance(fulfiller, CanWithdraw):
        return partial(_not_asked, asked, NO_WAY, None, True)
    try:
        outcome = fulfiller.withdraw(asked.order, asked.voucher)
    except (Retryable, Terminal, Unknown) as refusal:
        after = refusal.after if isinstance(refusal, Retryable) else None
        return partial(_not_asked, asked, refusal.reason, after, isinstance(refusal, Terminal))
    except Exception:
        logger.exception("fulfiller %s broke on taking back reward %s", asked.kind, asked.reward_id)
        return partial(_not_asked, asked, BROKE, None, False)
    return lambda merchant: take_back.record_withdrawn(asked=asked, outcome=outcome, now=now_for(merchant))


def _not_asked(asked: take_back.Asked, reason: str, after: float | None, is_final: bool, merchant: Merchant) -> None:
    take_back.record_not_asked(
        asked=asked,
        reason=reason,
        after=after,
        is_final=is_final,
        now=now_for(merchant),
        real_now=database_now(),
    )
