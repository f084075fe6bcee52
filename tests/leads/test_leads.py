"""A lead from its coming to its end: whose it is, how it moves, and the sale that it becomes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from advocates.models import Customer
from advocates.selectors import main_link
from leads.actions.arrive import LeadIn, take_lead
from leads.actions.care import Plan, describe_lead, plan_lead
from leads.actions.moves import lose_lead, move_lead, take_back_sale, win_lead
from leads.actions.refusals import Refused
from leads.models import Lead
from leads.rules import Stage, is_overdue, next_stage, step_refused
from leads.selectors import overdue, totals
from merchants.events import SYSTEM
from merchants.models import Event
from merchants.selectors import team
from privacy.actions.erasure import erase_person
from rewards.actions.sales import Sale, cancel_sale, record_sale
from rewards.models import Reward
from tests.cast import World, at_work, enrolled
from tests.leads.world import ADDRESS, a_b2b_world, a_lead, won
from tests.once import for_a_file
from tracking.facts import PersonIn
from tracking.models import Order, OrderFact, Referral

pytestmark = pytest.mark.django_db

built, world = for_a_file(a_b2b_world)


def codes() -> list[str]:
    return list(Event.objects.filter(subject_kind="lead").order_by("seq", "pk").values_list("code", flat=True))


def as_stored() -> dict[str, list[Any]]:
    """Everything a refusal must leave as it was."""
    models = (Lead, Order, OrderFact, Referral, Reward, Event)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def refused(world: World, verb: Any, code: str, **told: Any) -> None:
    with at_work(world.merchant) as now:
        before = as_stored()
        with pytest.raises(Refused) as caught:
            verb(**({"by": SYSTEM, "now": now} | told))
        assert caught.value.code == code
        assert as_stored() == before


# --- coming ---------------------------------------------------------------------------------------------------------


def test_a_lead_with_an_advocates_code_is_theirs(world):
    lead = a_lead(world, company="Kaufmann GmbH").lead
    with at_work(world.merchant):
        stored = Lead.objects.get()
        assert (stored.pk, stored.stage, stored.advocate_id) == (lead.pk, "NEW", world.advocate.pk)
        assert (stored.currency, stored.code, stored.company_key) == ("EUR", world.link.code, "kaufmann gmbh")
        assert stored.decision["reason"] == "typed_code"
        event = Event.objects.get(code="lead.added")
        told = {"source": "TEAM", "advocate_id": str(world.advocate.pk), "decision": "typed_code"}
        assert event.data == told
        assert not Order.objects.exists()


def test_a_lead_by_a_click_is_its_links(world):
    lead = a_lead(world, code="", token=world.click(), source=Lead.Source.FORM).lead
    assert lead.advocate_id == world.advocate.pk
    assert lead.decision["reason"] == "first_touch"
    with at_work(world.merchant):
        assert Customer.objects.get(email=ADDRESS).source == "LEAD"


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"code": ""}, "no_evidence"),
        ({"email": "dana@advocate.example"}, "own_purchase"),
        ({"code": "NOBODYS"}, "no_evidence"),
        ({"code": "", "token": "v1.forged"}, "no_evidence"),
    ],
)
def test_whose_nobodys_lead_is(world, told, reason):
    lead = a_lead(world, **told).lead
    assert (lead.advocate_id, lead.decision["reason"]) == (None, reason)


def test_a_customer_of_old_is_nobodys_lead(world):
    with at_work(world.merchant) as now:
        Customer.objects.create(
            email=ADDRESS, email_key=ADDRESS, source="IMPORT", created_at=now, imported_orders=3, first_paid_at=None
        )
    lead = a_lead(world).lead
    assert (lead.advocate_id, lead.decision["reason"]) == (None, "existing_customer")


def test_one_person_is_one_lead_and_blanks_are_filled(world):
    first = a_lead(world, company="", message="Fifty seats")
    second = a_lead(world, "GWEN@buyer.example", name="Somebody Else", company="Kaufmann GmbH", message="And training")
    assert (first.is_new, second.is_new, first.lead.pk) == (True, False, second.lead.pk)
    with at_work(world.merchant):
        stored = Lead.objects.get()
        assert (stored.name, stored.company) == ("Gwen Kaufmann", "Kaufmann GmbH")
        assert stored.message == "And training\n\nFifty seats"
        assert codes() == ["lead.added"]


def test_who_asks_again_after_all_was_lost_is_talked_to_anew(world):
    lead = a_lead(world).lead
    with at_work(world.merchant) as now:
        lose_lead(lead=lead, expected="NEW", reason="PRICE", words="Too dear", by=SYSTEM, now=now)
    a_lead(world, source=Lead.Source.FORM, code="", days=3)
    with at_work(world.merchant):
        stored = Lead.objects.get()
        assert (stored.stage, stored.lost_reason, stored.lost_words) == ("NEW", "", "")
        assert (stored.asked_again_at, stored.moved_at) == (world.now + timedelta(days=3),) * 2
        assert stored.advocate_id == world.advocate.pk
        assert codes() == ["lead.added", "lead.lost", "lead.asked_again"]


@pytest.mark.parametrize(("told", "code"), [({"email": "nobody"}, "no_email"), ({"value_minor": -1}, "too_much")])
def test_what_is_no_lead_is_refused(world, told, code):
    lead = LeadIn(**({"email": ADDRESS, "source": Lead.Source.API} | told))
    refused(world, take_lead, code, program=world.program, told=lead)


def test_words_are_cleaned_and_cut(world):
    lead = a_lead(world, name="G\x00wen\nK", company="x" * 500, message="a\x00b\nc").lead
    assert (lead.name, len(lead.company), lead.message) == ("G\ufffdwen K", 120, "a\ufffdb\nc")


# --- stages ---------------------------------------------------------------------------------------------------------


def test_a_lead_moves_on_and_back(world):
    lead = a_lead(world).lead
    with at_work(world.merchant) as now:
        move_lead(lead=lead, expected="NEW", to="MEETING", by=SYSTEM, now=now)
        move_lead(lead=lead, expected="MEETING", to="QUALIFIED", by=SYSTEM, now=now + timedelta(hours=1))
        stored = Lead.objects.get()
        assert (stored.stage, stored.moved_at) == ("QUALIFIED", now + timedelta(hours=1))
        moves = [event.data for event in Event.objects.filter(code="lead.moved").order_by("seq")]
        assert moves == [{"from": "NEW", "to": "MEETING"}, {"from": "MEETING", "to": "QUALIFIED"}]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"expected": "MEETING", "to": "QUALIFIED"}, "moved_meanwhile"),
        ({"expected": "NEW", "to": "NEW"}, "same_stage"),
        ({"expected": "NEW", "to": "WON"}, "unknown_stage"),
        ({"expected": "NEW", "to": "LOST"}, "unknown_stage"),
        ({"expected": "NEW", "to": "'; --"}, "unknown_stage"),
    ],
)
def test_a_step_that_is_none_is_refused(world, told, code):
    refused(world, move_lead, code, lead=a_lead(world).lead, **told)


def test_lost_asks_for_a_reason_and_can_be_taken_up_again(world):
    lead = a_lead(world).lead
    refused(world, lose_lead, "needs_reason", lead=lead, expected="NEW", reason="")
    with at_work(world.merchant) as now:
        lose_lead(lead=lead, expected="NEW", reason="RIVAL", words=" Took  theirs ", by=SYSTEM, now=now)
        stored = Lead.objects.get()
        assert (stored.stage, stored.lost_reason, stored.lost_words) == ("LOST", "RIVAL", "Took theirs")
        assert Event.objects.get(code="lead.lost").data == {"from": "NEW", "lost": "RIVAL"}
    refused(world, lose_lead, "same_stage", lead=lead, expected="LOST", reason="PRICE")
    with at_work(world.merchant) as now:
        move_lead(lead=lead, expected="LOST", to="NEGOTIATION", by=SYSTEM, now=now)
        stored = Lead.objects.get()
        assert (stored.stage, stored.lost_reason, stored.lost_words) == ("NEGOTIATION", "", "")


@pytest.mark.parametrize(
    ("at", "expected", "to", "no"),
    [
        (Stage.WON, "WON", "NEW", "is_won"),
        (Stage.LOST, "LOST", "MEETING", None),
        (Stage.NEW, "NEW", "NEGOTIATION", None),
        (Stage.NEW, "", "MEETING", "moved_meanwhile"),
    ],
)
def test_which_steps_there_are(at, expected, to, no):
    assert step_refused(at, expected, to) == no


def test_the_stage_that_follows():
    assert [next_stage(stage) for stage in Stage] == ["QUALIFIED", "MEETING", "NEGOTIATION", None, None, None]


@pytest.mark.parametrize(
    ("stage", "due", "late"),
    [
        (Stage.NEW, date(2026, 5, 3), True),
        (Stage.NEW, date(2026, 5, 4), False),
        (Stage.NEW, None, False),
        (Stage.WON, date(2026, 5, 3), False),
        (Stage.LOST, date(2026, 5, 3), False),
    ],
)
def test_when_a_step_is_overdue(stage, due, late):
    assert is_overdue(stage, due, date(2026, 5, 4)) is late


# --- won ------------------------------------------------------------------------------------------------------------


def test_won_is_a_sale_like_any_other(world):
    lead = a_lead(world).lead
    won(world, lead, days=60, amount=1_000_000)
    with at_work(world.merchant):
        stored, order, referral, reward = (model.objects.get() for model in (Lead, Order, Referral, Reward))
        assert (stored.stage, stored.won_minor, stored.order_id) == ("WON", 1_000_000, order.pk)
        assert (order.platform, order.external_id[:4], order.net_base_minor) == ("lead", "lea_", 1_000_000)
        assert (order.placed_at, order.paid_at) == (stored.created_at, world.now + timedelta(days=60))
        assert (order.customer_id, order.outcome) == (stored.customer_id, "ATTRIBUTED")
        assert (referral.advocate_id, referral.state, referral.matched_by) == (world.advocate.pk, "QUALIFIED", "CODE")
        assert (reward.state, reward.amount_minor, reward.side) == ("HELD", 50_000, "ADVOCATE")
        assert reward.release_at > order.paid_at
        told = {"from": "NEW", "amount_minor": 1_000_000, "unit": "EUR", "order_id": str(order.pk)}
        assert Event.objects.get(code="lead.won").data == told


def test_won_long_after_the_link_was_opened_counts_from_when_the_lead_came(world):
    """The attribution window is over when they sign, and was not when they asked."""
    lead = a_lead(world, code="", token=world.click()).lead
    won(world, lead, days=150)
    with at_work(world.merchant):
        assert Order.objects.get().outcome == "ATTRIBUTED"
        assert Referral.objects.get().state == "QUALIFIED"


def test_won_after_the_time_to_qualify_earns_nothing(world):
    won(world, a_lead(world).lead, days=181)
    with at_work(world.merchant):
        assert Referral.objects.get().state == "NOT_QUALIFIED"
        assert sum(Reward.objects.values_list("amount_minor", flat=True)) == 0


def test_a_sale_of_nobodys_lead_is_nobodys(world):
    won(world, a_lead(world, code="").lead)
    with at_work(world.merchant):
        assert (Order.objects.get().outcome, Lead.objects.get().stage) == ("NOT_REFERRED", "WON")
        assert not Referral.objects.exists()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"amount": 0}, "needs_amount"),
        ({"amount": -5}, "needs_amount"),
        ({"amount": 10**16}, "too_much"),
        ({"expected": "MEETING"}, "moved_meanwhile"),
        ({"number": "x" * 101}, "no_number"),
        ({"number": "#77"}, "number_known"),
    ],
)
def test_what_cannot_be_won_is_refused(world, told, code):
    lead = a_lead(world).lead
    with at_work(world.merchant) as now:
        sale = Sale("77", PersonIn(email="else@friend.example"), 5_000, "EUR", now)
        record_sale(sale=sale, by=SYSTEM, now=now)
        before = as_stored()
    with pytest.raises(Refused) as caught:
        won(world, lead, **told)
    assert caught.value.code == code
    with at_work(world.merchant):
        assert as_stored() == before


@pytest.mark.parametrize(("days", "code"), [(1, "future"), (-2, "won_too_early")])
def test_a_day_that_cannot_be_is_refused(world, days, code):
    lead = a_lead(world).lead
    with pytest.raises(Refused) as caught:
        won(world, lead, won_at=world.now + timedelta(days=days), now=world.now)
    assert caught.value.code == code


def test_of_somebody_who_was_erased_nothing_is_sold_and_nothing_written_down(world):
    lead = a_lead(world).lead
    with at_work(world.merchant) as now:
        erase_person(customer=lead.customer, by=SYSTEM, now=now)
    sale = {"expected": "NEW", "amount_minor": 100, "won_at": world.now}
    refused(world, win_lead, "erased", lead=lead, **sale)
    refused(world, describe_lead, "erased", lead=lead, name="Gwen", company="", phone="")


def test_a_sale_is_taken_back_and_won_again_as_the_same_order(world):
    lead = a_lead(world).lead
    won(world, lead, number="C-1")
    with at_work(world.merchant) as now:
        take_back_sale(lead=lead, by=SYSTEM, now=now)
        stored, order = Lead.objects.get(), Order.objects.get()
        assert (stored.stage, stored.won_minor, stored.won_at) == ("NEGOTIATION", None, None)
        assert (order.cancelled_at, stored.order_id) == (now, order.pk)
        assert Reward.objects.get().state == "CANCELLED"
        assert codes() == ["lead.added", "lead.won", "lead.reopened"]
    won(world, lead, expected="NEGOTIATION", amount=2_000_000, days=1, number="C-1")
    with at_work(world.merchant):
        order, reward = Order.objects.get(), Reward.objects.get()
        assert (order.cancelled_at, order.net_base_minor, order.number) == (None, 2_000_000, "C-1")
        assert (reward.state, reward.amount_minor) == ("HELD", 100_000)


def test_what_is_not_won_is_not_taken_back(world):
    refused(world, take_back_sale, "not_won", lead=a_lead(world).lead)


def test_a_sale_whose_reward_was_released_stays(world):
    lead = a_lead(world).lead
    won(world, lead)
    with at_work(world.merchant) as now:
        Reward.objects.update(released_at=now, state="RELEASED")
    refused(world, take_back_sale, "already_released", lead=lead)


# --- care -----------------------------------------------------------------------------------------------------------


def test_a_plan_is_kept_and_told_without_words(world):
    lead = a_lead(world).lead
    with at_work(world.merchant) as now:
        seat = team().first()
        plan = Plan(owner=seat, due_date=now.date() + timedelta(days=2), value_minor=900_000)
        plan_lead(lead=lead, plan=plan, by=SYSTEM, now=now)
        plan_lead(lead=lead, plan=plan, by=SYSTEM, now=now)
        stored = Lead.objects.get()
        assert (stored.due_date, stored.value_minor, stored.owner_id) == (plan.due_date, 900_000, seat.user_id)
        assert codes() == ["lead.added", "lead.planned"]
        assert not overdue(now.date() + timedelta(days=2)).exists()
        assert overdue(now.date() + timedelta(days=3)).count() == 1
    early = Plan(due_date=now.date() - timedelta(days=2))
    refused(world, plan_lead, "day_over", lead=lead, plan=early)


def test_details_are_corrected_and_not_told_on(world):
    lead = a_lead(world).lead
    with at_work(world.merchant) as now:
        told = {"name": "Gwen K.", "company": "Kauf\nmann", "phone": "+49 30 1"}
        describe_lead(lead=lead, **told, by=SYSTEM, now=now)
        stored = Lead.objects.get()
        assert (stored.name, stored.company, stored.phone) == ("Gwen K.", "Kauf mann", "+49 30 1")
        assert Event.objects.get(code="lead.described").data == {"fields": ["name", "company", "phone"]}


def test_sums_of_each_stage(world):
    won(world, a_lead(world, value_minor=1).lead, amount=500)
    for n, value in enumerate((300, 400)):
        a_lead(world, f"b{n}@buyer.example", value_minor=value)
    with at_work(world.merchant):
        assert sorted((one.stage, one.count, one.minor) for one in totals(Lead.objects.all())) == [
            ("NEW", 2, 700),
            ("WON", 1, 500),
        ]
        cancel_sale(order=Order.objects.get(), by=SYSTEM, now=world.now)  # on the page of the order
        assert ("WON", 1, 0) in [(one.stage, one.count, one.minor) for one in totals(Lead.objects.all())]


def test_a_second_advocate_does_not_take_the_lead(world):
    a_lead(world)
    other = enrolled(world.merchant, world.program, "finn@advocate.example", "Finn")
    with at_work(world.merchant):
        code = main_link(other).code
    again = a_lead(world, code=code)
    assert again.lead.advocate_id == world.advocate.pk
