"""The board, the list and the page of a lead; its buttons; who may press them, and that a refusal keeps nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kit.days import local_date
from leads.actions.care import Plan, plan_lead
from leads.models import Lead
from merchants.events import SYSTEM
from merchants.models import Event, Role, User
from privacy.actions.erasure import erase_person
from referral_saas.dashboard.paths import public
from rewards.models import Reward
from tests.cast import at_work, workspace_of
from tests.dashboard.desk import as_role, base, owner, signed_in, text_of
from tests.dashboard.test_people_pages import cost
from tests.leads.world import ADDRESS, a_b2b_world, a_lead, won
from tests.once import for_a_file
from tracking.models import Order, OrderFact, Referral

pytestmark = pytest.mark.django_db

built, world = for_a_file(a_b2b_world)


def path_of(world: Any, lead: Lead, verb: str = "") -> str:
    return f"{base(world)}/leads/{public(lead)}{'/' + verb if verb else ''}"


def kept(world: Any) -> list[Any]:
    with at_work(world.merchant):
        models = (Lead, Order, OrderFact, Referral, Reward, Event)
        return [list(model.objects.order_by("pk").values()) for model in models]


def stored(world: Any) -> Lead:
    with at_work(world.merchant):
        found: Lead = Lead.objects.select_related("owner").get()
        return found


def day(world: Any, ahead: int) -> str:
    return (local_date(world.now, world.zone) + timedelta(days=ahead)).isoformat()


def planned(world: Any, lead: Lead, ahead: int) -> None:
    """Written down when the day was still to come."""
    with at_work(world.merchant):
        due = local_date(world.now, world.zone) + timedelta(days=ahead)
        at = world.now + timedelta(days=min(ahead, 0))
        plan_lead(lead=lead, plan=Plan(due_date=due, value_minor=250_000), by=SYSTEM, now=at)


# --- the board and the list -----------------------------------------------------------------------------------------


def test_the_board_shows_each_stage_with_number_and_sum(world):
    lead = a_lead(world, company="Kaufmann GmbH", value_minor=1_200_000).lead
    planned(world, lead, -1)
    won(world, a_lead(world, "b@buyer.example", company="Bauer AG").lead, amount=900_000)
    shown = text_of(owner(world).get(f"{base(world)}/leads"))
    for told in ("Kaufmann GmbH", "Gwen Kaufmann", "Recommended by Dana Muster", "€2,500", "Overdue", "Nobody yet"):
        assert told in shown, told
    assert "Bauer AG" in shown
    assert "€9,000" in shown
    late = text_of(owner(world).get(f"{base(world)}/leads?due=late"))
    assert "Kaufmann GmbH" in late
    assert "Bauer AG" not in late


def test_board_list_and_page_cost_the_same_for_many(world):
    lead = a_lead(world).lead
    client, home = owner(world), base(world)
    pages = [f"{home}/leads", f"{home}/leads/list", path_of(world, lead)]
    few = [cost(client, page) for page in pages]
    for n in range(8):
        other = a_lead(world, f"b{n}@buyer.example", value_minor=n).lead
        planned(world, other, 3)
    assert [cost(client, page) for page in pages] == few
    assert max(few) <= 20


def test_the_list_is_searched_narrowed_and_sorted(world):
    a_lead(world, company="Kaufmann GmbH")
    a_lead(world, "b@buyer.example", name="Bo Bauer", company="bauer ag", code="")
    client, path = owner(world), f"{base(world)}/leads/list"
    for query, found, missed in (
        ("q=kauf", "Kaufmann GmbH", "bauer ag"),
        ("q=b@buyer.example", "bauer ag", "Kaufmann GmbH"),
        ("stage=NEW&owner=nobody&due=open", "bauer ag", ""),
        ("stage=WON", "", "bauer ag"),
        (f"advocate={public(world.advocate)}", "Kaufmann GmbH", "bauer ag"),
    ):
        shown = text_of(client.get(f"{path}?{query}"))
        assert found in shown, query
        assert not missed or missed not in shown, query
    shown = text_of(client.get(f"{path}?sort=company"))
    assert shown.index("bauer ag") < shown.index("Kaufmann GmbH")


# --- entering -------------------------------------------------------------------------------------------------------


def test_a_lead_is_entered_with_its_advocate_and_plan(world):
    client, seat = owner(world), User.objects.get(memberships__merchant=world.merchant).memberships.get()
    form = {"email": ADDRESS, "name": "Gwen", "company": "Kaufmann", "advocate": "dana@advocate.example"}
    plan = {"owner": str(seat.pk), "due_date": day(world, 2), "value": "12000", "program": world.program.slug}
    answer = client.post(f"{base(world)}/leads/new", form | plan)
    lead = stored(world)
    assert answer["Location"] == path_of(world, lead)
    assert (lead.advocate_id, lead.code, lead.source) == (world.advocate.pk, world.link.code, "TEAM")
    assert (lead.owner_id, lead.due_date.isoformat(), lead.value_minor) == (seat.user_id, day(world, 2), 1_200_000)
    again = client.post(f"{base(world)}/leads/new", form | plan)
    assert again["Location"] == path_of(world, lead)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"email": "nobody"}, "Write a whole e-mail address"),
        ({"advocate": "NOSUCHCODE"}, "No advocate has this code."),
        ({"due_date": "2020-01-01"}, "Choose today or a later day."),
        ({"value": "-3"}, ""),
        ({"program": "none-of-ours"}, ""),
    ],
)
def test_a_lead_that_cannot_be_is_refused(world, told, words):
    before, form = kept(world), {"email": ADDRESS, "program": world.program.slug}
    answer = owner(world).post(f"{base(world)}/leads/new", form | told)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert kept(world) == before


# --- one lead -------------------------------------------------------------------------------------------------------


def test_a_lead_is_moved_on_from_the_board(world):
    lead, client = a_lead(world).lead, owner(world)
    form = {"place": "board", "expected": "NEW", "to": "QUALIFIED"}
    assert client.post(path_of(world, lead, "move"), form)["Location"] == f"{base(world)}/leads"
    assert stored(world).stage == "QUALIFIED"
    before = kept(world)
    assert "Somebody moved this lead meanwhile" in text_of(client.post(path_of(world, lead, "move"), form, follow=True))
    assert kept(world) == before


def test_a_lead_is_won_and_the_sale_taken_back(world):
    lead, client = a_lead(world, value_minor=1_000_000).lead, owner(world)
    assert 'value="10000.00"' in client.get(path_of(world, lead)).content.decode()
    form = {"expected": "NEW", "amount": "9,500.00", "won_on": day(world, 0), "contract": "C-7"}
    assert client.post(path_of(world, lead, "win"), form | {"amount": "9500"})["Location"] == path_of(world, lead)
    with at_work(world.merchant):
        assert (Order.objects.get().number, Reward.objects.get().amount_minor) == ("C-7", 47_500)
    assert "Won on" in text_of(client.get(path_of(world, lead)))
    client.post(path_of(world, lead, "take-back"))
    with at_work(world.merchant):
        assert (Lead.objects.get().stage, Reward.objects.get().state) == ("NEGOTIATION", "CANCELLED")


@pytest.mark.parametrize(
    ("verb", "form", "words"),
    [
        ("win", {"expected": "NEW", "amount": "", "won_on": "2026-01-01"}, "Write the amount that was agreed."),
        ("win", {"expected": "NEW", "amount": "0", "won_on": "TODAY"}, "it must be more than nothing"),
        ("win", {"expected": "NEW", "amount": "5", "won_on": "2199-12-31"}, "This day lies in the future."),
        ("win", {"expected": "NEW", "amount": "5", "won_on": "2001-01-01"}, "The lead came after that day."),
        ("win", {"expected": "MEETING", "amount": "5", "won_on": "TODAY"}, "Somebody moved this lead meanwhile"),
        ("lose", {"expected": "NEW", "reason": ""}, "Say why it was lost."),
        ("lose", {"expected": "NEW", "reason": "NONSENSE"}, "Select a valid choice"),
        ("plan", {"due_date": "2020-01-01"}, "Choose today or a later day."),
        ("move", {"expected": "NEW", "to": "WON"}, "There is no such stage."),
        ("take-back", {}, "This lead is not won."),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(world, verb, form, words):
    lead = a_lead(world).lead
    before, told = kept(world), {name: day(world, 0) if text == "TODAY" else text for name, text in form.items()}
    answer = owner(world).post(path_of(world, lead, verb), told, follow=True)
    assert words in text_of(answer)
    assert kept(world) == before


def test_a_lead_is_lost_planned_and_corrected(world):
    lead, client = a_lead(world).lead, owner(world)
    client.post(path_of(world, lead, "details"), {"name": "Gwen K.", "company": "Kaufmann AG", "phone": ""})
    client.post(path_of(world, lead, "plan"), {"due_date": day(world, 4), "value": "7"})
    client.post(path_of(world, lead, "lose"), {"expected": "NEW", "reason": "PRICE", "words": "Next year"})
    lead = stored(world)
    assert (lead.name, lead.company, lead.due_date.isoformat()) == ("Gwen K.", "Kaufmann AG", day(world, 4))
    assert (lead.value_minor, lead.stage, lead.lost_reason) == (700, "LOST", "PRICE")
    assert "Too expensive for them" in text_of(client.get(path_of(world, lead)))


def test_the_lead_of_somebody_who_was_erased_is_neither_won_nor_described(world):
    lead, client = a_lead(world).lead, owner(world)
    with at_work(world.merchant) as now:
        erase_person(customer=lead.customer, by=SYSTEM, now=now)
    page = text_of(client.get(path_of(world, lead)))
    assert [words in page for words in ("record the sale", "Correct the details", "It did not work out")] == [
        False,
        False,
        True,
    ]
    before = kept(world)
    for verb, form in (
        ("win", {"expected": "NEW", "amount": "5", "won_on": day(world, 0)}),
        ("details", {"name": "G"}),
    ):
        said = text_of(client.post(path_of(world, lead, verb), form, follow=True))
        assert "This cannot be done any more." in said
    assert kept(world) == before


@pytest.mark.parametrize(
    ("role", "verb", "may"),
    [
        (Role.ANALYST, "lose", False),
        (Role.MARKETER, "lose", True),
        (Role.MARKETER, "win", False),
        (Role.SUPPORT, "win", True),
        (Role.FINANCE, "move", False),
    ],
)
def test_who_may_press_what(world, role, verb, may):
    lead = a_lead(world).lead
    before = kept(world)
    form = {"expected": "NEW", "reason": "PRICE", "amount": "5", "won_on": day(world, 0), "to": "MEETING"}
    answer = as_role(world, role).post(path_of(world, lead, verb), form)
    assert answer.status_code == (302 if may else 404)
    assert (kept(world) != before) is may


def test_another_merchants_lead_is_not_there(world):
    lead = a_lead(world).lead
    workspace_of("charlie@halcyon.example", "Halcyon")
    charlie = signed_in(User.objects.get(email="charlie@halcyon.example"))
    assert charlie.get(f"/w/halcyon/leads/{public(lead)}").status_code == 404
    assert charlie.post(f"/w/halcyon/leads/{public(lead)}/move", {"to": "MEETING"}).status_code == 404
    assert owner(world).get(f"{base(world)}/leads/lea_nonsense").status_code == 404


def test_words_of_a_stranger_are_only_words(world):
    told = {"company": "<script>alert(1)</script>", "message": "{{ 7|add:7 }}<img src=x>", "name": "=cmd()"}
    lead = a_lead(world, **told).lead
    for page in (f"{base(world)}/leads", f"{base(world)}/leads/list", path_of(world, lead)):
        body = owner(world).get(page).content.decode()
        assert "<script>alert" not in body
        assert "<img src=x" not in body


def test_home_names_what_is_overdue(world):
    lead, client = a_lead(world).lead, owner(world)
    planned(world, lead, 0)
    assert "waits for its next step" not in text_of(client.get(base(world)))
    planned(world, lead, -1)
    assert "1 lead waits for its next step." in text_of(client.get(base(world)))
    assert "/leads?due=late" in client.get(base(world)).content.decode()
