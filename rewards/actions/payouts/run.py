"""A payout from the preview to its confirmation: made, asked for, agreed to by a second person, confirmed once.

The confirmation is one transaction: it locks the rewards, calculates everything again, and only if nothing has changed
freezes the lines and moves the rewards to FULFILLING, where no refund moves their amounts. A worker that dies in it
leaves the preview as it was. What comes in meanwhile is settled with the bank's answer (the results).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max

from kit.locks import Rank, lock_named
from kit.money import is_currency
from kit.tenancy import transaction_required
from merchants.events import record, record_many
from merchants.selectors import workspace
from rewards.actions.payouts.lines import PayoutError, open_for_update, preview_for_update, write_lines
from rewards.locks import rewards_for_update
from rewards.models import Payout, PayoutItem, PayoutLine, Reward
from rewards.payable import OPEN, accounts_of, confirmed_alone_minor, payable_rewards, payout_policy, total_of
from rewards.rules.payouts import needs_second_person

State = Payout.State
Line = PayoutLine.State
#: What one person confirmed alone in so long counts together, or small payouts would lead around the limit.
COUNTED_TOGETHER = timedelta(days=1)


@transaction_required
def make_payout(*, unit: str, cut_off_at: datetime, by: str, now: datetime) -> Payout:
    """A preview of everything released until the cut-off. One is open per currency; nothing to pay is refused."""
    if not is_currency(unit):
        raise PayoutError("not_a_currency")
    lock_named(Rank.PAYOUT, "new")
    if Payout.objects.filter(unit=unit, state__in=OPEN).exists():
        raise PayoutError("payout_open_already")
    number = (Payout.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    payout: Payout = Payout.objects.create(
        number=number, unit=unit, cut_off_at=min(cut_off_at, now), made_at=now, made_by=by
    )
    write_lines(payout)
    if not PayoutLine.objects.filter(payout=payout).exists():
        raise PayoutError("nothing_to_pay")
    record("payout.made", subject=payout, by=by, now=now, data=_facts_of(payout))
    return payout


def is_second_person_needed(payout: Payout, *, by: str, now: datetime, currency: str = "") -> bool:
    """Whether this is more than ``by`` may confirm alone; ``currency``: the workspace's, where it is known already."""
    total = total_of(payout) + confirmed_alone_minor(by, unit=payout.unit, since=now - COUNTED_TOGETHER)
    is_comparable = payout.unit == (currency or workspace().currency)
    return needs_second_person(total, limit_minor=payout_policy().approval_over_minor, is_comparable=is_comparable)


@transaction_required
def ask_for_payout(*, payout: Payout, by: str, now: datetime) -> bool:
    """Ask a second person. False: something had changed, so the preview was calculated anew and is to be looked at."""
    locked = preview_for_update(payout)
    if write_lines(locked):
        _note_changed(locked, by, now)
        return False
    _need_somebody(locked)
    locked.state, locked.asked_at, locked.asked_by = State.AWAITING_APPROVAL, now, by
    locked.save(update_fields=["state", "asked_at", "asked_by"])
    record("payout.asked", subject=locked, by=by, now=now, data=_facts_of(locked))
    return True


@transaction_required
def reopen_preview(*, payout: Payout, by: str, now: datetime) -> None:
    """Not agreed, or thought better of: the preview can be changed again."""
    locked = open_for_update(payout)
    if locked.state != State.AWAITING_APPROVAL:
        raise PayoutError("payout_not_waiting")
    _back_to_preview(locked)
    record("payout.reopened", subject=locked, by=by, now=now)


def _back_to_preview(payout: Payout) -> None:
    payout.state, payout.asked_at, payout.asked_by = State.PREVIEW, None, ""
    payout.save(update_fields=["state", "asked_at", "asked_by"])


@transaction_required
def confirm_payout(*, payout: Payout, by: str, now: datetime) -> bool:
    """Freeze the lines and take the rewards out of everybody else's hands, once.

    False: a reward was cancelled, stopped, reduced or taken back since the preview; it was calculated anew, waits for
    another look, and nobody is paid. Raises PayoutError when a second person is needed, or somebody was first.
    """
    locked = open_for_update(payout)
    _lock_rewards(locked)
    if write_lines(locked):
        _back_to_preview(locked)
        _note_changed(locked, by, now)
        return False
    _need_somebody(locked)
    _need_two_people(locked, by, now)
    _freeze(locked, by, now)
    locked.state, locked.confirmed_at, locked.confirmed_by = State.CONFIRMED, now, by
    locked.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    record("payout.confirmed", subject=locked, by=by, now=now, data=_facts_of(locked))
    return True


def _lock_rewards(payout: Payout) -> None:
    """All that could be in it, so that nothing moves while it is calculated and frozen."""
    mine = PayoutItem.objects.filter(line__payout=payout, is_correction=False).values_list("reward_id", flat=True)
    due = payable_rewards(unit=payout.unit, cut_off_at=payout.cut_off_at).values_list("pk", flat=True)
    rewards_for_update({*mine, *due})


def _need_somebody(payout: Payout) -> None:
    if not PayoutLine.objects.filter(payout=payout, state=Line.INCLUDED).exists():
        raise PayoutError("nobody_included")


def _need_two_people(payout: Payout, by: str, now: datetime) -> None:
    if payout.asked_by and payout.asked_by == by:
        raise PayoutError("second_person_is_first")
    if not payout.asked_by and is_second_person_needed(payout, by=by, now=now):
        raise PayoutError("second_person_needed")


def _freeze(payout: Payout, by: str, now: datetime) -> None:
    """The rewards of everybody who is paid are under way; those left out are free for the next payout."""
    items = PayoutItem.objects.filter(line__payout=payout)
    items.filter(line__state=Line.EXCLUDED).update(is_live=False)
    paid = items.filter(line__state=Line.INCLUDED, is_correction=False).select_related("reward")
    rewards = [item.reward for item in paid.order_by("reward_id")]
    moved = Reward.objects.filter(pk__in=[reward.pk for reward in rewards], state=Reward.State.RELEASED)
    if moved.update(state=Reward.State.FULFILLING, reason="") != len(rewards):
        raise PayoutError("payout_changed")
    told = {"payout_id": str(payout.pk), "number": payout.number}
    record_many("reward.in_payout", told=[(reward, told) for reward in rewards], by=by, now=now)
    _keep_accounts(payout)


def _keep_accounts(payout: Payout) -> None:
    lines = list(PayoutLine.objects.filter(payout=payout, state=Line.INCLUDED))
    accounts = accounts_of([line.recipient_id for line in lines])
    for line in lines:
        account = accounts[line.recipient_id]
        line.method, line.sealed, line.hint = account.method, account.sealed, account.hint
    PayoutLine.objects.bulk_update(lines, ["method", "sealed", "hint"])


@transaction_required
def cancel_payout(*, payout: Payout, by: str, now: datetime) -> None:
    """The preview is put away; everything in it waits for the next one."""
    locked = open_for_update(payout)
    PayoutItem.objects.filter(line__payout=locked).update(is_live=False)
    locked.state, locked.ended_at, locked.asked_at, locked.asked_by = State.CANCELLED, now, None, ""
    locked.save(update_fields=["state", "ended_at", "asked_at", "asked_by"])
    record("payout.cancelled", subject=locked, by=by, now=now)


def _note_changed(payout: Payout, by: str, now: datetime) -> None:
    record("payout.changed", subject=payout, by=by, now=now, data=_facts_of(payout))


def _facts_of(payout: Payout) -> dict[str, object]:
    people = PayoutLine.objects.filter(payout=payout, state=Line.INCLUDED).count()
    return {"number": payout.number, "amount_minor": total_of(payout), "unit": payout.unit, "people": people}
