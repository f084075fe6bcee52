"""Rewards: the list with its sums, a page each, and what people may do: stop, review, let go, mark sent, try again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext as _

from integrations.actions.pausing import try_now, waiting_for_the_merchant
from merchants.selectors import team
from referral_saas.address_form import AddressForm, address_initial, none_left_text, sizes_for, waits_for_address
from referral_saas.dashboard.access import reward_for
from referral_saas.dashboard.answers import done
from referral_saas.dashboard.forms.rewards import RefuseForm, StopForm, sent_form
from referral_saas.dashboard.frame import Desk, DeskRequest, change, page, show
from referral_saas.dashboard.listing import Filters, address
from referral_saas.dashboard.lists.rewards import REWARDS, REWARDS_TABLE, of_any_state
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.reward_filters import CHOICES
from referral_saas.dashboard.reward_page import reward_context, rewards_with_blocks
from rewards.actions.addresses import NoneLeft, give_address
from rewards.actions.blocks import RewardStateError, block_reward, lift_block
from rewards.actions.manual import mark_sent, try_again
from rewards.actions.rejection import reject_reward, undo_rejection
from rewards.actions.reviews import ReviewStateError, end_review_of, review_reward
from rewards.actions.surprise import OverAllowance, give_again
from rewards.models import Reward, RewardBlock, Surprise
from rewards.selectors import MoneyInState, kept_money, money_by_state

#: The sums stand for every state, whichever is shown: each leads to the rows it was made of.
EVERY = {name: ~Q(pk=None) for name, _label in CHOICES}


@page()
def rewards(request: DeskRequest) -> HttpResponse:
    filters, found = REWARDS.shown(request)
    sums = _sums(request.desk, filters)
    context = {
        "filters": filters,
        "page": found,
        "table": REWARDS_TABLE.drawn(request.desk, rewards_with_blocks(found.rows)),
        "sums": sums,
        "addresses": {each.unit: _rows_of(request, each.unit) for each in sums},
    }
    return show(request, "dashboard/rewards/list.html", context | REWARDS.export(request, filters))


def _sums(desk: Desk, filters: Filters) -> list[MoneyInState]:
    """From what is kept, unless something is asked for that no sum is kept of. None of everything until a day: that is
    added up row by row, and what was ever paid until then says nothing beside what comes."""
    if "to" in filters.asked and "from" not in filters.asked and not filters.advocate_id:
        return []
    if filters.asked.keys() - {"program", "side", "unit", "state", "when"} or filters.advocate_id:
        return money_by_state(filters.by_choice(of_any_state(Reward.objects.all(), filters, desk), EVERY))
    return kept_money(
        program_id=filters.program_id, side=filters.asked.get("side", ""), unit=filters.asked.get("unit", "")
    )


def _rows_of(request: DeskRequest, unit: str) -> dict[str, str]:
    """Where the rows of each sum are: of its state and its unit alone."""
    return {name: address(request, state=name.upper(), unit=unit) for name in ("held", "due", "paid")}


@page()
def reward(request: DeskRequest, public_id: str) -> HttpResponse:
    return reward_page(request, reward_for(public_id))


def reward_page(request: DeskRequest, found: Reward, *, status: int = 200, **more: Any) -> HttpResponse:
    stops = {f"{name}_form": StopForm(auto_id=f"{name}-%s") for name in ("stop", "review")}
    forms = stops | {"sent_form": sent_form(found), "refuse_form": RefuseForm(auto_id="refuse-%s")}
    if waits_for_address(found) and request.desk.may("reward.pay"):
        forms["address_form"] = AddressForm(initial=address_initial(found), sizes=sizes_for(found))
    context = reward_context(request.desk, found) | forms | more
    return show(request, "dashboard/rewards/page.html", context, status=status)


@change("reward.pay")
def stop(request: DeskRequest, public_id: str) -> HttpResponse:
    said = _("The reward is stopped until somebody lets it go.")
    return _block(request, public_id, RewardBlock.Kind.MANUAL, "stop", said)


@change("review.decide")
def review(request: DeskRequest, public_id: str) -> HttpResponse:
    return _block(request, public_id, RewardBlock.Kind.REVIEW, "review", _("The reward waits for a review."))


def _block(request: DeskRequest, public_id: str, kind: RewardBlock.Kind, name: str, said: str) -> HttpResponse:
    """A review is of the whole referral, with its page in the queue; what was given for no order has none."""
    found, desk = reward_for(public_id), request.desk
    form = StopForm(request.POST, auto_id=f"{name}-%s")
    if not form.is_valid():
        return reward_page(request, found, status=422, **{f"{name}_form": form})
    told = {"reward": found, "reason": form.cleaned_data["reason"], "by": desk.by, "now": desk.now}
    if kind == RewardBlock.Kind.REVIEW and found.referral:
        return tried(request, found, said, lambda: review_reward(**told))
    return tried(request, found, said, lambda: block_reward(kind=kind, **told))


@change("reward.pay")
def let_go(request: DeskRequest, public_id: str) -> HttpResponse:
    return _lift(request, public_id, RewardBlock.Kind.MANUAL, _("The reward goes on as before."))


@change("review.decide")
def end_review(request: DeskRequest, public_id: str) -> HttpResponse:
    """This side of the review is fine; a block that no review stands behind is simply lifted."""
    found = reward_for(public_id)
    told: dict[str, Any] = {"by": request.desk.by, "now": request.desk.now}
    said = _("The review is over. The reward goes on as before.")
    if found.referral and found.referral.has_review:
        return tried(request, found, said, lambda: _end_review(found, **told))
    return tried(request, found, said, lambda: lift_block(reward=found, kind=RewardBlock.Kind.REVIEW, **told))


def _end_review(found: Reward, **told: Any) -> None:
    if end_review_of(reward=found, **told) is None:
        lift_block(reward=found, kind=RewardBlock.Kind.REVIEW, **told)


def _lift(request: DeskRequest, public_id: str, kind: RewardBlock.Kind, said: str) -> HttpResponse:
    found, desk = reward_for(public_id), request.desk
    return tried(request, found, said, lambda: lift_block(reward=found, kind=kind, by=desk.by, now=desk.now))


@change("reward.pay")
def sent(request: DeskRequest, public_id: str) -> HttpResponse:
    """Somebody sent it: the reference is kept as what was delivered."""
    found, desk = reward_for(public_id), request.desk
    form = sent_form(found, request.POST)
    if not form.is_valid():
        return reward_page(request, found, status=422, sent_form=form)
    voucher = form.cleaned_data["reference"]
    said = _("Marked as sent. The recipient gets a mail.")
    return tried(request, found, said, lambda: mark_sent(reward=found, voucher=voucher, by=desk.by, now=desk.now))


@change("reward.pay")
def again(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = reward_for(public_id), request.desk
    said = _("It is tried again now.")
    return tried(request, found, said, lambda: _once_more(found, by=desk.by, now=desk.now))


def _once_more(found: Reward, **told: Any) -> None:
    """A failed one; or one that waits an hour for something that was mended meanwhile."""
    if found.state != Reward.State.RELEASED:
        try_again(reward=found, **told)
    elif not try_now(rewards=waiting_for_the_merchant().filter(pk=found.pk), **told):
        raise RewardStateError("reward_not_failed")


@change("review.decide")
def refuse(request: DeskRequest, public_id: str) -> HttpResponse:
    """No reward after all, whatever the order does; it can be undone while nothing is paid."""
    found, desk = reward_for(public_id), request.desk
    form = RefuseForm(request.POST, auto_id="refuse-%s")
    if not form.is_valid():
        return reward_page(request, found, status=422, refuse_form=form)
    told = {"reason": form.cleaned_data["reason"], "by": desk.by, "now": desk.now}
    return tried(request, found, _("Refused. It can be undone."), lambda: reject_reward(reward=found, **told))


@change("review.decide")
def unrefuse(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = reward_for(public_id), request.desk
    said = _("The refusal is taken back. The reward is what its order is worth.")
    return tried(request, found, said, lambda: _stand_again(found, by=desk.by, now=desk.now))


def _stand_again(found: Reward, **told: Any) -> None:
    """What was given at somebody's own discretion counts against their allowance again."""
    surprise = Surprise.objects.filter(reward=found).first()
    if surprise is None:
        undo_rejection(reward=found, **told)
        return
    try:
        give_again(surprise=surprise, giver=team().filter(user_id=surprise.user_id).first(), **told)
    except OverAllowance as error:
        raise RewardStateError("over_allowance") from error


@change("reward.pay")
def address_of(request: DeskRequest, public_id: str) -> HttpResponse:
    """Somebody of the team writes down where to send it: recipients may have told by mail or telephone."""
    found, desk = reward_for(public_id), request.desk
    form = AddressForm(request.POST, sizes=sizes_for(found))
    if not form.is_valid():
        return reward_page(request, found, status=422, address_form=form)
    try:
        give_address(reward=found, where=form.where, by=desk.by, now=desk.now)
    except NoneLeft as error:
        form.add_error("size" if "size" in form.fields else None, none_left_text(error))
        return reward_page(request, found, status=409, address_form=form)
    except RewardStateError as error:
        return reward_page(request, found, status=409, problem=problem_text(error.code))
    return done(request, f"/rewards/{public(found)}", _("The address is saved."))


def tried(request: DeskRequest, found: Reward, said: str, act: Callable[[], object]) -> HttpResponse:
    """Back to the page with a word; where somebody else was first, the page as it stands now, saying so."""
    try:
        act()
    except (RewardStateError, ReviewStateError) as error:
        fresh = reward_for(public(found))
        return reward_page(request, fresh, status=409, problem=problem_text(error.code))
    return done(request, f"/rewards/{public(found)}", said)


def problem_text(code: str) -> str:
    texts = {
        "reward_not_stoppable": _("This reward cannot be stopped any more: it is delivered, on its way or cancelled."),
        "already_decided": _("Somebody decided the review already."),
        "blocked_for_certain": _("This is blocked for certain: no reward can be given, whatever the review says."),
        "already_stopped": _("Somebody stopped this reward already."),
        "not_stopped": _("Somebody let this reward go already."),
        "reward_not_waiting_for_a_hand": _("This reward is not waiting to be sent: somebody marked it, or it changed."),
        "reward_stopped": _("This reward is stopped. Let it go first."),
        "reward_not_refusable": _("This reward is paid, on its way or refused already."),
        "reward_not_refused": _("Somebody took the refusal back already."),
        "reward_not_waiting_for_address": _("This reward is sent or cancelled, so its address cannot change any more."),
        "over_allowance": _("Whoever gave it has not enough of their allowance left."),
        "reward_outcome_known": _("Somebody said already what became of it."),
        "nothing_to_disable": _("Somebody said already what became of the code."),
        "nothing_to_give_anew": _("Its code works, or a payout gave it again. There is nothing to replace."),
        "reward_not_failed": _("This reward waits for no try: somebody tried again already."),
    }
    return texts.get(code) or _("This cannot be done any more. Here is how the reward stands now.")
