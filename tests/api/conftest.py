"""A merchant with a live program, its secret key, and a client that speaks as that merchant's software."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from merchants.actions.keys import create_key
from merchants.models import ApiKey, Merchant
from tests.cast import World, a_world, at_work
from tests.once import for_a_file


@dataclass
class Shop:
    """Calls the API with this key. Bodies are JSON, or sent as they are when they are bytes."""

    key: str
    http: Client = field(default_factory=Client)

    def get(self, path: str, **headers: str) -> Any:
        return self.http.get(f"/api/v1/{path}", headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body or {})
        return self.http.post(f"/api/v1/{path}", raw, content_type="application/json", headers=self._headers(headers))

    def delete(self, path: str, **headers: str) -> Any:
        return self.http.delete(f"/api/v1/{path}", headers=self._headers(headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} | {name.replace("_", "-"): value for name, value in more.items()}


def key_of(merchant: Merchant, kind: str = ApiKey.Kind.SECRET) -> str:
    with at_work(merchant) as now:
        return create_key(kind=kind, name="the shop", by="system", now=now).value


built, world = for_a_file(a_world)


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(key_of(world.merchant))


@pytest.fixture
def other_world(db: None) -> World:
    return a_world(owner="charlie@halcyon.example", name="Halcyon")


@pytest.fixture
def other_shop(other_world: World) -> Shop:
    return Shop(key_of(other_world.merchant))


def an_order(**changes: Any) -> dict[str, Any]:
    """A paid order of 200.00 EUR by Eve. A change to None leaves the field out."""
    order = {
        "order_id": "1001",
        "currency": "EUR",
        "amount": "200.00",
        "status": "paid",
        "customer": {"email": "eve@friend.example", "name": "Eve Friend", "country": "DE"},
        **changes,
    }
    return {name: value for name, value in order.items() if value is not None}
