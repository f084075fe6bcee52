from __future__ import annotations

import pytest

from advocates.actions.standing import (
    MOVES,
    AdvocateStateError,
    ban_advocate,
    pause_advocate,
    resume_advocate,
    unban_advocate,
)
from advocates.models import Advocate
from merchants.models import Event
from tests.cast import at_work, enrolled, live_program, workspace_of

pytestmark = pytest.mark.django_db

VERBS = {"paused": pause_advocate, "resumed": resume_advocate, "banned": ban_advocate, "unbanned": unban_advocate}


@pytest.mark.parametrize("state", Advocate.State.values)
@pytest.mark.parametrize("verb", VERBS)
def test_every_move_from_every_state(state, verb):
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    advocate = enrolled(merchant, live_program(merchant))
    starts, end = MOVES[verb]
    with at_work(merchant) as now:
        Advocate.objects.update(state=state)
        before, events = Advocate.objects.values().get(), Event.objects.count()
        if state not in starts:
            with pytest.raises(AdvocateStateError):
                VERBS[verb](advocate=advocate, by="user:1", now=now)
            assert Advocate.objects.values().get() == before
            assert Event.objects.count() == events
            return
        VERBS[verb](advocate=advocate, by="user:1", now=now)
        event = Event.objects.filter(subject_id=advocate.pk).order_by("-seq")[0]
        assert Advocate.objects.values().get() == {**before, "state": end, "session_epoch": int(verb == "banned")}
    assert (event.code, event.by, event.data) == (f"advocate.{verb}", "user:1", {"before": state})


def test_a_ban_keeps_its_reason():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    advocate = enrolled(merchant, live_program(merchant))
    with at_work(merchant) as now:
        ban_advocate(advocate=advocate, by="user:1", now=now, reason="coupon_site")
        assert Event.objects.get(code="advocate.banned").data == {"before": "ACTIVE", "reason": "coupon_site"}


def test_a_foreign_advocate_is_not_found():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    advocate = enrolled(merchant, live_program(merchant))
    with at_work(workspace_of("charlie@halcyon.example", "Halcyon")) as now, pytest.raises(Advocate.DoesNotExist):
        ban_advocate(advocate=advocate, by="system", now=now)
    with at_work(merchant):
        assert Advocate.objects.get().state == "ACTIVE"
