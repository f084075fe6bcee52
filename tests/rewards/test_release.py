"""Many due rewards at a time: what is stored, how often the database is asked, and what happens when it breaks off."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from kit.clock import database_now
from kit.ids import uuid7
from kit.many import columns, insert_many
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.events import SYSTEM, record, record_many
from merchants.models import Event, Outbox, WakeUp
from programs.rules import BY_PEOPLE, Fulfilment
from rewards import ledger
from rewards.actions.blocks import block_reward
from rewards.actions.release import release_due
from rewards.models import LedgerEntry, Posting, Reward, RewardBlock
from rewards.steps import release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, snapshot
from tests.races import at_once

pytestmark = pytest.mark.django_db


def due_rewards(world: World, *fulfilments: str) -> list[Reward]:
    """One reward of 20.00 for each, due and held; a friend and an order of their own to each, hours apart."""
    made = []
    for number, fulfilment in enumerate(fulfilments):
        placed = world.now - 40 * DAY - (len(fulfilments) - number) * timedelta(hours=2)
        facts = [snapshot(placed, token=world.click(at=placed - DAY)), delivery(placed + 9 * DAY)]
        [reward] = world.take(*facts, number=f"n{number}", email=f"f{number}@friend.example").rewards
        with at_work(world.merchant):
            Reward.objects.filter(pk=reward.pk).update(fulfilment=fulfilment)
        made.append(reward)
    return made


def stored(world: World) -> list[tuple]:
    with at_work(world.merchant):
        columns = ("state", "fulfilment", "released_at", "next_try_at", "amount_minor")
        return list(Reward.objects.order_by("pk").values_list(*columns))


def everything(world: World) -> tuple:
    with at_work(world.merchant):
        counts = [model.objects.count() for model in (Posting, LedgerEntry, Event, Outbox)]
    return stored(world), counts, WakeUp.objects.count()


def release_all(world: World) -> datetime:
    with at_work(world.merchant) as now:
        release_due(now=now)
    return now


def test_a_mixed_batch_is_stored_exactly(settings):
    settings.EVENT_READERS = {"test": "tests.rewards.test_release.wants_releases"}
    world, other = a_world(), a_world(owner="bob@halcyon.example", name="Halcyon")
    by_hand = sorted(BY_PEOPLE)
    rewards = due_rewards(world, Fulfilment.COUPON_POOL, Fulfilment.WEBHOOK, Fulfilment.WEBHOOK, *by_hand)
    due_rewards(other, Fulfilment.COUPON_POOL)
    others = everything(other)[:2]
    with at_work(world.merchant) as now:
        block_reward(reward=rewards[2], kind=RewardBlock.Kind.REVIEW, reason="odd", by=SYSTEM, now=now)
    WakeUp.objects.all().delete()

    at = release_all(world)

    assert stored(world) == [
        ("RELEASED", "COUPON_POOL", at, at, 2000),
        ("RELEASED", "WEBHOOK", at, at, 2000),
        ("HELD", "WEBHOOK", None, None, 2000),
        *[("RELEASED", name, at, None, 2000) for name in by_hand],
    ]
    released = [reward for number, reward in enumerate(rewards) if number != 2]
    with at_work(world.merchant):
        postings = Posting.objects.filter(kind="reward.released").order_by("pk")
        assert list(postings.values_list("reward_id", "program_id", "claim_id", "order_id", "at")) == [
            (reward.pk, world.program.pk, None, None, at) for reward in released
        ]
        legs = LedgerEntry.objects.filter(posting__in=postings).order_by("pk")
        assert list(legs.values_list("posting_id", "account", "unit", "amount_minor", "program_id")) == [
            (posting.pk, account, "EUR", amount, world.program.pk)
            for posting in postings
            for account, amount in (("HELD", 2000), ("PAYABLE", -2000))
        ]
        events = Event.objects.filter(code="reward.released").order_by("pk")
        told = {"amount_minor": 2000, "unit": "EUR", "side": "ADVOCATE"}
        assert list(events.values_list("subject_kind", "subject_id", "at", "by", "data")) == [
            ("reward", reward.pk, at, "system", told) for reward in released
        ]
        outbox = Outbox.objects.order_by("pk").values_list("event_id", "reader", "attempts", "state", "error")
        assert list(outbox) == [(event.pk, "test", 0, "WAITING", "") for event in events]
    woken = WakeUp.objects.order_by("kind").values_list("merchant_id", "kind")
    assert list(woken) == [(world.merchant.pk, "fulfil"), (world.merchant.pk, "outbox")]
    assert everything(other)[:2] == others


def wants_releases(code: str) -> bool:
    return code == "reward.released"


def breaks_at_releases(code: str) -> bool:
    if code == "reward.released":
        raise OSError("nobody is there")
    return False


def test_a_number_follows_what_was_told_of_a_reward_before():
    world = a_world()
    one, two = due_rewards(world, Fulfilment.WEBHOOK, Fulfilment.WEBHOOK)
    with at_work(world.merchant) as now:
        record("reward.noted", subject=two, by=SYSTEM, now=now)
        before = [Event.objects.filter(subject_id=reward.pk).count() for reward in (one, two)]
    release_all(world)
    with at_work(world.merchant):
        for reward, count in zip((one, two), before, strict=True):
            numbers = Event.objects.filter(subject_id=reward.pk).order_by("seq").values_list("seq", flat=True)
            assert list(numbers) == list(range(1, count + 2))
            assert Event.objects.get(subject_id=reward.pk, seq=count + 1).code == "reward.released"


def test_one_subject_may_be_told_of_twice_in_one_go():
    world = a_world()
    with at_work(world.merchant) as now:
        told = [(world.program, {"number": 1}), (world.advocate, {"number": 2}), (world.program, {"number": 3})]
        before = Event.objects.filter(subject_id=world.program.pk).count()
        record_many("test.told", told=told, by=SYSTEM, now=now)
        mine = Event.objects.filter(code="test.told", subject_id=world.program.pk).order_by("seq")
        assert list(mine.values_list("seq", "data")) == [(before + 1, {"number": 1}), (before + 2, {"number": 3})]


def test_nothing_to_tell_is_nothing():
    world = a_world()
    before = everything(world)
    with at_work(world.merchant) as now:
        record_many("reward.released", told=[], by=SYSTEM, now=now)
        ledger.post_many("test", bookings=[], now=now)
    assert everything(world) == before


def test_a_batch_asks_no_more_of_the_database_when_it_is_larger():
    counts = []
    for size, name in ((1, "Nordlicht"), (6, "Halcyon")):
        world = a_world(owner=f"{name}@shop.example".lower(), name=name)
        due_rewards(world, *[Fulfilment.WEBHOOK, Fulfilment.MANUAL] * (size // 2), *[Fulfilment.WEBHOOK] * (size % 2))
        with at_work(world.merchant) as now, CaptureQueriesContext(connection) as asked:
            assert release_due(now=now) == size
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_in_a_sandbox_that_runs_ahead_delivery_may_be_tried_at_once():
    """released_at is the sandbox's time; next_try_at is real time, as the delivery sweep reads it."""
    world = a_world()
    due_rewards(world, Fulfilment.WEBHOOK)
    ahead = timedelta(days=3)
    world.merchant.clock_offset = ahead
    world.merchant.save()
    at = release_all(world)
    assert at > database_now() + 2 * DAY
    assert stored(world) == [("RELEASED", "WEBHOOK", at, at - ahead, 2000)]


def test_what_is_not_due_yet_stays_held():
    world = a_world()
    placed = world.now
    world.take(snapshot(placed, token=world.click(at=placed)), delivery(placed))
    before = everything(world)
    release_all(world)
    assert everything(world) == before


def test_the_longest_due_go_first():
    world = a_world()
    one, _, three = due_rewards(world, *[Fulfilment.WEBHOOK] * 3)
    with at_work(world.merchant) as now:
        Reward.objects.filter(pk=three.pk).update(release_at=one.release_at - DAY)
        assert release_due(now=now, limit=1) == 1
    assert [state for state, *_ in stored(world)] == ["HELD", "HELD", "RELEASED"]


def test_breaking_off_half_way_changes_nothing(settings):
    """State, postings and events are written by then; only whom to tell of it cannot be found out."""
    world = a_world()
    due_rewards(world, Fulfilment.WEBHOOK, Fulfilment.MANUAL)
    before = everything(world)
    settings.EVENT_READERS = {"test": "tests.rewards.test_release.breaks_at_releases"}
    with pytest.raises(OSError, match="nobody"):
        release.sweep(world.merchant.tenant_ref())
    assert everything(world) == before


@pytest.mark.django_db(transaction=True)
def test_two_workers_release_each_reward_once():
    world = a_world()
    rewards = due_rewards(world, *[Fulfilment.WEBHOOK] * 7)

    def sweep_in_small_batches() -> int:
        released = 0
        while True:
            with tenant_scope(world.merchant.tenant_ref()), tenant_transaction():
                count = release_due(now=database_now(), limit=2)
            released += count
            if not count:
                return released

    assert sum(at_once(sweep_in_small_batches, sweep_in_small_batches)) == len(rewards)
    with at_work(world.merchant):
        posted = Posting.objects.filter(kind="reward.released").values_list("reward_id", flat=True)
        told = Event.objects.filter(code="reward.released").values_list("subject_id", flat=True)
        assert sorted(posted) == sorted(told) == sorted(reward.pk for reward in rewards)


def test_postings_of_many_leave_out_what_moves_nothing():
    world = a_world()
    with at_work(world.merchant) as now:
        bookings = [ledger.Booking([ledger.hold(amount)], "EUR", world.program.pk) for amount in (5, 0, 7)]
        ledger.post_many("test", bookings=bookings, now=now)
        assert Posting.objects.filter(kind="test").count() == 2
        amounts = LedgerEntry.objects.filter(posting__kind="test").order_by("pk").values_list("amount_minor", flat=True)
        assert list(amounts) == [5, -5, 7, -7]


def test_one_move_backwards_refuses_the_postings_of_all():
    world = a_world()
    before = everything(world)
    bookings = [ledger.Booking([ledger.hold(amount)], "EUR", world.program.pk) for amount in (5, -1)]
    with at_work(world.merchant) as now, pytest.raises(ValueError, match="positive"):
        ledger.post_many("test", bookings=bookings, now=now)
    assert everything(world) == before


def test_the_database_refuses_all_when_one_of_many_postings_does_not_balance():
    world = a_world()
    before = everything(world)
    with pytest.raises(DatabaseError, match="does not balance"), at_work(world.merchant):
        two_postings(world, 5, 4)
    assert everything(world) == before


def two_postings(world: World, debit: int, credit: int) -> None:
    """By hand, as ``post_many()`` would: the second has this debit and this credit."""
    postings = [uuid7(), uuid7()]
    same = {"program_id": world.program.pk}
    insert_many(Posting, same={**same, "kind": "test", "at": world.now}, each={"id": postings})
    legs = [(uuid7(), postings[0], "HELD", 5), (uuid7(), postings[0], "PAYABLE", -5)]
    legs += [(uuid7(), postings[1], "HELD", debit), (uuid7(), postings[1], "PAYABLE", -credit)]
    each = columns(("id", "posting_id", "account", "amount_minor"), legs)
    insert_many(LedgerEntry, same={**same, "unit": "EUR"}, each=each)
