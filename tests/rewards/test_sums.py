"""What is kept of the sums of rewards is what the rewards say: through their lives, folded, raced, and set right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from insights.programs import MANY, counts_by_program
from kit.tenancy import tenant_scope, tenant_transaction
from programs.rules import Fulfilment, RewardRule, Value
from referral_saas.templatetags.desk import counted
from rewards.actions.audit import look_at_books
from rewards.actions.sums import fold_sums, rebuild_sums, wrong_sums
from rewards.ledger_words import difference_text
from rewards.models import Reward, RewardSum
from rewards.selectors import MoneyInState, kept_money, money_by_state, rewards_by_state
from rewards.steps import fulfil, release
from rewards.steps.housekeeping import fold_all_sums
from tests.cast import World, a_world, at_work
from tests.dashboard.test_workspace_pages import client_of
from tests.facts import DAY, delivery, refund, snapshot
from tests.races import Rival, at_once

pytestmark = pytest.mark.django_db
A_CODE = RewardRule(kind=Value.FIXED, value=500, fulfilment=Fulfilment.COUPON_POOL)


def bought(world: World, number: str, *more: object, days_ago: int = 50) -> None:
    at = world.now - days_ago * DAY
    facts = [snapshot(at, token=world.click(at=at - timedelta(hours=1))), delivery(at + DAY), *more]
    world.take(*facts, number=number, email=f"f{number}@friend.example")


def kept(world: World) -> list[MoneyInState]:
    """As pages show it; the same as every reward added up anew, or this fails."""
    with at_work(world.merchant):
        shown = kept_money()
        assert shown == money_by_state(Reward.objects.all())
        assert wrong_sums() == []
        return shown


def folding(world: World) -> Callable[[], int]:
    def fold() -> int:
        with at_work(world.merchant):
            return fold_sums(few=1)

    return fold


def shares(world: World) -> int:
    with at_work(world.merchant):
        return int(RewardSum.objects.count())


def test_sums_follow_rewards_through_their_lives():
    world = a_world(friend_reward=A_CODE)
    assert kept(world) == []
    for number in ("1", "2", "3"):
        bought(world, number)
    assert kept(world) == [MoneyInState("EUR", 7500, 0, 0, 6)]
    bought(world, "3", refund(world.now, "r", amount=20000))
    assert kept(world) == [MoneyInState("EUR", 5000, 0, 0, 6)]
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    given = kept(world)
    assert [(one.held_minor, one.due_minor + one.paid_minor, one.count) for one in given] == [(0, 5000, 6)]
    bought(world, "2", refund(world.now, "r", amount=20000))
    [back] = kept(world)
    assert back.paid_minor < given[0].paid_minor
    with at_work(world.merchant):
        assert kept_money(side=Reward.Side.FRIEND) == money_by_state(Reward.objects.filter(side="FRIEND"))
        assert kept_money(unit="POINTS") == []
        counted = Reward.objects.values_list("state").annotate(found=Count("pk")).order_by()
        assert rewards_by_state(world.program.pk) == dict(counted)


def test_what_moves_no_sum_leaves_no_row():
    world = a_world()
    bought(world, "1")
    before = shares(world)
    with at_work(world.merchant) as now:
        Reward.objects.update(next_try_at=now, reason="later")
    assert shares(world) == before


def test_a_statement_leaves_a_row_per_sum_however_many_rewards_it_moves():
    world = a_world()
    for number in ("1", "2", "3"):
        bought(world, number)
    before = shares(world)
    release.sweep(world.merchant.tenant_ref())
    assert shares(world) == before + 2  # less held, more due
    assert kept(world) == [MoneyInState("EUR", 0, 6000, 0, 3)]


def test_folded_there_is_one_row_for_each_sum_and_no_figure_moved():
    world, other = a_world(), a_world(owner="charlie@halcyon.example", name="Halcyon")
    for number in ("1", "2", "3"):
        bought(world, number)
    bought(other, "1")
    release.sweep(world.merchant.tenant_ref())
    before, theirs = kept(world), shares(other)
    with at_work(world.merchant):
        assert fold_sums() == 0  # so few are as quick to add up
        assert fold_sums(few=1) == 1  # what is held adds up to nothing, and is gone
    assert (kept(world), shares(world), shares(other)) == (before, 1, theirs)
    assert fold_all_sums() == 0
    bought(world, "4")
    assert kept(world) == [MoneyInState("EUR", 2000, 6000, 0, 4)]


def test_pages_read_what_is_kept_and_no_reward():
    world = a_world()
    bought(world, "1")
    client = client_of("alice@nordlicht.example")
    base = f"/w/{world.merchant.slug}"
    for path in (base, f"{base}/rewards?program={world.program.slug}&side=ADVOCATE&unit=EUR&state=HELD"):
        with CaptureQueriesContext(connection) as asked:
            assert "€20.00" in client.get(path).content.decode()
        summed = [one["sql"] for one in asked if 'SUM("rewards_reward"."amount_minor")' in one["sql"]]
        assert summed == [], path
    with CaptureQueriesContext(connection) as asked:
        assert "€20.00" in client.get(f"{base}/rewards?q=1").content.decode()
    assert any('SUM("rewards_reward"."amount_minor")' in one["sql"] for one in asked)


def test_many_are_counted_no_further_than_anybody_looks():
    world = a_world()
    bought(world, "1")
    with at_work(world.merchant):
        of_one = counts_by_program(world.program.pk)
        assert of_one == counts_by_program()
        assert (of_one[world.program.pk].advocates, of_one[world.program.pk].rewards) == (1, 1)
    assert (counted(MANY), counted(MANY + 1)) == ("10,000", "10,000+")


def test_a_wrong_sum_is_told_and_rebuilt_from_the_rewards():
    world = a_world()
    bought(world, "1")
    with at_work(world.merchant):
        [row] = RewardSum.objects.all()
        row.amount_minor = 1500
        row.save()
        [found] = look_at_books().differences
        assert (found.code, found.id, found.expected, found.found) == ("sum", world.program.pk, 2000, 1500)
        assert "add up to €20.00, and the sum that pages show is €15.00" in difference_text(asdict(found))
        row.amount_minor, row.rewards = 2000, 4
        row.save()
        [found] = look_at_books().differences
        assert (found.code, found.expected, found.found) == ("sum_count", 1, 4)
        assert "it has 1 rewards in EUR, and the number that pages show is 4" in difference_text(asdict(found))
    with pytest.raises(CommandError, match="1 differences"):
        call_command("check_ledger")
    call_command("rebuild_sums", merchant=world.merchant.slug)
    assert kept(world) == [MoneyInState("EUR", 2000, 0, 0, 1)]
    with at_work(world.merchant):
        assert rebuild_sums() == 0
    with pytest.raises(CommandError):
        call_command("rebuild_sums", merchant="nobody")


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_what_is_under_way_while_sums_are_folded_is_neither_lost_nor_counted_twice(self):
        world = a_world()
        bought(world, "1")
        bought(world, "2")
        ref = world.merchant.tenant_ref()
        with tenant_scope(ref), tenant_transaction():
            Reward.objects.filter(order__external_id="1").update(amount_minor=1700, full_minor=1700)
            rival = Rival(folding(world))
            assert not rival.waits_for_us()  # it sees what is committed, and waits for nobody
            assert rival.result() == 1
            assert kept_money() == [MoneyInState("EUR", 3700, 0, 0, 2)]
        assert kept(world) == [MoneyInState("EUR", 3700, 0, 0, 2)]

    def test_two_that_fold_and_two_that_rebuild_leave_the_same_sums(self):
        world = a_world()
        bought(world, "1")
        bought(world, "2")
        with at_work(world.merchant):
            row = RewardSum.objects.order_by("pk").first()
            row.amount_minor += 11
            row.save()
        ref = world.merchant.tenant_ref()

        def rebuild() -> int:
            with tenant_scope(ref), tenant_transaction():
                return rebuild_sums()

        at_once(rebuild, rebuild, folding(world), folding(world))
        assert kept(world) == [MoneyInState("EUR", 4000, 0, 0, 2)]

    def test_nothing_is_kept_of_what_was_taken_back(self):
        world = a_world()
        bought(world, "1")
        before = shares(world)
        with pytest.raises(ZeroDivisionError), at_work(world.merchant):
            _change_and_break()
        assert (shares(world), kept(world)) == (before, [MoneyInState("EUR", 2000, 0, 0, 1)])


def _change_and_break() -> None:
    Reward.objects.update(amount_minor=1)
    raise ZeroDivisionError
