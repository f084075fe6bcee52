"""The surprise desk: what is given without an order, from whose allowance, and how it comes back."""

from __future__ import annotations

from typing import Any

import pytest

from advocates.actions.standing import ban_advocate
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Event, Membership, Role
from programs.actions.kinds import archive_kind
from programs.rules import Form, Fulfilment
from rewards import ledger
from rewards.actions.blocks import RewardStateError
from rewards.actions.manual import mark_sent
from rewards.actions.surprise import (
    BadSurprise,
    OverAllowance,
    give_again,
    give_surprise,
    room_of,
    set_allowance,
    take_back,
)
from rewards.models import Account, Reward, RewardBlock, Surprise
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work, member, user
from tests.facts import DAY
from tests.races import at_once
from tests.rewards.kinds import a_kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


def seat(world: World, email: str = "alice@nordlicht.example") -> Membership:
    return Membership.objects.get(merchant=world.merchant, user=user(email))


def support(world: World, monthly: int | None = 5000) -> Membership:
    member(world.merchant, "sam@nordlicht.example", Role.SUPPORT)
    found = seat(world, "sam@nordlicht.example")
    if monthly is not None:
        with at_work(world.merchant) as now:
            set_allowance(member=found, monthly_minor=monthly, by="user:x", now=now)
    return found


def give(world: World, giver: Membership, **wishes: Any) -> Reward:
    plain = {"amount_minor": 2000, "reason": "Told the whole office about us", "at_once": True}
    with at_work(world.merchant) as now:
        return give_surprise(
            advocate=world.advocate, giver=giver, by=f"user:{giver.user_id}", now=now, **{**plain, **wishes}
        )


def fresh(world: World, reward: Reward) -> Reward:
    with at_work(world.merchant):
        return Reward.objects.get(pk=reward.pk)


def balances(world: World, unit: str = "EUR") -> dict[str, int]:
    with at_work(world.merchant):
        return {str(a): total for a in Account if (total := ledger.balance(a, unit=unit))}


def left(world: World, giver: Membership) -> int | None:
    with at_work(world.merchant) as now:
        return room_of(giver, now=now).left_minor


def nothing_given(world: World) -> bool:
    with at_work(world.merchant):
        return (
            not Reward.objects.exists()
            and not Surprise.objects.exists()
            and not Event.objects.filter(subject_kind="reward").exists()
        )


def test_the_whole_way_of_plain_money_by_hand(world: World) -> None:
    reward = give(world, seat(world), message="You are great")
    assert (reward.state, reward.unit, reward.fair_minor, reward.note) == (
        "HELD", "EUR", 2000, "Told the whole office about us",
    )  # fmt: skip
    assert (reward.order_id, reward.referral_id, reward.terms_id, reward.program_id) == (
        None, None, None, world.program.pk,
    )  # fmt: skip
    assert balances(world) == {"REWARD_COST": 2000, "HELD": -2000}
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    assert fresh(world, reward).state == "RELEASED"
    with at_work(world.merchant) as now:
        mark_sent(reward=reward, voucher="REF 7", by="user:x", now=now)
    assert fresh(world, reward).state == "FULFILLED"
    assert balances(world) == {"REWARD_COST": 2000, "FULFILLED": -2000}
    with at_work(world.merchant):
        codes = list(Event.objects.filter(subject_id=reward.pk).order_by("seq").values_list("code", flat=True))
        given = Surprise.objects.get()
    assert codes == ["reward.given", "reward.held", "reward.released", "reward.fulfilled"]
    assert (given.user_id, given.worth_minor, given.message) == (seat(world).user_id, 2000, "You are great")


def test_points_of_the_catalogue_are_delivered_by_themselves(world: World) -> None:
    kind = a_kind(world.merchant, Form.POINTS)
    reward = give(world, seat(world), kind=kind, amount_minor=500)
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    assert fresh(world, reward).state == "FULFILLED"
    assert balances(world, "POINTS") == {"REWARD_COST": 500, "FULFILLED": -500}


def test_it_waits_as_long_as_every_reward_unless_given_at_once(world: World) -> None:
    reward = give(world, seat(world), at_once=False)
    assert reward.release_at == world.now + 30 * DAY or reward.release_at > world.now + 29 * DAY
    release.sweep(world.merchant.tenant_ref())
    assert fresh(world, reward).state == "HELD"


def test_a_thing_waits_for_its_address(world: World) -> None:
    kind = a_kind(world.merchant, Form.GIFT, sizes={"": 3})
    reward = give(world, seat(world), kind=kind, amount_minor=1)
    release.sweep(world.merchant.tenant_ref())
    assert fresh(world, reward).state == "HELD"
    with at_work(world.merchant):
        assert RewardBlock.objects.get(reward=reward, lifted_at=None).kind == "ADDRESS"


class TestRefusals:
    @pytest.mark.parametrize(
        ("wishes", "field"),
        [
            ({"amount_minor": 0}, "amount"),
            ({"reason": "  "}, "reason"),
            ({"reason": "x" * 501}, "reason"),
            ({"message": "x" * 501}, "message"),
            ({"money_by": Fulfilment.GIFT_CARD}, "what"),
        ],
    )
    def test_bad_wishes(self, world: World, wishes: dict[str, Any], field: str) -> None:
        with pytest.raises(BadSurprise) as refused:
            give(world, seat(world), **wishes)
        assert refused.value.field == field
        assert nothing_given(world)

    def test_a_banned_advocate(self, world: World) -> None:
        with at_work(world.merchant) as now:
            ban_advocate(advocate=world.advocate, by="user:x", now=now)
            world.advocate.refresh_from_db()
        with pytest.raises(BadSurprise):
            give(world, seat(world))
        assert nothing_given(world)

    def test_a_kind_that_was_put_away(self, world: World) -> None:
        kind = a_kind(world.merchant, Form.POINTS)
        with at_work(world.merchant) as now:
            kind = archive_kind(kind=kind, by="user:x", now=now)
        with pytest.raises(BadSurprise):
            give(world, seat(world), kind=kind, amount_minor=5)

    def test_a_kind_nobody_knows_the_worth_of(self, world: World) -> None:
        kind = a_kind(world.merchant, Form.POINTS, fair_minor=None)
        with pytest.raises(BadSurprise) as refused:
            give(world, seat(world), kind=kind, amount_minor=5)
        assert refused.value.code == "worth_unknown"


class TestAllowances:
    def test_owners_give_what_they_like_until_they_set_a_limit(self, world: World) -> None:
        assert left(world, seat(world)) is None
        with at_work(world.merchant) as now:
            set_allowance(member=seat(world), monthly_minor=1000, by="user:x", now=now)
        with pytest.raises(OverAllowance):
            give(world, seat(world))
        assert nothing_given(world)

    def test_others_have_nothing_until_it_is_set(self, world: World) -> None:
        sam = support(world, None)
        with pytest.raises(OverAllowance) as refused:
            give(world, sam)
        assert refused.value.left_minor == 0

    def test_over_it_says_what_is_left(self, world: World) -> None:
        sam = support(world)
        give(world, sam, amount_minor=3500)
        with pytest.raises(OverAllowance) as refused:
            give(world, sam)
        assert refused.value.left_minor == 1500
        give(world, sam, amount_minor=1500)
        assert left(world, sam) == 0

    def test_what_it_is_worth_counts_not_its_number(self, world: World) -> None:
        sam = support(world)
        kind = a_kind(world.merchant, Form.GIFT, sizes={"": 9}, fair_minor=1200)
        give(world, sam, kind=kind, amount_minor=2)
        assert left(world, sam) == 2600

    def test_last_months_gifts_do_not_count(self, world: World) -> None:
        sam = support(world)
        give(world, sam)
        with at_work(world.merchant):
            Surprise.objects.update(given_at=world.now - 40 * DAY)
        assert left(world, sam) == 5000

    def test_what_is_taken_back_can_be_given_again_by_whoever_gave_it(self, world: World) -> None:
        sam = support(world)
        first = give(world, sam, amount_minor=5000)
        with at_work(world.merchant) as now:
            taken = take_back(surprise=Surprise.objects.get(reward=first), by="user:x", now=now)
        assert (taken.state, taken.amount_minor, taken.reason) == ("CANCELLED", 0, "rejected_by_hand")
        assert (left(world, sam), balances(world)) == (5000, {})
        give(world, sam, amount_minor=4000)
        with pytest.raises(OverAllowance), at_work(world.merchant) as now:
            give_again(surprise=Surprise.objects.get(reward=first), giver=sam, by="user:x", now=now)
        assert fresh(world, first).state == "CANCELLED"

    def test_given_after_all_it_stands_as_before(self, world: World) -> None:
        reward = give(world, seat(world))
        release.sweep(world.merchant.tenant_ref())
        with at_work(world.merchant) as now:
            surprise = Surprise.objects.get()
            take_back(surprise=surprise, by="user:x", now=now)
            give_again(surprise=Surprise.objects.get(), giver=seat(world), by="user:x", now=now)
        again = fresh(world, reward)
        assert (again.state, again.amount_minor, again.fair_minor, again.rejected_at) == ("RELEASED", 2000, 2000, None)
        assert balances(world) == {"REWARD_COST": 2000, "PAYABLE": -2000}

    def test_what_is_paid_is_not_taken_back(self, world: World) -> None:
        reward = give(world, seat(world))
        release.sweep(world.merchant.tenant_ref())
        with at_work(world.merchant) as now:
            mark_sent(reward=reward, voucher="", by="user:x", now=now)
        with pytest.raises(RewardStateError), at_work(world.merchant) as now:
            take_back(surprise=Surprise.objects.get(), by="user:x", now=now)
        assert fresh(world, reward).state == "FULFILLED"


@pytest.mark.django_db(transaction=True)
def test_two_gifts_at_once_do_not_pass_the_allowance() -> None:
    world = a_world()
    sam = support(world, 3000)

    def one() -> str:
        try:
            with tenant_scope(world.merchant.tenant_ref()), tenant_transaction():
                give_surprise(
                    advocate=world.advocate, giver=sam, amount_minor=2000, reason="x", by="user:x", now=world.now
                )
        except OverAllowance as error:
            return str(error.left_minor)
        return "given"

    assert sorted(at_once(one, one)) == ["1000", "given"]
    with at_work(world.merchant):
        assert Surprise.objects.count() == 1
