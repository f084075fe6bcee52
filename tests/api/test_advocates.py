"""Enrolling advocates, and the sign of life of the SDK."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from advocates.models import Advocate, Customer
from integrations.models import Heartbeat
from kit.ids import public_id
from merchants.models import ApiKey
from programs.actions.lifecycle import end_program
from tests.api.conftest import Shop, key_of
from tests.cast import World, at_work
from tests.rows import rows_of

FINN = {"program": "freunde", "email": "finn@advocate.example", "name": "Finn", "country": "DE"}


def test_enrolled_once_with_a_link_and_a_code(shop: Shop, world: World) -> None:
    first = shop.post("advocates", {**FINN, "kind": "PARTNER", "place": "Berlin"})
    assert first.status_code == 201
    told = first.json()
    assert told["link"].endswith(f"/r/{told['code']}")
    assert (told["state"], told["kind"], told["place"]) == ("ACTIVE", "PARTNER", "Berlin")
    assert told["program"] == public_id("prg", world.program.pk)
    before = rows_of(world.merchant)
    again = shop.post("advocates", {**FINN, "program": told["program"]})
    assert (again.status_code, again.json()["code"]) == (200, told["code"])
    assert rows_of(world.merchant) == before
    with at_work(world.merchant):
        customer = Customer.objects.get(email="finn@advocate.example")
        assert (customer.name, customer.country, customer.source) == ("Finn", "DE", "API")
        assert Advocate.objects.get(customer=customer).enrolled_by.startswith("api:")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"program": "nothing"}, "program"), ({"program": 5}, "program"), ({"email": "finn"}, "email"),
        ({"kind": "BOSS"}, "kind"), ({"state": "ACTIVE"}, "state"), ({"country": "de"}, "country"),
    ],
)  # fmt: skip
def test_bad_field_enrols_nobody(changes: dict[str, Any], field: str, shop: Shop, world: World) -> None:
    before = rows_of(world.merchant)
    answer = shop.post("advocates", {**FINN, **changes})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert rows_of(world.merchant) == before


def test_nobody_joins_a_program_that_is_over(shop: Shop, world: World) -> None:
    with at_work(world.merchant) as now:
        end_program(program=world.program, by="system", now=now)
    before = rows_of(world.merchant)
    answer = shop.post("advocates", FINN)
    assert (answer.status_code, answer.json()["code"]) == (422, "program_ended")
    assert rows_of(world.merchant) == before


def _beat(key: str, **changes: Any) -> Any:
    import json

    body = {"key": key, "placement": "checkout", "page_host": "shop.example", **changes}
    return Client().post("/api/v1/heartbeat", json.dumps(body), content_type="text/plain;charset=UTF-8")


def test_heartbeat_is_noted_once_a_day_for_every_place(world: World) -> None:
    key = key_of(world.merchant, ApiKey.Kind.PUBLISHABLE)
    answers = [_beat(key), _beat(key), _beat(key, placement="site"), _beat(key, page_host="www.shop.example:8443")]
    assert [answer.status_code for answer in answers] == [204] * 4
    assert answers[0]["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answers[0]
    with at_work(world.merchant):
        rows = Heartbeat.objects.order_by("pk").values_list("placement", "page_host")
        assert list(rows) == [
            ("checkout", "shop.example"), ("site", "shop.example"), ("checkout", "www.shop.example:8443")
        ]  # fmt: skip


def test_heartbeat_takes_publishable_keys_alone(shop: Shop, world: World) -> None:
    before = rows_of(world.merchant)
    assert _beat(shop.key).status_code == 401
    assert _beat("pk_test_nobody").status_code == 401
    assert _beat("").status_code == 400
    assert Client().get("/api/v1/heartbeat").status_code == 405
    assert Client().options("/api/v1/heartbeat").status_code == 204
    assert rows_of(world.merchant) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"page_host": "a b"},
        {"page_host": "evil@shop.example"},
        {"placement": "<b>"},
        {"more": 1},
        {"placement": "x" * 61},
    ],
)
def test_heartbeat_of_nonsense_is_not_stored(changes: dict[str, Any], world: World) -> None:
    key = key_of(world.merchant, ApiKey.Kind.PUBLISHABLE)
    before = rows_of(world.merchant)
    assert _beat(key, **changes).status_code == 400
    assert rows_of(world.merchant) == before


def test_one_address_cannot_send_heartbeats_without_end(world: World, live_redis: Any) -> None:
    key = key_of(world.merchant, ApiKey.Kind.PUBLISHABLE)
    answers = [_beat(key) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {204}
    assert (answers[60].status_code, answers[60]["Retry-After"]) == (429, "60")
