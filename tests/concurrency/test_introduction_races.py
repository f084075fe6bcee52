"""A friend writes who sent them at the very moment in which the time for it ends."""

from __future__ import annotations

import pytest

from kit.tenancy import in_tenant_transaction
from tests.cast import World, a_world, at_work
from tests.facts import DAY, snapshot
from tests.races import Rival
from tracking.actions.introductions import question_about, say_who
from tracking.locks import introduction_for_update
from tracking.models import Introduction, Order

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_ended_while_the_friend_wrote_stays_ended():
    world: World = a_world()
    world.take(snapshot(world.now))
    with at_work(world.merchant) as now:
        order = Order.objects.get()
        asked = question_about(order, now + DAY, now)

    def write() -> None:
        said = {"order": Order.objects.get(pk=order.pk), "said": world.link.code, "friend_name": "Eve"}
        say_who(**said, now=world.now)

    with at_work(world.merchant):
        ending = introduction_for_update(asked.pk)
        ending.state = Introduction.State.EXPIRED
        ending.save(update_fields=["state"])
        rival = Rival(lambda: in_tenant_transaction(world.merchant.tenant_ref(), write))
        assert rival.waits_for_us()
    rival.result()
    with at_work(world.merchant):
        after = Introduction.objects.get()
        assert (after.state, after.advocate_id, after.tries) == ("EXPIRED", None, 0)
