"""Bring the rewards of a referral to what is wanted, posting only the difference."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from advocates.models import Advocate
from kit.clock import real_time
from kit.rows import save_changed, values_of
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.wakeups import wake
from programs.rules import Fulfilment, Terms
from rewards import ledger
from rewards.actions.addresses import follow_address
from rewards.actions.blocks import stop_until
from rewards.actions.budget import follow_budget, leave_budget
from rewards.actions.withdraw import ask_back, leave_it
from rewards.choices import grant_of
from rewards.locks import rewards_of_referral_for_update
from rewards.models import Reward, RewardBlock
from rewards.rules import Wanted, WantedReward, Why, advocate_rule
from rewards.selectors import gives_of, may_have_arrived
from tracking.models import Order, Referral
from tracking.rules import Basis

State = Reward.State
#: The reason between being emptied and being worth something for its new owner, who then hears of it as of any other.
HANDED_OVER = "handed_over"


@transaction_required
def bring_to(
    *,
    wanted: Wanted,
    referral: Referral,
    order: Order,
    terms: Terms,
    codes: Collection[str],
    refused: Collection[str] = (),
    is_first: bool = False,
    now: datetime,
    by: str,
) -> list[Reward]:
    """Create, change, cancel, restore or claw back. The caller holds the order's and the friend's lock.

    ``refused``: sides for which somebody decided that there is no reward, before there was one. ``codes``: of the
    order; whose rewards they are is locked with its own, for who notes them as used next. ``is_first``: the referral
    has just been made, so nobody looks for rewards of it. The budget and then the stock come last, as in the order of
    locks: what finds no room, or no address yet, waits with an open block.
    """
    locked = [] if is_first and not codes else rewards_of_referral_for_update(referral.pk, codes=codes)
    standing = {reward.side: reward for reward in locked}
    before = {reward.pk: _what_for_whom(reward) for reward in standing.values()}
    for side, want in ((Reward.Side.ADVOCATE, wanted.advocate), (Reward.Side.FRIEND, wanted.friend)):
        reward = standing.get(side)
        if reward is None and want is not None and side not in refused and _has_recipient(side, referral):
            standing[side] = _create(side, want, wanted.reason, referral, order, terms, now=now, by=by)
        elif reward is not None:
            stood = values_of(reward)
            _hand_over(reward, referral, terms, now=now, by=by)
            _bring(reward, want, wanted.reason, now=now, by=by)
            save_changed(reward, before=stood)
    follow_budget(rewards=list(standing.values()), now=now, by=by)
    for reward in standing.values():
        has_moved = before.get(reward.pk, _what_for_whom(reward)) != _what_for_whom(reward)
        follow_address(reward=reward, now=now, has_moved=has_moved)
    return list(standing.values())


def _what_for_whom(reward: Reward) -> tuple[object, ...]:
    return reward.recipient_id, reward.fulfilment, reward.kind_id


@transaction_required
def bring_gift(*, reward: Reward, now: datetime, by: str) -> None:
    """The same for what stands behind no order: worth what was given, or nothing since somebody took it back."""
    gives = gives_of(reward)
    fair = gives.fair_value(reward.full_minor) if gives else reward.full_minor
    want = WantedReward(reward.full_minor, reward.full_minor, fair, reward.release_at, Basis.PAID)
    stood = values_of(reward)
    _bring(reward, want, "", now=now, by=by)
    save_changed(reward, before=stood)
    follow_budget(rewards=[reward], now=now, by=by)
    follow_address(reward=reward, now=now)


def _has_recipient(side: str, referral: Referral) -> bool:
    """Nobody gets anything who is not there any more: an erased advocate is banned, so of others nothing is asked."""
    if side == Reward.Side.ADVOCATE:
        advocate = referral.advocate
        return advocate.state != Advocate.State.BANNED or advocate.customer.erased_at is None
    return referral.friend is not None and referral.friend.erased_at is None


def _create(
    side: Reward.Side,
    want: WantedReward,
    reason: str,
    referral: Referral,
    order: Order,
    terms: Terms,
    *,
    now: datetime,
    by: str,
) -> Reward:
    """Worth nothing by now, it is created cancelled: every order of arrival ends in the same rows."""
    is_held = want.amount_minor > 0
    reward: Reward = Reward.objects.create(
        referral=referral,
        order=order,
        side=side,
        **_whose(side, referral, terms),
        amount_minor=want.amount_minor,
        fair_minor=want.fair_minor,
        full_minor=want.full_minor,
        state=State.HELD if is_held else State.CANCELLED,
        reason="" if is_held else reason,
        release_at=want.release_at,
        created_at=now,
        cancelled_at=None if is_held else now,
    )
    _post(reward, "reward.held", ledger.hold(want.amount_minor), now)
    _await_recipient(reward, referral, terms, is_new=True, now=now)
    if is_held:
        record("reward.held", subject=reward, by=by, now=now, data=_facts_told(reward), is_first=True)
        _wake(reward)
    return reward


def _await_recipient(reward: Reward, referral: Referral, terms: Terms, *, is_new: bool, now: datetime) -> None:
    """What only the recipient can say stops the reward from its birth: which way to take it, where to send it."""
    kinds, needless = set(), set()
    if reward.side == Reward.Side.ADVOCATE:
        if not advocate_rule(terms, grant_of(referral)).choices:
            needless.add(RewardBlock.Kind.CHOICE)
        elif not reward.chosen:
            kinds.add(RewardBlock.Kind.CHOICE)
    if reward.fulfilment == Fulfilment.SHIPMENT:
        kinds.add(RewardBlock.Kind.ADDRESS)
    else:
        needless.add(RewardBlock.Kind.ADDRESS)
    for kind in kinds:
        stop_until(reward=reward, kind=kind, now=now)
    if not is_new:
        _lift(reward, needless, now)


def _lift(reward: Reward, kinds: Collection[RewardBlock.Kind], now: datetime) -> None:
    waiting = RewardBlock.objects.filter(reward=reward, kind__in=kinds, lifted_at=None)
    waiting.update(lifted_at=now, lifted_by=SYSTEM)


def _whose(side: str, referral: Referral, terms: Terms) -> dict[str, Any]:
    """What a reward takes from its referral. Empty where the terms have nothing for this side."""
    grant, is_advocates = grant_of(referral), side == Reward.Side.ADVOCATE
    rule = advocate_rule(terms, grant) if is_advocates else terms.friend_reward
    if rule is None:
        return {}
    goes_to_friend = not is_advocates or rule.goes_to_friend(grant.chosen)
    return {
        "program_id": referral.program_id,
        "terms_id": referral.terms_id,
        "advocate_id": referral.advocate_id,
        "recipient_id": referral.friend_id if goes_to_friend else referral.advocate.customer_id,
        "fulfilment": rule.fulfilment,
        "unit": rule.unit_in(terms.currency),
        "kind_id": UUID(rule.gives.id) if rule.gives else None,
        "chosen": grant.chosen if is_advocates else "",
    }


def _hand_over(reward: Reward, referral: Referral, terms: Terms, *, now: datetime, by: str) -> None:
    """New evidence named another advocate or other terms before the hold was over, or the recipient chose another way
    to take it: the row is so from now on.

    It is emptied first, on the books it was on; what the new terms are worth is then held on the new ones. What a
    person stopped by hand stays stopped: nobody said that it may go to somebody else.
    """
    whose = _whose(reward.side, referral, terms)
    if reward.released_at is not None or all(getattr(reward, name) == value for name, value in whose.items()):
        return
    data: dict[str, object] = {"former_advocate_id": str(reward.advocate_id), "before_minor": reward.amount_minor}
    _post(reward, "reward.handed_over", ledger.unhold(reward.amount_minor), now)
    if whose["program_id"] != reward.program_id:
        leave_budget(reward=reward, now=now)
    if whose["recipient_id"] != reward.recipient_id:  # the next release asks anew, of whom it is for then
        _lift(reward, [RewardBlock.Kind.TAX_FORM], now)
    if _earner(reward) != (whose["advocate_id"] if reward.side == Reward.Side.ADVOCATE else whose["recipient_id"]):
        data["was_refused"] = reward.rejected_at is not None
        _forget_earner(reward)
    for name, value in whose.items():
        setattr(reward, name, value)
    reward.amount_minor, reward.state, reward.cancelled_at = 0, State.CANCELLED, reward.cancelled_at or now
    reward.reason = HANDED_OVER
    _await_recipient(reward, referral, terms, is_new=False, now=now)
    record("reward.handed_over", subject=reward, by=by, now=now, data=data)


def _earner(reward: Reward) -> UUID:
    """Who has earned it, which stays the same person when an advocate gives theirs to the friend."""
    is_advocates = reward.side == Reward.Side.ADVOCATE
    earner: UUID = reward.advocate_id if is_advocates else reward.recipient_id
    return earner


def _forget_earner(reward: Reward) -> None:
    """What was said about the one who had it, and what it was worth for them."""
    reward.rejected_at, reward.note = None, ""
    reward.full_minor, reward.fair_minor = 0, 0


def _bring(reward: Reward, want: WantedReward | None, reason: str, *, now: datetime, by: str) -> None:
    amount = want.amount_minor if want and not reward.rejected_at else 0
    if want:
        reward.full_minor = want.full_minor
    reason = Why.REJECTED if reward.rejected_at else reason
    if reward.state in (State.HELD, State.CANCELLED) and reward.released_at is None:
        _bring_unreleased(reward, amount, want, reason, now=now, by=by)
    elif reward.state in (State.RELEASED, State.FAILED, State.CANCELLED):
        _bring_released(reward, amount, want, reason, now=now, by=by)
    elif reward.state in (State.FULFILLED, State.REVERSED):
        _bring_paid(reward, amount, reason, now=now, by=by)


def _bring_unreleased(
    reward: Reward, amount: int, want: WantedReward | None, reason: str, *, now: datetime, by: str
) -> None:
    before = reward.amount_minor
    _reschedule(reward, want, now=now, by=by)
    if amount == before:
        if reward.state == State.CANCELLED:
            reward.reason = reason
        return
    reward.amount_minor, reward.fair_minor = amount, want.fair_minor if want else 0
    move = ledger.hold(amount - before) if amount > before else ledger.unhold(before - amount)
    _post(reward, "reward.follows", move, now)
    if amount == 0:
        _cancel(reward, reason, now=now, by=by, before=before)
    elif reward.state == State.CANCELLED:
        _restore(reward, State.HELD, now=now, by=by)
    else:
        _tell("reward.changed", reward, now=now, by=by, before=before)


def _bring_released(
    reward: Reward, amount: int, want: WantedReward | None, reason: str, *, now: datetime, by: str
) -> None:
    """Released and not paid: what is owed follows the net order, unless it may be with the person already."""
    before = reward.amount_minor
    if amount == before or may_have_arrived(reward):
        return
    reward.amount_minor, reward.fair_minor = amount, want.fair_minor if want else 0
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
    if wholly:
        ask_back(reward=reward, by=by, now=now)
    elif change < 0:
        leave_it(reward=reward, by=by, now=now)


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
    record(code, subject=reward, by=by, now=now, data=_facts_told(reward, before))


def _facts_told(reward: Reward, before: int | None = None) -> dict[str, object]:
    return _facts_of(reward) | ({"before_minor": before} if before is not None else {}) | {"reason": reward.reason}


def _facts_of(reward: Reward) -> dict[str, object]:
    return {
        "amount_minor": reward.amount_minor,
        "unit": reward.unit,
        "side": reward.side,
        "order_id": str(reward.order_id) if reward.order_id else None,
        "referral_id": str(reward.referral_id) if reward.referral_id else None,
        "release_at": reward.release_at.isoformat() if reward.release_at else None,
    }
