from __future__ import annotations

from datetime import timedelta

import pytest

from kit.ids import hash_token
from merchants.actions.keys import create_key, note_key_used, revoke_key
from merchants.events import by_user
from merchants.models import ApiKey, Door, Event
from merchants.selectors import door_for, publishable_key
from tests.cast import at_work, user, workspace_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sandbox", "kind", "prefix", "door_kind"),
    [
        (True, "SECRET", "sk_test_", Door.Kind.API_KEY),
        (False, "SECRET", "sk_live_", Door.Kind.API_KEY),
        (True, "PUBLISHABLE", "pk_test_", Door.Kind.PUBLISHABLE_KEY),
        (False, "PUBLISHABLE", "pk_live_", Door.Kind.PUBLISHABLE_KEY),
    ],
)
def test_create_key_stores_a_hash_and_opens_a_door(sandbox, kind, prefix, door_kind):
    merchant, alice = (
        workspace_of("alice@nordlicht.example", "Nordlicht", sandbox=sandbox),
        user("alice@nordlicht.example"),
    )
    with at_work(merchant) as now:
        made = create_key(kind=kind, name=" Checkout ", by=by_user(alice.pk), now=now)
        stored = ApiKey.objects.get()
        assert Event.objects.get(subject_id=stored.pk).code == "key.created"
    assert made.value.startswith(prefix)
    assert len(made.value) > 40
    assert (stored.name, stored.is_test, stored.created_by_id) == ("Checkout", sandbox, alice.pk)
    assert stored.key_hash == hash_token(made.value)
    assert stored.hint == f"{prefix}…{made.value[-4:]}"
    assert stored.public_value == (made.value if kind == "PUBLISHABLE" else "")
    door = door_for(door_kind, hash_token(made.value))
    assert door is not None
    assert (door.merchant_id, door.object_id) == (merchant.pk, stored.pk)


def test_a_secret_is_nowhere_in_the_rows():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    with at_work(merchant) as now:
        value = create_key(kind="SECRET", name="API", by="system", now=now).value
        rows = [*ApiKey.objects.values(), *Door.objects.values(), *Event.objects.values()]
    secret = value.removeprefix("sk_test_")
    assert not any(secret in str(row) for row in rows)


def test_revoke_key_closes_the_door_once():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    with at_work(merchant) as now:
        made = create_key(kind="SECRET", name="API", by="system", now=now)
        revoke_key(key=made.key, by="system", now=now)
        revoke_key(key=made.key, by="system", now=now + timedelta(days=1))
        assert ApiKey.objects.get().revoked_at == now
        assert list(Event.objects.filter(subject_id=made.key.pk).order_by("seq").values_list("code", flat=True)) == [
            "key.created",
            "key.revoked",
        ]
    assert door_for(Door.Kind.API_KEY, hash_token(made.value)) is None


def test_note_key_used_is_written_every_ten_minutes():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    with at_work(merchant) as now:
        key = create_key(kind="SECRET", name="API", by="system", now=now).key
        for minutes in (0, 5, 9):
            note_key_used(key_id=key.pk, now=now + timedelta(minutes=minutes))
        assert ApiKey.objects.get().last_used_at == now
        note_key_used(key_id=key.pk, now=now + timedelta(minutes=11))
        assert ApiKey.objects.get().last_used_at == now + timedelta(minutes=11)


def test_publishable_key_is_the_newest_in_use():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    with at_work(merchant) as now:
        assert publishable_key() is None
        first = create_key(kind="PUBLISHABLE", name="A", by="system", now=now).key
        second = create_key(kind="PUBLISHABLE", name="B", by="system", now=now + timedelta(minutes=1)).key
        assert publishable_key() == second
        revoke_key(key=second, by="system", now=now)
        assert publishable_key() == first


def test_another_merchants_key_cannot_be_revoked():
    merchant, other = workspace_of("a@a.example", "A"), workspace_of("b@b.example", "B")
    with at_work(merchant) as now:
        key = create_key(kind="SECRET", name="API", by="system", now=now).key
    with at_work(other) as now, pytest.raises(ApiKey.DoesNotExist):
        revoke_key(key=key, by="system", now=now)
    with at_work(merchant):
        assert ApiKey.objects.get().revoked_at is None
