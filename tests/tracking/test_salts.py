"""The secrets that addresses are hashed with: one a week and merchant, sealed, gone in time; and what they hash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from kit.tenancy import TransactionRequired
from merchants.actions.clock import advance_clock
from merchants.events import SYSTEM
from tests.cast import World, a_world, at_work, workspace_of
from tests.once import undone
from tracking import salts
from tracking.models import Salt
from tracking.salts import destroy_old_salts, hash_address, hash_both, hash_network, live_salts, salt_for

pytestmark = pytest.mark.django_db
SECRET, OTHER = b"s" * 32, b"t" * 32


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("192.0.2.7", " 192.0.2.7 "),
        ("192.0.2.7", "::ffff:192.0.2.7"),
        ("2001:db8::1", "2001:0DB8:0:0:0:0:0:1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_has_one_hash_however_it_is_spelled(one: str, same: str) -> None:
    assert hash_address(SECRET, one) == hash_address(SECRET, same)
    assert hash_network(SECRET, one) == hash_network(SECRET, same)


@pytest.mark.parametrize(
    ("one", "near", "far"),
    [
        ("192.0.2.7", "192.0.2.200", "192.0.3.7"),
        ("2001:db8:1:1::1", "2001:db8:1:ffff::9", "2001:db8:2:1::1"),
    ],
)
def test_neighbours_share_the_network_and_not_the_address(one: str, near: str, far: str) -> None:
    assert hash_network(SECRET, one) == hash_network(SECRET, near) != hash_network(SECRET, far)
    assert hash_address(SECRET, one) != hash_address(SECRET, near)


@pytest.mark.parametrize("address", ["", "unknown", "192.0.2.7:80", "1.2.3", "192.0.2.0/24", "::1::", "٣.1.1.1"])
def test_what_is_no_address_has_no_hash(address: str) -> None:
    assert hash_address(SECRET, address) == hash_network(SECRET, address) == ""


def test_the_hash_of_a_network_is_never_that_of_an_address_nor_the_same_under_another_secret() -> None:
    for address in ("192.0.2.0", "2001:db8:1::"):
        hashes = [how(secret, address) for how in (hash_address, hash_network) for secret in (SECRET, OTHER)]
        assert len(set(hashes)) == 4
        assert {len(one) for one in hashes} == {salts.HASH_LENGTH}
        assert all(address not in one for one in hashes)


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), undone():
        yield a_world()


@pytest.fixture
def world(built: World) -> Iterator[World]:
    with undone():
        yield built


def test_a_secret_holds_for_its_week_and_the_next_week_has_another(world: World) -> None:
    with at_work(world.merchant) as now:
        first = salt_for(now)
        start = first.until_at - salts.LASTS
        assert salt_for(start) == salt_for(first.until_at - timedelta(microseconds=1)) == first
        second = salt_for(first.until_at)
        assert (second.number, second.until_at) == (first.number + 1, first.until_at + salts.LASTS)
        assert second.secret != first.secret
        assert [one.number for one in live_salts(now)] == [second.number, first.number]
        assert Salt.objects.count() == 2


def test_the_secret_is_sealed_where_it_lies(world: World) -> None:
    with at_work(world.merchant) as now:
        live, row = salt_for(now), Salt.objects.get()
    assert len(live.secret) == salts.SECRET_BYTES
    assert row.secret.startswith("gAAAA")
    assert live.secret not in row.secret.encode()
    assert settings.CREDENTIALS_KEYS[0] not in row.secret


def test_two_merchants_never_share_a_secret(world: World) -> None:
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    with at_work(world.merchant) as now:
        ours = salt_for(now)
    with at_work(other) as now:
        theirs = salt_for(now)
    assert ours.secret != theirs.secret


def test_it_is_destroyed_a_week_after_the_longest_attribution_window_and_not_a_moment_earlier(world: World) -> None:
    with at_work(world.merchant) as now:
        first = salt_for(now)
        days = world.terms().attribution_window_days
        over = first.until_at + timedelta(days=days) + salts.GRACE
        assert Salt.objects.get().destroy_at == over
        just_before = over - timedelta(microseconds=1)
        assert destroy_old_salts(now=just_before) == 0
        assert [one.number for one in live_salts(just_before)] == [first.number]
        assert live_salts(over) == []  # even where nobody swept yet
        assert destroy_old_salts(now=over) == 1
        assert Salt.objects.count() == 0
        assert salt_for(over).number > first.number


def test_a_test_clock_that_moves_on_takes_another_secret_and_destroys_the_old_ones(world: World) -> None:
    with at_work(world.merchant) as now:
        first = salt_for(now)
        advance_clock(merchant=world.merchant, by=timedelta(days=80), who=SYSTEM, now=now)
    with at_work(world.merchant) as later:
        assert destroy_old_salts(now=later) == 1
        assert salt_for(later).number > first.number


def test_outside_of_a_transaction_nothing_is_opened(world: World) -> None:
    with pytest.raises(TransactionRequired):
        salt_for(world.now)


@pytest.mark.parametrize("address", ["203.0.113.7", "0.0.0.0", "2001:db8::1", "::1", "", "10.255.255.255"])
def test_both_hashes_at_once_are_the_two_hashes(address: str) -> None:
    assert hash_both(b"secret", address) == (hash_address(b"secret", address), hash_network(b"secret", address))
