"""Things sent by post: the shelf, the address, the last mug, and what comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Event, Merchant
from programs.actions.kinds import BadKind, archive_kind, create_kind, rename_kind, set_stock, take_pieces
from programs.models import KindStock, RewardKind
from programs.rules import Form
from rewards.actions.addresses import NoneLeft, Where, forget_addresses, give_address, sizes_left
from rewards.actions.blocks import RewardStateError
from rewards.actions.manual import mark_sent
from rewards.actions.rejection import reject_reward, undo_rejection
from rewards.models import DeliveryAddress, Reward, RewardBlock
from rewards.steps import release
from tests.cast import World, at_work, workspace_of
from tests.facts import DAY, delivery, refund, snapshot
from tests.races import at_once
from tests.rewards.kinds import a_kind, gives
from tests.rewards.test_every_kind import HOME, a_world_giving, earn, the_reward

pytestmark = pytest.mark.django_db

SHIRTS = {"S": 1, "M": 9, "L": 0}


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


@pytest.fixture
def world(merchant: Merchant) -> World:
    found = a_world_giving(merchant, a_kind(merchant, Form.SWAG, sizes=SHIRTS), 1)
    earn(found)
    return found


def tell(world: World, where: Where = HOME) -> None:
    reward = the_reward(world)
    with at_work(world.merchant) as now:
        give_address(reward=reward, where=where, by="advocate:x", now=now)


def shelf(merchant: Merchant) -> dict[str, int]:
    with at_work(merchant):
        return dict(KindStock.objects.order_by("pk").values_list("size", "left"))


def codes_of(world: World, kind: str) -> list[str]:
    with at_work(world.merchant):
        return list(Event.objects.filter(subject_kind=kind).order_by("at", "seq").values_list("code", flat=True))


def test_an_address_takes_a_piece_and_lets_the_reward_go(world: World) -> None:
    tell(world, replace(HOME, size="M"))
    assert shelf(world.merchant) == {"S": 1, "M": 8, "L": 0}
    release.sweep(world.merchant.tenant_ref())
    assert the_reward(world).state == "RELEASED"
    with at_work(world.merchant):
        assert not RewardBlock.objects.filter(lifted_at=None).exists()
        assert not Event.objects.filter(data__icontains="Kai").exists()


def test_another_size_is_exchanged_while_it_is_not_sent(world: World) -> None:
    tell(world, replace(HOME, size="M"))
    tell(world, replace(HOME, size="S", street="Am Kai 5"))
    assert shelf(world.merchant) == {"S": 0, "M": 9, "L": 0}
    with at_work(world.merchant):
        kept = DeliveryAddress.objects.get()
    assert (kept.size, kept.street, kept.pieces) == ("S", "Am Kai 5", 1)
    assert codes_of(world, "reward")[-2:] == ["reward.unblocked", "reward.address_changed"]


@pytest.mark.parametrize("size", ["L", "XXL", ""])
def test_a_size_that_is_not_there_changes_nothing_and_offers_others(world: World, size: str) -> None:
    with pytest.raises(NoneLeft) as refused:
        tell(world, replace(HOME, size=size))
    assert refused.value.sizes == ["S", "M"]
    assert shelf(world.merchant) == SHIRTS
    with at_work(world.merchant):
        assert not DeliveryAddress.objects.exists()
        assert RewardBlock.objects.get(lifted_at=None).kind == "ADDRESS"


def test_what_is_sent_keeps_its_address_as_it_is(world: World) -> None:
    tell(world, replace(HOME, size="M"))
    release.sweep(world.merchant.tenant_ref())
    released = the_reward(world)
    with at_work(world.merchant) as now:
        mark_sent(reward=released, voucher="TRACK-1", by="user:x", now=now)
    with pytest.raises(RewardStateError):
        tell(world, replace(HOME, size="S"))
    assert shelf(world.merchant) == {"S": 1, "M": 8, "L": 0}


def test_without_an_address_nothing_can_be_sent(world: World) -> None:
    reward = the_reward(world)
    with pytest.raises(RewardStateError), at_work(world.merchant) as now:
        mark_sent(reward=reward, voucher="", by="user:x", now=now)
    assert the_reward(world).state == "HELD"


def test_cancelled_before_sending_the_piece_is_back_and_the_address_gone(world: World) -> None:
    tell(world, replace(HOME, size="M"))
    world.take(refund(world.now, amount=20000))
    assert the_reward(world).state == "CANCELLED"
    assert shelf(world.merchant) == SHIRTS
    with at_work(world.merchant):
        assert not DeliveryAddress.objects.exists()


def test_refused_by_mistake_it_asks_for_the_address_again(world: World) -> None:
    tell(world, replace(HOME, size="M"))
    reward = the_reward(world)
    with at_work(world.merchant) as now:
        assert reject_reward(reward=reward, reason="Looked odd", by="user:x", now=now).state == "CANCELLED"
    assert shelf(world.merchant) == SHIRTS
    with at_work(world.merchant) as now:
        assert undo_rejection(reward=reward, by="user:x", now=now).state == "HELD"
        assert RewardBlock.objects.get(lifted_at=None).kind == "ADDRESS"


def test_addresses_are_forgotten_thirty_days_after_sending(world: World) -> None:
    tell(world, replace(HOME, size="M"))
    release.sweep(world.merchant.tenant_ref())
    released = the_reward(world)
    with at_work(world.merchant) as now:
        mark_sent(reward=released, voucher="", by="user:x", now=now)
        assert forget_addresses(now=now + 29 * DAY) == 0
        assert forget_addresses(now=now + 31 * DAY) == 1
        assert not DeliveryAddress.objects.exists()


class TestShelf:
    def test_few_left_is_told_once_per_filling(self, merchant: Merchant) -> None:
        kind = a_kind(merchant, Form.GIFT, sizes={"": 5})
        with at_work(merchant) as now:
            for _ in range(3):
                assert take_pieces(kind_id=kind.pk, size="", pieces=1, now=now)
            assert Event.objects.filter(code="stock.low").count() == 1
            set_stock(kind=kind, size="", left=4, by="user:x", now=now)
            assert take_pieces(kind_id=kind.pk, size="", pieces=1, now=now)
            assert [event.data["left"] for event in Event.objects.filter(code="stock.low").order_by("at")] == [3, 3]

    def test_a_counted_size_that_is_new_is_added(self, merchant: Merchant) -> None:
        kind = a_kind(merchant, Form.SWAG, sizes=SHIRTS)
        with at_work(merchant) as now:
            set_stock(kind=kind, size="XL", left=7, by="user:x", now=now)
        assert shelf(merchant) == {**SHIRTS, "XL": 7}

    def test_codes_have_no_shelf(self, merchant: Merchant) -> None:
        kind = a_kind(merchant, Form.FIXED_CODE)
        with pytest.raises(BadKind), at_work(merchant) as now:
            set_stock(kind=kind, size="", left=7, by="user:x", now=now)
        assert shelf(merchant) == {}


@pytest.mark.django_db(transaction=True)
def test_the_last_mug_is_given_once() -> None:
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    kind = a_kind(merchant, Form.GIFT, sizes={"": 1})
    world = a_world_giving(merchant, kind, 1)
    for number, friend in (("1", "eve@friend.example"), ("2", "ben@friend.example")):
        token = world.click(at=world.now - 41 * DAY)
        world.take(
            snapshot(world.now - 40 * DAY, token=token), delivery(world.now - 31 * DAY), number=number, email=friend
        )
    with at_work(merchant):
        first, second = Reward.objects.order_by("pk")

    def ask(reward: Reward) -> str:
        try:
            with tenant_scope(merchant.tenant_ref()), tenant_transaction():
                give_address(reward=reward, where=HOME, by="advocate:x", now=world.now)
        except NoneLeft:
            return "none left"
        return "given"

    assert sorted(at_once(lambda: ask(first), lambda: ask(second))) == ["given", "none left"]
    assert shelf(merchant) == {"": 0}
    with at_work(merchant):
        assert DeliveryAddress.objects.count() == 1


class TestCatalogue:
    def test_a_name_is_taken_once_until_it_is_put_away(self, merchant: Merchant) -> None:
        kind = a_kind(merchant, Form.POINTS, name="Points")
        with pytest.raises(BadKind) as refused:
            a_kind(merchant, Form.CASH, name="Points")
        assert [(p.field, p.code) for p in refused.value.problems] == [("name", "name_taken")]
        with at_work(merchant) as now:
            archive_kind(kind=kind, by="user:x", now=now)
        assert a_kind(merchant, Form.CASH, name="Points").name == "Points"

    def test_a_name_changes_and_nothing_else(self, merchant: Merchant) -> None:
        kind = a_kind(merchant, Form.POINTS, name="Points")
        with at_work(merchant) as now:
            renamed = rename_kind(kind=kind, name="  Stars\n", by="user:x", now=now)
        assert (renamed.name, renamed.form, renamed.unit) == ("Stars", "POINTS", "POINTS")

    @pytest.mark.parametrize(
        ("form", "changes", "problem"),
        [
            (Form.POINTS, {"name": " "}, ("name", "required")),
            (Form.PERCENT_CODE, {"setting": {"percent": "0"}}, ("percent", "percent_1_to_100")),
            (Form.FREE_PRODUCT_CODE, {"setting": {}}, ("product_id", "required")),
            (Form.CUSTOM_UNIT, {"unit": "mb"}, ("unit", "wrong_unit")),
            (Form.CASH, {"unit": "USD"}, ("unit", "wrong_unit")),
            (Form.POINTS, {"valid_days": 0}, ("valid_days", "days_1_to_3650")),
            (Form.POINTS, {"fair_minor": -1}, ("fair_minor", "must_not_be_negative")),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field(self, merchant, form, changes, problem) -> None:
        with pytest.raises(BadKind) as refused, at_work(merchant) as now:
            create_kind(gives=gives(form, **changes), by="user:x", now=now)
        assert problem in [(p.field, p.code) for p in refused.value.problems]
        with at_work(merchant):
            assert not RewardKind.objects.exists()


def test_sizes_with_too_few_are_not_offered(merchant: Merchant) -> None:
    kind = a_kind(merchant, Form.SWAG, sizes={"S": 1, "M": 9})
    world = a_world_giving(merchant, kind)
    earn(world)
    with at_work(merchant):
        assert sizes_left(Reward.objects.get()) == ["M"]
