"""The ledger, the calendar and doubtful deliveries in a real browser: readable, nothing wider than a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from programs.rules import Fulfilment, RewardRule, Value
from referral_saas.dashboard.paths import public
from rewards import ledger
from rewards.actions.audit import check_books
from rewards.actions.budget import set_budget
from rewards.models import Reward
from rewards.steps import fulfil, release
from tests.cast import World, at_work, workspace_of
from tests.dashboard.desk import a_busy_world, owner
from tests.facts import DAY, delivery, refund, snapshot
from tests.looks import onlooker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    """Money in every account, a code to disable, and books that do not agree."""
    friends = RewardRule(kind=Value.FIXED, value=500, fulfilment=Fulfilment.PAYOUT)
    world = a_busy_world(friend_reward=friends)
    with at_work(world.merchant) as now:
        set_budget(program=world.program, limit_minor=90_000, is_hard=True, by="system", now=now)
    for number, ago, back in (("21", 60, 0), ("22", 45, 20000), ("23", 28, 0), ("24", 12, 0), ("25", 5, 0)):
        at = world.now - ago * DAY
        token = world.click(at=at - timedelta(hours=1))
        facts = [snapshot(at, token=token), delivery(at + 2 * DAY)]
        world.take(*facts, number=number, email=f"f{number}@friend.example", now=at + DAY)
        release.sweep(world.merchant.tenant_ref())
        fulfil.sweep(world.merchant.tenant_ref())
        if back:
            world.take(refund(world.now, amount=back), number=number, email="")
    with at_work(world.merchant) as now:
        some = Reward.objects.get(order__external_id="23", side="FRIEND")
        ledger.post("reward.held", moves=[ledger.hold(1)], unit="EUR", program_id=some.program_id, now=now, reward=some)
        check_books(by="system", now=now)
    return world


def test_every_page_is_readable(chromium: Any, live_server: Any, world: World) -> None:
    bare = workspace_of("alice@nordlicht.example", "Leer GmbH")
    with at_work(world.merchant):
        gone = Reward.objects.get(order__external_id="22", side="ADVOCATE")
    pages = {"ledger": "ledger", "ledger-one": "ledger?account=PAYABLE&unit=EUR", "calendar": "calendar",
             "code-gone": f"rewards/{public(gone)}", "rewards-cash": "rewards?state=CASH&when=release_at"}  # fmt: skip
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        for name, path in pages.items():
            eyes.look(name, path)
        for name in ("ledger", "calendar"):
            eyes.look(f"empty-{name}", f"/w/{bare.slug}/{name}")
