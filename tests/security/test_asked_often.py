"""Statements that are made once, asked in every state there is: nobody sees more by them, none is wrong unseen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.transaction import TransactionManagementError

from advocates.models import Advocate, Customer
from integrations.locks import connection_locked
from kit.asked import asked_often
from kit.ids import uuid7
from kit.many import any_of
from kit.tenancy import tenant_scope
from merchants.models import Event, Merchant, merchant_of
from merchants.selectors import workspace
from tests.cast import a_world, at_work
from tracking.models import Referral

pytestmark = pytest.mark.django_db


def asked(question: Any) -> Any:
    """Made anew, so that the first asking is this test's."""
    return asked_often(question)


def own_customers() -> QuerySet[Customer]:
    return Customer.objects.all()


def without_referrals() -> QuerySet[Customer]:
    return Customer.objects.exclude(Exists(Referral.objects.filter(friend=OuterRef("pk"))))


def customers_of(ids: list[UUID]) -> QuerySet[Customer]:
    return Customer.objects.filter(any_of("pk", ids))


@pytest.mark.parametrize("question", [own_customers, without_referrals])
@pytest.mark.parametrize("first_inside", [True, False])
def test_nobody_in_scope_is_answered_with_nothing_whoever_asked_first(question: Any, first_inside: bool) -> None:
    world, ask = a_world(), asked(question)
    if first_inside:
        with at_work(world.merchant):
            assert ask()
    assert ask() == []
    with at_work(world.merchant):
        assert ask()


def test_first_asked_for_one_merchant_inside_of_another_ones_transaction() -> None:
    """The wall in the database stands whoever the scope says is at work."""
    here, there = a_world(), a_world(name="Nordlicht Zwei")
    ask = asked(customers_of)
    ids = [here.advocate.customer_id, there.advocate.customer_id]
    with at_work(here.merchant):
        with tenant_scope(there.merchant.tenant_ref()):
            assert ask(ids) == []
        assert [one.pk for one in ask(ids)] == [ids[0]]


def test_first_asked_in_a_savepoint_that_is_rolled_back() -> None:
    world, ask = a_world(), asked(own_customers)
    with at_work(world.merchant):
        savepoint = transaction.savepoint()
        count = len(ask())
        transaction.savepoint_rollback(savepoint)
        assert len(ask()) == count > 0


def test_the_empty_list_and_none_fit_no_row() -> None:
    world, ask = a_world(), asked(customers_of)

    @asked_often
    def by(customer_id: UUID | None) -> QuerySet[Customer]:
        return Customer.objects.filter(pk=customer_id)

    with at_work(world.merchant):
        assert (ask([]), by(None)) == ([], [])


def derived_text(by: str) -> QuerySet[Event]:
    return Event.objects.filter(Q(by=by) | Q(by__startswith=by))


def derived_moment(at: datetime) -> QuerySet[Event]:
    return Event.objects.filter(at__lte=at, at__gt=at + timedelta(hours=1))


def derived_day(at: datetime) -> QuerySet[Event]:
    return Event.objects.filter(at__lte=at, at__date=at.date())


def derived_key(key: UUID) -> QuerySet[Event]:
    return Event.objects.filter(pk=key, by=f"user:{key}")


@pytest.mark.parametrize("question", [derived_text, derived_moment, derived_day, derived_key])
def test_a_value_that_also_comes_out_changed_is_refused_and_not_asked_for_as_it_was_first(question: Any) -> None:
    world, ask = a_world(), asked(question)
    with at_work(world.merchant) as now, pytest.raises(TypeError, match=question.__name__):
        ask({"by": "x", "at": now, "key": uuid7()}[next(iter(question.__annotations__))])


def test_the_merchant_turned_into_text_is_refused() -> None:
    from kit.tenancy import current_merchant_id

    @asked_often
    def told_whose() -> QuerySet[Event]:
        return Event.objects.exclude(by=str(current_merchant_id()))

    world = a_world()
    with at_work(world.merchant), pytest.raises(TypeError, match="told_whose"):
        told_whose()


def flat() -> QuerySet[Any]:
    return Customer.objects.values_list("pk", flat=True)


def dicts() -> QuerySet[Any]:
    return Customer.objects.values("pk")


def fetching() -> QuerySet[Any]:
    return Advocate.objects.prefetch_related(Prefetch("customer"))


@pytest.mark.parametrize("question", [flat, dicts, fetching])
def test_what_would_come_in_another_shape_is_refused(question: Any) -> None:
    world, ask = a_world(), asked(question)
    with at_work(world.merchant), pytest.raises(TypeError, match=question.__name__):
        ask()


def test_too_many_or_too_few_arguments_are_refused_as_by_any_function() -> None:
    world, ask = a_world(), asked(customers_of)
    with at_work(world.merchant):
        with pytest.raises(TypeError):
            ask([], "more")
        with pytest.raises(TypeError):
            ask()


@pytest.mark.django_db(transaction=True)
def test_a_lock_outside_of_a_transaction_is_refused_also_when_it_was_made_within_one() -> None:
    @asked_often
    def locked() -> QuerySet[Merchant]:
        return Merchant.objects.select_for_update()

    with transaction.atomic():
        locked()
    with pytest.raises(TransactionManagementError):
        locked()


def test_what_is_not_there_is_said_as_ever() -> None:
    world = a_world()
    with pytest.raises(Merchant.DoesNotExist):
        merchant_of(uuid7())
    with at_work(world.merchant):
        with pytest.raises(Exception, match="Connection") as raised:
            connection_locked(uuid7())
        assert type(raised.value).__name__ == "DoesNotExist"
    with pytest.raises(Exception, match="Workspace"):
        workspace()
    with at_work(world.merchant):
        orphan = Advocate(customer_id=uuid7(), program=world.program)
        with pytest.raises(Customer.DoesNotExist):
            orphan.customer  # noqa: B018
        nobody = Referral(friend_id=None)
        assert nobody.friend is None


# --- rows ---------------------------------------------------------------------------------------------------------


def test_a_row_of_another_merchant_is_neither_changed_nor_made() -> None:
    here, there = a_world(), a_world(name="Nordlicht Zwei")
    with at_work(there.merchant):
        theirs = Customer.objects.get(pk=there.advocate.customer_id)
    with at_work(here.merchant):
        theirs.name = "Taken over"
        with pytest.raises(DatabaseError, match="did not affect any rows"), transaction.atomic():
            theirs.save(update_fields=["name"])
        with pytest.raises(DatabaseError), transaction.atomic():
            theirs.save(force_update=True)
        with pytest.raises(DatabaseError), transaction.atomic():  # row security refuses the row itself
            Customer.objects.create(
                merchant=there.merchant, email="x@y.example", email_key="x@y.example", created_at=here.now
            )
    with at_work(there.merchant):
        assert Customer.objects.get(pk=theirs.pk).name != "Taken over"
        assert not Customer.objects.filter(email="x@y.example").exists()


def test_rows_are_saved_in_every_way_django_knows() -> None:
    world = a_world()
    with at_work(world.merchant) as now:

        def made(email: str, **told: Any) -> Customer:
            return Customer(email=email, email_key=email, created_at=now, **told)

        row = made("a@odd.example", name="%s 100% \\ '")
        row.save(force_insert=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            made("b@odd.example", pk=row.pk).save(force_insert=True)
        row.imported_orders = F("imported_orders") + 3
        row.save()
        row.refresh_from_db()
        assert (row.name, row.imported_orders, row.created_at) == ("%s 100% \\ '", 3, now)
        half = Customer.objects.only("pk", "name").get(pk=row.pk)
        half.name = "y"
        half.save()
        row.refresh_from_db(fields=["name"])
        assert (row.name, row._state.adding, row._state.db) == ("y", False, connection.alias)
        row.pk = uuid7()  # nobody's
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save(update_fields=["name"])
        assert [one.email for one in Customer.objects.filter(email__endswith="@odd.example")] == ["a@odd.example"]


def test_a_key_leads_to_the_same_row_object_until_it_is_changed(django_assert_num_queries: Any) -> None:
    world = a_world()
    with at_work(world.merchant):
        found = Advocate.objects.get(pk=world.advocate.pk)
        with django_assert_num_queries(1):
            assert found.customer is found.customer
        other = Customer.objects.exclude(pk=found.customer_id).first()
        if other:
            found.customer_id = other.pk
            assert found.customer == other
