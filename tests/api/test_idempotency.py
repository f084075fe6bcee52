"""Idempotency-Key: one answer for one request, also when it is sent twice at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from merchants.models import IdempotentRequest
from tests.api.conftest import Shop, an_order, key_of
from tests.cast import World, a_world, at_work
from tests.rows import rows_of
from tracking.models import Order


@pytest.fixture
def world(db: None) -> World:
    """For each test its own: some here commit."""
    return a_world()


def test_replay_is_the_stored_answer(shop: Shop, world: World) -> None:  # hostile 30
    body = an_order(code=world.link.code)
    first = shop.post("orders", body, Idempotency_Key="k1")
    before = rows_of(world.merchant)
    again = shop.post("orders", body, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert again.json() == first.json()
    assert rows_of(world.merchant) == before
    with at_work(world.merchant):
        stored = IdempotentRequest.objects.get()
        assert (stored.key, stored.status, stored.path) == ("k1", 201, "POST /api/v1/orders")
        assert "eve@friend.example" not in str(stored.answer)


@pytest.mark.parametrize("other", [{"amount": "201.00"}, {"order_id": "1002"}])
def test_key_with_another_body_is_refused(other: dict[str, Any], shop: Shop, world: World) -> None:  # hostile 31
    shop.post("orders", an_order(), Idempotency_Key="k1")
    before = rows_of(world.merchant)
    answer = shop.post("orders", an_order(**other), Idempotency_Key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert rows_of(world.merchant) == before


def test_key_at_another_address_is_refused(shop: Shop, world: World) -> None:
    shop.post("orders", an_order(), Idempotency_Key="k1")
    assert shop.post("orders/1001/cancel", Idempotency_Key="k1").status_code == 422
    with at_work(world.merchant):
        assert Order.objects.get().cancelled_at is None


def test_keys_of_two_merchants_are_independent(
    shop: Shop, world: World, other_shop: Shop, other_world: World
) -> None:  # hostile 33
    answers = [one.post("orders", an_order(), Idempotency_Key="k1") for one in (shop, other_shop)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]


def test_refusal_is_not_stored_and_the_key_stays_free(shop: Shop, world: World) -> None:  # hostile 35
    before = rows_of(world.merchant)
    assert shop.post("orders", an_order(amount="-1"), Idempotency_Key="k1").status_code == 400
    assert rows_of(world.merchant) == before
    assert shop.post("orders", an_order(), Idempotency_Key="k1").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "é"])
def test_key_that_is_none(key: str, shop: Shop, world: World) -> None:
    before = rows_of(world.merchant)
    answer = shop.post("orders", an_order(), Idempotency_Key=key)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert rows_of(world.merchant) == before


def test_key_at_an_address_that_is_none(shop: Shop) -> None:
    assert shop.post("orders/%00/cancel", Idempotency_Key="k1").status_code == 404


def test_longest_key(shop: Shop) -> None:
    assert shop.post("orders", an_order(), Idempotency_Key="x" * 255).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_many_twins_at_once_make_one_order() -> None:  # hostile 32
    world = a_world()
    key = key_of(world.merchant)
    answers: list[Any] = []

    def send() -> None:
        try:
            answers.append(Shop(key).post("orders", an_order(code=world.link.code), Idempotency_Key="k1"))
        finally:
            connection.close()

    _together(send, 6)
    statuses = sorted(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    created = [answer for answer in answers if answer.status_code == 201 and "Idempotent-Replayed" not in answer]
    assert len(created) == 1
    assert all(answer.json() == created[0].json() for answer in answers if answer.status_code == 201)
    assert all(answer["Retry-After"] for answer in answers if answer.status_code == 409)
    with at_work(world.merchant):
        assert Order.objects.count() == IdempotentRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twin_of_a_request_that_does_not_end_is_told_to_come_back() -> None:  # hostile 32
    world = a_world()
    shop = Shop(key_of(world.merchant))
    begun, finish = threading.Event(), threading.Event()

    def hold_the_key() -> None:
        try:
            with at_work(world.merchant) as now:
                IdempotentRequest.objects.create(key="k1", path="POST /api/v1/orders", body_hash="", created_at=now)
                begun.set()
                finish.wait(30)
        finally:
            connection.close()

    first = threading.Thread(target=hold_the_key)
    first.start()
    assert begun.wait(10)
    try:
        answer = shop.post("orders", an_order(), Idempotency_Key="k1")
    finally:
        finish.set()
        first.join()
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "request_in_progress", "2")
    with at_work(world.merchant):
        assert not Order.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_tellings_of_one_order_without_a_key_make_one_order() -> None:  # hostile 34
    world = a_world()
    key = key_of(world.merchant)
    answers: list[Any] = []

    def send() -> None:
        try:
            answers.append(Shop(key).post("orders", an_order(code=world.link.code)))
        finally:
            connection.close()

    _together(send, 6)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    with at_work(world.merchant):
        assert Order.objects.count() == 1


def _together(work: Any, times: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
