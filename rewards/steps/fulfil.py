"""Deliver released rewards: claim (transaction), call the provider (none), record (transaction)."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from kit.clock import database_now, now_for
from kit.tenancy import TenantRef, in_tenant_transaction, tenant_scope, transaction_forbidden
from merchants.models import Merchant, merchant_of
from rewards.actions import fulfil
from rewards.fulfilment import BROKE, Delivered, Fulfiller, FulfilmentOrder, Retryable, Terminal, Unknown, fulfiller_for
from rewards.selectors import next_fulfilment_at

logger = logging.getLogger(__name__)

#: Rewards of one merchant in one sweep: the others get their turn, the rest comes with the next wake-up.
MOST_AT_ONCE = 50
#: Calls without an answer that end the turn as well: each may have taken the provider's whole timeout.
MOST_SILENT = 3
#: Seconds one turn may take: as long as those. Who answers just in time is no reason for others to wait longer.
LONGEST_SWEEP = 45.0


@transaction_forbidden
def sweep(ref: TenantRef, *, seconds: float = LONGEST_SWEEP) -> datetime | None:
    """Deliver what is due, one at least; returns when (real time) the next try is due."""
    merchant, ends_at = merchant_of(ref), time.monotonic() + seconds
    silent = 0
    for _ in range(MOST_AT_ONCE):
        told = fulfil_one(ref, merchant)
        silent += told is not None and told.is_unknown
        if told is None or silent == MOST_SILENT or time.monotonic() >= ends_at:
            break
    return in_tenant_transaction(ref, next_fulfilment_at)


@transaction_forbidden
def fulfil_one(ref: TenantRef, merchant: Merchant) -> Told | None:
    """One reward through all three steps; gives what the provider told. None when there is none to take."""
    claimed = in_tenant_transaction(ref, lambda: fulfil.claim_next(real_now=database_now()))
    if claimed is None:
        return None
    with tenant_scope(ref):
        told = _call(fulfiller_for(claimed.kind), claimed)
    in_tenant_transaction(ref, lambda: told.record(claimed, now_for(merchant), database_now()))
    return told


class Told:
    """What to write down after the call; made outside of a transaction, run inside the next one."""

    def __init__(self, outcome: Delivered | Exception) -> None:
        self.outcome = outcome

    @property
    def is_unknown(self) -> bool:
        return not isinstance(self.outcome, Delivered | Retryable | Terminal)

    def record(self, claimed: fulfil.ClaimedReward, now: datetime, real_now: datetime) -> None:
        attempt, outcome = claimed.attempt, self.outcome
        if isinstance(outcome, Delivered):
            fulfil.record_delivered(attempt=attempt, delivered=outcome, now=now, real_now=real_now)
        elif isinstance(outcome, Retryable):
            fulfil.record_retry(attempt=attempt, reason=outcome.reason, after=outcome.after, now=now, real_now=real_now)
        elif isinstance(outcome, Terminal):
            fulfil.record_refused(attempt=attempt, reason=outcome.reason, now=now, real_now=real_now)
        else:
            reason = outcome.reason if isinstance(outcome, Unknown) else BROKE
            fulfil.record_unknown(attempt=attempt, reason=reason, now=now, real_now=real_now)


def _call(fulfiller: Fulfiller, claimed: fulfil.ClaimedReward) -> Told:
    """Any surprise counts as "unknown": the same key is tried again after a lookup."""
    try:
        return Told(_found_or_delivered(fulfiller, claimed.order, claimed.is_again))
    except (Retryable, Terminal, Unknown) as outcome:
        return Told(outcome)
    except Exception as surprise:
        logger.exception("fulfiller %s broke on reward %s", claimed.kind, claimed.order.reward_id)
        return Told(surprise)


def _found_or_delivered(fulfiller: Fulfiller, order: FulfilmentOrder, is_again: bool) -> Delivered:
    found = fulfiller.look_up(order) if is_again else None
    return found or fulfiller.deliver(order)
