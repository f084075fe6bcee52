from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisCase

from advocates.actions.customers import BadEmail, know_customer, note_paid_order, unsubscribe
from advocates.models import Customer
from advocates.selectors import customer_by_email
from kit.locks import watch
from kit.tenancy import TransactionRequired
from merchants.models import Merchant
from tests.cast import at_work, workspace_of
from tests.races import Rival, at_once

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


def know(merchant: Merchant, email: str = "eve@friend.example", **told: Any) -> Customer:
    with at_work(merchant) as now:
        return know_customer(**{"email": email, "source": "HOOK", "now": now, **told})


def stored(merchant: Merchant) -> dict[str, Any]:
    with at_work(merchant):
        row: dict[str, Any] = Customer.objects.values().get()
    return row


def test_a_new_person_is_kept_as_told(merchant):
    with at_work(merchant) as now:
        person = know_customer(
            email=" Eve.Friend+shop@GoogleMail.com ",
            name=" Eve\nFriend ",
            country="de",
            external_id="gid://1",
            language="de-AT",
            source="HOOK",
            now=now,
        )
    row = stored(merchant)
    assert row["id"] == person.pk
    assert row["email"] == "eve.friend+shop@googlemail.com"
    assert row["email_key"] == "evefriend@gmail.com"
    assert (row["name"], row["country"], row["language"], row["external_id"]) == (
        "Eve Friend",
        "DE",
        "de-at",
        "gid://1",
    )
    assert (row["source"], row["created_at"]) == ("HOOK", now)
    assert (row["first_paid_at"], row["imported_orders"], row["unsubscribed_at"]) == (None, 0, None)


def test_one_person_however_written_blanks_filled_nothing_overwritten(merchant):
    first = know(merchant, "eve.friend@gmail.com", name="Eve", country="")
    again = know(merchant, "EVEFRIEND+x@googlemail.com", name="Other", country="AT", language="", source="IMPORT")
    assert again.pk == first.pk
    row = stored(merchant)
    assert (row["email"], row["name"], row["country"], row["source"]) == ("eve.friend@gmail.com", "Eve", "AT", "HOOK")


def test_blanks_never_overwrite(merchant):
    know(merchant, name="Eve", country="DE", external_id="7", language="de")
    before = stored(merchant)
    know(merchant)
    assert stored(merchant) == before


@pytest.mark.parametrize(("field", "value"), [("country", "Germany"), ("country", "D1"), ("language", "<script>")])
def test_values_that_cannot_be_right_are_left_out(merchant, field, value):
    know(merchant, **{field: value})
    assert stored(merchant)[field] == ""


@pytest.mark.parametrize(
    "email", ["", "eve", "eve@", "@x.example", "a b@x.example", "eve@x.example\nBcc: all@x.example"]
)
def test_what_is_no_address_is_nobody(merchant, email):
    with pytest.raises(BadEmail):
        know(merchant, email)
    with at_work(merchant):
        assert not Customer.objects.exists()
        assert customer_by_email(email) is None


def test_longest_values_are_cut_to_fit(merchant):
    know(merchant, name="n" * 500, external_id="x" * 500)
    row = stored(merchant)
    assert (len(row["name"]), len(row["external_id"])) == (200, 120)


def test_know_customer_needs_a_transaction():
    with pytest.raises(TransactionRequired):
        know_customer(email="eve@friend.example", source="HOOK", now=None)


def test_the_same_address_at_two_merchants_is_two_people(merchant):
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    assert know(merchant).pk != know(other, name="Eve").pk
    assert stored(merchant)["name"] == ""


def test_customer_by_email_finds_other_spellings(merchant):
    person = know(merchant, "eve.friend@gmail.com")
    with at_work(merchant):
        assert customer_by_email("EveFriend@googlemail.com") == person
        assert customer_by_email("eva@friend.example") is None


def test_a_known_person_costs_one_query(merchant, django_assert_num_queries):
    person = know(merchant, name="Eve")
    with at_work(merchant) as now, watch() as taken, django_assert_num_queries(1):
        assert know_customer(email=person.email, name="Eve", source="HOOK", now=now) == person
    assert taken == []


def test_first_payment_only_moves_back(merchant):
    person = know(merchant)
    with at_work(merchant) as now:
        assert stored_first(person) is None
        assert note_paid_order(customer=person, paid_at=now)
        assert not note_paid_order(customer=person, paid_at=now + DAY)
        assert stored_first(person) == now
        assert not note_paid_order(customer=person, paid_at=now - DAY)
        assert stored_first(person) == person.first_paid_at == now - DAY


def stored_first(person: Customer) -> Any:
    return Customer.objects.get(pk=person.pk).first_paid_at


def test_first_payment_with_an_old_copy_of_the_row(merchant):
    person = know(merchant)
    with at_work(merchant) as now:
        old_copy = Customer.objects.get()
        note_paid_order(customer=person, paid_at=now - DAY)
        assert not note_paid_order(customer=old_copy, paid_at=now)
        assert stored_first(person) == now - DAY


def test_unsubscribe_keeps_the_first_moment(merchant):
    person = know(merchant)
    with at_work(merchant) as now:
        unsubscribe(customer=person, now=now)
        unsubscribe(customer=person, now=now + DAY)
        assert Customer.objects.get().unsubscribed_at == now


class TestAnyOrder(HypothesisCase):
    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.integers(-400, 400), min_size=1, max_size=8))
    def test_first_payment_is_the_earliest_told(self, days):
        merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
        person = know(merchant)
        with at_work(merchant) as now:
            told = [note_paid_order(customer=person, paid_at=now + day * DAY) for day in days]
            assert stored_first(person) == now + min(days) * DAY
        assert told == [True] + [False] * (len(days) - 1)


@pytest.mark.django_db(transaction=True)
def test_two_who_meet_a_new_person_at_once_keep_one():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    people = at_once(
        lambda: know(merchant, name="Eve"),
        lambda: know(merchant, country="DE"),
        lambda: know(merchant, "EVE@friend.example", language="de"),
        lambda: know(merchant, external_id="7"),
    )
    assert len({person.pk for person in people}) == 1
    row = stored(merchant)
    assert (row["name"], row["country"], row["language"], row["external_id"]) == ("Eve", "DE", "de", "7")


@pytest.mark.django_db(transaction=True)
def test_the_later_insert_waits_for_the_earlier_and_completes_it():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    with at_work(merchant) as now:
        mine = know_customer(email="eve@friend.example", name="Eve", source="HOOK", now=now)
        rival = Rival(lambda: know(merchant, name="Other", country="DE", source="API"))
        assert rival.waits_for_us()
    theirs = rival.result()
    assert theirs.pk == mine.pk
    row = stored(merchant)
    assert (row["name"], row["country"], row["source"]) == ("Eve", "DE", "HOOK")


@pytest.mark.django_db(transaction=True)
def test_first_payments_at_once_have_one_first():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    person = know(merchant)
    with at_work(merchant) as now:
        moments = [now - day * DAY for day in (1, 3, 2)]

    def pay(moment: Any) -> bool:
        with at_work(merchant):
            return note_paid_order(customer=Customer.objects.get(pk=person.pk), paid_at=moment)

    first = at_once(*[lambda moment=moment: pay(moment) for moment in moments])
    assert sorted(first) == [False, False, True]
    assert stored(merchant)["first_paid_at"] == moments[1]
