"""The demo's test shop, the real one, connected at one press."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from demo.drive.shop import own_shop
from integrations.credentials import secret_of
from integrations.models import Connection
from integrations.steps.test_shop import CODES
from merchants.models import ApiKey, Event, Role, Workspace
from programs.actions.setup import choose_preset
from programs.models import PoolCode
from tests.cast import at_work, member, workspace_of
from tests.dashboard.desk import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shop() -> Iterator[Any]:
    with own_shop("http://testserver") as shop:
        yield shop


def press(slug: str, who: Any) -> Any:
    return signed_in(who).post(f"/w/{slug}/setup/test-shop")


def test_one_press_connects_both_sides_and_makes_codes_of_the_offer(shop: Any, settings: Any) -> None:
    settings.SHOP_URL = shop.url
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    owner = member(merchant, "olga@nordlicht.example", Role.OWNER)
    with at_work(merchant) as now:
        choose_preset(preset="shop", by="system", now=now)
    for _twice in range(2):
        answer = press(merchant.slug, owner)
        assert (answer.status_code, answer["Location"]) == (302, f"/w/{merchant.slug}/setup/shop")

    with at_work(merchant):
        connection, key = Connection.objects.get(), ApiKey.objects.get()
        codes = set(PoolCode.objects.values_list("code", flat=True))
        assert (connection.kind, connection.address) == ("SHOPIFY", "nordlicht.myshopify.com")
        assert Workspace.objects.get().verified_hosts == [shop.url.removeprefix("http://")]
        secret = secret_of(connection)
    form = shop.desk.get("/admin/connection").expect().form("/admin/connection")
    assert form.fields["hook_url"].endswith(f"/hooks/shopify/{connection.hook_token}")
    assert form.fields["publishable_key"] == key.public_value
    assert form.fields["who_url"].endswith("/who/shop/nordlicht/")
    assert secret not in str(form.fields)
    known = shop.desk.get("/admin/codes.txt").expect().text.split()
    assert len(codes) == 2 * CODES
    assert codes <= set(known)


def test_a_shop_that_is_silent_is_named_and_what_is_ours_stays_for_the_next_press(settings: Any) -> None:
    settings.SHOP_URL = "http://127.0.0.1:9"
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    owner = member(merchant, "olga@nordlicht.example", Role.OWNER)
    page = signed_in(owner).post(f"/w/{merchant.slug}/setup/test-shop", follow=True).content.decode()
    assert "The test shop does not answer" in page
    with at_work(merchant):
        assert Connection.objects.count() == 1
        assert not PoolCode.objects.exists()


def test_there_is_none_outside_the_demo(settings: Any) -> None:
    settings.SHOP_URL = ""
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    owner = member(merchant, "olga@nordlicht.example", Role.OWNER)
    with at_work(merchant):
        before = Event.objects.count()
    assert press(merchant.slug, owner).status_code == 404
    with at_work(merchant):
        assert not Connection.objects.exists()
        assert Event.objects.count() == before
