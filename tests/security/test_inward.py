"""Addresses that a merchant gives us and that would lead inside: refused where they are typed, as in production."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.models import Connection
from merchants.models import Role
from tests.cast import a_world, at_work
from tests.security.stage import browser_of, seat

pytestmark = pytest.mark.django_db

INWARD = [
    "http://127.0.0.1/x", "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x", "https://[::ffff:127.0.0.1]/x",
    "https://2130706433/x", "https://0x7f000001/x", "https://0177.0.0.1/x", "https://127.1/x", "https://0.0.0.0/x",
    "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/x", "https://100.64.0.1/x", "https://192.168.0.1/x",
    "https://[64:ff9b::a9fe:a9fe]/x", "https://[fe80::1]/x", "https://user@10.0.0.1/x", "https://good.example@127.0.0.1/x",
    "https://127.0.0.1\\@good.example/x", "https://\u2460\u2461\u2466.0.0.1/x", "file:///etc/passwd", "gopher://127.0.0.1/",
    "https://localhost:6379/", "https://127.0.0.1:22/", "//127.0.0.1/x", "https://127.0.0.1.\u3002/x", "https://%31%32%37.0.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("url", INWARD)
def test_a_webhook_that_leads_inside_is_not_connected(url: str, settings: Any) -> None:  # hostile 107
    world = a_world()
    settings.MODE = "production"
    alice = browser_of(seat(world.merchant, Role.OWNER))
    told = {"url": url, "purposes": ["REWARD"], "name": "inside"}
    answer = alice.post(f"/w/{world.merchant.slug}/connections/new/webhook/add", told)
    assert answer.status_code == 422
    with at_work(world.merchant):
        assert not Connection.objects.exists()


def test_everybodys_mailbox_is_there_in_no_production(settings: Any) -> None:
    settings.MODE = "production"
    world = a_world()
    browser = browser_of(seat(world.merchant, Role.OWNER))
    for path in ("/mailbox", "/mailbox.json", f"/mailbox/{world.advocate.pk}", f"/mailbox/{world.advocate.pk}/body"):
        assert browser.get(path).status_code == 404


@pytest.mark.parametrize("key", ["../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e", "x.eml", "%00"])
def test_no_path_leads_out_of_the_mailbox(key: str) -> None:
    world = a_world()
    alice = browser_of(seat(world.merchant, Role.OWNER))
    for path in (
        f"/mailbox/{key}",
        f"/w/{world.merchant.slug}/mailbox/{key}",
        f"/w/{world.merchant.slug}/mailbox/{key}/body",
    ):
        assert alice.get(path).status_code == 404
