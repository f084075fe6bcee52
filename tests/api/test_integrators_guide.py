"""The examples of docs/integrators.md, run as they stand there, and whether it names every address."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from merchants.models import ApiKey
from merchants.wakeups import sweep_due
from referral_saas.api.urls import urlpatterns
from tests.api.conftest import Shop, key_of
from tests.cast import World

GUIDE = Path(settings.BASE_DIR) / "docs" / "integrators.md"
_EXAMPLE = re.compile(r"^(curl .*?)\n# (\d{3})$", re.DOTALL | re.MULTILINE)


def test_every_example_of_the_guide_works(shop: Shop, world: World) -> None:
    values = {
        "$API": "/api/v1",
        "$SECRET_KEY": shop.key,
        "$PUBLISHABLE_KEY": key_of(world.merchant, ApiKey.Kind.PUBLISHABLE),
        "$CODE": world.link.code,
    }
    examples = _EXAMPLE.findall(GUIDE.read_text())
    assert len(examples) == 17
    for command, status in examples:
        answer = _run(_filled(command, values))
        assert answer.status_code == int(status), (command, answer.content)
    assert sweep_due("bulk") == 1
    assert [order["order_id"] for order in shop.get("orders").json()["data"]] == ["2001", "1001"]
    told = shop.get("orders/1001").json()
    assert (told["net_amount"], told["rewards"][0]["reason"]) == ("140.00", "order_cancelled")


def test_guide_names_every_address() -> None:
    guide = GUIDE.read_text()
    paths = [str(pattern.pattern) for pattern in urlpatterns]
    for path in filter(None, paths):
        shown = re.sub(r"<str:\w+>", "{id}", path)
        assert f"/{shown}" in guide or f"/{shown.replace('{id}', '1001')}" in guide, path


def _filled(command: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        command = command.replace(name, value)
    return command


def _run(command: str) -> Any:
    """curl's own reading of -X, -H and -d is all the examples use."""
    words = iter(shlex.split(command)[1:])
    method, headers, body, path = "GET", {}, "", ""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _colon, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words)
        else:
            path = word
    content_type = headers.pop("Content-Type", "application/json")
    return Client().generic(method, path, body, content_type=content_type, headers=headers)
