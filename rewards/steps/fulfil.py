"""Deliver released rewards: claim (transaction), call the provider (none), record (transaction)."""

from __future__ import annotations

import logging
from datetime import datetime

from kit.clock import database_now, now_for
from kit.tenancy import TenantRef, in_tenant_transaction, tenant_scope, transaction_forbidden
from merchants.models import Merchant, merchant_of
from rewards.actions import fulfil
from rewards.fulfilment import Delivered, Fulfiller, FulfilmentOrder, Retryable, Terminal, Unknown, fulfiller_for
from rewards.selectors import next_fulfilment_at

logger = logging.getLogger(__name__)

#: Rewards of one merchant in one sweep: the others get their turn, the rest comes with the next wake-up.
MOST_AT_ONCE = 50


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Deliver what is due; returns when (real time) the next try is due."""
    merchant = merchant_of(ref)
    for _ in range(MOST_AT_ONCE):
        if not fulfil_one(ref, merchant):
            break
    return in_tenant_transaction(ref, next_fulfilment_at)


@transaction_forbidden
def fulfil_one(ref: TenantRef, merchant: Merchant) -> bool:
    """One reward through all three steps. False when there is none to take."""
    claimed = in_tenant_transaction(ref, lambda: fulfil.claim_next(real_now=database_now()))
    if claimed is None:
        return False
    with tenant_scope(ref):
        record = _call(fulfiller_for(claimed.kind), claimed)
    in_tenant_transaction(ref, lambda: record(claimed, now_for(merchant), database_now()))
    return True


class _Record:
    """What to write down after the call; made outside of a transaction, run inside the next one."""

    def __init__(self, outcome: Delivered | Exception) -> None:
        self.outcome = outcome

    def __call__(self, claimed: fulfil.ClaimedReward, now: datetime, real_now: datetime) -> None:
        attempt, outcome = claimed.attempt, self.outcome
        if isinstance(outcome, Delivered):
            fulfil.record_delivered(attempt=attempt, delivered=outcome, now=now, real_now=real_now)
        elif isinstance(outcome, Retryable):
            fulfil.record_retry(attempt=attempt, reason=outcome.reason, after=outcome.after, now=now, real_now=real_now)
        elif isinstance(outcome, Terminal):
            fulfil.record_refused(attempt=attempt, reason=outcome.reason, now=now, real_now=real_now)
        else:
            reason = outcome.reason if isinstance(outcome, Unknown) else type(outcome).__name__
            fulfil.record_unknown(attempt=attempt, reason=reason, now=now, real_now=real_now)


def _call(fulfiller: Fulfiller, claimed: fulfil.ClaimedReward) -> _Record:
    """Any surprise counts as "unknown": the same key is tried again after a lookup."""
    try:
        return _Record(_found_or_delivered(fulfiller, claimed.order, claimed.is_again))
    except (Retryable, Terminal, Unknown) as outcome:
        return _Record(outcome)
    except Exception as surprise:
        logger.exception("fulfiller %s broke on reward %s", claimed.kind, claimed.order.reward_id)
        return _Record(surprise)


def _found_or_delivered(fulfiller: Fulfiller, order: FulfilmentOrder, is_again: bool) -> Delivered:
    found = fulfiller.look_up(order) if is_again else None
    return found or fulfiller.deliver(order)
