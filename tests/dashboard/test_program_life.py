"""A program's own pages: where everything stands, versions, copies, and each step with what it means said before."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from merchants.models import Event
from programs.actions.edit import save_draft
from programs.actions.lifecycle import end_program, pause_program, publish_program
from programs.models import Program, TermsVersion
from programs.rules import RewardRule, Value
from referral_saas.dashboard.editor_page import PARTS
from referral_saas.dashboard.forms.program import ProgramForm
from referral_saas.dashboard.state_map import MEANINGS
from rewards.actions.blocks import block_reward
from rewards.actions.bonus import plan_bonus
from rewards.actions.budget import set_budget
from rewards.models import Reward
from tests.cast import World, at_work
from tests.dashboard.desk import BY_HAND, a_busy_world, as_role, base, owner, text_of
from tests.facts import snapshot
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

built, world = for_a_file(a_busy_world)
WAYS = {"name": "Freunde", "auto_enrol": "OFF", "self_sign_up": True}
STEPS = ("pause", "resume", "end", "archive")


@pytest.fixture
def alice(world: World) -> Client:
    return owner(world)


def page(world: World, path: str = "") -> str:
    return f"{base(world)}/programs/{world.program.slug}{path}"


def edited(world: World, **changes: Any) -> None:
    with at_work(world.merchant) as now:
        terms = replace(Program.objects.get(pk=world.program.pk).draft_terms, **changes)
        save_draft(program=world.program, terms=terms, **WAYS, by="t", now=now)


def published(world: World, **changes: Any) -> None:
    edited(world, **changes)
    with at_work(world.merchant) as now:
        publish_program(program=world.program, by=f"user:{world.merchant.memberships.get().user_id}", now=now)


def stored(world: World) -> list[Any]:
    with at_work(world.merchant):
        models = (Program, TermsVersion, Event)
        return [list(model.objects.order_by("pk").values()) for model in models]


def state(world: World) -> str:
    with at_work(world.merchant):
        return str(Program.objects.get(pk=world.program.pk).state)


# --- where everything stands --------------------------------------------------------------------------------------


def numbers_of(answer: Any) -> dict[str, str]:
    """What the table under the drawing says, and the drawing says the same."""
    soup = BeautifulSoup(answer.content, "html.parser")
    table = {row.a.get_text(): row.find_all("td")[0].get_text() for row in soup.select("figure tbody tr")}
    for drawing in soup.select("svg.flow"):
        said = [tuple(link["aria-label"].split(", ", 1)) for link in drawing.select("a")]
        assert dict(said) == table
    return table


def test_every_state_has_its_number_and_leads_to_its_rows(world, alice):
    with at_work(world.merchant) as now:
        held = Reward.objects.filter(state="HELD").order_by("created_at").first()
        block_reward(reward=held, kind="MANUAL", reason="Looks odd.", by="t", now=now)
        of = dict(Reward.objects.values_list("state").annotate(count=Count("pk")).order_by())
    answer = alice.get(page(world))
    numbers = numbers_of(answer)
    assert numbers["Held"] == f"{of['HELD']}, 1 stopped"
    assert numbers["Blocked"] == "1"
    soup = BeautifulSoup(answer.content, "html.parser")
    assert {link["href"].rpartition("=")[2] for link in soup.select("svg.flow-down a")} == set(MEANINGS)
    for link in soup.select("svg.flow-across a"):
        count = re.search(r", (\d+)", link["aria-label"])[1]
        rows = BeautifulSoup(alice.get(link["href"]).content, "html.parser").select("main table tbody tr")
        assert len(rows) == int(count), link["href"]


def test_a_draft_has_no_drawing_and_another_programs_rows_are_not_counted(world, alice):
    alice.post(page(world, "/duplicate"), {"asked": "0199a0a0-0000-7000-8000-000000000001"})
    copy = alice.get(f"{base(world)}/programs/copy-of-freunde")
    assert copy.status_code == 200
    assert '<svg class="flow' not in copy.content.decode()


def test_the_page_asks_as_often_for_many_rows_and_versions(world, alice):
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert alice.get(page(world, path)).status_code == 200
        return len(queries)

    paths = ("", "/versions", "/pause", "/end", "/versions/1/take-up", "/duplicate", "/publish")
    published(world, return_window_days=1)
    edited(world, return_window_days=2)
    alice.get(page(world))
    few = {path: asked(path) for path in paths}
    for number in range(20, 50):
        if number < 32:
            world.take(snapshot(world.now, token=world.click()), number=str(number), email=f"f{number}@friend.example")
        published(world, return_window_days=number)
    edited(world, return_window_days=3)
    assert {path: asked(path) for path in paths} == few
    assert max(few.values()) <= 20


# --- versions -----------------------------------------------------------------------------------------------------


def test_versions_say_when_who_and_what_changed(world, alice):
    ten = RewardRule(Value.FIXED, 1000, fulfilment=BY_HAND.fulfilment)
    published(world, advocate_reward=ten)
    published(world, advocate_reward=replace(ten, value=1500), return_window_days=14)
    shown = text_of(alice.get(page(world, "/versions")))
    third, second = shown.index("Version 3"), shown.index("Version 2")
    first = shown.index("The first one: it opened the program.")
    assert third < second < first
    assert "Advocates get €10.00 €15.00 Rewards are held for 30 days 14 days" in shown[third:second]
    assert "Advocates get 10% of the order's value €10.00" in shown[second:first].replace(", €50.00 at most", "")
    assert "alice@nordlicht.example" in shown[third:second]
    assert shown.count("Published now") == 1
    assert alice.get(page(world, "/terms?version=2")).status_code == 200


def test_a_draft_of_an_earlier_version_says_what_is_lost_first(world, alice):
    published(world, return_window_days=14)
    edited(world, return_window_days=14, min_order_minor=5000)
    before = stored(world)
    shown = text_of(alice.get(page(world, "/versions/1/take-up")))
    assert "They would be gone. Smallest order that counts: €50.00" in shown
    assert "Rewards are held for 14 days 30 days" in shown
    assert stored(world) == before
    answer = alice.post(page(world, "/versions/1/take-up"))
    assert (answer.status_code, answer["Location"]) == (302, page(world, "/edit"))
    with at_work(world.merchant):
        program = Program.objects.get(pk=world.program.pk)
        draft = program.draft_terms
        assert (draft.return_window_days, draft.min_order_minor, program.terms.number) == (30, 0, 2)


@pytest.mark.parametrize("number", [0, 2, 99999999999999999999])
def test_a_version_that_is_not_there_is_not_found(world, alice, number):
    before = stored(world)
    path = page(world, f"/versions/{number}/take-up")
    assert {alice.get(path).status_code, alice.post(path).status_code} == {404}
    assert stored(world) == before


# --- steps --------------------------------------------------------------------------------------------------------


def test_pausing_says_what_stops_and_what_goes_on_and_then_pauses(world, alice):
    before = stored(world)
    shown = text_of(alice.get(page(world, "/pause")))
    assert stored(world) == before
    with at_work(world.merchant):
        held = Reward.objects.filter(state="HELD").count()
    assert "1 link stops giving the offer" in shown
    assert "1 active advocate sees it in the portal." in shown
    assert "1 offer that was given can be used as promised, until" in shown
    assert f"{held} held rewards still come" in shown
    assert alice.post(page(world, "/pause"))["Location"] == page(world)
    assert state(world) == "PAUSED"
    shown = text_of(alice.get(page(world, "/resume")))
    assert "1 link gives the offer again at once" in shown
    assert alice.post(page(world, "/resume")).status_code == 302
    assert state(world) == "ACTIVE"


def test_ending_wants_the_name_and_says_what_it_costs(world, alice):
    edited(world, return_window_days=1)
    with at_work(world.merchant) as now:
        set_budget(program=world.program, limit_minor=900_000, is_hard=False, by="t", now=now)
        plan_bonus(
            program=world.program, name="Advent", side="ADVOCATE", multiplier_bp=20_000, extra_minor=0,
            starts_at=now + timedelta(days=5), ends_at=now + timedelta(days=9), by="t", now=now,
        )  # fmt: skip
    shown = text_of(alice.get(page(world, "/end")))
    assert "1 bonus that runs or is planned serves only friends who came before." in shown
    assert "The changes in the draft can no longer be published." in shown
    assert "of the budget are left" in shown
    before = stored(world)
    for typed in ({}, {"typed_name": ""}, {"typed_name": "Freund"}, {"typed_name": "Freunde 2"}):
        refused = alice.post(page(world, "/end"), typed)
        assert (refused.status_code, stored(world)) == (422, before)
    assert alice.post(page(world, "/end"), {"typed_name": " freunde  "}).status_code == 302
    assert state(world) == "ENDED"
    assert "The budget" not in text_of(as_role(world, "MARKETER").get(page(world, "/archive")))
    assert alice.post(page(world, "/archive")).status_code == 302
    with at_work(world.merchant):
        assert Program.objects.get(pk=world.program.pk).archived_at


@pytest.mark.parametrize(
    ("begin", "possible"),
    [
        (None, {"pause", "end"}),
        (pause_program, {"resume", "end"}),
        (end_program, {"archive"}),
    ],
)
def test_a_step_that_is_not_possible_says_so_and_changes_nothing(world, alice, begin, possible):
    if begin:
        with at_work(world.merchant) as now:
            begin(program=world.program, by="t", now=now)
    before = stored(world)
    buttons = BeautifulSoup(alice.get(page(world)).content, "html.parser").select(".row a.button")
    offered = {each["href"].rpartition("/")[2] for each in buttons}
    assert offered - {"drive"} == possible | {"duplicate"}
    assert ("drive" in offered) == (begin is not end_program), "what is over cannot be tried"
    for step in STEPS:
        seen = alice.get(page(world, f"/{step}"))
        assert seen.status_code == (200 if step in possible else 302), step
        if step not in possible:
            refused = alice.post(page(world, f"/{step}"), {"typed_name": "Freunde"}, follow=True)
            assert "Only a" in text_of(refused), step
    assert stored(world) == before


def test_the_same_step_twice_is_told_the_second_time(world, alice):
    assert alice.post(page(world, "/pause")).status_code == 302
    before = stored(world)
    assert "Only an active program can be paused." in text_of(alice.post(page(world, "/pause"), follow=True))
    assert stored(world) == before


def test_a_copy_is_made_once_for_one_page(world, alice):
    soup = BeautifulSoup(alice.get(page(world, "/duplicate")).content, "html.parser")
    asked = {"asked": soup.find("input", {"name": "asked"})["value"]}
    answers = [alice.post(page(world, "/duplicate"), asked) for _time in range(2)]
    assert {answer["Location"] for answer in answers} == {f"{base(world)}/programs/copy-of-freunde/edit"}
    with at_work(world.merchant):
        assert Program.objects.count() == 2
    before = stored(world)
    assert alice.post(page(world, "/duplicate"), {"asked": "x"}).status_code == 404
    assert stored(world) == before


# --- publishing ---------------------------------------------------------------------------------------------------


def test_publishing_says_field_by_field_what_changes_and_for_whom(world, alice):
    published(world, advocate_reward=RewardRule(Value.FIXED, 1000, fulfilment=BY_HAND.fulfilment))
    edited(world, advocate_reward=RewardRule(Value.FIXED, 1500, fulfilment=BY_HAND.fulfilment))
    shown = text_of(alice.get(page(world, "/publish")))
    assert "Advocates get €10.00 €15.00" in shown
    assert "Everybody who opens a link from now on gets the changed terms." in shown
    assert "1 offer stays as it was given, open until" in shown
    assert "held rewards come as they were promised." in shown
    assert "keeps the old terms for an order within 30 days." in shown


def test_what_was_not_looked_at_is_not_published(world, alice):
    edited(world, return_window_days=14)
    soup = BeautifulSoup(alice.get(page(world, "/publish")).content, "html.parser")
    seen = {"seen": soup.find("input", {"name": "seen"})["value"]}
    edited(world, return_window_days=1)
    before = stored(world)
    refused = alice.post(page(world, "/publish"), seen)
    assert refused.status_code == 422
    assert "The draft changed since you looked at it." in text_of(refused)
    assert stored(world) == before
    seen = BeautifulSoup(refused.content, "html.parser").find("input", {"name": "seen"})["value"]
    assert alice.post(page(world, "/publish"), {"seen": seen}).status_code == 302
    with at_work(world.merchant):
        assert Program.objects.get(pk=world.program.pk).live_terms.return_window_days == 1


# --- the editor ---------------------------------------------------------------------------------------------------


def typed(world: World, **changes: object) -> dict[str, object]:
    with at_work(world.merchant):
        program = Program.objects.select_related("merchant", "terms").get(pk=world.program.pk)
        values = ProgramForm(program=program).typed | changes
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def test_looking_keeps_what_is_typed_and_saves_nothing(world, alice):
    before = stored(world)
    shown = alice.post(page(world, "/edit/look"), typed(world, return_window_days=9))
    assert (shown.status_code, stored(world)) == (200, before)
    soup = BeautifulSoup(shown.content, "html.parser")
    assert soup.find(id="id_return_window_days")["value"] == "9"
    assert "Nothing is saved yet." in text_of(shown)
    assert "Rewards are held for: 30 days → becomes 9 days" in text_of(shown)
    assert soup.find("form", id="editor")["data-guard"] == "typed"


def test_the_preview_names_what_is_to_be_mended_and_marks_its_section(world, alice):
    before = stored(world)
    shown = alice.post(page(world, "/preview"), typed(world, advocate_reward_value="ten", return_window_days="999"))
    soup = BeautifulSoup(shown.content, "html.parser")
    links = {link["href"]: link.get_text() for link in soup.select("ul.stack-tight a")}
    assert links == {"#id_advocate_reward_value": "Advocate's reward", "#id_return_window_days": "Return window"}
    index = soup.find("nav", id="editor-index")
    assert index["hx-swap-oob"] == "true"
    assert {item.a["href"] for item in index.select("li") if "1 to mend" in item.get_text()} == {"#advocate", "#hold"}
    assert stored(world) == before


def test_two_who_edit_at_once_do_not_undo_each_other_unseen(world, alice):
    opened = BeautifulSoup(alice.get(page(world, "/edit")).content, "html.parser")
    mine = typed(world, return_window_days=9) | {"seen": opened.find("input", {"name": "seen"})["value"]}
    edited(world, min_order_minor=4990)
    before = stored(world)
    refused = alice.post(page(world, "/edit"), mine)
    assert (refused.status_code, stored(world)) == (422, before)
    shown = text_of(refused)
    assert "Smallest order that counts: €49.90 (you typed none)" in shown
    assert "Rewards are held for: 30 days (you typed 9 days)" in shown
    soup = BeautifulSoup(refused.content, "html.parser")
    assert soup.find(id="id_return_window_days")["value"] == "9"
    mine["seen"] = soup.find("input", {"name": "seen"})["value"]
    assert alice.post(page(world, "/edit"), mine).status_code == 302
    with at_work(world.merchant):
        draft = Program.objects.get(pk=world.program.pk).draft_terms
        assert (draft.return_window_days, draft.min_order_minor) == (9, 0)


def test_every_section_of_the_index_is_on_the_page_and_holds_its_fields(world, alice):
    soup = BeautifulSoup(alice.get(page(world, "/edit")).content, "html.parser")
    assert [link["href"] for link in soup.select("#editor-index a")] == [f"#{key}" for key in PARTS]
    for key, (_label, starts) in PARTS.items():
        section = soup.find(id=key)
        names = {field["name"] for field in section.select("[name]")}
        assert names, key
        assert all(name.startswith(starts) for name in names), (key, names)


def test_a_pause_is_told_where_somebody_would_think_it_runs(world, alice):
    with at_work(world.merchant) as now:
        pause_program(program=world.program, by="t", now=now)
    assert "Freunde is paused: its links give no offer." in text_of(alice.get(base(world)))
    assert alice.get(f"{base(world)}/setup/live")["Location"] == page(world)
    new = {"program": "freunde", "email": "otto@shop.example", "name": "Otto", "kind": "CUSTOMER"}
    enrolled = text_of(alice.post(f"{base(world)}/advocates/new", new, follow=True))
    assert "the program is paused, so the link gives nothing yet" in enrolled
