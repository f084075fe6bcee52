"""One settlement for every fact about an order, whichever way it came.

Order of effects, all in the caller's transaction: order lock, facts, friend lock, decision, referral, offer cost,
cap, rewards with their ledger postings, codes used, events. What is wanted is computed purely (rewards.rules.settle)
and only the difference to what stands is written, so running it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from advocates.actions.after_order import enrol_after_order
from advocates.actions.customers import know_told, new_customer, note_paid_order
from advocates.models import Customer
from kit.rows import Values, save_changed, values_of
from kit.tenancy import transaction_required
from merchants.selectors import workspace
from programs.rules import Terms
from rewards.actions.cap import has_friend_reward_elsewhere, refuse_over_cap, room_under_cap
from rewards.actions.disputes import follow_dispute
from rewards.actions.grants import grant_in_mind, grant_once
from rewards.actions.judging import judge_order
from rewards.actions.needs import note_need
from rewards.actions.offer_cost import post_offer_cost
from rewards.actions.review_hold import follow_assessment, refused_sides
from rewards.actions.standing import bring_to
from rewards.actions.usage import codes_used, note_used
from rewards.choices import grant_of
from rewards.models import Reward
from rewards.rules import Standing, Wanted, Why, settle
from tracking.actions.attribute import paid_orders, standing_elsewhere
from tracking.actions.facts import facts_of, lock_order, record_facts
from tracking.actions.introductions import ask_by_mail
from tracking.actions.referrals import write_standing
from tracking.actions.traces import Kept, keep_order_trace
from tracking.facts import OrderKey, PersonIn, TraceIn
from tracking.locks import lock_friend, referral_for_update
from tracking.models import Order, Referral
from tracking.rules import Fact, OrderView, base_minor, net_base_minor, read_order


@dataclass(frozen=True, slots=True)
class Settled:
    """What stands after settling. ``is_new`` is False when everything told was known already."""

    order: Order
    referral: Referral | None = None
    rewards: list[Reward] = field(default_factory=list)
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Came:
    """What a delivery brought besides facts: whether any of them was new, and where the order was placed from."""

    is_new: bool
    trace: TraceIn | None
    kept: Kept


#: Settling again from what is known.
NOTHING_CAME = Came(is_new=False, trace=None, kept=Kept(has_card=True))


@transaction_required
def take_in(
    *,
    key: OrderKey,
    facts: Sequence[Fact],
    person: PersonIn | None,
    trace: TraceIn | None = None,
    now: datetime,
    by: str,
) -> Settled:
    """Write facts down and settle the order: the one way in for hooks, API, imports and hands.

    ``trace``: where the order was placed from and how it was paid; only keyed hashes of it are kept.
    """
    lock_order(key)
    recorded = record_facts(key=key, facts=facts, now=now)
    order, view, before = recorded.order, read_order(recorded.facts), values_of(recorded.order)
    was_purchase = is_purchase(order)
    if person and order.customer_id is None:
        order.customer = know_told(customer_told(person, view, by, now))
    kept = keep_order_trace(order=order, trace=trace, is_new_order=recorded.is_new_order, now=now)
    if view is None:
        order.save(update_fields=["customer"])
        return Settled(order=order, is_new=recorded.is_new)
    referral = None if recorded.is_new_order else _lock(order)
    if recorded.is_new_order:
        _lock_friend_of(order)
    came = Came(recorded.is_new, trace, kept)
    settled = _settle(order, view, referral, before, came, now=now, by=by)
    if is_purchase(order) and view.is_paid and not was_purchase:
        follow_purchase(order=order, now=now, by=by)
    return settled


@transaction_required
def settle_first(
    *, order: Order, view: OrderView, trace: TraceIn | None, kept: Kept, now: datetime, by: str
) -> Settled:
    """An order that has just been written down with its facts and trace, and is told of for the first time. The caller
    holds the locks of the order and the friend, and lets what follows from a purchase follow."""
    return _settle(order, view, None, values_of(order), Came(True, trace, kept), now=now, by=by)


@transaction_required
def settle_order(*, order: Order, now: datetime, by: str) -> Settled:
    """Settle again from the facts already known (after a decision by hand, a lifted cap)."""
    lock_order(OrderKey(order.platform, order.external_id))
    order.refresh_from_db()
    return settle_locked(order=order, referral=_lock(order), now=now, by=by)


@transaction_required
def settle_locked(*, order: Order, referral: Referral | None, now: datetime, by: str) -> Settled:
    """The same for a caller that holds the locks of the order, the friend and the referral, and read them since."""
    view = read_order(facts_of(order))
    if view is None:
        return Settled(order=order, is_new=False)
    return _settle(order, view, referral, values_of(order), NOTHING_CAME, now=now, by=by)


def _lock(order: Order) -> Referral | None:
    """The friend, then the referral, as kit/locks.py orders them."""
    _lock_friend_of(order)
    return referral_for_update(order.pk)


def _lock_friend_of(order: Order) -> None:
    if order.customer_id:
        lock_friend(order.customer_id)


def customer_told(person: PersonIn, view: OrderView | None, by: str, now: datetime) -> Customer:
    """An unsaved row of what was told about the buyer of this order. Raises BadEmail."""
    told_by = {"api": Customer.Source.API, "user": Customer.Source.HAND}
    source = told_by.get(by.partition(":")[0], Customer.Source.HOOK)
    customer = new_customer(
        email=person.email,
        name=person.name,
        country=person.country,
        external_id=person.external_id,
        language=person.language,
        source=source,
        now=now,
    )
    customer.first_paid_at = view.paid_at if view and not view.is_test else None
    return customer


def _settle(
    order: Order, view: OrderView, referral: Referral | None, before: Values, came: Came, *, now: datetime, by: str
) -> Settled:
    """``before``: the order's columns as they stand in the database."""
    zone, is_first = workspace().time_zone, referral is None
    referral = judge_order(
        order=order, view=view, referral=referral, zone=zone, trace=came.trace, kept=came.kept, now=now, by=by
    )
    post_offer_cost(order=order, view=view, now=now)
    terms = referral.terms.as_terms() if referral else None
    note_order(order, view, terms or Terms(currency=view.currency), now)
    save_changed(order, before=before)
    if view.paid_at and order.customer and not view.is_test:
        note_paid_order(customer=order.customer, paid_at=view.paid_at)
    rewards = []
    if referral and terms:
        rewards = _settle_rewards(order, view, referral, terms, zone, is_first=is_first, now=now, by=by)
    note_used(view=view, order=order, now=now)
    return Settled(order=order, referral=referral, rewards=rewards, is_new=came.is_new)


def is_purchase(order: Order) -> bool:
    """Whether, as last settled, a person we know has really bought."""
    has_buyer, is_real = order.customer_id is not None, not order.is_test and order.cancelled_at is None
    return has_buyer and is_real and order.paid_at is not None


def follow_purchase(*, order: Order, now: datetime, by: str) -> None:
    """Who bought may become an advocate, and may be asked who sent them."""
    customer = order.customer
    assert customer is not None, "a purchase has a buyer"
    if customer.erased_at is not None:
        return
    enrol_after_order(customer=customer, count_orders=partial(paid_orders, customer), by=by, now=now)
    ask_by_mail(order=order, now=now)


def note_order(order: Order, view: OrderView, terms: Terms, now: datetime) -> None:
    """What lists and searches show; the facts stay the truth."""
    order.number = view.number
    order.currency = view.currency
    order.base_minor = base_minor(view, terms)
    order.net_base_minor = net_base_minor(view, terms)
    order.placed_at = view.placed_at
    order.paid_at = view.paid_at
    order.cancelled_at = view.cancelled_at
    order.delivered_at = view.arrived_at
    order.is_test = view.is_test
    order.contradicts_itself = view.contradicts_itself
    order.settled_at = order.settled_at or now


def _settle_rewards(
    order: Order,
    view: OrderView,
    referral: Referral,
    terms: Terms,
    zone: str,
    *,
    is_first: bool,
    now: datetime,
    by: str,
) -> list[Reward]:
    wanted = _across_orders(view, terms, order, referral, zone, now=now, by=by)
    note_need(referral=referral, reason=wanted.reason)
    write_standing(referral=referral, standing=wanted.standing, reason=wanted.reason, now=now, by=by)
    rewards = bring_to(
        wanted=wanted,
        referral=referral,
        order=order,
        terms=terms,
        codes=codes_used(view),
        refused=refused_sides(referral),
        is_first=is_first,
        now=now,
        by=by,
    )
    follow_dispute(rewards=rewards, view=view, now=now, by=by)
    follow_assessment(referral=referral, rewards=rewards, now=now, by=by)
    return rewards


def _across_orders(
    view: OrderView, terms: Terms, order: Order, referral: Referral, zone: str, *, now: datetime, by: str
) -> Wanted:
    """What the order is worth by itself, and then what one order alone cannot know: a block, what the friend has from
    another order, and once it qualifies what it is granted across orders (rewards.actions.grants) and the caps."""
    wanted = _wanted(view, terms, referral, zone)
    if referral.state == Referral.State.BLOCKED:
        return wanted.refused(Why.BLOCKED)
    if referral.without_rewards and wanted.standing != Standing.QUALIFIED:
        return wanted.unrewarded()
    if wanted.standing == Standing.NOT_QUALIFIED:
        return _had_it_stood(wanted, view, terms, referral, zone, now)
    if not referral.follows_id and standing_elsewhere(program_id=referral.program_id, order=order):
        return wanted.refused(Why.OTHER_ORDER_STANDS)
    if wanted.standing == Standing.QUALIFIED:
        granted = referral.granted
        grant_once(referral=referral, view=view, terms=terms, zone=zone, now=now, by=by)
        wanted = wanted if referral.granted == granted else _wanted(view, terms, referral, zone)
    if referral.without_rewards:
        return wanted.unrewarded()
    if wanted.friend and has_friend_reward_elsewhere(referral):
        wanted = replace(wanted, friend=None)
    return _limited(wanted, terms, referral, zone, now=now, by=by)


def _had_it_stood(
    wanted: Wanted, view: OrderView, terms: Terms, referral: Referral, zone: str, now: datetime
) -> Wanted:
    """The same, whether it once qualified or never: see ``grant_in_mind``. What is in mind is not saved."""
    if wanted.advocate is None or referral.granted:
        return wanted
    grant = grant_in_mind(referral=referral, view=view, terms=terms, zone=zone, now=now)
    if grant == grant_of(referral):
        return wanted
    referral.granted = grant.to_json()
    return _wanted(view, terms, referral, zone)


def _wanted(view: OrderView, terms: Terms, referral: Referral, zone: str) -> Wanted:
    return settle(
        view,
        terms,
        touched_at=referral.touched_at,
        zone=zone,
        grant=grant_of(referral),
        worth_minor=referral.worth_minor,
    )


def _limited(wanted: Wanted, terms: Terms, referral: Referral, zone: str, *, now: datetime, by: str) -> Wanted:
    """Every N-th referral only, and the caps by count and by value. The friend keeps what is theirs."""
    if wanted.standing != Standing.QUALIFIED:
        return wanted
    grant = grant_of(referral)
    if not grant.earns:
        return replace(wanted, advocate=None, reason=Why.NOT_THE_NTH)
    if grant.most_minor == 0:
        refuse_over_cap(referral)
    elif room_under_cap(referral=referral, terms=terms, zone=zone, now=now, by=by):
        return wanted
    return wanted.refused(Why.OVER_CAP, friend_keeps=True)
