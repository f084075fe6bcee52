from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from kit.clock import database_now, now_for
from merchants.actions.clock import ClockRefused, advance_clock
from merchants.models import Event, Merchant, WakeUp
from tests.cast import at_work, workspace_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_advance_clock_moves_forward_and_wakes_everything():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    with at_work(merchant) as now:
        before = database_now()
        there = advance_clock(merchant=merchant, by=30 * DAY, who="user:1", now=now)
        woken = set(WakeUp.objects.filter(due_at__gte=before).values_list("kind", flat=True))
        event = Event.objects.get(code="clock.advanced")
    stored = Merchant.objects.get()
    assert stored.clock_offset == merchant.clock_offset == 30 * DAY
    assert now + 30 * DAY <= there <= now_for(stored)
    assert woken == set(settings.SWEEPS)
    assert WakeUp.objects.filter(due_at__gt=database_now()).count() == 0
    assert (event.at, event.by, event.data) == (now, "user:1", {"seconds": 30 * 86400})


@pytest.mark.parametrize("step", [timedelta(0), -DAY, timedelta(days=400, seconds=1)])
def test_advance_clock_refuses_back_and_too_far(step):
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    with at_work(merchant) as now, pytest.raises(ClockRefused):
        advance_clock(merchant=merchant, by=step, who="system", now=now)
    assert Merchant.objects.get().clock_offset == timedelta(0)
    with at_work(merchant):
        assert not Event.objects.filter(code="clock.advanced").exists()


def test_advance_clock_refuses_a_real_workspace_and_a_foreign_one():
    real = workspace_of("alice@nordlicht.example", "Nordlicht", sandbox=False)
    sandbox = workspace_of("charlie@halcyon.example", "Halcyon")
    with at_work(real) as now:
        with pytest.raises(ClockRefused):
            advance_clock(merchant=real, by=DAY, who="system", now=now)
        with pytest.raises(ClockRefused):
            advance_clock(merchant=sandbox, by=DAY, who="system", now=now)
    assert set(Merchant.objects.values_list("clock_offset", flat=True)) == {timedelta(0)}
