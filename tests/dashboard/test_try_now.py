"""Rewards that wait an hour for something the merchant mended are tried when somebody says so, once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.actions.accounts import add_stripe_connection
from integrations.models import Connection
from kit.clock import database_now
from kit.ids import public_id
from merchants.events import SYSTEM
from merchants.models import Event
from programs.rules import Fulfilment
from rewards.models import Reward
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import as_role, base, owner, text_of
from tests.facts import DAY, delivery, snapshot
from tests.integrations.services import answered_by
from tests.providers import Providers, running_providers

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Providers]:
    with running_providers(tmp_path_factory.mktemp("providers")) as running, answered_by(running.url):
        yield running


@pytest.fixture
def world(providers: Providers) -> World:
    """Two rewards that Stripe refused, because it does not know our key."""
    world = a_world()
    with at_work(world.merchant) as now:
        add_stripe_connection(secret_key="sk_test_wrong", by=SYSTEM, now=now)
    for number in ("1", "2"):
        at = world.now - 40 * DAY
        facts = snapshot(at, token=world.click(at=at - DAY)), delivery(at + 2 * DAY)
        world.take(*facts, number=number, email=f"f{number}@friend.example")
    with at_work(world.merchant):
        Reward.objects.update(fulfilment=Fulfilment.STRIPE_BALANCE)
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    assert [row[:2] for row in waiting(world)] == [("credentials_refused", 1)] * 2
    return world


def waiting(world: World) -> list[tuple[str, int, bool]]:
    """(reason, tries, whether the next try is still to come) of every reward."""
    with at_work(world.merchant):
        rows = Reward.objects.order_by("pk").values_list("reason", "attempts", "next_try_at")
        return [(reason, tries, at > database_now()) for reason, tries, at in rows]


def retried(world: World) -> list[str]:
    with at_work(world.merchant):
        return list(Event.objects.filter(code="reward.retried").values_list("by", flat=True))


def stripe_of(world: World) -> str:
    with at_work(world.merchant):
        return f"{base(world)}/connections/{public_id('con', Connection.objects.get(kind='STRIPE').pk)}"


def reward_of(world: World) -> str:
    with at_work(world.merchant):
        first: Any = Reward.objects.order_by("pk").first()
        return f"{base(world)}/rewards/{public_id('rwd', first.pk)}"


WAITS, DUE = ("credentials_refused", 1, True), ("credentials_refused", 0, False)


def test_all_that_wait_for_an_account_are_tried_at_the_press_of_a_button_once(world):
    client, here = owner(world), stripe_of(world)
    assert "2 rewards wait until it works" in text_of(client.get(here))
    assert "2 rewards are tried now." in text_of(client.post(f"{here}/try-now", follow=True))
    assert (waiting(world), len(retried(world))) == ([DUE, DUE], 2)
    assert "No reward waits for it any more." in text_of(client.post(f"{here}/try-now", follow=True))
    assert (waiting(world), len(retried(world))) == ([DUE, DUE], 2)


def test_one_reward_is_tried_alone_and_the_second_person_is_told(world):
    client, here = owner(world), reward_of(world)
    page = text_of(client.get(here))
    assert "Waiting for you" in page
    assert "The service does not accept our credentials." in page
    assert "It is tried again now." in text_of(client.post(f"{here}/again", follow=True))
    assert (waiting(world), len(retried(world))) == ([DUE, WAITS], 1)
    answer = client.post(f"{here}/again")
    assert (answer.status_code, "somebody tried again already" in text_of(answer)) == (409, True)
    assert (waiting(world), len(retried(world))) == ([DUE, WAITS], 1)


def test_what_waits_for_a_busy_service_is_not_hurried(world):
    with at_work(world.merchant):
        Reward.objects.update(reason="http_429")
    client = owner(world)
    assert "Waiting for you" not in text_of(client.get(reward_of(world)))
    assert client.post(f"{reward_of(world)}/again").status_code == 409
    assert "No reward waits for it" in text_of(client.post(f"{stripe_of(world)}/try-now", follow=True))
    assert (waiting(world), retried(world)) == ([("http_429", 1, True)] * 2, [])


def test_who_may_only_look_sees_no_button_and_is_refused(world):
    client = as_role(world, "ANALYST")
    assert "Try them now" not in text_of(client.get(stripe_of(world)))
    assert client.post(f"{stripe_of(world)}/try-now").status_code == 404
    assert client.post(f"{reward_of(world)}/again").status_code == 404
    assert (waiting(world), retried(world)) == ([WAITS, WAITS], [])
