"""Logging in counts its tries in Redis: while that is away, people are asked to come again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.cast import PASSWORD, user

pytestmark = pytest.mark.django_db


def test_logging_in_without_redis_asks_to_come_again(settings: Any) -> None:
    user("alice@nordlicht.example")
    away = {"LOCATION": "unix:///nowhere/redis", "BACKEND": "django.core.cache.backends.redis.RedisCache"}
    settings.CACHES = {"default": away}
    client = Client(raise_request_exception=False)
    answer = client.post("/account/login/", {"login": "alice@nordlicht.example", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "_auth_user_id" not in client.session
