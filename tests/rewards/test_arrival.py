"""One order's events in every order in which they can arrive, and again: equal amounts, states, dates and books."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from rewards.models import Posting, Reward, RewardBlock
from tests.cast import at_work
from tests.facts import DAY
from tests.rewards.second_reading import (
    Account,
    Delivery,
    Dispute,
    Gift,
    Line,
    Promise,
    Refund,
    Told,
    Version,
)
from tests.rewards.stage import Stage, a_shop, a_stage, undone
from tracking.models import Order, Referral

pytestmark = pytest.mark.django_db

START = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
BUSY = Promise(
    advocate=Gift(percent=1000),
    friend=Gift(fixed=500),
    least=1000,
    with_shipping=True,
    window=14,
    windows=((frozenset({"p1"}), 0), (frozenset({"p2"}), 100)),
    trusted=(20,),
)
FIRST = Version(
    START,
    (Line("1", 1000, 190, frozenset({"p1"})), Line("2", 50_000, 9500, frozenset({"p2"}))),
    START,
    shipping=500,
    shipping_tax=95,
    paid_at=START,
)
#: Food and a mattress: edited, partly given back with its shipping, disputed in part and lost, delivered.
EVENTS: list[Told] = [
    FIRST,
    replace(FIRST, as_of=START + DAY, lines=(replace(FIRST.lines[0], net=3000, tax=570), FIRST.lines[1])),
    Refund(START + 2 * DAY, "r1", (("1", 1, 1000),), other=777, shipping=500),
    Dispute(START + 3 * DAY, "d1", "lost", 11_899),
    Delivery(START + 4 * DAY, START + 4 * DAY),
]
#: The same order cancelled in the end, and its dispute's opening told as well.
ENDS: list[Told] = [
    replace(FIRST, as_of=START + 5 * DAY, cancelled=True),
    Dispute(START + 2 * DAY, "d1", "opened", 100),
    FIRST,
    EVENTS[2],
]


def everything(stage: Stage) -> tuple[Any, ...]:
    """All that must be the same however the events came; rewards first."""
    with at_work(stage.world.merchant):
        fields = (
            "side",
            "state",
            "amount_minor",
            "full_minor",
            "fair_minor",
            "clawed_back_minor",
            "reason",
            "release_at",
        )
        rewards = list(Reward.objects.order_by("side").values_list(*fields))
        open_blocks = RewardBlock.objects.filter(lifted_at=None).order_by("reward__side", "kind")
        blocks = list(open_blocks.values_list("reward__side", "kind"))
        referrals = list(Referral.objects.values_list("state", "reasons", "how", "over_cap"))
        order = Order.objects.values_list("outcome", "base_minor", "net_base_minor", "paid_at", "cancelled_at").get()
    return rewards, blocks, referrals, order, stage.books()


def arrive(stage: Stage, left: list[Told], told: list[Told], ends: list[tuple[Any, ...]], *, again: bool) -> None:
    """One more event of those left, whichever; what is shared by several orders of arrival is told once."""
    if not left:
        ends.append(everything(stage))
        return
    for item in left:
        with undone():
            stage.tell(item, now=START + 6 * DAY)
            if again:
                _told_again(stage, [*told, item])
            arrive(stage, [other for other in left if other is not item], [*told, item], ends, again=again)


def _told_again(stage: Stage, told: list[Told]) -> None:
    """Everything until now a second time, the newest first: nothing moves."""
    with at_work(stage.world.merchant):
        before = Posting.objects.count()
    stage.tell(*reversed(told), now=START + 6 * DAY)
    with at_work(stage.world.merchant):
        assert Posting.objects.count() == before


@pytest.mark.parametrize(("events", "again"), [(EVENTS, False), (ENDS, True)])
def test_every_order_of_arrival_ends_the_same(events: list[Told], again: bool) -> None:  # hostile 22, 23, 24, 76
    stage = a_stage(a_shop("EUR"), "EUR", BUSY, touched_at=START - DAY, trust=1)
    ends: list[tuple[Any, ...]] = []
    arrive(stage, events, [], ends, again=again)
    assert len(ends) == (24 if again else 120)
    assert all(end == ends[0] for end in ends)
    account = Account(BUSY, events)
    amounts = {side: amount for side, _state, amount, *_ in ends[0][0]}
    assert amounts == {"ADVOCATE": account.earned(BUSY.advocate), "FRIEND": account.earned(BUSY.friend or Gift())}
