from __future__ import annotations

from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisCase

from kit.ids import uuid7
from kit.locks import Rank, watch
from merchants.models import Event, Merchant
from programs.actions.edit import create_program
from programs.actions.stock import BadCodes, Fault, Uploaded, take_code, upload_codes
from programs.models import CodePool, PoolCode, Program
from programs.selectors import stock_left
from tests.cast import at_work, workspace_of
from tests.races import Rival, at_once

pytestmark = pytest.mark.django_db


def a_program(merchant: Merchant, codes: int = 0, name: str = "Freunde") -> Program:
    with at_work(merchant) as now:
        program = create_program(name=name, template="shop", by="system", now=now)
        if codes:
            upload_codes(program=program, purpose="OFFER", codes=numbered(codes), by="system", now=now)
    return program


def numbered(count: int, start: int = 0) -> list[str]:
    return [f"CODE-{number:05}" for number in range(start, start + count)]


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


def take(merchant: Merchant, program: Program, holder: UUID | None = None, purpose: str = "OFFER") -> str | None:
    with at_work(merchant) as now:
        return take_code(program=program, purpose=purpose, holder=holder or uuid7(), now=now)


def events(merchant: Merchant) -> list[tuple[str, int]]:
    with at_work(merchant):
        told = Event.objects.filter(code__startswith="codes.").order_by("subject_id", "seq")
        return [(event.code, event.data.get("left", event.data.get("added"))) for event in told]


def test_upload_adds_in_order_and_tells(merchant):
    program = a_program(merchant)
    with at_work(merchant) as now:
        done = upload_codes(
            program=program, purpose="OFFER", codes=[" A1 ", "", "B2", "A1", "\t"], by="user:1", now=now
        )
        rows = list(PoolCode.objects.order_by("position").values_list("code", "position", "taken_for"))
        pool = CodePool.objects.get()
        event = Event.objects.get(subject_id=pool.pk)
    assert done == Uploaded(added=2, known=1)
    assert rows == [("A1", 1, None), ("B2", 2, None)]
    assert (event.code, event.by) == ("codes.uploaded", "user:1")
    assert event.data == {"purpose": "OFFER", "program": str(program.pk), "added": 2}


def test_upload_again_adds_only_what_is_new(merchant):
    program = a_program(merchant, 3)
    with at_work(merchant) as now:
        again = upload_codes(program=program, purpose="OFFER", codes=numbered(5), by="system", now=now)
        same = upload_codes(program=program, purpose="OFFER", codes=numbered(5), by="system", now=now)
        assert (again, same) == (Uploaded(2, 3), Uploaded(0, 5))
        assert list(PoolCode.objects.order_by("position").values_list("code", flat=True)) == numbered(5)
    assert len(events(merchant)) == 2


def test_a_code_lies_in_one_pool_of_a_merchant(merchant):
    first, second = a_program(merchant, 2), a_program(merchant, name="Andere")
    with at_work(merchant) as now:
        assert upload_codes(program=second, purpose="OFFER", codes=numbered(2), by="system", now=now).added == 0
        assert upload_codes(program=first, purpose="REWARD", codes=numbered(3), by="system", now=now).added == 1
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    assert stock_of(other, a_program(other, 2)) == (2, 2)


def stock_of(merchant: Merchant, program: Program, purpose: str = "OFFER") -> tuple[int, int]:
    with at_work(merchant):
        codes = PoolCode.objects.filter(pool__program=program, pool__purpose=purpose)
        return stock_left(program, purpose), codes.count()


def test_upload_refuses_what_no_till_can_read_and_adds_nothing(merchant):
    program = a_program(merchant)
    with at_work(merchant) as now, pytest.raises(BadCodes) as refused:
        upload_codes(program=program, purpose="OFFER", codes=["GOOD", "TWO WORDS", "x" * 81], by="system", now=now)
    assert refused.value.faults == [Fault(2, "has_spaces"), Fault(3, "too_long")]
    assert stock_of(merchant, program) == (0, 0)
    assert events(merchant) == []


def test_take_code_gives_the_next_and_the_same_to_the_same_holder(merchant):
    program, holder = a_program(merchant, 30), uuid7()
    assert take(merchant, program, holder) == "CODE-00000"
    assert take(merchant, program) == "CODE-00001"
    assert take(merchant, program, holder) == "CODE-00000"
    with at_work(merchant):
        row = PoolCode.objects.get(code="CODE-00000")
        assert row.taken_for == holder
        assert row.taken_at is not None
    assert stock_of(merchant, program) == (28, 30)


def test_take_code_of_a_program_without_a_pool_is_none(merchant):
    assert take(merchant, a_program(merchant)) is None
    assert events(merchant) == []


def test_pools_of_purposes_are_apart(merchant):
    program = a_program(merchant, 2)
    assert take(merchant, program, purpose="REWARD") is None
    with at_work(merchant) as now:
        upload_codes(program=program, purpose="REWARD", codes=["PRIZE"], by="system", now=now)
    assert take(merchant, program, purpose="REWARD") == "PRIZE"
    assert stock_of(merchant, program) == (2, 2)


def test_low_and_empty_are_told_once_per_filling(merchant):
    program = a_program(merchant, 23)
    for _take in range(26):
        take(merchant, program)
    assert events(merchant) == [("codes.uploaded", 23), ("codes.low", 20), ("codes.empty", 0)]
    with at_work(merchant) as now:
        upload_codes(program=program, purpose="OFFER", codes=numbered(2, start=100), by="system", now=now)
    take(merchant, program)
    take(merchant, program)
    assert events(merchant)[3:] == [("codes.uploaded", 2), ("codes.low", 1)]


def test_low_is_also_less_than_a_tenth(merchant):
    program = a_program(merchant, 300)
    with at_work(merchant) as now:
        PoolCode.objects.filter(position__lte=269).update(taken_for=None, taken_at=None)
        for row in PoolCode.objects.filter(position__lte=269):
            row.taken_for, row.taken_at = uuid7(), now
            row.save()
    take(merchant, program)
    assert events(merchant)[1:] == []
    take(merchant, program)
    assert events(merchant)[1:] == [("codes.low", 29)]


def test_codes_come_last_in_the_order_of_locks(merchant):
    program = a_program(merchant, 3)
    with watch() as taken:
        take(merchant, program)
    assert set(taken) == {Rank.COUPON}


def test_the_database_gives_a_holder_one_code(merchant):
    program, holder = a_program(merchant, 2), uuid7()
    take(merchant, program, holder)
    with at_work(merchant) as now, pytest.raises(IntegrityError), transaction.atomic():
        PoolCode.objects.filter(code="CODE-00001").update(taken_for=holder, taken_at=now)


@pytest.mark.django_db(transaction=True)
def test_takers_at_once_get_codes_of_their_own():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    program = a_program(merchant, 40)
    got = at_once(*[lambda: [take(merchant, program) for _take in range(10)]] * 4)
    codes = [code for mine in got for code in mine]
    assert sorted(codes) == numbered(40)
    assert take(merchant, program) is None
    assert [code for code, _left in events(merchant)] == ["codes.uploaded", "codes.low", "codes.empty"]


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_anothers_code():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    program = a_program(merchant, 60)
    with at_work(merchant) as now:
        mine = take_code(program=program, purpose="OFFER", holder=uuid7(), now=now)
        rival = Rival(lambda: take(merchant, program))
        assert not rival.waits_for_us()
        assert rival.result() == "CODE-00001"
    assert mine == "CODE-00000"


@pytest.mark.django_db(transaction=True)
def test_the_last_code_goes_to_who_waits_when_its_taker_fails():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    program = a_program(merchant, 1)

    def fail_with_the_code() -> None:
        with at_work(merchant) as now:
            assert take_code(program=program, purpose="OFFER", holder=uuid7(), now=now) == "CODE-00000"
            rivals.append(Rival(lambda: take(merchant, program)))
            assert rivals[0].waits_for_us()
            raise RuntimeError("the claim failed")

    rivals: list[Rival] = []
    with pytest.raises(RuntimeError):
        fail_with_the_code()
    assert rivals[0].result() == "CODE-00000"


@pytest.mark.django_db(transaction=True)
def test_one_holder_asking_twice_at_once_gets_one_code():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    program, holder = a_program(merchant, 40), uuid7()
    got = at_once(*[lambda: take(merchant, program, holder)] * 4)
    assert set(got) == {"CODE-00000"}
    assert stock_of(merchant, program) == (39, 40)


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_once_add_each_code_once():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    program = a_program(merchant)

    def upload(codes: list[str]) -> int:
        with at_work(merchant) as now:
            return upload_codes(program=program, purpose="OFFER", codes=codes, by="system", now=now).added

    added = at_once(lambda: upload(numbered(50)), lambda: upload(numbered(50, start=25)))
    assert sum(added) == 75
    with at_work(merchant):
        positions = list(PoolCode.objects.order_by("position").values_list("position", flat=True))
    assert len(set(positions)) == 75


class TestAnySequence(HypothesisCase):
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.one_of(st.integers(0, 7), st.lists(st.integers(0, 30), max_size=12)), max_size=25))
    def test_no_code_is_given_twice_or_lost(self, steps):
        """A number takes for that holder, a list uploads these codes: as a dictionary would have it."""
        merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
        program = a_program(merchant)
        holders = {number: uuid7() for number in range(8)}
        uploaded: list[str] = []
        given_to: dict[int, str] = {}
        for step in steps:
            if isinstance(step, int):
                free = [code for code in uploaded if code not in given_to.values()]
                expected = given_to.get(step) or (free[0] if free else None)
                assert take(merchant, program, holders[step]) == expected
                if expected:
                    given_to[step] = expected
            else:
                codes = [f"C{number}" for number in step]
                new = [code for code in dict.fromkeys(codes) if code not in uploaded]
                with at_work(merchant) as now:
                    done = upload_codes(program=program, purpose="OFFER", codes=codes, by="system", now=now)
                assert done == Uploaded(added=len(new), known=len(codes) - len(new))
                uploaded += new
        assert stock_of(merchant, program) == (len(uploaded) - len(given_to), len(uploaded))
