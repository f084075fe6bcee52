"""Two at the same lead at the same moment."""

from __future__ import annotations

import pytest

from leads.actions.moves import move_lead, win_lead
from leads.actions.refusals import Refused
from leads.models import Lead
from merchants.events import SYSTEM
from merchants.models import Event
from rewards.models import Reward
from tests.cast import at_work
from tests.leads.world import a_b2b_world, a_lead, won
from tests.races import Rival, at_once
from tracking.models import Order, OrderFact

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_win_a_lead_and_it_is_one_sale():
    world = a_b2b_world()
    lead = a_lead(world).lead

    def win(amount: int) -> str:
        try:
            return str(won(world, lead, amount=amount).won_minor)
        except Refused as refused:
            return refused.code

    answers = at_once(lambda: win(500_000), lambda: win(700_000))
    assert sorted(answers)[-1] == "moved_meanwhile"
    with at_work(world.merchant):
        stored = Lead.objects.get()
        assert answers.count(str(stored.won_minor)) == 1
        assert (Order.objects.count(), OrderFact.objects.count(), Reward.objects.count()) == (1, 1, 1)
        assert Order.objects.get().net_base_minor == stored.won_minor
        assert Event.objects.filter(code="lead.won").count() == 1


def test_two_leads_won_at_once_with_one_number_are_one_sale():
    world = a_b2b_world()
    one, other = a_lead(world).lead, a_lead(world, "omar@buyer.example").lead
    with at_work(world.merchant) as now:
        sale = {"amount_minor": 500_000, "won_at": now, "number": "C-1", "by": SYSTEM, "now": now}
        win_lead(lead=one, expected="NEW", **sale)
        rival = Rival(lambda: won(world, other, number="C-1"))
        assert rival.waits_for_us()
    with pytest.raises(Refused, match="number_known"):
        rival.result()
    with at_work(world.merchant):
        assert Order.objects.get().number == "C-1"
        assert Lead.objects.get(pk=other.pk).stage == "NEW"


def test_the_same_person_twice_at_once_is_one_lead():
    world = a_b2b_world()
    found = at_once(lambda: a_lead(world), lambda: a_lead(world))
    assert sorted(one.is_new for one in found) == [False, True]
    with at_work(world.merchant):
        assert Lead.objects.count() == 1
        assert Event.objects.filter(code="lead.added").count() == 1


def test_of_two_who_move_it_the_second_learns_that_it_moved():
    world = a_b2b_world()
    lead = a_lead(world).lead

    def move(to: str) -> str:
        with at_work(world.merchant) as now:
            try:
                return str(move_lead(lead=lead, expected="NEW", to=to, by=SYSTEM, now=now).stage)
            except Refused as refused:
                return refused.code

    answers = at_once(lambda: move("MEETING"), lambda: move("QUALIFIED"))
    assert "moved_meanwhile" in answers
    with at_work(world.merchant):
        assert Lead.objects.get().stage in answers
        assert Event.objects.filter(code="lead.moved").count() == 1
