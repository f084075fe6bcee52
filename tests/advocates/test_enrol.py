from __future__ import annotations

from typing import Any

import pytest

from advocates.actions.after_order import enrol_after_order
from advocates.actions.customers import know_customer, note_paid_order
from advocates.actions.enrol import Enrolled, NotEligible, accept_terms, enrol_advocate
from advocates.actions.standing import ban_advocate, pause_advocate
from advocates.models import Advocate, Channel, Customer, Link
from advocates.selectors import advocate_by_link_code, advocates_of, main_link, terms_to_accept
from kit.ids import CODE_ALPHABET
from merchants.models import Door, Event, Merchant
from merchants.selectors import door_for
from programs.actions.edit import create_program, save_draft
from programs.actions.lifecycle import archive_program, end_program, pause_program
from programs.models import Program
from tests.cast import at_work, live_program, workspace_of
from tests.races import Rival, at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


def a_customer(merchant: Merchant, email: str = "dana@advocate.example", **told: Any) -> Customer:
    with at_work(merchant) as now:
        return know_customer(email=email, name="Dana Muster", source="IMPORT", now=now, **told)


def enrol(merchant: Merchant, program: Program, customer: Customer, **wish: Any) -> Enrolled:
    with at_work(merchant) as now:
        return enrol_advocate(program=program, customer=customer, by="user:1", now=now, **wish)


def codes(merchant: Merchant, advocate: Advocate) -> list[str]:
    with at_work(merchant):
        return list(Event.objects.filter(subject_id=advocate.pk).order_by("seq").values_list("code", flat=True))


def refused(merchant: Merchant, program: Program, customer: Customer, **wish: Any) -> str:
    """The reason; asserts that nothing was written."""
    with at_work(merchant):
        before = Advocate.objects.count(), Link.objects.count(), Event.objects.count(), Door.objects.count()
    with pytest.raises(NotEligible) as error:
        enrol(merchant, program, customer, **wish)
    with at_work(merchant):
        assert (Advocate.objects.count(), Link.objects.count(), Event.objects.count(), Door.objects.count()) == before
    return error.value.reason


def test_enrol_makes_the_advocate_a_link_and_its_door(merchant):
    program, customer = live_program(merchant), a_customer(merchant)
    done = enrol(merchant, program, customer, kind="PARTNER", place=" Kiel ")
    with at_work(merchant):
        row = Advocate.objects.get()
        link = Link.objects.get()
        event = Event.objects.get(subject_id=row.pk)
        assert main_link(row) == link
        assert advocate_by_link_code(f" {link.code.lower()} ") == row
        assert advocate_by_link_code(link.code.replace(link.code[0], "!")) is None
    assert (done.created, done.advocate) == (True, row)
    assert (row.program_id, row.customer_id) == (program.pk, customer.pk)
    assert (row.state, row.kind, row.place, row.enrolled_by) == ("ACTIVE", "PARTNER", "Kiel", "user:1")
    assert (row.accepted_terms_id, row.accepted_at, row.session_epoch) == (None, None, 0)
    assert (link.advocate_id, link.channel, link.placement, link.retired_at) == (row.pk, Channel.LINK, "", None)
    assert len(link.code) == 8
    assert set(link.code) <= set(CODE_ALPHABET)
    door = door_for(Door.Kind.LINK, f"shared/{link.code}")
    assert door is not None
    assert (door.merchant_id, door.object_id) == (merchant.pk, link.pk)
    assert (event.code, event.seq, event.data) == ("advocate.enrolled", 1, {"program": str(program.pk)})


def test_enrolling_again_gives_the_advocate_there_is(merchant):
    program, customer = live_program(merchant), a_customer(merchant)
    first = enrol(merchant, program, customer)
    again = enrol(merchant, program, customer, kind="EMPLOYEE", place="Kiel")
    assert (again.created, again.advocate.pk) == (False, first.advocate.pk)
    with at_work(merchant):
        assert Advocate.objects.get().kind == "CUSTOMER"
        assert Link.objects.count() == 1
    assert codes(merchant, first.advocate) == ["advocate.enrolled"]


def test_one_person_may_join_two_programs(merchant):
    customer = a_customer(merchant)
    first = enrol(merchant, live_program(merchant, name="A"), customer).advocate
    second = enrol(merchant, live_program(merchant, name="B"), customer).advocate
    with at_work(merchant):
        assert list(advocates_of(customer)) == [first, second]
        assert main_link(first).code != main_link(second).code


def test_an_invited_advocate_becomes_active_by_accepting(merchant):
    program, customer = live_program(merchant), a_customer(merchant)
    invited = enrol(merchant, program, customer, state="INVITED").advocate
    assert invited.state == "INVITED"
    with at_work(merchant) as now:
        assert terms_to_accept(invited)
        accepted = accept_terms(advocate=invited, now=now)
        accept_terms(advocate=invited, now=now)
        row = Advocate.objects.get()
        assert not terms_to_accept(accepted)
    assert (row.state, row.accepted_terms_id, row.accepted_at, row.enrolled_at) == (
        "ACTIVE",
        program.terms_id,
        now,
        now,
    )
    assert codes(merchant, row) == ["advocate.invited", "advocate.accepted", "advocate.enrolled"]


def test_an_invited_advocate_becomes_active_by_enrolling(merchant):
    program, customer = live_program(merchant), a_customer(merchant)
    enrol(merchant, program, customer, state="INVITED")
    again = enrol(merchant, program, customer)
    assert (again.created, again.advocate.state) == (False, "ACTIVE")
    assert codes(merchant, again.advocate) == ["advocate.invited", "advocate.enrolled"]


def test_inviting_an_active_or_paused_advocate_changes_nothing(merchant):
    program, customer = live_program(merchant), a_customer(merchant)
    advocate = enrol(merchant, program, customer).advocate
    assert enrol(merchant, program, customer, state="INVITED").advocate.state == "ACTIVE"
    with at_work(merchant) as now:
        pause_advocate(advocate=advocate, by="system", now=now)
    assert enrol(merchant, program, customer).advocate.state == "PAUSED"


def test_a_banned_advocate_cannot_join_again_or_accept(merchant):
    program, customer = live_program(merchant), a_customer(merchant)
    advocate = enrol(merchant, program, customer).advocate
    with at_work(merchant) as now:
        ban_advocate(advocate=advocate, by="system", now=now)
        assert accept_terms(advocate=advocate, now=now).accepted_at is None
    assert refused(merchant, program, customer) == "banned"


def test_programs_that_are_not_open_take_nobody(merchant):
    customer = a_customer(merchant)
    with at_work(merchant) as now:
        draft = create_program(name="Entwurf", template="shop", by="system", now=now)
    assert refused(merchant, draft, customer) == "program_draft"
    program = live_program(merchant)
    with at_work(merchant) as now:
        program = end_program(program=program, by="system", now=now)
    assert refused(merchant, program, customer) == "program_ended"
    with at_work(merchant) as now:
        program = archive_program(program=program, by="system", now=now)
    assert refused(merchant, program, customer) == "program_ended"


def test_paused_and_coming_programs_may_be_joined(merchant):
    customer = a_customer(merchant)
    coming = live_program(merchant, name="A", starts_on="2999-01-01")
    assert enrol(merchant, coming, customer).created
    paused = live_program(merchant, name="B")
    with at_work(merchant) as now:
        paused = pause_program(program=paused, by="system", now=now)
    assert enrol(merchant, paused, customer).created


def test_customers_only(merchant):
    program, customer = live_program(merchant, advocates_must_be_customers=True), a_customer(merchant)
    assert refused(merchant, program, customer) == "not_a_customer"
    assert enrol(merchant, program, a_customer(merchant, "staff@nordlicht.example"), kind="EMPLOYEE").created
    with at_work(merchant) as now:
        note_paid_order(customer=customer, paid_at=now)
    assert enrol(merchant, program, customer).created


def test_minimum_orders_counts_history_and_what_the_caller_knows(merchant):
    program, customer = live_program(merchant, advocate_min_orders=2), a_customer(merchant)
    assert refused(merchant, program, customer) == "too_few_orders"
    assert refused(merchant, program, customer, paid_orders=1) == "too_few_orders"
    assert enrol(merchant, program, customer, paid_orders=2).created
    known = a_customer(merchant, "old@advocate.example")
    known.imported_orders = 2
    assert enrol(merchant, program, known).created


def test_countries(merchant):
    program = live_program(merchant, countries=("DE",))
    assert refused(merchant, program, a_customer(merchant, "a@x.example", country="AT")) == "other_country"
    assert enrol(merchant, program, a_customer(merchant, "b@x.example", country="DE")).created
    assert enrol(merchant, program, a_customer(merchant, "c@x.example")).created


@pytest.mark.parametrize(("auto", "state"), [("OFF", None), ("INVITE", "INVITED"), ("ON", "ACTIVE")])
def test_after_the_first_order_as_the_program_says(merchant, auto, state):
    program, customer = live_program(merchant), a_customer(merchant)
    with at_work(merchant) as now:
        save_draft(
            program=program, terms=program.draft_terms, name="A", auto_enrol=auto, self_sign_up=True, by="s", now=now
        )
        enrol_after_order(customer=customer, count_orders=lambda: 1, by="shop", now=now)
        assert list(Advocate.objects.values_list("state", flat=True)) == ([state] if state else [])


def test_a_foreign_customer_cannot_be_enrolled(merchant):
    program = live_program(merchant)
    foreign = a_customer(workspace_of("charlie@halcyon.example", "Halcyon"))
    assert enrol_fails(merchant, program, foreign)
    with at_work(merchant):
        assert not Advocate.objects.exists()


def enrol_fails(merchant: Merchant, program: Program, customer: Customer) -> bool:
    """The composite key stands behind everything: whatever the code does, the row cannot be."""
    try:
        enrol(merchant, program, customer)
    except Exception:
        return True
    return False


@pytest.mark.django_db(transaction=True)
def test_enrolling_at_once_makes_one_advocate():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    program, customer = live_program(merchant), a_customer(merchant)
    done = at_once(*[lambda: enrol(merchant, program, customer)] * 4)
    assert sorted(one.created for one in done) == [False, False, False, True]
    assert len({one.advocate.pk for one in done}) == 1
    with at_work(merchant):
        assert Link.objects.count() == 1
    assert codes(merchant, done[0].advocate) == ["advocate.enrolled"]


@pytest.mark.django_db(transaction=True)
def test_accepting_twice_at_once_is_one_acceptance():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    program, customer = live_program(merchant), a_customer(merchant)
    advocate = enrol(merchant, program, customer, state="INVITED").advocate

    def accept() -> None:
        with at_work(merchant) as now:
            accept_terms(advocate=advocate, now=now)

    with at_work(merchant) as now:
        accept_terms(advocate=advocate, now=now)
        rival = Rival(accept)
        assert rival.waits_for_us()
    rival.result()
    assert codes(merchant, advocate) == ["advocate.invited", "advocate.accepted", "advocate.enrolled"]
