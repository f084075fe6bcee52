"""The team hears in time that links under their own host are about to stop."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kit.clock import database_now
from merchants.actions.hosts import add_host, take_look
from merchants.models import Host, Role
from merchants.rules.hosts import DAYS_UNTIL_LOST
from tests.cast import World, at_work, member
from tests.engagement.post import a_shop, deliver, skipped

pytestmark = pytest.mark.django_db


def lose(world: World) -> Host:
    with at_work(world.merchant) as now:
        host = add_host(host="friends.nordlicht.example", by="system", now=now)
        real, right = database_now(), [f"referral-verification={host.challenge}"]
        for texts, at in ((right, real), ([], real), ([], real + timedelta(days=DAYS_UNTIL_LOST))):
            found = take_look(host_id=host.pk, texts=texts, by="system", now=now, real_now=at)
        assert found is not None
        return found


def test_owner_and_admin_are_told_with_the_day(mailoutbox: object) -> None:
    world = a_shop()
    member(world.merchant, "admin@nordlicht.example", Role.ADMIN)
    member(world.merchant, "marketer@nordlicht.example", Role.MARKETER)
    assert lose(world).state == "LOST"
    assert deliver(world, "host.lost") == []
    sent = deliver(world, "team.told")
    assert {letter.to[0] for letter in sent} == {"alice@nordlicht.example", "admin@nordlicht.example"}
    assert sent[0].subject == "Links under friends.nordlicht.example are about to stop"
    assert "go on until" in sent[0].body
    assert f"/w/{world.merchant.slug}/settings/hosts" in sent[0].body


def test_nobody_is_told_when_the_record_is_back() -> None:
    world = a_shop()
    host = lose(world)
    deliver(world, "host.lost")
    with at_work(world.merchant) as now:
        right = [f"referral-verification={host.challenge}"]
        take_look(host_id=host.pk, texts=right, by="system", now=now, real_now=database_now())
    assert deliver(world, "team.told") == []
    assert skipped(world) == [("host_lost", "overtaken")]
