"""How long things are kept: shorter than the platform where a merchant wishes it, and never longer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from advocates.actions.customers import know_customer
from advocates.models import Customer
from exports import steps
from exports.models import Export
from integrations.models import Connection, InboundEvent
from integrations.steps.inbox import forget_old_bodies
from merchants.models import Event, Role, Workspace
from privacy.actions.erasure import forget_friend
from privacy.actions.retention import LIMITS, OutOfRange, Spans, keep_for
from privacy.selectors import friends_to_forget
from privacy.steps.housekeeping import tidy
from tests.cast import a_world, at_work, member
from tests.dashboard.desk import base, owner, signed_in, text_of
from tests.facts import DAY, snapshot
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

built, world = for_a_file(a_world)


def wish(world, **days: int | None) -> None:
    with at_work(world.merchant) as now:
        keep_for(spans=Spans(**dict.fromkeys(LIMITS) | days), by="user:x", now=now)


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("click_retention_days", 29),
        ("click_retention_days", 401),
        ("delivery_retention_days", 2),
        ("delivery_retention_days", 31),
        ("file_retention_days", 0),
        ("file_retention_days", 8),
        ("friend_retention_days", 29),
    ],
)
def test_what_is_out_of_range_changes_nothing(world, field, days):
    with pytest.raises(OutOfRange):
        wish(world, **{field: days})
    with at_work(world.merchant):
        assert getattr(Workspace.objects.get(), field) is None
        assert not Event.objects.filter(code="workspace.changed").exists()


def test_deliveries_go_as_soon_as_the_merchant_wishes(world):
    with at_work(world.merchant) as now:
        shop = Connection.objects.create(kind="SHOPIFY", name="x", address="x", hook_token="x", created_at=now)
        for days in (4, 6, 40):
            InboundEvent.objects.create(
                connection=shop, topic="t", delivery_id=str(days), received_at=now - days * DAY,
                next_try_at=now, body=b"{}", state="HANDLED", handled_at=now,
            )  # fmt: skip

    def kept() -> list[str]:
        forget_old_bodies()
        with at_work(world.merchant):
            rows = InboundEvent.objects.exclude(body=None).order_by("delivery_id")
            return list(rows.values_list("delivery_id", flat=True))

    assert kept() == ["4", "6"]
    wish(world, delivery_retention_days=5)
    assert kept() == ["4"]


def test_files_go_sooner_those_that_are_there_too(world):
    client = owner(world)
    client.post(f"{base(world)}/exports/of/advocates")
    steps.sweep(world.merchant.tenant_ref())

    def spans() -> list[timedelta]:
        with at_work(world.merchant):
            rows = Export.objects.order_by("asked_at", "pk")
            return [one.expires_at - one.done_at for one in rows if one.expires_at and one.done_at]

    assert spans() == [7 * DAY]
    wish(world, file_retention_days=2)
    assert spans() == [2 * DAY]
    wish(world)
    assert spans() == [2 * DAY]  # what was told to go goes


def test_friends_who_never_bought_are_forgotten_and_nobody_else(world):
    world.take(snapshot(world.now), number="1", email="bought@friend.example")
    with at_work(world.merchant) as now:
        for name, days, source in (("old", 50, "CLAIM"), ("new", 5, "CLAIM"), ("known", 50, "IMPORT")):
            know_customer(email=f"{name}@friend.example", name=name, source=source, now=now - days * DAY)
        Customer.objects.filter(email="bought@friend.example").update(created_at=now - 50 * DAY, source="CLAIM")
    tidy()
    with at_work(world.merchant):
        assert not Customer.objects.exclude(erased_at=None).exists()
    wish(world, friend_retention_days=30)
    tidy()
    with at_work(world.merchant):
        assert [one.name for one in Customer.objects.exclude(erased_at=None)] == ["Erased person"]
        left = Customer.objects.filter(erased_at=None, email__endswith="@friend.example")
        assert set(left.values_list("email", flat=True)) == {
            f"{name}@friend.example" for name in ("bought", "new", "known")
        }


def test_a_friend_who_bought_since_they_were_listed_stays(world):
    wish(world, friend_retention_days=30)
    with at_work(world.merchant) as now:
        friend = know_customer(email="eve@friend.example", name="Eve", source="CLAIM", now=now - 50 * DAY)
        assert list(friends_to_forget(now=now)) == [friend]
    world.take(snapshot(world.now), number="1", email="eve@friend.example")
    with at_work(world.merchant) as now:
        assert forget_friend(customer_id=friend.pk, now=now) is False
        assert Customer.objects.get(pk=friend.pk).name == "Eve"


def test_the_page_takes_days_and_says_what_is_fixed(world):
    client, path = owner(world), f"{base(world)}/settings/retention"
    assert "Not kept at all." in text_of(client.get(path))
    told = {"delivery_retention_days": "10", "file_retention_days": "", "friend_retention_days": "90"}
    assert client.post(path, told | {"file_retention_days": "9"}).status_code == 422
    assert client.post(path, told).status_code == 302
    with at_work(world.merchant):
        place = Workspace.objects.get()
        assert (place.delivery_retention_days, place.file_retention_days, place.friend_retention_days) == (10, None, 90)
    analyst = signed_in(member(world.merchant, "ana@nordlicht.example", Role.ANALYST))
    assert analyst.get(path).status_code == 404
