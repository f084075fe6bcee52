"""A program made of another one, and a draft made of an earlier version: what is taken along, and what stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from advocates.models import Advocate, Link
from kit.ids import uuid7
from merchants.models import Event
from programs.actions.edit import BadProgram, duplicate_program, save_draft, take_up_version
from programs.actions.lifecycle import NotPossible, archive_program, end_program, publish_program
from programs.actions.links import change_links
from programs.models import CodePool, PoolCode, Program, TermsVersion
from programs.selectors import terms_digest
from tests.cast import CODES, World, a_world, at_work
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

built, world = for_a_file(a_world)
WAYS = {"name": "Freunde", "auto_enrol": "OFF", "self_sign_up": True}


def edited(world: World, **changes: Any) -> Program:
    with at_work(world.merchant) as now:
        program = Program.objects.get(pk=world.program.pk)
        terms = replace(program.draft_terms, **changes)
        return save_draft(program=program, terms=terms, **WAYS, by="t", now=now)


def copied(world: World, asked: UUID | None = None) -> Program:
    with at_work(world.merchant) as now:
        return duplicate_program(program=world.program, asked=asked or uuid7(), by="user:1", now=now)


def everything() -> list[Any]:
    """Called in a transaction of the merchant's."""
    return [list(model.objects.order_by("pk").values()) for model in (Program, TermsVersion, Event)]


# --- a copy -------------------------------------------------------------------------------------------------------


def test_a_copy_has_the_draft_and_the_ways_and_nothing_that_was_spent(world):
    with at_work(world.merchant) as now:
        utm = {"source": "freunde"}
        change_links(
            program=world.program, landing="PAGE", destination="", utm=utm, own_codes=True, by="t", now=now
        )  # fmt: skip
    drafted = edited(world, return_window_days=14)
    copy = copied(world)
    with at_work(world.merchant):
        stored = Program.objects.get(pk=copy.pk)
        assert (stored.name, stored.slug, stored.state) == ("Copy of Freunde", "copy-of-freunde", "DRAFT")
        assert (stored.terms, stored.published_at, stored.out_of_budget_at, stored.archived_at) == (None,) * 4
        assert stored.draft_terms == drafted.draft_terms
        assert (stored.utm, stored.own_codes, stored.landing) == (utm, True, "PAGE")
        ways = ("auto_enrol", "self_sign_up", "introduction_days", "introduction_mail", "destination")
        original = Program.objects.get(pk=world.program.pk)
        assert [getattr(stored, way) for way in ways] == [getattr(original, way) for way in ways]
        assert not CodePool.objects.filter(program=stored).exists()
        assert not Advocate.objects.filter(program=stored).exists()
        assert PoolCode.objects.filter(pool__program=original).count() == 2 * CODES
        assert Link.objects.filter(advocate__program=original).exists()
        event = Event.objects.get(code="program.copied")
        assert (event.subject_id, event.seq, event.by, event.data) == (
            stored.pk,
            1,
            "user:1",
            {"from": str(original.pk)},
        )


def test_the_original_is_left_as_it_was(world):
    with at_work(world.merchant):
        before = Program.objects.values().get(pk=world.program.pk)
    copied(world)
    with at_work(world.merchant):
        assert Program.objects.values().get(pk=world.program.pk) == before


def test_the_same_wish_makes_one_copy_and_another_wish_another(world):
    asked = uuid7()
    first, again, other = copied(world, asked), copied(world, asked), copied(world)
    with at_work(world.merchant):
        assert (first.pk, again.slug) == (again.pk, "copy-of-freunde")
        assert other.slug.startswith("copy-of-freunde-")
        assert Program.objects.count() == 3
        assert Event.objects.filter(code="program.copied").count() == 2


def test_a_program_that_is_over_can_be_copied_and_the_copy_edited(world):
    with at_work(world.merchant) as now:
        end_program(program=world.program, by="t", now=now)
        archive_program(program=world.program, by="t", now=now)
    copy = copied(world)
    with at_work(world.merchant) as now:
        terms = replace(copy.draft_terms, return_window_days=7)
        save_draft(program=copy, terms=terms, name="Neu", auto_enrol="OFF", self_sign_up=True, by="t", now=now)
        assert (Program.objects.get(pk=copy.pk).name, Program.objects.get(pk=world.program.pk).state) == (
            "Neu",
            "ENDED",
        )


def test_a_long_name_is_cut_where_it_no_longer_fits(world):
    with at_work(world.merchant) as now:
        program = Program.objects.get(pk=world.program.pk)
        ways = {**WAYS, "name": "N" * 120}
        save_draft(program=program, terms=program.draft_terms, **ways, by="t", now=now)
    assert copied(world).name == "Copy of " + "N" * 112


# --- an earlier version -------------------------------------------------------------------------------------------


def published(world: World, **changes: Any) -> Program:
    edited(world, **changes)
    with at_work(world.merchant) as now:
        return publish_program(program=world.program, by="t", now=now)


def test_an_earlier_version_becomes_the_draft_and_what_is_live_stays(world):
    with at_work(world.merchant):
        first = world.terms()
    published(world, return_window_days=14, min_order_minor=100)
    with at_work(world.merchant) as now:
        taken = take_up_version(program=world.program, number=1, by="user:1", now=now)
        stored = Program.objects.get(pk=world.program.pk)
        assert (taken.draft_terms, stored.draft_terms) == (first, first)
        assert (stored.terms.number, stored.live_terms.return_window_days) == (2, 14)
        event = Event.objects.get(code="program.version_taken_up")
        assert event.data == {"number": 1, "fields": ["min_order_minor", "return_window_days"]}
        publish_program(program=world.program, by="t", now=now)
        numbers = TermsVersion.objects.filter(program=world.program).order_by("number")
        assert [(row.number, row.as_terms().return_window_days) for row in numbers] == [(1, 30), (2, 14), (3, 30)]


def test_taking_up_what_the_draft_is_already_writes_nothing(world):
    with at_work(world.merchant) as now:
        before = everything()
        take_up_version(program=world.program, number=1, by="t", now=now)
        assert everything() == before


def test_a_version_that_is_not_there_or_a_program_that_is_over_changes_nothing(world):
    published(world, return_window_days=14)
    with at_work(world.merchant) as now:
        before = everything()
        with pytest.raises(BadProgram, match="no such version"):
            take_up_version(program=world.program, number=3, by="t", now=now)
        assert everything() == before
        end_program(program=world.program, by="t", now=now)
        before = everything()
        with pytest.raises(BadProgram, match="is over"):
            take_up_version(program=world.program, number=1, by="t", now=now)
        assert everything() == before


# --- what was looked at is what is published ------------------------------------------------------------------------


def test_a_draft_that_moved_on_is_not_published_unseen(world):
    seen = terms_digest(edited(world, return_window_days=14).draft_terms)
    moved = terms_digest(edited(world, return_window_days=1).draft_terms)
    with at_work(world.merchant) as now:
        before = everything()
        with pytest.raises(NotPossible) as refused:
            publish_program(program=world.program, seen=seen, by="t", now=now)
        assert [problem.code for problem in refused.value.problems] == ["draft_moved_on"]
        assert everything() == before
        assert publish_program(program=world.program, seen=moved, by="t", now=now).terms.number == 2
