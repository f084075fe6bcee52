"""Rewards: the list with its sums, a page each, and what people may do: stop, review, let go, mark sent, try again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.units import plain_amount
from programs.rules import Fulfilment
from referral_saas.dashboard.access import reward_for
from referral_saas.dashboard.answers import done
from referral_saas.dashboard.forms.rewards import SentForm, StopForm
from referral_saas.dashboard.frame import DeskRequest, change, page, show
from referral_saas.dashboard.listing import Filters, address, csv_of, page_of, wants_csv
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.people import search_orders
from referral_saas.dashboard.reward_page import reward_context, rewards_with_missing
from rewards.actions.blocks import RewardStateError, block_reward, lift_block
from rewards.actions.manual import mark_sent, try_again
from rewards.models import Reward, RewardBlock
from rewards.selectors import money_by_state

BY = "created_at"
State = Reward.State

#: Choices of the state filter that mean more than one state: the same that the sums on top are made of.
GROUPS = {
    "DUE": Q(state__in=[State.RELEASED, State.FULFILLING, State.FAILED]),
    "PAID": Q(state__in=[State.FULFILLED, State.REVERSED]),
    "TO_SEND": Q(state=State.RELEASED, fulfilment=Fulfilment.MANUAL),
}
STATES = [
    ("DUE", gettext_lazy("Due")),
    ("PAID", gettext_lazy("Paid")),
    ("TO_SEND", gettext_lazy("To be sent by hand")),
    ("STOPPED", gettext_lazy("Stopped")),
    *State.choices,
]
#: The sums stand for every state, whichever is shown: each leads to the rows it was made of.
EVERY = {name: ~Q(pk=None) for name, _label in STATES}


@page()
def rewards(request: DeskRequest) -> HttpResponse:
    shown = ("q", "program", "state", "side", "from", "to", "advocate")
    options = {"state": STATES, "side": Reward.Side.choices}
    filters = Filters(request, show=shown, search=_("Order number or recipient's e-mail"), **options)
    rows = Reward.objects.select_related("program", "advocate__customer", "recipient", "order")
    rows = filters.by_program(filters.by_days(rows, zone=request.desk.workspace.time_zone, at=BY))
    rows = search_orders(rows, filters.asked.get("q", ""), prefix="order__", person="recipient")
    rows, of_every_state = filters.by_choice(rows, GROUPS | {"STOPPED": _is_stopped()}), filters.by_choice(rows, EVERY)
    if wants_csv(request):
        return csv_of(rows, by=BY, name="rewards", headers=_CSV, line=_csv_line)
    found = page_of(request, rows, by=BY)
    context = {
        "filters": filters,
        "page": found,
        "lines": rewards_with_missing(request.desk, found.rows),
        "sums": money_by_state(of_every_state),
        **{f"{name}_url": address(request, state=name.upper()) for name in ("held", "due", "paid")},
    }
    return show(request, "dashboard/rewards/list.html", context)


def _is_stopped() -> Q:
    open_blocks = RewardBlock.objects.filter(reward=OuterRef("pk"), lifted_at=None)
    stoppable = [State.HELD, State.RELEASED, State.FULFILLING, State.FAILED]
    return Q(Exists(open_blocks), state__in=stoppable)


_CSV = ("id", "program", "side", "recipient", "advocate", "order", "state", "unit", "amount", "taken_back",
        "release_at", "fulfilled_at", "voucher", "created_at")  # fmt: skip


def _csv_line(row: Reward) -> list[object]:
    people = [row.recipient.email, row.advocate.customer.email, row.order.number or row.order.external_id]
    amounts = [plain_amount(minor, row.unit) for minor in (row.amount_minor, row.clawed_back_minor)]
    times = [at.isoformat() if at else "" for at in (row.release_at, row.fulfilled_at)]
    told = [row.state, row.unit, *amounts, *times, row.voucher, row.created_at.isoformat()]
    return [public(row), row.program.name, row.side, *people, *told]


@page()
def reward(request: DeskRequest, public_id: str) -> HttpResponse:
    return _page(request, reward_for(public_id))


def _page(request: DeskRequest, found: Reward, *, status: int = 200, **more: Any) -> HttpResponse:
    stops = {f"{name}_form": StopForm(auto_id=f"{name}-%s") for name in ("stop", "review")}
    forms = stops | {"sent_form": SentForm()}
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
    found, desk = reward_for(public_id), request.desk
    form = StopForm(request.POST, auto_id=f"{name}-%s")
    if not form.is_valid():
        return _page(request, found, status=422, **{f"{name}_form": form})
    told = {"kind": kind, "reason": form.cleaned_data["reason"], "by": desk.by, "now": desk.now}
    return _tried(request, found, said, lambda: block_reward(reward=found, **told))


@change("reward.pay")
def let_go(request: DeskRequest, public_id: str) -> HttpResponse:
    return _lift(request, public_id, RewardBlock.Kind.MANUAL, _("The reward goes on as before."))


@change("review.decide")
def end_review(request: DeskRequest, public_id: str) -> HttpResponse:
    return _lift(request, public_id, RewardBlock.Kind.REVIEW, _("The review is over. The reward goes on as before."))


def _lift(request: DeskRequest, public_id: str, kind: RewardBlock.Kind, said: str) -> HttpResponse:
    found, desk = reward_for(public_id), request.desk
    return _tried(request, found, said, lambda: lift_block(reward=found, kind=kind, by=desk.by, now=desk.now))


@change("reward.pay")
def sent(request: DeskRequest, public_id: str) -> HttpResponse:
    """Somebody sent it: the reference is kept as what was delivered."""
    found, desk, form = reward_for(public_id), request.desk, SentForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=422, sent_form=form)
    voucher = form.cleaned_data["reference"]
    said = _("Marked as sent. The recipient gets a mail.")
    return _tried(request, found, said, lambda: mark_sent(reward=found, voucher=voucher, by=desk.by, now=desk.now))


@change("reward.pay")
def again(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = reward_for(public_id), request.desk
    said = _("It is tried again now.")
    return _tried(request, found, said, lambda: try_again(reward=found, by=desk.by, now=desk.now))


def _tried(request: DeskRequest, found: Reward, said: str, act: Callable[[], object]) -> HttpResponse:
    """Back to the page with a word; where somebody else was first, the page as it stands now, saying so."""
    try:
        act()
    except RewardStateError as error:
        fresh = reward_for(public(found))
        return _page(request, fresh, status=409, problem=problem_text(error.code))
    return done(request, f"/rewards/{public(found)}", said)


def problem_text(code: str) -> str:
    texts = {
        "reward_not_stoppable": _("This reward cannot be stopped any more: it is delivered, on its way or cancelled."),
        "already_stopped": _("Somebody stopped this reward already."),
        "not_stopped": _("Somebody let this reward go already."),
        "reward_not_waiting_for_a_hand": _("This reward is not waiting to be sent: somebody marked it, or it changed."),
        "reward_stopped": _("This reward is stopped. Let it go first."),
        "reward_not_failed": _("This reward has not failed: somebody tried again already."),
    }
    return texts.get(code) or _("This cannot be done any more. Here is how the reward stands now.")
