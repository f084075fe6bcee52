"""The check of the books: silent on valid lives of rewards, and naming the one row that was broken behind its back."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advocates.actions.customers import know_customer
from advocates.models import Link
from kit.ids import public_id
from merchants.events import SYSTEM
from merchants.models import Event
from programs.rules import Form, Fulfilment, Offer, RewardRule, Value
from rewards import ledger
from rewards.actions.audit import check_books, last_check, look_at_books
from rewards.actions.budget import set_budget
from rewards.actions.expire import expire_unused
from rewards.ledger_words import difference_text
from rewards.models import Account, Budget, LedgerEntry, Posting, Reward
from rewards.rules.audit import Difference, RewardRow, reward_differences
from rewards.steps import audit, fulfil, release, withdraw
from tests.cast import World, a_world, at_work, enrolled, live_program
from tests.conftest import act_as, owner_login
from tests.engagement.post import a_shop, deliver
from tests.facts import DAY, delivery, refund, snapshot
from tests.rewards.kinds import a_kind, a_rule
from tracking.actions.claims import begin_claim, finish_claim
from tracking.models import Order

pytestmark = pytest.mark.django_db
COUPONS = "tests.rewards.coupons"


@pytest.fixture
def world() -> World:
    return a_world(friend_reward=RewardRule(kind=Value.FIXED, value=500, fulfilment=Fulfilment.COUPON_POOL))


def differences(world: World) -> list[Difference]:
    with at_work(world.merchant):
        return look_at_books().differences


def bought(world: World, number: str = "1", *, days_ago: int = 50, delivered: bool = True) -> None:
    at = world.now - days_ago * DAY
    facts = [snapshot(at, token=world.click(at=at - timedelta(hours=1)))]
    world.take(*facts, *([delivery(at + DAY)] if delivered else []), number=number, email=f"f{number}@friend.example")


def brought_on(world: World) -> None:
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())


@pytest.fixture
def codes(settings: Any) -> World:
    """Rewards are codes of a shop that disables them, to be used within 30 days, within a budget."""
    settings.REWARD_FULFILLERS = settings.REWARD_FULFILLERS | {"COUPON_WEBHOOK": f"{COUPONS}.GivesAndDisables"}
    world = a_world()
    kind = a_kind(world.merchant, Form.FIXED_CODE, Fulfilment.COUPON_WEBHOOK, valid_days=30)
    world.program = live_program(
        world.merchant, name="Codes", advocate_reward=replace(a_rule(kind, 1000), kind=Value.PERCENT)
    )
    advocate = enrolled(world.merchant, world.program, "pia@advocate.example")
    with at_work(world.merchant) as now:
        world.link = Link.objects.get(advocate=advocate, channel="LINK")
        set_budget(program=world.program, limit_minor=3000, is_hard=True, by=SYSTEM, now=now)
    return world


#: What may happen to one order; each is safe after any other.
STEPS = ("buy", "deliver", "refund", "refund_all", "return", "cancel", "again", "work", "ask_back", "end", "use")


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lives=st.lists(st.tuples(st.sampled_from("12"), st.sampled_from(STEPS)), min_size=3, max_size=12))
def test_no_valid_life_of_rewards_leaves_a_difference(codes, lives):
    with at_work(codes.merchant):
        known = Order.objects.count()
    for index, (which, step) in enumerate([("1", "buy"), ("1", "deliver"), ("1", "work"), *lives]):
        _happen(codes, f"{known}-{which}", step, index)
        assert differences(codes) == []


def _happen(world: World, number: str, step: str, index: int) -> None:
    at, later = world.now - 50 * DAY, world.now - 49 * DAY + index * timedelta(hours=1)
    token = world.click(at=at - timedelta(hours=1))
    facts = {
        "buy": [snapshot(at, token=token)],
        "deliver": [delivery(at + DAY)],
        "refund": [refund(later, "r1", amount=1500)],
        "refund_all": [refund(later, "r1", amount=20000)],
        "return": [refund(later, "r1", amount=0)],
        "cancel": [snapshot(at, token=token, cancelled_at=later, as_of=later)],
        "again": [snapshot(at, token=token, as_of=later)],
    }
    if step in facts:
        world.take(*facts[step], number=number, email=f"f{number}@friend.example")
    elif step == "work":
        brought_on(world)
    elif step == "ask_back":
        withdraw.sweep(world.merchant.tenant_ref())
    elif step == "end":
        with at_work(world.merchant):
            expire_unused(now=world.now + 60 * DAY)
    else:
        _use(world, number)


def _use(world: World, number: str) -> None:
    """Somebody uses the code of the order's reward on an order of their own."""
    with at_work(world.merchant):
        reward = Reward.objects.filter(order__external_id=number).exclude(voucher="").first()
    if reward:
        spent = snapshot(world.now, codes=[(reward.voucher, 500)])
        world.take(spent, number=f"{number}-use", email="gil@friend.example")


def test_a_reward_of_every_state_agrees_with_its_row(world):
    bought(world, "1")
    bought(world, "2")
    brought_on(world)
    world.take(refund(world.now, amount=20000), number="2", email="")
    bought(world, "3", delivered=False)
    bought(world, "4", delivered=False)
    world.take(refund(world.now, amount=20000), number="4", email="")
    with at_work(world.merchant):
        report = look_at_books()
        states = set(Reward.objects.values_list("state", flat=True))
    assert report.differences == []
    assert states == {"FULFILLED", "REVERSED", "HELD", "CANCELLED"}
    assert report.rewards == 8
    assert all(total.books_minor == total.rows_minor for total in report.totals)
    assert {total.account for total in report.totals} == {"REWARD_COST", "HELD", "FULFILLED", "CLAWED_BACK"}


def test_offers_are_recomputed_from_the_facts_of_their_orders():
    world = a_world(offer=Offer())
    with at_work(world.merchant) as now:
        friend = know_customer(email="eve@friend.example", source="CLAIM", now=now)
        begun = begin_claim(link=world.link, friend=friend, click_id=None, name_shown=True, now=now)
        finish_claim(claim=begun.claim, code="EVE-10", is_own=True, now=now)
    world.take(snapshot(world.now, codes=[("EVE-10", 2000)]))
    with at_work(world.merchant) as now:
        report = look_at_books()
        assert (report.orders, report.differences) == (1, [])
        order = Order.objects.get()
        ledger.post(
            "offer.granted",
            moves=[ledger.grant_discount(100)],
            unit="EUR",
            program_id=world.program.pk,
            now=now,
            order=order,
        )
        found = look_at_books().differences
    assert [(each.code, each.account, each.expected, each.found) for each in found] == [
        ("offer", "OFFER_COST", 2000, 2100),
        ("offer", "DISCOUNT_GRANTED", -2000, -2100),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_row_changed_behind_the_books_is_found_and_named():
    world = a_world()
    bought(world, delivered=False)
    assert differences(world) == []
    with at_work(world.merchant):
        reward = Reward.objects.get()
    as_owner(world, f"UPDATE rewards_reward SET amount_minor = 1900 WHERE id = '{reward.pk}'")
    found = differences(world)
    assert [(each.id, each.account, each.expected, each.found) for each in found] == [
        (reward.pk, "REWARD_COST", 1900, 2000),
        (reward.pk, "HELD", -1900, -2000),
    ]
    said = difference_text(asdict(found[1]))
    assert public_id("rwd", reward.pk) in said
    assert "Held should be -€19.00" in said
    with pytest.raises(CommandError, match="2 differences"):
        call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
def test_an_entry_changed_by_the_owner_of_the_database_is_found():
    world = a_world()
    bought(world, delivered=False)
    with at_work(world.merchant):
        entry = LedgerEntry.objects.get(account=Account.HELD)
    as_owner(world, f"UPDATE rewards_ledgerentry SET amount_minor = -1 WHERE id = '{entry.pk}'")
    found = differences(world)
    assert ("posting", entry.posting_id) in {(each.code, each.id) for each in found}
    assert ("reward", "HELD", -2000, -1) in {(each.code, each.account, each.expected, each.found) for each in found}


@pytest.mark.django_db(transaction=True)
def test_the_counter_of_a_budget_is_not_believed():
    world = a_world()
    with at_work(world.merchant) as now:
        set_budget(program=world.program, limit_minor=10_000, is_hard=True, by=SYSTEM, now=now)
    bought(world, delivered=False)
    assert differences(world) == []
    with at_work(world.merchant):
        budget = Budget.objects.get()
        assert budget.reserved_minor == 2000
    as_owner(world, f"UPDATE rewards_budget SET reserved_minor = 2500 WHERE id = '{budget.pk}'")
    [found] = differences(world)
    assert (found.code, found.id, found.expected, found.found) == ("budget_counter", world.program.pk, 2000, 2500)


def test_entries_of_nobody_are_named(world):
    with at_work(world.merchant) as now:
        ledger.post("test", moves=[ledger.hold(7)], unit="EUR", program_id=world.program.pk, now=now)
        posting = Posting.objects.get()
    found = {(each.code, each.account, each.found) for each in differences(world)}
    assert found == {("nobody", "HELD", -7), ("nobody", "REWARD_COST", 7)}
    assert {each.id for each in differences(world)} == {posting.pk}


def as_owner(world: World, sql: str) -> None:
    """With the rights of whoever owns the tables: the product's own role could not."""
    before = act_as(owner_login())
    with at_work(world.merchant), connection.cursor() as cursor:
        cursor.execute(sql)
    act_as(before)


def test_a_check_leaves_its_counts_in_the_log_and_tells_nobody_when_all_is_right(world):
    bought(world)
    with at_work(world.merchant) as now:
        report = check_books(by="user:1", now=now)
        checked = last_check()
    assert report.differences == []
    assert checked is not None
    assert checked.data == {"rewards": 2, "postings": 2, "orders": 0, "differences": 0, "found": []}
    assert events(world, "ledger.differs") == []


def test_by_night_the_owner_and_finance_hear_of_differences():
    world = a_shop()
    bought(world)
    with at_work(world.merchant) as now:
        ledger.post("test", moves=[ledger.hold(7)], unit="EUR", program_id=world.program.pk, now=now)
    audit.sweep(world.merchant.tenant_ref())
    [told] = events(world, "ledger.differs")
    assert told.data["differences"] == 2
    [sent] = deliver(world, "ledger.differs")
    assert (sent.subject, sent.to) == (
        "The books of Nordlicht Kaffee differ in 2 places",
        ["alice@nordlicht.example"],
    )
    with at_work(world.merchant):
        checked = last_check()
    assert checked is not None
    assert {each["account"]: each["found"] for each in checked.data["found"]} == {"REWARD_COST": 7, "HELD": -7}


def test_books_are_checked_once_a_night(world):
    bought(world)
    ref = world.merchant.tenant_ref()
    due = audit.sweep(ref)
    assert audit.sweep(ref) == due
    assert len(events(world, "ledger.checked")) == 1
    assert due is not None
    assert timedelta(0) < due - world.now <= timedelta(hours=25)


def test_books_without_a_posting_are_not_checked(world):
    assert audit.sweep(world.merchant.tenant_ref()) is None
    assert events(world, "ledger.checked") == []


def events(world: World, code: str) -> list[Event]:
    with at_work(world.merchant):
        return list(Event.objects.filter(code=code))


@pytest.mark.parametrize(("state", "place"), [("RELEASED", "PAYABLE"), ("FAILED", "PAYABLE"), ("EXPIRED", "EXPIRED")])
def test_where_the_amount_of_a_state_stands(world, state, place):
    row = RewardRow(world.program.pk, "EUR", state, 100)
    assert reward_differences(row, {("REWARD_COST", "EUR"): 100, (place, "EUR"): -100}) == []
    found = reward_differences(row, {("REWARD_COST", "EUR"): 100, ("HELD", "EUR"): -100})
    assert {(each.account, each.expected, each.found) for each in found} == {("HELD", 0, -100), (place, -100, 0)}


def test_what_came_back_must_be_told_by_a_payout_or_a_disabled_code(world):
    books = {("REWARD_COST", "EUR"): 60, ("FULFILLED", "EUR"): -100, ("RECOVERED", "EUR"): 40}
    row = RewardRow(world.program.pk, "EUR", "FULFILLED", 100, clawed_back_minor=40)
    assert {each.account for each in reward_differences(row, books)} == {"RECOVERED", "CLAWED_BACK"}
    netted = RewardRow(world.program.pk, "EUR", "FULFILLED", 100, clawed_back_minor=40, netted_minor=40)
    assert reward_differences(netted, books) == []
