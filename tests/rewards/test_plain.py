"""Plain orders taken in together end in the very rows that ``take_in`` makes of them one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from advocates.models import Advocate, Customer
from merchants.events import SHOP
from merchants.models import Event
from programs.models import Program
from programs.rules import Fulfilment, RewardRule, Value
from rewards.actions.budget import set_budget
from rewards.actions.plain import Taken, Told, take_in_plain
from rewards.actions.settle import take_in
from rewards.models import LedgerEntry, Reward, RewardBlock
from tests.cast import World, a_world, at_work
from tests.facts import parcel, refund, snapshot
from tracking.actions.attribute import evidence_key
from tracking.actions.facts import facts_of
from tracking.facts import OrderKey, PersonIn, TraceIn
from tracking.models import FraudPolicy, ListEntry, Order, OrderFact, OrderTrace, Referral, Review
from tracking.rules import Fact, read_order

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
pytestmark = pytest.mark.django_db


def told(number: str, *facts: Fact, email: str = "", ip: str = "", **person: Any) -> Told:
    trace = TraceIn(ip=ip, user_agent=BROWSER, payment_fingerprint=f"card of {number}") if ip else None
    return Told(OrderKey("shop", number), facts, PersonIn(email=email, **person) if email else None, trace)


def some_of_each(world: World) -> list[Told]:
    """Orders as they come in one morning; the first of them were settled before, each by itself."""
    at, later = world.now - timedelta(hours=2), world.now - timedelta(hours=1)
    return [
        told("known", snapshot(at), email="early@mail.example", name="Early Bird"),
        told("known-too", snapshot(at), email="early-too@mail.example"),
        told("claimed", snapshot(at, token=world.click(at=at)), email="eve@friend.example", name="Eve Friend"),
        told("paid", snapshot(at, lines=[500, 900]), email="a@mail.example", name="Ada", country="DE", ip="192.0.2.7"),
        told("pending", snapshot(at, paid=False), email="b@mail.example"),
        told("cancelled", snapshot(at, cancelled_at=later), email="c@mail.example"),
        told("test", snapshot(at, test=True), email="d@mail.example"),
        told("nobody", snapshot(at)),
        told("no-mail", snapshot(at), email="not an address"),
        told("shipped", snapshot(at), refund(later, amount=300), parcel(later), email="e@mail.example"),
        told("told-twice", snapshot(at), snapshot(at), email="f@mail.example"),
        told("refund-first", refund(later, amount=300)),
        told("known", snapshot(at, as_of=later)),
        told("back", snapshot(later), email="early@mail.example", name="Early Bird"),
        told("blanks", snapshot(later), email="early@mail.example", country="FR"),
        told("same-buyer", snapshot(later), email="A@mail.example"),
        told("friend-again", snapshot(later), email="eve@friend.example", name="Eve Friend"),
        told("coupon", snapshot(at, codes=[("SUMMER", 100)]), email="g@mail.example"),
        told("typed", snapshot(at, codes=[(world.link.code, 0)]), email="h@mail.example"),
        told("token", snapshot(at, token=world.click(at=at)), email="i@mail.example"),
        told("token-again", snapshot(later), email="I@mail.example"),
        told("second-token", snapshot(later, token=world.click(at=at)), email="j@mail.example", ip="192.0.2.7"),
        told("hand-made-token", snapshot(later, token="nonsense"), email="k@mail.example"),
        told("back-by-link", snapshot(later, token=world.click(at=at)), email="early-too@mail.example"),
        told("look-alike", snapshot(later, token=world.click(at=at)), email="dana.m@advocate.example", name="Dana"),
        told("nobody-by-link", snapshot(later, token=world.click(at=at))),
        told("unpaid-by-link", snapshot(later, token=world.click(at=at), paid=False), email="l@mail.example"),
        told("advocate", snapshot(at), email="dana@advocate.example", name="Dana Muster"),
    ]


def one_by_one(world: World, orders: Iterable[Told]) -> None:
    for one in orders:
        with at_work(world.merchant):
            take_in(key=one.key, facts=one.facts, person=_readable(one.person), trace=one.trace, now=world.now, by=SHOP)


def together(world: World, orders: list[Told]) -> Taken:
    with at_work(world.merchant):
        return take_in_plain(told=orders, now=world.now, by=SHOP)


def _readable(person: PersonIn | None) -> PersonIn | None:
    """Mappings leave out who has no address that can be read."""
    return person if person and "@" in person.email else None


def as_they_stand(world: World) -> dict[str, list[dict[str, Any]]]:
    """Every row of the orders and their people, without ids."""
    with at_work(world.merchant):
        return {model.__name__: sorted((plainly(row) for row in model.objects.all()), key=str) for model in COMPARED}


COMPARED = (Order, OrderFact, OrderTrace, Customer, Advocate, Referral, Review, Reward, RewardBlock, LedgerEntry, Event)
#: Ids, and the moments at which the two worlds were made.
LEFT_OUT = {"id", "merchant_id", "subject_id", "data", "decision", "evidence_key", "granted", "touched_at", "at"}
LEFT_OUT |= {"created_at", "enrolled_at", "accepted_at", "digest", "address", "network", "earlier", "fingerprint"}


def plainly(row: Any) -> dict[str, Any]:
    said = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in LEFT_OUT and not field.is_relation
    }
    if isinstance(row, Order):
        said |= {"whose": row.customer.email if row.customer else "", "why": row.decision.get("reason")}
        view = read_order(facts_of(row))
        said["key fits"] = view is None or row.evidence_key == evidence_key(view, row.customer_id)
    if isinstance(row, OrderTrace):
        said |= {"hashed": [bool(row.address), bool(row.network), bool(row.fingerprint)], "whose": row.customer.email}
    if isinstance(row, OrderFact):
        said["of"] = row.order.external_id
    return said


#: What the batch takes by itself of ``some_of_each``.
PLAIN = {"paid", "pending", "cancelled", "test", "nobody", "shipped", "told-twice", "back", "advocate"}
#: Of those that came through a link.
SENT = {"token", "second-token", "hand-made-token", "back-by-link", "look-alike", "nobody-by-link", "unpaid-by-link"}
#: Somebody's friend already.
BACK = {"friend-again"}


@pytest.fixture(params=["OFF", "ON"])
def worlds(request: pytest.FixtureRequest) -> tuple[World, World]:
    """Two merchants alike in everything; ON: who buys becomes an advocate."""
    pair = a_world(), a_world(name="Nordlicht Zwei")
    for world in pair:
        world.now = pair[0].now
        with at_work(world.merchant):
            Program.objects.update(auto_enrol=request.param)
    return pair


def test_a_batch_ends_in_the_rows_of_one_by_one(worlds: tuple[World, World]) -> None:
    rule, batch = worlds
    one_by_one(rule, some_of_each(rule))
    orders = some_of_each(batch)
    one_by_one(batch, orders[:3])
    taken = together(batch, orders[3:])
    assert {key.external_id for key in taken.settled} == PLAIN | SENT | BACK
    one_by_one(batch, [one for one in orders[3:] if one.key not in taken.settled])
    expected = as_they_stand(rule)
    for name, rows in as_they_stand(batch).items():
        assert rows == expected[name], name
    assert all(order["key fits"] for order in expected["Order"])


def test_a_batch_taken_again_changes_nothing(worlds: tuple[World, World]) -> None:
    world, _ = worlds
    orders = some_of_each(world)
    taken = together(world, orders).settled
    before = as_they_stand(world)
    known = list({one.key: one for one in reversed(orders) if one.key in taken}.values())
    assert together(world, known).settled == {}
    one_by_one(world, known)
    for name, rows in as_they_stand(world).items():
        assert rows == before[name], name


def test_a_larger_batch_asks_no_more(worlds: tuple[World, World], django_assert_num_queries: Any) -> None:
    _, world = worlds
    with at_work(world.merchant):
        Program.objects.update(auto_enrol="OFF")

    def batch(name: str, count: int) -> list[Told]:
        return [
            told(f"{name}{n}", snapshot(world.now, paid=False), email=f"{name}{n}@mail.example") for n in range(count)
        ]

    counts = [asked(lambda: together(world, batch("x", 2))), asked(lambda: together(world, batch("y", 40)))]
    assert counts[0] == counts[1]


TEN = RewardRule(kind=Value.FIXED, value=1000, fulfilment=Fulfilment.COUPON_POOL)
#: Rules under which one referral counts for the next.
COUNTING: dict[str, dict[str, Any]] = {
    "every third": {"advocate_reward": replace(TEN, every=3)},
    "cap by value": {"advocate_reward": TEN, "advocate_cap_minor": 2500},
    "cap by count": {"advocate_reward": TEN, "advocate_cap": 2},
    "budget": {"advocate_reward": TEN},
    "breaker": {"advocate_reward": TEN},
}


@pytest.mark.parametrize("rule", COUNTING)
def test_each_referral_of_a_batch_counts_for_the_next(rule: str) -> None:
    one, batch = a_world(**COUNTING[rule]), a_world(name="Nordlicht Zwei", **COUNTING[rule])
    batch.now = one.now
    for world in (one, batch):
        with at_work(world.merchant) as now:
            if rule == "budget":
                set_budget(program=world.program, limit_minor=2500, is_hard=True, by="t", now=now)
            most = {"breaker_per_hour": 2} if rule == "breaker" else {}
            FraudPolicy.objects.create(program=world.program, sample_percent=0, **most)  # samples hang on the merchant
    one_by_one(one, six_friends(one))
    assert len(together(batch, six_friends(batch)).settled) == 6
    expected = as_they_stand(one)
    for name, rows in as_they_stand(batch).items():
        assert rows == expected[name], name
    assert len(expected["Referral"]) == 6


def test_who_comes_back_is_judged_as_one_by_one() -> None:
    """Further orders of friends, with and without a link, among those of the advocate and of somebody on a list."""
    terms = {"advocate_reward": replace(TEN, recurring_months=12), "friend_reward": TEN}
    one, batch = a_world(**terms), a_world(name="Nordlicht Zwei", **terms)
    batch.now = one.now
    for world in (one, batch):
        with at_work(world.merchant) as now:
            FraudPolicy.objects.create(program=world.program, sample_percent=0)
            field, kind = ListEntry.Field.EMAIL, ListEntry.List.BLOCK
            ListEntry.objects.create(list=kind, field=field, pattern="f9@bad.example", at=now, by="t")
        one_by_one(world, six_friends(world)[:3])
    one_by_one(one, coming_back(one))
    assert len(together(batch, coming_back(batch)).settled) == 8
    expected = as_they_stand(one)
    for name, rows in as_they_stand(batch).items():
        assert rows == expected[name], name
    assert sorted(order["why"] for order in expected["Order"] if order["outcome"] == "BLOCKED") == [
        "on_block_list",
        "own_purchase",
    ]
    assert [row["matched_by"] for row in expected["Referral"]].count("BOUND") == 3


def coming_back(world: World) -> list[Told]:
    at, later = world.now - timedelta(hours=2), world.now - timedelta(hours=1)
    return [
        told("b0", snapshot(later), email="f0@friend0.example", name="Friend 0"),
        told("b1", snapshot(later, token=world.click(at=at)), email="f1@friend1.example", name="Friend 1"),
        told("b2", snapshot(later, paid=False), email="f2@friend2.example", name="Friend 2"),
        told("b3", snapshot(later, token=world.click(at=at)), email="f3@friend3.example", ip="192.0.2.7"),
        told(
            "b4", snapshot(later, token=world.click(at=at)), email="dana@advocate.example", name="Dana", ip="192.0.2.7"
        ),
        told("b5", snapshot(later, token=world.click(at=at)), email="f5@friend5.example", ip="192.0.2.7"),
        told("b6", snapshot(later, paid=False), email="f6@friend6.example", ip="192.0.2.7"),
        told("b7", snapshot(later, token=world.click(at=at)), email="f9@bad.example"),
    ]


@pytest.mark.django_db(transaction=True)
def test_one_order_that_breaks_takes_back_the_whole_batch() -> None:
    world = a_world()
    before = as_they_stand(world)
    broken = [*six_friends(world)[:3], told("bad", snapshot(world.now, number="#" * 121)), *six_friends(world)[3:]]
    with pytest.raises(DatabaseError, match="too long"):
        together(world, broken)
    assert as_they_stand(world) == before
    one_by_one(world, [one for one in broken if one.key.external_id != "bad"])
    assert len(as_they_stand(world)["Referral"]) == 6


def six_friends(world: World) -> list[Told]:
    at = world.now - timedelta(hours=2)
    return [
        told(f"o{n}", snapshot(at, token=world.click(at=at)), email=f"f{n}@friend{n}.example", name=f"Friend {n}")
        for n in range(6)
    ]


def asked(work: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)
