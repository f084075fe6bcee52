"""Kinds and stock, parcels, the surprise desk and refusals, as people press them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit.ids import public_id
from merchants.events import SYSTEM
from merchants.models import Event, Membership, Role
from programs.models import KindStock, PoolCode, RewardKind
from programs.presets import PRESETS
from programs.rules import FORMS, Form
from rewards.actions.addresses import give_address
from rewards.models import Allowance, DeliveryAddress, Reward, Surprise
from rewards.steps import release
from tests.cast import World, a_world, at_work, member, workspace_of
from tests.dashboard.desk import a_busy_world, as_role, base, owner, text_of
from tests.dashboard.files import text_of_file
from tests.once import for_a_file
from tests.rewards.kinds import SETTINGS, a_kind
from tests.rewards.test_every_kind import HOME, a_world_giving, earn, the_reward

pytestmark = pytest.mark.django_db


built, world = for_a_file(a_world)


def kinds_of(world: World) -> list[RewardKind]:
    with at_work(world.merchant):
        return list(RewardKind.objects.order_by("created_at"))


class TestCatalogue:
    def test_empty_it_teaches_and_offers_where_to_start(self, world: World) -> None:
        text = text_of(owner(world).get(f"{base(world)}/kinds"))
        assert "Nothing in your catalogue yet" in text
        assert "10% off the next order" in text
        assert "Add the first kind" not in text_of(as_role(world, "ANALYST").get(f"{base(world)}/kinds"))

    @pytest.mark.parametrize("form", list(Form))
    def test_every_form_is_made_with_what_it_asks_for(self, world: World, form: Form) -> None:
        client, row = owner(world), FORMS[form]
        page = client.get(f"{base(world)}/kinds/new?form={form}").content.decode()
        offered = [way for way in list(row.fulfilments) if f'value="{way.value}"' in page]
        assert offered == list(row.fulfilments)
        assert page.count('name="fulfilment"') == len(row.fulfilments)
        told = {"name": "Nice", "fulfilment": row.fulfilments[0].value, "fair_minor": "2.50", "unit": "MB"}
        answer = client.post(
            f"{base(world)}/kinds/new?form={form}", told | {name: SETTINGS[name] for name in row.wants}
        )
        [kind] = kinds_of(world)
        assert answer["Location"] == f"{base(world)}/kinds/{public_id('knd', kind.pk)}"
        assert (kind.form, kind.fulfilment, kind.fair_minor) == (
            form, row.fulfilments[0], None if kind.unit == "EUR" else 250,
        )  # fmt: skip
        assert "Nice" in text_of(client.get(answer["Location"]))

    @pytest.mark.parametrize("key", list(PRESETS))
    def test_every_preset_fills_its_form(self, world: World, key: str) -> None:
        page = text_of(owner(world).get(f"{base(world)}/kinds/new?preset={key}"))
        assert "Add to the catalogue" in page

    def test_sizes_are_counted_as_written(self, world: World) -> None:
        told = {"name": "Shirt", "fulfilment": "SHIPMENT", "fair_minor": "12", "sizes": "S 3\nExtra large 10\n"}
        owner(world).post(f"{base(world)}/kinds/new?form=SWAG", told)
        with at_work(world.merchant):
            assert dict(KindStock.objects.values_list("size", "left")) == {"S": 3, "Extra large": 10}

    @pytest.mark.parametrize("wrong", [{"sizes": "S three"}, {"sizes": "S 1\nS 2"}, {"sizes": "5\nS 2"}, {"name": ""}])
    def test_what_cannot_be_is_refused_and_nothing_made(self, world: World, wrong: dict[str, str]) -> None:
        told = {"name": "Shirt", "fulfilment": "SHIPMENT", "fair_minor": "12", "sizes": "S 3"}
        answer = owner(world).post(f"{base(world)}/kinds/new?form=SWAG", told | wrong)
        assert answer.status_code == 422
        assert kinds_of(world) == []

    def test_counting_renaming_and_putting_away(self, world: World) -> None:
        kind, client = a_kind(world.merchant, Form.GIFT, sizes={"": 5}, name="Mug"), owner(world)
        page = f"{base(world)}/kinds/{public_id('knd', kind.pk)}"
        client.post(f"{page}/stock", {"size": "", "left": "2"})
        client.post(f"{page}/rename", {"name": "Big mug"})
        assert "2 pieces left" in text_of(client.get(f"{base(world)}/kinds"))
        client.post(f"{page}/archive")
        [found] = kinds_of(world)
        assert (found.name, found.archived_at is not None) == ("Big mug", True)
        client.post(f"{page}/restore")
        assert kinds_of(world)[0].archived_at is None

    def test_codes_go_into_the_pool_of_the_kind(self, world: World) -> None:
        kind, client = a_kind(world.merchant, Form.FIXED_CODE), owner(world)
        page = f"{base(world)}/kinds/{public_id('knd', kind.pk)}"
        client.post(f"{page}/codes", {"pasted": "A-1\nA-2"})
        with at_work(world.merchant):
            codes = PoolCode.objects.filter(pool__kind=kind).order_by("position")
            assert list(codes.values_list("code", flat=True)) == ["A-1", "A-2"]
        assert "2 left of 2 uploaded." in text_of(client.get(page))

    def test_a_kind_without_a_pool_takes_no_codes(self, world: World) -> None:
        kind = a_kind(world.merchant, Form.POINTS)
        assert owner(world).get(f"{base(world)}/kinds/{public_id('knd', kind.pk)}/codes").status_code == 404

    def test_only_those_who_edit_programs_change_it(self, world: World) -> None:
        kind = a_kind(world.merchant, Form.GIFT)
        page, client = f"{base(world)}/kinds/{public_id('knd', kind.pk)}", as_role(world, "FINANCE")
        for path in ("rename", "archive", "stock"):
            assert client.post(f"{page}/{path}", {"name": "X", "left": "1"}).status_code == 404
        assert client.get(f"{base(world)}/kinds/new").status_code == 404
        assert client.get(page).status_code == 200


class TestParcels:
    @pytest.fixture
    def world(self) -> World:
        merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
        world = a_world_giving(merchant, a_kind(merchant, Form.GIFT, sizes={"": 5}, name="Mug"), 1)
        earn(world)
        return world

    def told(self, world: World) -> Reward:
        reward = the_reward(world)
        with at_work(world.merchant) as now:
            give_address(reward=reward, where=HOME, by=SYSTEM, now=now)
        release.sweep(world.merchant.tenant_ref())
        return reward

    def test_before_the_address_it_is_counted_only(self, world: World) -> None:
        text = text_of(owner(world).get(f"{base(world)}/parcels"))
        assert "1 more reward waits until its recipient tells where to send it." in text

    def test_packed_with_a_slip_and_marked_as_sent(self, world: World) -> None:
        reward, client = self.told(world), as_role(world, "FINANCE")
        name = public_id("rwd", reward.pk)
        assert "Am Kai 4, 20457 Hamburg, DE" in text_of(client.get(f"{base(world)}/parcels"))
        assert "Mug" in text_of(client.get(f"{base(world)}/parcels/{name}"))
        client.post(f"{base(world)}/rewards/{name}/sent", {"reference": "DHL 1"})
        sent = the_reward(world)
        assert (sent.state, sent.voucher) == ("FULFILLED", "DHL 1")
        assert "Nothing to send" in text_of(client.get(f"{base(world)}/parcels"))

    def test_addresses_are_for_whoever_packs(self, world: World) -> None:
        reward, client = self.told(world), as_role(world, "ANALYST")
        name = public_id("rwd", reward.pk)
        assert client.get(f"{base(world)}/parcels").status_code == 404
        assert client.get(f"{base(world)}/parcels/{name}").status_code == 404
        assert "Am Kai" not in text_of(client.get(f"{base(world)}/rewards/{name}"))
        assert "Am Kai" not in text_of_file(owner(world), world.merchant, "rewards")

    def test_the_team_writes_an_address_down(self, world: World) -> None:
        name = public_id("rwd", the_reward(world).pk)
        told = {"name": "Dana", "street": "Weg 1", "postcode": "1010", "city": "Wien", "country": "AT"}
        assert owner(world).post(f"{base(world)}/rewards/{name}/address", told).status_code == 302
        with at_work(world.merchant):
            assert DeliveryAddress.objects.get().city == "Wien"
        assert owner(world).post(f"{base(world)}/rewards/{name}/address", told | {"city": " "}).status_code == 422


class TestSurprises:
    def give(self, world: World, client: object, **changes: str) -> object:
        told = {"what": "money:MANUAL", "amount": "12.50", "reason": "So kind", **changes}
        name = public_id("adv", world.advocate.pk)
        return client.post(f"{base(world)}/surprises/new?advocate={name}", told)  # type: ignore[attr-defined]

    def test_found_by_name_and_given(self, world: World) -> None:
        client = owner(world)
        assert "Dana Muster" in text_of(client.get(f"{base(world)}/surprises/new?q=dana"))
        assert "Nobody found" in text_of(client.get(f"{base(world)}/surprises/new?q=zzz"))
        self.give(world, client, message="Thank you!")
        with at_work(world.merchant):
            given = Surprise.objects.select_related("reward").get()
        assert (given.worth_minor, given.message, given.reward.amount_minor) == (1250, "Thank you!", 1250)
        assert "So kind" in text_of(client.get(f"{base(world)}/surprises"))
        page = f"{base(world)}/rewards/{public_id('rwd', given.reward_id)}"
        assert "at their own discretion" in text_of(client.get(page))
        assert client.get(f"{base(world)}/rewards").status_code == 200
        assert "12.50" in text_of_file(client, world.merchant, "rewards")

    def test_an_idea_becomes_a_kind_once(self, world: World) -> None:
        client = owner(world)
        self.give(world, client, what="idea:press_story", amount="1")
        [kind] = kinds_of(world)
        self.give(world, client, what=f"kind:{kind.pk}", amount="1")
        with at_work(world.merchant):
            assert Reward.objects.filter(kind=kind, amount_minor=1).count() == 2
            assert RewardKind.objects.count() == 1

    @pytest.mark.parametrize("wrong", [{"amount": "0"}, {"amount": "x"}, {"reason": ""}, {"what": "kind:x"}])
    def test_what_cannot_be_given_changes_nothing(self, world: World, wrong: dict[str, str]) -> None:
        assert self.give(world, owner(world), **wrong).status_code == 422  # type: ignore[attr-defined]
        with at_work(world.merchant):
            assert not Reward.objects.exists()

    def test_a_refused_idea_leaves_no_kind(self, world: World) -> None:
        client = as_role(world, "SUPPORT")
        answer = self.give(world, client, what="idea:present", amount="1")
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert "€0.00 are left" in text_of(answer)
        assert kinds_of(world) == []

    def test_an_allowance_is_set_and_seen(self, world: World) -> None:
        support = as_role(world, "SUPPORT")
        seat = Membership.objects.get(merchant=world.merchant, role=Role.SUPPORT)
        owner(world).post(f"{base(world)}/surprises/allowances/{seat.pk}", {"monthly": "50"})
        with at_work(world.merchant):
            assert Allowance.objects.get().monthly_minor == 5000
        self.give(world, support)
        assert "€37.50 of €50.00" in text_of(support.get(f"{base(world)}/surprises"))
        owner(world).post(f"{base(world)}/surprises/allowances/{seat.pk}", {"monthly": ""})
        with at_work(world.merchant):
            assert not Allowance.objects.exists()
        assert support.get(f"{base(world)}/surprises/allowances").status_code == 404

    def test_allowances_ask_as_often_for_a_large_team_as_for_a_small_one(self, world: World) -> None:
        client, address = owner(world), f"{base(world)}/surprises/allowances"
        client.get(address)
        with CaptureQueriesContext(connection) as few:
            client.get(address)
        for number in range(3):
            member(world.merchant, f"helper{number}@nordlicht.example", Role.SUPPORT)
        with CaptureQueriesContext(connection) as many:
            assert text_of(client.get(address)).count("Support") >= 3
        assert len(few) == len(many)

    def test_taken_back_and_given_after_all(self, world: World) -> None:
        client = owner(world)
        self.give(world, client)
        with at_work(world.merchant):
            name = public_id("gft", Surprise.objects.get().pk)
        client.post(f"{base(world)}/surprises/{name}/take-back")
        assert "Give after all" in text_of(client.get(f"{base(world)}/surprises"))
        client.post(f"{base(world)}/surprises/{name}/take-back")
        client.post(f"{base(world)}/surprises/{name}/give-again")
        with at_work(world.merchant):
            assert Reward.objects.get().state == "HELD"
            assert Event.objects.filter(code="reward.rejected").count() == 1

    def test_whoever_may_not_give_sees_and_cannot(self, world: World) -> None:
        client = as_role(world, "ANALYST")
        assert client.get(f"{base(world)}/surprises").status_code == 200
        assert client.get(f"{base(world)}/surprises/new").status_code == 404


class TestRefusing:
    def test_refused_and_undone(self) -> None:
        world = a_busy_world()
        with at_work(world.merchant):
            reward = Reward.objects.filter(state="HELD").order_by("pk")[0]
        page, client = f"{base(world)}/rewards/{public_id('rwd', reward.pk)}", as_role(world, "REVIEWER")
        client.post(f"{page}/refuse", {"reason": "Looked odd"})
        with at_work(world.merchant):
            refused = Reward.objects.get(pk=reward.pk)
        assert (refused.state, refused.reason, refused.note) == ("CANCELLED", "rejected_by_hand", "Looked odd")
        assert client.post(f"{page}/refuse", {"reason": "again"}).status_code == 409
        client.post(f"{page}/unrefuse")
        with at_work(world.merchant):
            again = Reward.objects.get(pk=reward.pk)
        assert (again.state, again.amount_minor, again.reason) == ("HELD", reward.amount_minor, "")
        assert client.post(f"{page}/unrefuse").status_code == 409

    def test_an_order_that_changes_meanwhile_does_not_wake_it(self) -> None:
        from datetime import timedelta

        from tests.facts import refund

        world = a_busy_world()
        with at_work(world.merchant):
            reward = Reward.objects.get(order__external_id="2")
        page, client = f"{base(world)}/rewards/{public_id('rwd', reward.pk)}", owner(world)
        client.post(f"{page}/refuse", {"reason": "Looked odd"})
        world.take(refund(world.now + timedelta(minutes=5), "r7", amount=5000), number="2")
        with at_work(world.merchant):
            assert Reward.objects.get(pk=reward.pk).state == "CANCELLED"
        client.post(f"{page}/unrefuse")
        with at_work(world.merchant):
            assert Reward.objects.get(pk=reward.pk).amount_minor == 1500
