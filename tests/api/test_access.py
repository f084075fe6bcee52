"""Who gets in, and what one merchant's key sees of another's: nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kit.ids import public_id, uuid7
from merchants.actions.keys import revoke_key
from merchants.models import ApiKey
from rewards.models import Reward
from tests.api.conftest import Shop, an_order, key_of
from tests.cast import World, at_work, enrolled
from tests.rows import rows_of
from tracking.models import Order, Referral

LISTS = ("orders", "referrals", "rewards", "advocates", "programs")


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer sk_live_nobody", "Basic c2s6", "sk_x", "Bearer " + "x" * 5000, "Bearer \xff"],
)
def test_without_a_valid_key_nobody_enters(authorization: str, world: World) -> None:
    answer = Client().get("/api/v1/programs", headers={"Authorization": authorization})
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_key_in_the_address_is_refused_even_beside_a_good_header(shop: Shop) -> None:  # hostile 120
    answer = shop.get(f"programs?api_key={shop.key}")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_in_address")
    assert Client().get(f"/api/v1/programs?key={shop.key}").status_code == 401


def test_publishable_key_opens_nothing(world: World) -> None:
    answer = Shop(key_of(world.merchant, ApiKey.Kind.PUBLISHABLE)).get("programs")
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_kind_of_key")


def test_revoked_key_is_refused(shop: Shop, world: World) -> None:
    with at_work(world.merchant) as now:
        revoke_key(key=ApiKey.objects.get(), by="system", now=now)
    assert shop.get("programs").status_code == 401


def test_use_of_a_key_is_noted_but_not_with_every_request(shop: Shop, world: World) -> None:
    shop.get("programs")
    with at_work(world.merchant):
        first = ApiKey.objects.get().last_used_at
    shop.get("programs")
    with at_work(world.merchant):
        assert ApiKey.objects.get().last_used_at == first is not None


def test_session_cookie_is_no_way_in(world: World) -> None:  # hostile 119
    from tests.cast import user

    client = Client(enforce_csrf_checks=True)
    client.force_login(user("alice@nordlicht.example"))
    assert client.post("/api/v1/orders", "{}", content_type="application/json").status_code == 401


def test_whatever_is_another_merchants_is_not_there(
    shop: Shop, world: World, other_shop: Shop, other_world: World
) -> None:  # hostile 101
    shop.post("orders", an_order(code=world.link.code))
    mine = _public_ids(world)
    before = rows_of(world.merchant)
    own = rows_of(other_world.merchant)
    for kind, public in mine.items():
        assert shop.get(f"{kind}/{public}").status_code == 200
        assert other_shop.get(f"{kind}/{public}").status_code == 404
    for verb in ("delivered", "cancel", "disputes"):
        assert other_shop.post(f"orders/{mine['orders']}/{verb}").status_code == 404
        assert other_shop.post(f"orders/1001/{verb}").status_code == 404
    assert other_shop.delete(f"orders/{mine['orders']}/delivered").status_code == 404
    assert other_shop.get("orders/1001").status_code == 404
    enrol = {"program": mine["programs"], "email": "mallory@halcyon.example"}
    assert other_shop.post("advocates", enrol).json()["errors"][0]["code"] == "no_such_program"
    assert rows_of(world.merchant) == before
    assert rows_of(other_world.merchant) == own
    assert all(mine[kind] not in str(other_shop.get(kind).json()) for kind in LISTS)


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize(
    "public", ["x", "prg_", "1", "ord_" + "z" * 26, "%00", "ord_%E2%80%AE", "a" * 3000, "..", "%2e%2e"]
)
def test_malformed_id_is_not_there(kind: str, public: str, shop: Shop) -> None:
    assert shop.get(f"{kind}/{public}").status_code == 404


def test_id_of_another_kind_is_not_there(shop: Shop, world: World) -> None:
    assert shop.get(f"advocates/{public_id('prg', world.program.pk)}").status_code == 404
    assert shop.get(f"orders/{public_id('ord', uuid7())}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=1000000",
        "limit=x",
        "limit=１",
        "limit=-1",
        "page_size=1000000",
        "after=x",
        "page=2",
    ],
)
@pytest.mark.parametrize("kind", LISTS)
def test_page_larger_than_allowed_is_refused(kind: str, query: str, shop: Shop) -> None:  # hostile 42
    answer = shop.get(f"{kind}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, query.split("=")[0])


def test_pages_join_without_gap_or_overlap(shop: Shop, world: World) -> None:
    for number in range(5):
        shop.post("orders", an_order(order_id=str(number), customer={"email": f"eve{number}@friend.example"}))
    seen, query = [], "orders?limit=2"
    while query:
        page = shop.get(query).json()
        seen += [order["order_id"] for order in page["data"]]
        query = f"orders?limit=2&after={page['next']}" if page["next"] else ""
    assert seen == ["4", "3", "2", "1", "0"]


def test_filters(shop: Shop, world: World) -> None:
    shop.post("orders", an_order(code=world.link.code))
    advocate = public_id("adv", world.advocate.pk)
    assert len(shop.get(f"rewards?state=HELD&advocate={advocate}").json()["data"]) == 1
    assert shop.get("rewards?state=RELEASED").json() == {"data": [], "next": None}
    assert shop.get("rewards?state=SPENT").status_code == 400
    assert shop.get("rewards?advocate=1").status_code == 400
    found = shop.get("advocates?email=DANA@advocate.example").json()["data"]
    assert [(row["email"], row["code"]) for row in found] == [("dana@advocate.example", world.link.code)]
    assert shop.get("advocates?email=nobody@nowhere.example").json()["data"] == []


@pytest.mark.parametrize("kind", LISTS)
def test_queries_do_not_grow_with_the_list(kind: str, shop: Shop, world: World) -> None:
    _one_more(shop, world, 0)
    shop.get(kind)
    with CaptureQueriesContext(connection) as with_one:
        shop.get(kind)
    for number in (1, 2):
        _one_more(shop, world, number)
    with CaptureQueriesContext(connection) as with_three:
        assert len(shop.get(kind).json()["data"]) in (1, 3, 4)
    assert len(with_three) == len(with_one)


def test_unknown_address_and_method_answer_as_problems(shop: Shop) -> None:
    nowhere = shop.get("everything")
    assert (nowhere.status_code, nowhere["Content-Type"]) == (404, "application/problem+json")
    wrong = shop.delete("orders")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in wrong["Allow"]


def test_body_of_another_kind_is_refused(shop: Shop) -> None:
    answer = shop.http.post("/api/v1/orders", {"order_id": "1"}, headers={"Authorization": f"Bearer {shop.key}"})
    assert (answer.status_code, answer.json()["code"]) == (415, "not_json")


def _public_ids(world: World) -> dict[str, str]:
    with at_work(world.merchant):
        return {
            "orders": public_id("ord", Order.objects.get().pk),
            "referrals": public_id("ref", Referral.objects.get().pk),
            "rewards": public_id("rwd", Reward.objects.get().pk),
            "advocates": public_id("adv", world.advocate.pk),
            "programs": public_id("prg", world.program.pk),
        }


def _one_more(shop: Shop, world: World, number: int) -> Any:
    enrolled(world.merchant, world.program, f"dana{number}@advocate.example")
    friend = {"email": f"eve{number}@friend.example"}
    return shop.post("orders", an_order(order_id=str(number), code=world.link.code, customer=friend))
