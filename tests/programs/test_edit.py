from __future__ import annotations

from dataclasses import replace

import pytest

from merchants.models import Event, Merchant
from programs.actions.edit import BadProgram, create_program, save_draft
from programs.actions.kinds import create_kind
from programs.actions.lifecycle import archive_program, end_program, publishing_problems
from programs.models import Program, RewardKind
from programs.rules import Form, Fulfilment, Gives
from programs.selectors import has_unpublished_changes, program_by_slug
from programs.templates import TEMPLATES
from tests.cast import at_work, live_program, workspace_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee", currency="JPY", zone="Asia/Tokyo")


def kept(program: Program) -> dict:
    return {"name": program.name, "auto_enrol": program.auto_enrol, "self_sign_up": program.self_sign_up}


def test_create_program_is_a_draft_in_the_workspaces_currency(merchant):
    with at_work(merchant) as now:
        program = create_program(name=" Freunde & Familie ", template="fixed", by="user:1", now=now)
        stored = Program.objects.get()
        event = Event.objects.get(subject_id=program.pk)
    assert (stored.name, stored.slug, stored.state) == ("Freunde & Familie", "freunde-familie", "DRAFT")
    assert stored.draft_terms == TEMPLATES["fixed"].terms_in("JPY")
    assert (stored.terms_id, stored.published_at, stored.created_at) == (None, None, now)
    assert (event.code, event.seq, event.by, event.data) == ("program.created", 1, "user:1", {"template": "fixed"})


def test_what_a_template_gives_is_in_the_catalogue_once(merchant):
    with at_work(merchant) as now:
        first = create_program(name="Monat", template="free_month", by="user:1", now=now)
        again = create_program(name="Noch einer", template="free_month", by="user:1", now=now)
        kind = RewardKind.objects.get()
        assert Event.objects.filter(code="kind.created").count() == 1
    assert (kind.name, kind.form, kind.unit, kind.fulfilment) == ("A free month", "FREE_TIME", "MONTHS", "MANUAL")
    for program in (first, again):
        for rule in (program.draft_terms.advocate_reward, program.draft_terms.friend_reward):
            assert rule is not None
            assert (rule.gives, rule.value) == (kind.as_gives(), 1)


def test_a_name_that_stands_for_something_else_is_left_alone(merchant):
    other = Gives("", "More space", Form.CUSTOM_UNIT, "GB", Fulfilment.BALANCE)
    with at_work(merchant) as now:
        create_kind(gives=other, by="user:1", now=now)
        program = create_program(name="Space", template="space", by="user:1", now=now)
        assert sorted(RewardKind.objects.values_list("name", "unit")) == [("More space", "GB"), ("More space 2", "MB")]
    gives = program.draft_terms.advocate_reward.gives
    assert gives is not None
    assert (gives.name, gives.unit, program.draft_terms.advocate_cap_minor) == ("More space 2", "MB", 16_000)


@pytest.mark.parametrize(
    ("template", "missing"),
    [
        ("free_month", []),
        ("space", []),
        ("local", [("offer_shop_code", "required")]),
        ("gift_card", [("offer_source", "no_codes"), ("advocate_reward_fulfilment", "not_connected")]),
    ],
)
def test_what_a_new_merchant_still_has_to_do_is_said(merchant, template, missing):
    with at_work(merchant) as now:
        program = create_program(name="Neu", template=template, by="user:1", now=now)
        found = publishing_problems(program, now=now)
    assert [(problem.field, problem.code) for problem in found] == missing


def test_two_programs_of_a_name_have_two_slugs(merchant):
    with at_work(merchant) as now:
        first = create_program(name="Freunde", template="shop", by="system", now=now)
        second = create_program(name="Freunde", template="shop", by="system", now=now)
        assert first.slug == "freunde"
        assert second.slug.startswith("freunde-")
        assert program_by_slug(second.slug) == second


def test_another_merchant_may_use_the_same_slug(merchant):
    for place in (merchant, workspace_of("charlie@halcyon.example", "Halcyon")):
        with at_work(place) as now:
            assert create_program(name="Freunde", template="shop", by="system", now=now).slug == "freunde"
            assert Program.objects.count() == 1


@pytest.mark.parametrize(("name", "template"), [("", "shop"), ("n" * 121, "shop"), ("Freunde", "none")])
def test_create_program_refuses(merchant, name, template):
    with at_work(merchant) as now:
        with pytest.raises(BadProgram):
            create_program(name=name, template=template, by="system", now=now)
        assert not Program.objects.exists()


def test_save_draft_names_what_changed_and_leaves_the_live_terms(merchant):
    program = live_program(merchant)
    with at_work(merchant) as now:
        terms = replace(program.draft_terms, return_window_days=14)
        saved = save_draft(
            program=program, terms=terms, name="Neu", auto_enrol="INVITE", self_sign_up=False, by="user:1", now=now
        )
        assert has_unpublished_changes(saved)
        stored = Program.objects.select_related("terms").get()
        event = Event.objects.filter(subject_id=program.pk).order_by("-seq")[0]
    assert (stored.name, stored.auto_enrol, stored.self_sign_up) == ("Neu", "INVITE", False)
    assert (stored.draft_terms.return_window_days, stored.live_terms.return_window_days) == (14, 30)
    assert event.code == "program.edited"
    assert sorted(event.data["fields"]) == ["auto_enrol", "name", "return_window_days", "self_sign_up"]


def test_save_draft_of_the_same_writes_no_event(merchant):
    program = live_program(merchant)
    with at_work(merchant) as now:
        before = Event.objects.count()
        saved = save_draft(program=program, terms=program.draft_terms, **kept(program), by="system", now=now)
        assert Event.objects.count() == before
        assert not has_unpublished_changes(saved)


def test_save_draft_refuses_programs_that_are_over(merchant):
    program = live_program(merchant)
    with at_work(merchant) as now:
        archived = create_program(name="Alt", template="shop", by="system", now=now)
        archive_program(program=archived, by="system", now=now)
        end_program(program=program, by="system", now=now)
        for over in (archived, program):
            before = Program.objects.values().get(pk=over.pk)
            with pytest.raises(BadProgram):
                save_draft(program=over, terms=over.draft_terms, **{**kept(over), "name": "X"}, by="system", now=now)
            assert Program.objects.values().get(pk=over.pk) == before


def test_save_draft_refuses_an_unknown_way_to_join(merchant):
    program = live_program(merchant)
    with at_work(merchant) as now, pytest.raises(BadProgram):
        save_draft(
            program=program, terms=program.draft_terms, **{**kept(program), "auto_enrol": "YES"}, by="system", now=now
        )


def test_a_foreign_program_is_not_found(merchant):
    program = live_program(workspace_of("charlie@halcyon.example", "Halcyon"))
    with at_work(merchant) as now, pytest.raises(Program.DoesNotExist):
        save_draft(program=program, terms=program.draft_terms, **kept(program), by="system", now=now)
