from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError

from kit.tenancy import TransactionForbidden, TransactionRequired
from merchants.actions.workspaces import BadSetting, change_workspace, found_workspace
from merchants.events import by_user
from merchants.models import Door, Event, Membership, Merchant, Role, Workspace
from merchants.selectors import door_for, memberships_of, seats_of, workspace
from merchants.steps.workspaces import open_sandbox, open_workspace
from tests.cast import at_work, live_program, user

pytestmark = pytest.mark.django_db

FACTS: dict[str, Any] = {
    "name": "Nordlicht Kaffee",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "shop_url": "https://shop.nordlicht.example/start",
}


def opened(**changes: Any) -> Merchant:
    return open_workspace(user=user("alice@nordlicht.example"), **{**FACTS, **changes})


def settings_of(merchant: Merchant, **changes: Any) -> dict[str, Any]:
    place = workspace()
    kept = {
        name: getattr(place, name)
        for name in ("currency", "time_zone", "shop_url", "support_email", "language", "brand_colour")
    }
    return {**kept, "name": merchant.name, "by": "system", "now": merchant.created_at, **changes}


def test_open_workspace_writes_all_of_it():
    merchant = opened()
    alice = user("alice@nordlicht.example")
    assert (merchant.slug, merchant.name, merchant.is_sandbox) == ("nordlicht-kaffee", "Nordlicht Kaffee", False)
    assert list(Membership.objects.values_list("merchant", "user", "role")) == [(merchant.pk, alice.pk, Role.OWNER)]
    door = door_for(Door.Kind.PORTAL, "nordlicht-kaffee")
    assert door is not None
    assert (door.merchant_id, door.object_id) == (merchant.pk, merchant.pk)
    with at_work(merchant):
        place = workspace()
        event = Event.objects.get()
    assert (place.pk, place.currency, place.time_zone) == (merchant.pk, "EUR", "Europe/Berlin")
    assert (place.shop_url, place.verified_hosts) == (FACTS["shop_url"], ["shop.nordlicht.example"])
    assert (place.support_email, place.language) == ("alice@nordlicht.example", "en")
    assert (event.code, event.subject_id, event.seq, event.by) == ("workspace.opened", place.pk, 1, by_user(alice.pk))


def test_open_workspace_of_a_name_twice_gives_two_slugs():
    first, second = opened(), opened()
    assert first.slug == "nordlicht-kaffee"
    assert second.slug.startswith("nordlicht-kaffee-")
    assert first.pk != second.pk


@pytest.mark.parametrize("name", ["Кофе", "!!!", "-"])
def test_open_workspace_without_a_latin_name_has_a_slug(name):
    assert opened(name=name).slug.startswith("shop")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "   "),
        ("name", "n" * 121),
        ("currency", "XXX"),
        ("currency", "eur"),
        ("time_zone", "Berlin"),
        ("shop_url", "http://shop.nordlicht.example"),
        ("shop_url", "javascript:alert(1)"),
        ("shop_url", "https://a@b.example"),
        ("shop_url", ""),
        ("language", "xx"),
    ],
)
def test_open_workspace_refuses_what_it_cannot_use(field, value):
    with pytest.raises(BadSetting) as refused:
        opened(**{field: value})
    assert refused.value.field == field
    assert str(refused.value)
    assert not Merchant.objects.exists()
    assert not Membership.objects.exists()


def test_open_workspace_takes_a_bare_host_and_a_local_shop():
    with at_work(opened(shop_url="shop.example.com")):
        assert workspace().shop_url == "https://shop.example.com/"
    with at_work(opened(shop_url="http://127.0.0.1:8001/")):
        assert workspace().verified_hosts == ["127.0.0.1:8001"]


def test_open_workspace_refuses_an_open_transaction():
    with at_work(opened()), pytest.raises(TransactionForbidden):
        opened()


def test_actions_need_a_transaction():
    with pytest.raises(TransactionRequired):
        found_workspace()


def test_open_sandbox_copies_the_settings_and_is_one():
    merchant, alice = opened(), user("alice@nordlicht.example")
    sandbox = open_sandbox(merchant=merchant, user=alice)
    assert sandbox.is_sandbox
    assert sandbox.slug == "nordlicht-kaffee-test"
    with at_work(sandbox):
        assert workspace().currency == "EUR"
    assert open_sandbox(merchant=merchant, user=alice) == sandbox
    assert [one.merchant for one in memberships_of(alice)] == [merchant, sandbox]


def test_closed_workspaces_have_no_door_and_no_seat():
    merchant, alice = opened(), user("alice@nordlicht.example")
    assert [seat.merchant for seat in seats_of(alice)] == [merchant]
    Merchant.objects.filter(pk=merchant.pk).update(status=Merchant.Status.CLOSED)
    assert door_for(Door.Kind.PORTAL, merchant.slug) is None
    assert seats_of(alice) == []


def test_a_stranger_has_no_seat():
    opened()
    assert seats_of(user("charlie@halcyon.example")) == []


def test_change_workspace_stores_and_says_what():
    merchant = opened()
    wanted = {"name": "Nordlicht", "shop_url": "https://new.example", "brand_colour": "#ABCDEF", "support_email": ""}
    with at_work(merchant):
        change_workspace(**settings_of(merchant, **wanted))
        place, event = workspace(), Event.objects.order_by("-seq").first()
    assert (place.shop_url, place.verified_hosts) == ("https://new.example/", ["new.example"])
    assert (place.brand_colour, place.support_email) == ("#abcdef", "")
    assert Merchant.objects.get().name == "Nordlicht"
    assert event.code == "workspace.changed"
    assert sorted(event.data["fields"]) == ["brand_colour", "name", "shop_url", "support_email", "verified_hosts"]


def test_change_workspace_to_the_same_writes_no_event():
    merchant = opened()
    with at_work(merchant):
        change_workspace(**settings_of(merchant))
        assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("brand_colour", "red;}</style>"), ("support_email", "nobody"), ("currency", "QQQ"), ("time_zone", "Mars/Base")],
)
def test_change_workspace_refused_changes_nothing(field, value):
    merchant = opened()
    with at_work(merchant):
        before = Workspace.objects.values().get()
        with pytest.raises(BadSetting) as refused:
            change_workspace(**settings_of(merchant, **{field: value}))
        assert refused.value.field == field
        assert Workspace.objects.values().get() == before
        assert Event.objects.count() == 1


def test_currency_changes_until_a_program_was_published():
    merchant = opened(is_sandbox=True)
    with at_work(merchant):
        change_workspace(**settings_of(merchant, currency="CHF"))
        assert workspace().currency == "CHF"
    live_program(merchant)
    with at_work(merchant), pytest.raises(BadSetting):
        change_workspace(**settings_of(merchant, currency="EUR"))


def test_a_merchants_settings_are_hidden_from_another():
    first, second = opened(), opened(name="Halcyon")
    with at_work(second):
        assert workspace().pk == second.pk
        assert not Workspace.objects.filter(pk=first.pk).exists()


def test_slug_taken_by_a_door_of_another_is_refused_by_the_database():
    merchant = opened()
    with at_work(opened(name="Other")), pytest.raises(IntegrityError):
        Door.objects.create(kind="PORTAL", key=merchant.slug, merchant_id=workspace().pk, object_id=workspace().pk)
