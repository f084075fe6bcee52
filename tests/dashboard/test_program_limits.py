"""A program's budget and its bonus campaigns by the merchant's pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from kit.days import local_date, start_of_day
from merchants.models import Event, Role
from programs.models import Program
from programs.rules import Fulfilment, RewardRule, Value
from rewards.models import BonusCampaign, Budget, RewardBlock
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import as_role, base, owner, text_of
from tests.facts import snapshot
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

TEN = RewardRule(kind=Value.FIXED, value=1000, fulfilment=Fulfilment.MANUAL)


built, world = for_a_file(lambda: a_world(advocate_reward=TEN))


@pytest.fixture
def alice(world: World) -> Client:
    return owner(world)


def page(world: World) -> str:
    return f"{base(world)}/programs/{world.program.slug}"


def buy(world: World, number: int) -> None:
    world.take(snapshot(world.now, token=world.click()), number=str(number), email=f"f{number}@friend.example")


def events(world: World) -> int:
    with at_work(world.merchant):
        return Event.objects.count()


class TestBudget:
    def test_it_is_set_shown_and_counts_what_is_promised(self, world, alice):
        buy(world, 1)
        answer = alice.post(f"{page(world)}/budget/change", {"limit": "12,50", "reach": "hard"})
        assert answer["Location"] == f"{page(world)}/budget"
        with at_work(world.merchant):
            budget = Budget.objects.get()
            assert (budget.limit_minor, budget.reserved_minor, budget.is_hard) == (1250, 1000, True)
        for path in (page(world), f"{page(world)}/budget"):
            assert "€10.00 of €12.50" in text_of(alice.get(path))
        assert "80% of the budget is used" in text_of(alice.get(base(world)))

    def test_used_up_the_program_says_so_with_the_way_out(self, world, alice):
        alice.post(f"{page(world)}/budget/change", {"limit": "10", "reach": "hard"})
        buy(world, 1)
        buy(world, 2)
        with at_work(world.merchant):
            assert Program.objects.get().out_of_budget_at is not None
            assert RewardBlock.objects.filter(kind="BUDGET", lifted_at=None).count() == 1
        shown = alice.get(page(world)).content.decode()
        assert "The budget is used up, so the offer pauses." in shown
        assert f'href="{page(world)}/budget"' in shown
        assert "1 reward waits for budget." in text_of(alice.get(f"{page(world)}/budget"))
        assert "the budget is used up, so the offer pauses" in text_of(alice.get(base(world)))
        alice.post(f"{page(world)}/budget/change", {"limit": "50", "reach": "hard"})
        with at_work(world.merchant):
            assert Program.objects.get().out_of_budget_at is None
        assert "so the offer pauses." not in text_of(alice.get(page(world)))

    @pytest.mark.parametrize("typed", [{"limit": "5"}, {"limit": "much"}, {"limit": ""}, {"limit": "-1"}])
    def test_what_cannot_be_changes_nothing(self, world, alice, typed):
        buy(world, 1)
        before = events(world)
        answer = alice.post(f"{page(world)}/budget/change", {"reach": "hard", **typed})
        assert answer.status_code == 422
        assert 'id="id_limit_error"' in answer.content.decode()
        if typed["limit"] == "5":
            assert "€10.00 are promised or paid already" in text_of(answer)
        with at_work(world.merchant):
            assert not Budget.objects.exists()
        assert events(world) == before

    def test_a_soft_one_goes_on(self, world, alice):
        buy(world, 1)
        alice.post(f"{page(world)}/budget/change", {"limit": "5", "reach": "soft"})
        assert "the budget is used up; rewards go on" in text_of(alice.get(base(world)))

    @pytest.mark.parametrize(
        ("role", "looks", "changes"),
        [(Role.MARKETER, 200, 302), (Role.FINANCE, 200, 404), (Role.ANALYST, 404, 404), (Role.SUPPORT, 404, 404)],
    )
    def test_who_may_look_and_change(self, world, role, looks, changes):
        client = as_role(world, role)
        assert client.get(f"{page(world)}/budget").status_code == looks
        told = {"limit": "500", "reach": "soft"}
        assert client.post(f"{page(world)}/budget/change", told).status_code == changes
        with at_work(world.merchant):
            assert Budget.objects.exists() == (changes == 302)


class TestBonus:
    def typed(self, world: World, **changes: str) -> dict[str, str]:
        today = local_date(world.now, world.zone)
        days = {"from_day": (today + timedelta(days=2)).isoformat(), "to_day": (today + timedelta(days=9)).isoformat()}
        return {"name": "Winter", "side": "ADVOCATE", "effect": "DOUBLE", "factor": "", "extra": ""} | days | changes

    @pytest.mark.parametrize(
        ("changes", "stored", "said"),
        [
            ({}, (20_000, 0), "doubled"),
            ({"effect": "TRIPLE"}, (30_000, 0), "tripled"),
            ({"effect": "FACTOR", "factor": "1,5"}, (15_000, 0), "1.5 times"),
            ({"effect": "EXTRA", "extra": "5"}, (10_000, 500), "€5.00 on top"),
        ],
    )
    def test_it_is_planned_by_days_of_the_merchant(self, world, alice, changes, stored, said):
        answer = alice.post(f"{page(world)}/bonus", self.typed(world, **changes))
        assert answer.status_code == 302, text_of(answer)
        today = local_date(world.now, world.zone)
        with at_work(world.merchant):
            campaign = BonusCampaign.objects.get()
            assert (campaign.multiplier_bp, campaign.extra_minor, campaign.side) == (*stored, "ADVOCATE")
            assert campaign.starts_at == start_of_day(today + timedelta(days=2), world.zone)
            assert campaign.ends_at == start_of_day(today + timedelta(days=10), world.zone)
        for path in (page(world), f"{page(world)}/bonus"):
            assert said in text_of(alice.get(path))

    def test_today_begins_now_and_ending_keeps_what_was_earned(self, world, alice):
        today = local_date(world.now, world.zone).isoformat()
        alice.post(f"{page(world)}/bonus", self.typed(world, from_day=today))
        with at_work(world.merchant):
            campaign = BonusCampaign.objects.get()
        assert "Running" in text_of(alice.get(f"{page(world)}/bonus"))
        end = {"bonus": str(campaign.pk)}
        assert alice.post(f"{page(world)}/bonus/end", end).status_code == 302
        with at_work(world.merchant):
            assert BonusCampaign.objects.get().ends_at < campaign.ends_at
        before = events(world)
        answer = alice.post(f"{page(world)}/bonus/end", end, follow=True)
        assert "This bonus is over already." in text_of(answer)
        assert events(world) == before

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": ""}, "name"),
            ({"side": "FRIEND"}, "side"),
            ({"to_day": "2020-01-01"}, "to_day"),
            ({"from_day": "soon"}, "from_day"),
            ({"to_day": "2199-01-01"}, "to_day"),
            ({"effect": "FACTOR", "factor": "eleven"}, "factor"),
            ({"effect": "FACTOR", "factor": "11"}, "factor"),
            ({"effect": "EXTRA"}, "extra"),
            ({"effect": "EXTRA", "extra": "5 MB"}, "extra"),
        ],
    )
    def test_what_cannot_be_stands_beside_its_field(self, world, alice, changes, field):
        before = events(world)
        answer = alice.post(f"{page(world)}/bonus", self.typed(world, **changes))
        assert answer.status_code == 422
        assert f'id="id_{field}_error"' in answer.content.decode()
        with at_work(world.merchant):
            assert not BonusCampaign.objects.exists()
        assert events(world) == before

    def test_two_at_a_time_would_surprise(self, world, alice):
        alice.post(f"{page(world)}/bonus", self.typed(world))
        answer = alice.post(f"{page(world)}/bonus", self.typed(world))
        assert (answer.status_code, 'id="id_from_day_error"' in answer.content.decode()) == (422, True)

    def test_a_bonus_of_another_program_or_workspace_is_not_there(self, world, alice):
        other = a_world(owner="charlie@halcyon.example", name="Halcyon", advocate_reward=TEN)
        owner(other).post(f"{page(other)}/bonus", self.typed(other))
        with at_work(other.merchant):
            key = str(BonusCampaign.objects.get().pk)
        for bonus in (key, "", "nonsense"):
            assert alice.post(f"{page(world)}/bonus/end", {"bonus": bonus}).status_code == 404
        with at_work(other.merchant):
            assert BonusCampaign.objects.get().ends_at > other.now
