"""Workers killed without warning and a broker that forgets everything, while orders come in: nothing is lost."""

from __future__ import annotations

import os
import signal
from typing import Any

import redis

from demo.drive.sums import minor, net_of, tenth
from demo.drive.wait import until
from demo.drive.web import Web
from tests.e2e.conftest import Played, Running

ORDERS = 8


def test_killed_workers_and_an_emptied_valkey_lose_nothing(running: Running, played: Played) -> None:
    story = played.story
    broker = redis.Redis.from_url(running.environment["REDIS_URL"])
    placed = []
    for number in range(ORDERS):
        token = Web(story.base).get(story.otto.link).expect().form("").fields["token"]
        placed.append(
            story.shop.place(
                email=story.friend(f"storm{number}"), name="Storm Friend", lines=[{"product": "fjord"}], token=token
            )
        )
        if number == ORDERS // 4:
            kill_workers(running)
        if number == ORDERS // 2:
            broker.flushall()

    def all_there() -> list[dict[str, Any]] | None:
        orders = [story.order_where("shopify", order) for order in placed]
        return [order for order in orders if order] if all(order and order["rewards"] for order in orders) else None

    orders = until("every order has its reward", all_there, within=90)
    assert len({order["id"] for order in orders}) == ORDERS
    wanted = tenth(net_of(story.shop.order(placed[0])))
    assert [minor(order["rewards"][0]["amount"]) for order in orders] == [wanted] * ORDERS
    assert {order["rewards"][0]["state"] for order in orders} == {"HELD"}
    until("the workers are back", lambda: len(running.workers()) == 3 or None)


def kill_workers(running: Running) -> None:
    for pid in running.workers():
        os.kill(pid, signal.SIGKILL)
