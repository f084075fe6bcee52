"""Files that a worker takes in: all or nothing, gone on with where they broke off, by one worker at a time."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from advocates.models import Advocate, Customer
from imports import steps
from imports.actions import MOST_ATTEMPTS, Upload, ask_for_check, bring_file, start_writing, waiting_import
from imports.kinds import kinds
from imports.models import Import, ImportFile
from imports.rules import Reading
from imports.selectors import faults_of
from kit.clock import database_now
from kit.days import local_date
from merchants.models import Event, Membership
from programs.models import Program
from referral_saas.dashboard.paths import public
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import owner, text_of
from tests.imports.small import BREAKS
from tests.races import at_once
from tracking.models import Order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small(settings: Any) -> None:
    settings.IMPORT_KINDS = "tests.imports.small.KINDS"
    BREAKS[0] = 0


def to_check(world: World, kind: str, data: bytes, target: str = "") -> Import:
    """A file that is to be checked by a worker, read as it was understood."""
    with at_work(world.merchant) as now:
        user = Membership.objects.get(merchant=world.merchant, role="OWNER").user
        by = f"user:{user.pk}"
        upload = Upload(kind, target, "table.csv", data)
        one = bring_file(upload=upload, kind=kinds()[kind], user=user, language="en", by=by, now=now)
        told = Reading.of(one.reading)
        ask_for_check(one=one, data=data, reading=told, kind=kinds()[kind], language="en", by=by, now=now)
        return one


def to_write(world: World, one: Import, language: str = "en") -> None:
    with at_work(world.merchant) as now:
        found = waiting_import(one.pk)
        start_writing(one=found, kind=kinds()[one.kind], language=language, by=found.by, now=now)


def sweep(world: World) -> None:
    steps.sweep(world.merchant.tenant_ref())


def standing(world: World, one: Import) -> tuple[str, int, int, int, int, int]:
    with at_work(world.merchant):
        one.refresh_from_db()
        return one.state, one.rows, one.rows_done, one.added, one.updated, one.unchanged


def orders_of(world: World, count: int) -> bytes:
    day = local_date(world.now, "Europe/Berlin").isoformat()
    rows = [f"A{number},friend{number}@x.example,10.00,{day}" for number in range(1, count + 1)]
    return "\n".join(["order_id,email,amount,placed_at", *rows]).encode()


def test_orders_are_written_in_parts_and_gone_on_with_where_they_broke_off() -> None:
    world = a_world()
    one = to_check(world, "orders", orders_of(world, 5))
    assert standing(world, one) == ("CHECKING", 0, 0, 0, 0, 0)
    sweep(world)
    assert standing(world, one) == ("CHECKED", 5, 0, 5, 0, 0)
    to_write(world, one)
    BREAKS[0] = 1
    sweep(world)
    assert standing(world, one) == ("WRITING", 5, 2, 2, 0, 0)
    with at_work(world.merchant):
        assert sorted(Order.objects.values_list("external_id", flat=True)) == ["A1", "A2"]
        assert ImportFile.objects.filter(of=one).exists()
        Import.objects.update(next_try_at=database_now())
    sweep(world)
    assert standing(world, one) == ("DONE", 5, 5, 5, 0, 0)
    with at_work(world.merchant):
        assert Order.objects.count() == 5
        assert not ImportFile.objects.filter(of=one).exists()
        told = Event.objects.get(code="import.done").data
    assert told == {"kind": "orders", "rows": 5, "added": 5, "updated": 0, "unchanged": 0}


def test_what_breaks_again_and_again_is_given_up_and_says_how_far_it_came() -> None:
    world = a_world()
    one = to_check(world, "orders", orders_of(world, 3))
    sweep(world)
    to_write(world, one)
    BREAKS[0] = 2
    sweep(world)
    with at_work(world.merchant):
        Import.objects.update(next_try_at=database_now(), attempts=MOST_ATTEMPTS - 1)
    sweep(world)
    assert standing(world, one) == ("FAILED", 3, 2, 2, 0, 0)
    page = text_of(owner(world).get(f"/w/{world.merchant.slug}/imports/{public(one)}"))
    assert "2 of 3 rows were imported before." in page
    again = to_check(world, "orders", orders_of(world, 3))
    sweep(world)
    assert standing(world, again) == ("CHECKED", 3, 0, 1, 0, 2)


def test_an_order_that_the_shop_told_meanwhile_is_left_alone() -> None:
    world = a_world()
    one = to_check(world, "orders", orders_of(world, 3))
    sweep(world)
    to_write(world, one)
    BREAKS[0] = 1
    sweep(world)
    with at_work(world.merchant):
        Order.objects.filter(external_id="A1").update(platform="shopify", external_id="A3")
        Import.objects.update(next_try_at=database_now())
    sweep(world)
    assert standing(world, one) == ("DONE", 3, 3, 2, 0, 1)


def test_customers_are_written_all_at_once_and_too_many_are_refused() -> None:
    world = a_world()
    people = "\n".join(["email", *(f"p{number}@x.example" for number in range(100))])
    one = to_check(world, "customers", people.encode())
    sweep(world)
    assert standing(world, one) == ("CHECKED", 100, 0, 100, 0, 0)
    to_write(world, one)
    page = owner(world).get(f"/w/{world.merchant.slug}/imports/{public(one)}")
    assert ("The file is being imported" in text_of(page), page.context["done_rows"]) == (True, 0)
    sweep(world)
    assert standing(world, one) == ("DONE", 100, 100, 100, 0, 0)
    many = to_check(world, "customers", f"{people}\nq@x.example".encode())
    sweep(world)
    assert standing(world, many)[:2] == ("FAULTY", 0)
    assert "more than 100 rows" in text_of(owner(world).get(f"/w/{world.merchant.slug}/imports/{public(many)}"))


def test_a_program_that_went_away_takes_nobody() -> None:
    world = a_world()
    one = to_check(world, "advocates", b"email\nnora@x.example", target=f"program:{world.program.pk}")
    with at_work(world.merchant) as now:
        Program.objects.update(state="ENDED", ended_at=now, archived_at=now)
    sweep(world)
    with at_work(world.merchant):
        one.refresh_from_db()
        assert (one.state, one.problem) == ("FAILED", "target_gone")
        assert not Customer.objects.filter(email="nora@x.example").exists()


def test_what_went_wrong_since_is_told_to_whoever_pressed_last() -> None:
    world = a_world()
    one = to_check(world, "advocates", b"email\ndana@advocate.example", target=f"program:{world.program.pk}")
    sweep(world)
    with at_work(world.merchant):
        Advocate.objects.update(state="BANNED")
    to_write(world, one, "de")
    sweep(world)
    assert standing(world, one) == ("FAULTY", 1, 0, 0, 0, 0)
    with at_work(world.merchant):
        assert "Diese Person wurde" in (faults_of(one) or b"").decode()


@pytest.mark.django_db(transaction=True)
def test_two_presses_and_two_workers_take_a_file_in_once() -> None:
    world = a_world()
    one = to_check(world, "orders", orders_of(world, 5))
    sweep(world)
    clients: list[Client] = [owner(world), owner(world)]
    press = [lambda client=client: client.post(f"/w/{world.merchant.slug}/imports/{public(one)}/start")
             for client in clients]  # fmt: skip
    assert [answer.status_code for answer in at_once(*press)] == [302, 302]
    at_once(lambda: sweep(world), lambda: sweep(world))
    assert standing(world, one) == ("DONE", 5, 5, 5, 0, 0)
    with at_work(world.merchant):
        assert Order.objects.count() == 5
        assert Event.objects.filter(code="import.done").count() == 1
