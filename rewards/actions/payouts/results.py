"""What became of each transfer: paid or failed, line by line, each in one transaction and once.

Paid: the rewards are FULFILLED, what was kept back counts as recovered. Failed: the rewards are RELEASED again and free
for the next payout, and what was kept back is owed as before. Then the orders are settled from what came in meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from kit.tenancy import transaction_required
from merchants.events import record, record_many
from rewards import ledger
from rewards.actions.fulfil import pay
from rewards.actions.payouts.lines import PayoutError
from rewards.actions.settle import settle_order
from rewards.locks import payout_for_update, rewards_for_update
from rewards.models import Payout, PayoutItem, PayoutLine, Reward
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey
from tracking.locks import lock_advocate, lock_friend, referral_for_update
from tracking.models import Order

Line = PayoutLine.State


@transaction_required
def mark_line_paid(*, line: PayoutLine, reference: str = "", by: str, now: datetime) -> PayoutLine:
    """The money is with the person. PayoutError when somebody has marked the line already; it cannot be undone."""
    payout, locked = _waiting_for_update(line)
    rewards, corrections = _lock_all(locked)
    for reward in rewards:
        pay(reward=reward, voucher=reference, by=by, now=now)
    _book_corrections(corrections, payout, by, now)
    _end(locked, Line.PAID, by, now, reference=reference)
    data = {"line_id": str(locked.pk), "amount_minor": locked.amount_minor, "unit": payout.unit}
    record("payout.paid", subject=payout, by=by, now=now, data=data)
    _finish(payout, rewards, by, now)
    return locked


@transaction_required
def mark_line_failed(*, line: PayoutLine, reason: str, reference: str = "", by: str, now: datetime) -> PayoutLine:
    """The money did not arrive: everything of the line is as before the payout, and waits for the next one."""
    payout, locked = _waiting_for_update(line)
    rewards, _corrections = _lock_all(locked)
    for reward in rewards:
        reward.state = Reward.State.RELEASED
        reward.save(update_fields=["state"])
    told = {"payout_id": str(payout.pk), "number": payout.number, "reason": reason}
    record_many("reward.not_paid", told=[(reward, told) for reward in rewards], by=by, now=now)
    PayoutItem.objects.filter(line=locked).update(is_live=False)
    _end(locked, Line.FAILED, by, now, reference=reference, reason=reason)
    data = {"line_id": str(locked.pk), "amount_minor": locked.amount_minor, "unit": payout.unit, "reason": reason}
    record("payout.failed", subject=payout, by=by, now=now, data=data)
    _finish(payout, rewards, by, now)
    return locked


def _waiting_for_update(line: PayoutLine) -> tuple[Payout, PayoutLine]:
    payout = payout_for_update(line.payout_id)
    if payout.state not in (Payout.State.CONFIRMED, Payout.State.CLOSED):
        raise PayoutError("payout_not_confirmed")
    locked = PayoutLine.objects.get(pk=line.pk)
    if locked.state != Line.INCLUDED:
        raise PayoutError("line_marked_already")
    return payout, locked


def _lock_all(line: PayoutLine) -> tuple[list[Reward], list[PayoutItem]]:
    """Everything paying and settling will need, kind by kind in the one order: several orders stand behind one line."""
    items = list(PayoutItem.objects.filter(line=line).select_related("reward__order"))
    orders = {item.reward.order_id: item.reward.order for item in items if item.reward.order_id}
    for order in sorted(orders.values(), key=attrgetter("platform", "external_id")):
        lock_order(OrderKey(order.platform, order.external_id))
    for friend_id in sorted(_friends_of(list(orders))):
        lock_friend(friend_id)
    referrals = [referral for order_id in sorted(orders) if (referral := referral_for_update(order_id))]
    for advocate_id in sorted({referral.advocate_id for referral in referrals}):
        lock_advocate(advocate_id)
    beside = Reward.objects.filter(referral__in=referrals).values_list("pk", flat=True)  # settled with them
    locked = {reward.pk: reward for reward in rewards_for_update({*beside, *(item.reward_id for item in items)})}
    for item in items:
        item.reward = locked[item.reward_id]
    return [item.reward for item in items if not item.is_correction], [item for item in items if item.is_correction]


def _friends_of(order_ids: Sequence[Any]) -> set[Any]:
    """Read again under the orders' locks: who bought may just have become known."""
    rows = Order.objects.filter(pk__in=order_ids, customer__isnull=False)
    return set(rows.values_list("customer_id", flat=True))


def _book_corrections(corrections: Sequence[PayoutItem], payout: Payout, by: str, now: datetime) -> None:
    for item in corrections:
        kept = -item.amount_minor
        move = ledger.recover(kept) if kept > 0 else ledger.owe_again(-kept)
        reward = item.reward
        told: dict[str, Any] = {"unit": reward.unit, "program_id": reward.program_id, "now": now, "reward": reward}
        ledger.post("reward.netted", moves=[move], **told)
        data = {"change_minor": kept, "unit": reward.unit, "payout_id": str(payout.pk), "number": payout.number}
        record("reward.netted", subject=reward, by=by, now=now, data=data)


def _end(line: PayoutLine, state: str, by: str, now: datetime, *, reference: str, reason: str = "") -> None:
    """The account is forgotten here: whatever is still to be paid carries its own."""
    line.state, line.reference, line.reason = state, reference, reason
    line.ended_at, line.ended_by, line.sealed = now, by, ""
    line.save(update_fields=["state", "reference", "reason", "ended_at", "ended_by", "sealed"])


def _finish(payout: Payout, rewards: Sequence[Reward], by: str, now: datetime) -> None:
    """Close the payout with its last line; settle the orders, advocate by advocate, so that no two wait in a circle."""
    if not PayoutLine.objects.filter(payout=payout, state=Line.INCLUDED).exists():
        payout.state, payout.ended_at = Payout.State.CLOSED, now
        payout.save(update_fields=["state", "ended_at"])
        record("payout.closed", subject=payout, by=by, now=now, data={"number": payout.number})
    for reward in sorted(rewards, key=attrgetter("advocate_id", "pk")):
        if reward.order is not None:
            settle_order(order=reward.order, now=now, by=by)
