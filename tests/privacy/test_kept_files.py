"""What names a person who is erased, in files that are packed so that no look at the rows would find it."""

from __future__ import annotations

from zlib import decompress

import pytest

from advocates.actions.customers import know_customer
from advocates.models import Customer
from exports.actions import ask_for_export
from exports.models import Export, ExportPart
from exports.steps import go_on
from exports.steps import sweep as write_exports
from imports.actions import Upload, ask_for_check, bring_file
from imports.models import Import, ImportFile
from imports.rules import Reading
from imports.selectors import data_of
from merchants.events import SYSTEM
from merchants.models import Event, IdempotentRequest, Membership, Role
from privacy.actions.erasure import CannotErase
from privacy.steps.erasure import erase
from referral_saas.dashboard.importing.kinds import KINDS
from tests.cast import a_world, at_work
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

NORA = "nora@known.example"
PEOPLE = "E-Mail;Name;Orders\r\nNora@Known.example;N\u00f6ra;\r\n{other};Ole;\r\n"


def a_world_with_nora():
    world = a_world()
    with at_work(world.merchant) as now:
        know_customer(email=NORA, name="Nora", source="IMPORT", now=now)
    return world


built, world = for_a_file(a_world_with_nora)


def brought(world, data: bytes) -> Import:
    with at_work(world.merchant) as now:
        upload, user = Upload("customers", "", "people.csv", data), owner_of(world).user
        return bring_file(upload=upload, kind=KINDS["customers"], user=user, language="en", by=SYSTEM, now=now)


def owner_of(world) -> Membership:
    return Membership.objects.select_related("user").get(merchant=world.merchant, role=Role.OWNER)


def erased(world) -> None:
    with at_work(world.merchant):
        found = Customer.objects.get(email=NORA)
    erase(world.merchant.tenant_ref(), customer_id=found.pk, gives_up=True, by=SYSTEM)


def test_a_file_that_waits_and_names_them_goes_and_others_stay(world):
    theirs = brought(world, PEOPLE.format(other="a@x.example").encode("cp1252"))
    others = brought(world, b"E-mail,Name\nb@x.example,Bo\n")
    erased(world)
    with at_work(world.merchant):
        assert [Import.objects.get(pk=one.pk).state for one in (theirs, others)] == ["DROPPED", "LOOKED_AT"]
        assert ImportFile.objects.get().of_id == others.pk
        assert Event.objects.get(code="import.dropped").subject_id == theirs.pk


def test_nobody_is_erased_while_a_file_that_names_them_is_taken_in(world):
    one = brought(world, (PEOPLE.format(other="a@x.example") + "\r\n" * 2_001).encode())
    with at_work(world.merchant) as now:
        one, told = Import.objects.get(pk=one.pk), KINDS["customers"]
        reading = Reading.of(one.reading)
        ask_for_check(one=one, data=data_of(one), reading=reading, kind=told, language="en", by=SYSTEM, now=now)
    with pytest.raises(CannotErase) as refused:
        erased(world)
    assert refused.value.code == "unread"
    with at_work(world.merchant):
        assert (Import.objects.get(pk=one.pk).state, Customer.objects.filter(email=NORA).count()) == ("CHECKING", 1)


def test_a_list_that_is_half_written_begins_anew_and_one_that_was_searched_for_goes(world):
    ref = world.merchant.tenant_ref()
    with at_work(world.merchant) as now:
        seat = owner_of(world)
        whole = ask_for_export(list="customers", query="", seat=seat, language="en", now=now)
    assert [go_on(ref, world.merchant) for _ in range(2)] == [True, True]  # its rows are settled, one part is written
    with at_work(world.merchant) as now:
        assert Export.objects.get(pk=whole.pk).state == "WRITING"
        assert NORA in in_parts()
        searched = ask_for_export(list="customers", query="q=nora", seat=seat, language="en", now=now)
    erased(world)
    with at_work(world.merchant):
        assert (ExportPart.objects.count(), Export.objects.get(pk=whole.pk).state) == (0, "WAITING")
        gone = Export.objects.get(pk=searched.pk)
        assert (gone.state, gone.query) == ("REMOVED", "")
    write_exports(ref)
    with at_work(world.merchant):
        assert Export.objects.get(pk=whole.pk).state == "READY"
        assert [word in in_parts() for word in ("Erased person", NORA)] == [True, False]


def test_answers_of_the_api_that_name_them_go_and_those_of_a_longer_address_stay(world):
    answers = {"1": {"to": f"Nora <{NORA.upper()}>"}, "2": {"email": NORA}, "3": {"email": f"eleo{NORA}"}, "4": {}}
    with at_work(world.merchant) as now:
        for key, answer in answers.items():
            told = {"path": "POST /x", "body_hash": "0" * 64, "created_at": now, "status": 200}
            IdempotentRequest.objects.create(key=key, answer=answer, **told)
    erased(world)
    with at_work(world.merchant):
        assert sorted(IdempotentRequest.objects.values_list("key", flat=True)) == ["3", "4"]


def in_parts() -> str:
    bodies = ExportPart.objects.exclude(body=None).values_list("body", flat=True)
    return "".join(decompress(bytes(body)).decode() for body in bodies)
