"""Two of the team at one program at the same moment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.ids import uuid7
from merchants.models import Event, Membership, Role
from programs.actions.edit import save_draft
from programs.models import Program, TermsVersion
from tests.cast import World, a_world, at_work, user
from tests.dashboard.desk import base, owner, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def page_of(world: World) -> str:
    return f"{base(world)}/programs/{world.program.slug}"


def test_two_at_once_make_one_copy_pause_once_publish_once_and_end_once(together):
    """One world for all: each step begins where the one before it left the program."""
    world = a_world()
    alice, mia = owner(world), signed_in(user("mia@nordlicht.example"))
    Membership.objects.create(merchant=world.merchant, user=user("mia@nordlicht.example"), role=Role.MARKETER)
    page, asked = page_of(world), str(uuid7())

    def both(path: str, **sent: str) -> list[int]:
        answers = together(lambda: alice.post(page + path, sent), lambda: mia.post(page + path, sent))
        return [answer.status_code for answer in answers]

    def told(code: str) -> int:
        with at_work(world.merchant):
            return Event.objects.filter(code=code, subject_id=world.program.pk).count()

    assert both("/duplicate", asked=asked) == [302, 302]
    with at_work(world.merchant):
        assert list(Program.objects.exclude(pk=world.program.pk).values_list("name", flat=True)) == ["Copy of Freunde"]
        assert Event.objects.filter(code="program.copied").count() == 1
    assert both("/pause") == [302, 302]
    assert told("program.paused") == 1
    with at_work(world.merchant) as now:
        terms = replace(world.terms(), return_window_days=14)
        save_draft(program=world.program, terms=terms, name="Freunde", auto_enrol="OFF", self_sign_up=True, by="t",
                   now=now)  # fmt: skip
    assert both("/publish") == [302, 302]
    with at_work(world.merchant):
        assert sorted(TermsVersion.objects.values_list("number", flat=True)) == [1, 2]
    assert both("/end", typed_name="freunde") == [302, 302]
    assert told("program.ended") == 1
    with at_work(world.merchant):
        assert Program.objects.get(pk=world.program.pk).state == "ENDED"
