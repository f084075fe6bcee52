from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kit.clock import now_for, real_time
from kit.days import local_date, start_of_day
from kit.tenancy import TransactionForbidden
from merchants.actions.clock import advance_clock
from merchants.models import Event, Merchant
from merchants.wakeups import sweep_due
from programs.actions.lifecycle import end_program, pause_program
from programs.models import Program
from programs.steps import calendar
from tests.cast import at_work, live_program, workspace_of

pytestmark = pytest.mark.django_db

ZONE = "Pacific/Auckland"


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht", zone=ZONE)


def last_day(merchant: Merchant, days: int) -> str:
    return (local_date(now_for(merchant), ZONE) + timedelta(days=days)).isoformat()


def over_at(day: str) -> datetime:
    return start_of_day(datetime.fromisoformat(day).date() + timedelta(days=1), ZONE)


def states(merchant: Merchant) -> dict[str, str]:
    with at_work(merchant):
        return dict(Program.objects.values_list("name", "state"))


def test_nothing_ends_before_its_time_and_the_next_moment_is_told(merchant):
    soon, late = last_day(merchant, 3), last_day(merchant, 9)
    live_program(merchant, name="Late", ends_on=late)
    live_program(merchant, name="Soon", ends_on=soon)
    live_program(merchant, name="Endless")
    assert calendar.sweep(merchant.tenant_ref()) == real_time(over_at(soon), merchant)
    assert set(states(merchant).values()) == {"ACTIVE"}


def test_programs_end_when_their_last_day_has_passed(merchant):
    soon, late = last_day(merchant, 3), last_day(merchant, 9)
    live_program(merchant, name="Soon", ends_on=soon)
    paused = live_program(merchant, name="Paused", ends_on=soon)
    live_program(merchant, name="Late", ends_on=late)
    with at_work(merchant) as now:
        pause_program(program=paused, by="system", now=now)
        advance_clock(merchant=merchant, by=timedelta(days=4), who="system", now=now)
    assert sweep_due("programs") == 1
    assert states(merchant) == {"Soon": "ENDED", "Paused": "ENDED", "Late": "ACTIVE"}
    with at_work(merchant):
        ended = Event.objects.filter(code="program.ended")
        assert ended.count() == 2
        assert {event.by for event in ended} == {"system"}
        assert Program.objects.get(name="Soon").ended_at >= over_at(soon)
    assert calendar.sweep(merchant.tenant_ref()) == real_time(over_at(late), merchant)


def test_sweeping_again_changes_nothing(merchant):
    live_program(merchant, name="Soon", ends_on=last_day(merchant, 0))
    with at_work(merchant) as now:
        advance_clock(merchant=merchant, by=timedelta(days=2), who="system", now=now)
    assert calendar.sweep(merchant.tenant_ref()) is None
    with at_work(merchant):
        before = Event.objects.count(), Program.objects.values().get()
    assert calendar.sweep(merchant.tenant_ref()) is None
    with at_work(merchant):
        assert (Event.objects.count(), Program.objects.values().get()) == before


def test_a_program_ended_by_hand_is_left_alone(merchant):
    program = live_program(merchant, name="Soon", ends_on=last_day(merchant, 0))
    with at_work(merchant) as now:
        end_program(program=program, by="user:1", now=now)
        advance_clock(merchant=merchant, by=timedelta(days=2), who="system", now=now)
    assert calendar.sweep(merchant.tenant_ref()) is None
    with at_work(merchant):
        assert Event.objects.get(code="program.ended").by == "user:1"


def test_sweep_refuses_an_open_transaction(merchant):
    with at_work(merchant), pytest.raises(TransactionForbidden):
        calendar.sweep(merchant.tenant_ref())
