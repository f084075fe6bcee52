"""What is kept of how many people there are is what their rows say: through their lives, folded, and set right."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db.models import Sum

from advocates.actions.customers import know_customer
from advocates.actions.enrol import enrol_advocate
from advocates.actions.standing import ban_advocate, pause_advocate
from advocates.actions.sums import fold_people_sums, rebuild_people_sums
from advocates.models import Advocate, Customer, PeopleSum
from tests.cast import World, a_world, at_work, workspace_of
from tests.once import for_a_file

pytestmark = pytest.mark.django_db
built, world = for_a_file(a_world)


def kept() -> dict[str, int]:
    rows = PeopleSum.objects.values_list("kind", "state").annotate(n=Sum("people")).order_by("kind", "state")
    return {state or kind: n for kind, state, n in rows if n}


def said() -> dict[str, int]:
    found = {"CUSTOMERS": Customer.objects.count()}
    return found | {state: Advocate.objects.filter(state=state).count() for state in ("ACTIVE", "BANNED", "INVITED")}


def test_the_numbers_follow_people_through_their_lives_and_folding_moves_none(world: World) -> None:
    with at_work(world.merchant) as now:
        before = kept()
        assert (before["CUSTOMERS"], before["ACTIVE"]) == (Customer.objects.count(), Advocate.objects.count())
        for name, state in (("ann", "ACTIVE"), ("bob", "INVITED"), ("cyd", "ACTIVE")):
            someone = know_customer(email=f"{name}@new.example", name=name, source="IMPORT", now=now)
            enrol_advocate(program=world.program, customer=someone, by="t", now=now, state=state)
        cyd = Advocate.objects.get(customer__email="cyd@new.example")
        pause_advocate(advocate=cyd, by="t", now=now)
        ban_advocate(advocate=cyd, by="t", now=now)
        assert kept() == said()
        assert "PAUSED" not in kept()
        rows = PeopleSum.objects.count()
        Advocate.objects.filter(pk=cyd.pk).update(place="Shop 1")
        assert PeopleSum.objects.count() == rows  # it moved no number
        assert fold_people_sums() == 0  # so few are as quick to add up
        assert fold_people_sums(few=1) == 4
        assert kept() == said()
        assert rebuild_people_sums() == 0


def test_a_wrong_number_is_put_right_from_the_rows(world: World) -> None:
    with at_work(world.merchant):
        right = kept()
        PeopleSum.objects.filter(kind="CUSTOMERS").delete()
        assert kept() != right
    call_command("rebuild_sums", merchant=world.merchant.slug)
    with at_work(world.merchant):
        assert kept() == right
    with at_work(workspace_of("zoe@other.example", "Other")):
        assert kept() == {}
