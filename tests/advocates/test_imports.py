from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisCase

from advocates.actions.customers import know_customer
from advocates.actions.imports import (
    BadImport,
    Imported,
    Plan,
    import_advocates,
    import_customers,
    plan_advocate_import,
    plan_customer_import,
)
from advocates.models import Advocate, Customer, Link
from imports.names import guess
from kit.csvio import Problem, read_table, write_table
from kit.days import local_date, start_of_day
from merchants.models import Event, Merchant
from tests.cast import at_work, live_program, workspace_of
from tests.races import at_once

pytestmark = pytest.mark.django_db

CUSTOMERS = """email,name,country,orders,first_paid_at,external_id
eve@friend.example,Eve Friend,DE,3,2024-03-31,7
max@friend.example,,,,,
ida@friend.example,Ida,at,2,,
joe@friend.example,Joe,,,2023-01-02 10:00:00 +0200,
"""


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


def plan_of(merchant: Merchant, text: str) -> Plan[Customer]:
    with at_work(merchant) as now:
        return plan_customer_import(table=read_table(text.encode()), now=now)


def bring_in(merchant: Merchant, text: str) -> Imported:
    with at_work(merchant) as now:
        plan = plan_customer_import(table=read_table(text.encode()), now=now)
        return import_customers(plan=plan, by="user:1", now=now)


def people(merchant: Merchant) -> dict[str, tuple]:
    fields = ("email", "name", "country", "imported_orders", "first_paid_at", "external_id", "source")
    with at_work(merchant):
        return {row[0]: row[1:] for row in Customer.objects.values_list(*fields)}


def test_customers_are_stored_as_written(merchant):
    with at_work(merchant) as now:
        plan = plan_customer_import(table=read_table(CUSTOMERS.encode()), now=now)
        assert not Customer.objects.exists()
        done = import_customers(plan=plan, by="user:1", now=now)
        event = Event.objects.get(code="customer.imported")
    assert done == Imported(added=4, updated=0, unchanged=0)
    assert people(merchant) == {
        "eve@friend.example": ("Eve Friend", "DE", 3, start_of_day(date(2024, 3, 31), "Europe/Berlin"), "7", "IMPORT"),
        "max@friend.example": ("", "", 0, None, "", "IMPORT"),
        "ida@friend.example": ("Ida", "AT", 2, now, "", "IMPORT"),
        "joe@friend.example": ("Joe", "", 1, datetime(2023, 1, 2, 8, tzinfo=UTC), "", "IMPORT"),
    }
    assert (event.by, event.data) == ("user:1", {"added": 4, "updated": 0, "unchanged": 0})


def test_importing_again_changes_nothing(merchant):
    bring_in(merchant, CUSTOMERS)
    before = people(merchant)
    assert bring_in(merchant, CUSTOMERS) == Imported(added=0, updated=0, unchanged=4)
    assert people(merchant) == before


def test_known_people_are_completed_never_overwritten(merchant):
    with at_work(merchant) as now:
        know_customer(email="Eve@friend.example", name="Eve F.", source="HOOK", now=now)
    bring_in(merchant, "email,orders,first_paid_at\neve@friend.example,5,2024-06-01\n")
    assert bring_in(merchant, CUSTOMERS) == Imported(added=3, updated=1, unchanged=0)
    assert people(merchant)["eve@friend.example"] == (
        "Eve F.", "DE", 5, start_of_day(date(2024, 3, 31), "Europe/Berlin"), "7", "HOOK",
    )  # fmt: skip


def test_an_offset_that_no_database_takes_is_an_offset(merchant):
    bring_in(merchant, "email,first_paid_at\neve@friend.example,2024-06-01 10:00:00-23:59\n")
    told = people(merchant)["eve@friend.example"][3]
    assert told.isoformat() == "2024-06-02T09:59:00+00:00"


def test_other_names_of_columns_and_other_orders_are_understood(merchant):
    plan = plan_of(merchant, "Customer ID;Notes;Orders Count;E-Mail Address\n9;x;2;eve@friend.example\n")
    assert plan.mapping == {"external_id": "Customer ID", "orders": "Orders Count", "email": "E-Mail Address"}
    assert [(row.email, row.external_id, row.imported_orders) for row in plan.rows] == [("eve@friend.example", "9", 2)]


def test_a_mapping_may_be_given(merchant):
    with at_work(merchant) as now:
        plan = plan_customer_import(
            table=read_table(b"a,b\neve@friend.example,Eve\n"), mapping={"email": "a", "name": "b", "x": "b"}, now=now
        )
    assert [(row.email, row.name) for row in plan.rows] == [("eve@friend.example", "Eve")]


def test_guess_mapping_takes_the_first_of_two():
    assert guess("customers", ["E-mail", "Email", "name"], ("email", "name")) == {"email": "E-mail", "name": "name"}


def test_without_an_address_column_nothing_can_be_read(merchant):
    plan = plan_of(merchant, "name\nEve\n")
    assert plan.rows == []
    assert [problem.row for problem in plan.errors] == [1]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("nobody,Eve,DE,1,2024-01-01,1", "address"),
        ("new@friend.example,Eve,Germany,1,2024-01-01,1", "country"),
        ("new@friend.example,Eve,DE,-1,2024-01-01,1", "whole number"),
        ("new@friend.example,Eve,DE,1.5,2024-01-01,1", "whole number"),
        ("new@friend.example,Eve,DE,٣,2024-01-01,1", "whole number"),
        ("new@friend.example,Eve,DE,9999999,2024-01-01,1", "whole number"),
        ("new@friend.example,Eve,DE,1,01/02/2024,1", "day"),
        ("new@friend.example,Eve,DE,1,2999-01-01,1", "future"),
        ("EVE@friend.example,Eve,DE,1,2024-01-01,1", "row 2"),
    ],
)
def test_one_bad_row_stops_the_whole_file(merchant, line, word):
    text = CUSTOMERS + line + "\n"
    plan = plan_of(merchant, text)
    assert [problem.row for problem in plan.errors] == [6]
    assert word in plan.errors[0].message
    with pytest.raises(BadImport) as refused:
        bring_in(merchant, text)
    assert refused.value.problems == plan.errors
    assert people(merchant) == {}
    with at_work(merchant):
        assert not Event.objects.filter(code="customer.imported").exists()


def test_problems_are_told_up_to_a_number(merchant):
    plan = plan_of(merchant, "email\n" + "bad\n" * 1_050)
    assert [problem.row for problem in plan.errors] == list(range(2, 1_002))
    assert (plan.errors[0].column, plan.errors[0].value) == ("email", "bad")


def test_a_file_of_many_goes_in_by_batches(merchant):
    rows = [[f"p{number}@friend.example", f"P {number}"] for number in range(2_345)]
    done = bring_in(merchant, write_table(["email", "name"], rows))
    assert done == Imported(added=2_345, updated=0, unchanged=0)
    with at_work(merchant):
        assert Customer.objects.count() == 2_345


def test_another_merchants_people_are_others(merchant):
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    bring_in(other, CUSTOMERS)
    assert bring_in(merchant, CUSTOMERS).added == 4


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_once_is_one_import():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    rows = [[f"p{number}@friend.example"] for number in range(300)]
    there, back = write_table(["email"], rows), write_table(["email"], reversed(rows))
    done = at_once(lambda: bring_in(merchant, there), lambda: bring_in(merchant, back))
    assert sum(one.added for one in done) == 300
    with at_work(merchant):
        assert Customer.objects.count() == 300


ADVOCATES = """email,name,kind,place
dana@advocate.example,Dana Muster,,
staff@advocate.example,Sam,Employee,Kiel
"""


def bring_advocates(merchant: Merchant, text: str, program) -> Imported:
    with at_work(merchant) as now:
        plan = plan_advocate_import(table=read_table(text.encode()), now=now)
        return import_advocates(plan=plan, program=program, by="user:1", now=now)


def test_advocates_are_enrolled_with_links(merchant):
    program = live_program(merchant)
    assert bring_advocates(merchant, ADVOCATES, program) == Imported(added=2, updated=0, unchanged=0)
    assert bring_advocates(merchant, ADVOCATES, program) == Imported(added=0, updated=0, unchanged=2)
    with at_work(merchant):
        rows = Advocate.objects.order_by("customer__email").values_list("customer__email", "kind", "place", "state")
        assert list(rows) == [
            ("dana@advocate.example", "CUSTOMER", "", "ACTIVE"),
            ("staff@advocate.example", "EMPLOYEE", "Kiel", "ACTIVE"),
        ]
        assert Link.objects.count() == 2
        assert Event.objects.filter(code="advocate.enrolled").count() == 2


def test_an_unknown_kind_is_a_problem_of_its_row(merchant):
    with at_work(merchant) as now:
        plan = plan_advocate_import(table=read_table(b"email,kind\na@x.example,boss\n"), now=now)
    assert [problem.row for problem in plan.errors] == [2]
    assert "BOSS" in plan.errors[0].message


def test_one_who_may_not_take_part_stops_the_whole_file(merchant):
    program = live_program(merchant, advocates_must_be_customers=True)
    with pytest.raises(BadImport) as refused:
        bring_advocates(merchant, ADVOCATES, program)
    assert refused.value.problems == [
        Problem(2, "This person has not bought before, which the program asks for.", "email", "dana@advocate.example"),
    ]
    with at_work(merchant):
        assert not Advocate.objects.exists()
        assert not Customer.objects.exists()
        assert not Link.objects.exists()


class TestAnyHistory(HypothesisCase):
    @settings(max_examples=30, deadline=None)
    @given(
        st.lists(
            st.lists(
                st.tuples(st.integers(0, 3), st.integers(0, 9), st.none() | st.integers(1, 4000)),
                unique_by=lambda row: row[0],
                min_size=1,
            ),
            min_size=1,
            max_size=4,
        )
    )
    def test_any_files_in_any_order_keep_the_most_orders_and_the_earliest_day(self, files):
        merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
        with at_work(merchant) as now:
            today = local_date(now, "Europe/Berlin")
        expected: dict[str, tuple[int, date | None]] = {}
        for rows in files:
            lines = []
            for person, orders, days_ago in rows:
                day = today - timedelta(days=days_ago) if days_ago else None
                lines.append([f"p{person}@x.example", orders, day])
                known_orders, known_day = expected.get(f"p{person}@x.example", (0, None))
                days = [one for one in (known_day, day or (today if orders else None)) if one]
                told = max(orders, 1) if day else orders
                expected[f"p{person}@x.example"] = (max(known_orders, told), min(days, default=None))
            bring_in(merchant, write_table(["email", "orders", "first_paid_at"], lines))
        found = {
            email: (orders, local_date(first, "Europe/Berlin") if first else None)
            for email, (_name, _country, orders, first, _id, _source) in people(merchant).items()
        }
        assert found == expected
