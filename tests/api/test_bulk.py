"""Many orders at once: answered at once, none lost, each settled or refused by itself."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
from django.db import connection

from integrations.models import BulkLine
from kit.clock import database_now
from kit.locks import Rank, key_of
from merchants.models import WakeUp
from merchants.wakeups import sweep_due
from referral_saas.api.bulk import LOOK_AGAIN, sweep
from tests.api.conftest import Shop, an_order
from tests.cast import World, at_work
from tests.rows import rows_of
from tracking.models import Order


def _orders(world: World, count: int = 3) -> list[dict[str, Any]]:
    return [
        an_order(order_id=str(number), code=world.link.code, customer={"email": f"eve{number}@friend.example"})
        for number in range(count)
    ]


def test_lines_are_kept_then_settled_each_by_itself(shop: Shop, world: World) -> None:
    orders = _orders(world)
    orders[1]["amount"] = "-1"
    answer = shop.post("orders/bulk", {"orders": orders}, Idempotency_Key="b1")
    assert (answer.status_code, answer.json()["lines"]) == (202, 3)
    results = answer.json()["results"].removeprefix("/api/v1/")
    assert shop.get(results).json()["count"] == {"WAITING": 3, "DONE": 0, "REFUSED": 0}
    with at_work(world.merchant):
        assert not Order.objects.exists()
    assert sweep_due("bulk") == 1
    told = shop.get(results).json()
    assert told["count"] == {"WAITING": 0, "DONE": 2, "REFUSED": 1}
    assert [line["order_id"] for line in told["lines"]] == ["0", "1", "2"]
    assert told["lines"][1]["problem"]["errors"][0]["field"] == "amount"
    one = shop.get(f"orders/{told['lines'][2]['order']}").json()
    assert (one["order_id"], one["rewards"][0]["amount"]) == ("2", "20.00")
    with at_work(world.merchant):
        assert list(BulkLine.objects.exclude(body=None)) == []
        assert not WakeUp.objects.filter(kind="bulk").exists()


def test_upload_sent_again_is_the_same_upload(shop: Shop, world: World) -> None:
    body = {"orders": _orders(world)}
    first = shop.post("orders/bulk", body, Idempotency_Key="b1")
    before = rows_of(world.merchant)
    again = shop.post("orders/bulk", body, Idempotency_Key="b1")
    assert again.json() == first.json()
    assert rows_of(world.merchant) == before


def test_sweep_run_twice_settles_once(shop: Shop, world: World) -> None:
    shop.post("orders/bulk", {"orders": _orders(world)}, Idempotency_Key="b1")
    assert sweep(world.merchant.tenant_ref()) is None
    before = rows_of(world.merchant)
    assert sweep(world.merchant.tenant_ref()) is None
    assert rows_of(world.merchant) == before


def test_a_shop_where_another_sweep_is_is_left_to_it(shop: Shop, world: World) -> None:
    shop.post("orders/bulk", {"orders": _orders(world)}, Idempotency_Key="b1")
    before, other = rows_of(world.merchant), connection.copy()
    with at_work(world.merchant):
        name = key_of(Rank.QUEUE, "bulk")
    with closing(other), other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [name])
        again = sweep(world.merchant.tenant_ref())
        cursor.execute("SELECT pg_advisory_unlock(%s)", [name])
        assert again is not None
        assert again <= database_now() + LOOK_AGAIN
        assert rows_of(world.merchant) == before
    assert sweep(world.merchant.tenant_ref()) is None
    with at_work(world.merchant):
        assert Order.objects.count() == 3


@pytest.mark.parametrize(
    ("orders", "field"),
    [
        ([], "orders"),
        (None, "orders"),
        ("all", "orders"),
        ([1], "orders"),
        ([{"order_id": "1"}, {"order_id": 1}], "orders"),
        ([{"order_id": str(number)} for number in range(501)], "orders"),
    ],
)
def test_upload_that_is_none_is_refused_whole(orders: Any, field: str, shop: Shop, world: World) -> None:
    before = rows_of(world.merchant)
    answer = shop.post("orders/bulk", {"orders": orders}, Idempotency_Key="b1")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert rows_of(world.merchant) == before


def test_upload_needs_a_key(shop: Shop, world: World) -> None:
    answer = shop.post("orders/bulk", {"orders": _orders(world)})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")


def test_line_that_is_wholly_unlike_an_order_is_refused_with_every_field(shop: Shop, world: World) -> None:
    shop.post("orders/bulk", {"orders": [{}, {"order_id": "1", "status": 5}]}, Idempotency_Key="b1")
    sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        lines = list(BulkLine.objects.order_by("number"))
        assert [line.state for line in lines] == ["REFUSED", "REFUSED"]
        assert {"order_id", "currency", "status"} <= {error["field"] for error in lines[0].problem["errors"]}


def test_upload_of_another_merchant_is_not_there(shop: Shop, world: World, other_shop: Shop) -> None:
    answer = shop.post("orders/bulk", {"orders": _orders(world)}, Idempotency_Key="b1")
    path = answer.json()["results"].removeprefix("/api/v1/")
    assert (shop.get(path).status_code, other_shop.get(path).status_code) == (200, 404)
    assert shop.get("bulk/blk_x").status_code == 404
