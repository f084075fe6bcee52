"""A merchant's own host: shown to be theirs by the DNS, kept an eye on, and never two merchants'."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dns.rcode
import pytest

from kit.clock import database_now
from kit.tenancy import TransactionForbidden
from merchants.actions.hosts import MOST_HOSTS, BadHost, add_host, remove_host
from merchants.actions.workspaces import change_workspace
from merchants.models import Door, Event, Host, Merchant
from merchants.rules.hosts import DAYS_UNTIL_LOST, GRACE_DAYS, HostView, Missing, Standing, after_look, is_host
from merchants.selectors import host_in_use, own_host, workspace
from merchants.steps.hosts import check_host, check_hosts_in_use
from tests.cast import at_work, workspace_of
from tests.dns import NameServer, name_server

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NAME, SECOND = "friends.nordlicht.example", "shop.nordlicht.at"


@pytest.fixture
def names(settings: Any) -> Iterator[NameServer]:
    with name_server() as server:
        settings.DNS_SERVERS = [server.address]
        yield server


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


def added(merchant: Merchant, name: str = NAME, use: str = Host.Use.PAGES) -> Host:
    with at_work(merchant) as now:
        return add_host(host=name, use=use, by="system", now=now)


def leads_to(merchant: Merchant) -> list[str]:
    with at_work(merchant):
        return list(workspace().verified_hosts)


def moved(merchant: Merchant, shop_url: str) -> None:
    with at_work(merchant) as now:
        place = workspace()
        names = ("currency", "time_zone", "support_email", "language", "brand_colour")
        kept = {name: getattr(place, name) for name in names}
        change_workspace(**kept, name=merchant.name, shop_url=shop_url, by="system", now=now)


def told(names: NameServer, host: Host) -> None:
    names.texts[f"_referral.{host.host}"] = ["something else", f"referral-verification={host.challenge}"]


def looked(merchant: Merchant, host: Host) -> Host:
    found = check_host(merchant.tenant_ref(), host_id=host.pk)
    assert found is not None
    return found


def codes(merchant: Merchant, host: Host) -> list[str]:
    with at_work(merchant):
        return list(Event.objects.filter(subject_id=host.pk).order_by("seq").values_list("code", flat=True))


def aged(merchant: Merchant, **days: int) -> None:
    """As if the times had been earlier by that many days."""
    with at_work(merchant):
        host = Host.objects.get()
        Host.objects.update(**{name: getattr(host, name) - timedelta(days=by) for name, by in days.items()})


@pytest.mark.django_db(transaction=True)
class TestLooking:
    def test_the_right_record_opens_the_door(self, merchant: Merchant, names: NameServer) -> None:
        host = added(merchant)
        told(names, host)
        found = looked(merchant, host)
        assert (found.state, found.missing, found.failing_since) == ("VERIFIED", "", None)
        assert names.asked == [f"_referral.{NAME}"]
        door = own_host(NAME)
        assert door is not None
        assert (door.merchant_id, door.object_id) == (merchant.pk, host.pk)
        with at_work(merchant):
            assert host_in_use() == NAME
        assert codes(merchant, host) == ["host.added", "host.verified"]
        looked(merchant, host)
        assert codes(merchant, host) == ["host.added", "host.verified"]

    @pytest.mark.parametrize(
        ("texts", "why"),
        [(None, "absent"), ([], "absent"), (["referral-verification=wrong"], "other"), (["v=spf1"], "absent")],
    )
    def test_without_it_the_host_waits(
        self, merchant: Merchant, names: NameServer, texts: list[str] | None, why: str
    ) -> None:
        host = added(merchant)
        if texts is not None:
            names.texts[f"_referral.{NAME}"] = texts
        found = looked(merchant, host)
        assert (found.state, found.missing, own_host(NAME)) == ("WAITING", why, None)
        assert codes(merchant, host) == ["host.added"]

    def test_one_merchant_has_a_host_and_the_other_waits_for_it(self, merchant: Merchant, names: NameServer) -> None:
        other = workspace_of("charlie@halcyon.example", "Halcyon")
        host, theirs = added(merchant), added(other)
        names.texts[f"_referral.{NAME}"] = [f"referral-verification={each.challenge}" for each in (host, theirs)]
        assert looked(merchant, host).state == "VERIFIED"
        refused = looked(other, theirs)
        assert (refused.state, refused.missing) == ("WAITING", "taken")
        door = own_host(NAME)
        assert door is not None
        assert door.merchant_id == merchant.pk
        with at_work(merchant) as now:
            remove_host(host=host, by="system", now=now)
        assert own_host(NAME) is None
        assert looked(other, theirs).state == "VERIFIED"

    def test_a_host_loses_its_record(self, merchant: Merchant, names: NameServer) -> None:
        host = added(merchant)
        told(names, host)
        looked(merchant, host)
        names.texts.clear()
        missed = looked(merchant, host)
        assert (missed.state, missed.missing) == ("VERIFIED", "absent")
        aged(merchant, failing_since=DAYS_UNTIL_LOST)
        assert looked(merchant, host).state == "LOST"
        assert own_host(NAME) is not None
        with at_work(merchant):
            assert host_in_use() == ""
        aged(merchant, lost_at=GRACE_DAYS)
        assert looked(merchant, host).state == "WAITING"
        assert own_host(NAME) is None
        assert codes(merchant, host) == ["host.added", "host.verified", "host.missed", "host.lost", "host.closed"]

    def test_resolvers_that_are_down_take_nothing_away(self, merchant: Merchant, names: NameServer) -> None:
        host = added(merchant)
        told(names, host)
        looked(merchant, host)
        names.fault = dns.rcode.SERVFAIL
        found = looked(merchant, host)
        assert (found.state, found.missing, found.failing_since) == ("VERIFIED", "unreachable", None)

    def test_links_may_lead_to_a_host_of_the_shop_once_it_is_shown_to_be_theirs(
        self, merchant: Merchant, names: NameServer
    ) -> None:
        before = leads_to(merchant)
        host = added(merchant, SECOND, use=Host.Use.SHOP)
        assert (looked(merchant, host).state, leads_to(merchant)) == ("WAITING", before)
        told(names, host)
        assert (looked(merchant, host).state, leads_to(merchant)) == ("VERIFIED", [*before, SECOND])
        names.texts.clear()
        assert looked(merchant, host).state == "VERIFIED"  # shown once is shown
        assert (own_host(SECOND), check_hosts_in_use()) == (None, 0)
        with at_work(merchant) as now:
            assert host_in_use() == ""
            remove_host(host=host, by="system", now=now)
        assert leads_to(merchant) == before
        assert codes(merchant, host) == ["host.added", "host.verified", "host.removed"]

    def test_a_shop_that_moves_to_it_and_away_again_keeps_what_was_shown(
        self, merchant: Merchant, names: NameServer
    ) -> None:
        first, host = leads_to(merchant)[0], added(merchant, SECOND, use=Host.Use.SHOP)
        told(names, host)
        looked(merchant, host)
        moved(merchant, f"https://{SECOND}/")
        assert leads_to(merchant) == [SECOND]
        moved(merchant, f"https://{first}/")
        assert leads_to(merchant) == [first, SECOND]

    def test_removed_while_it_is_the_shops_own_address_links_still_lead_there(
        self, merchant: Merchant, names: NameServer
    ) -> None:
        host = added(merchant, SECOND, use=Host.Use.SHOP)
        told(names, host)
        looked(merchant, host)
        moved(merchant, f"https://{SECOND}/")
        with at_work(merchant) as now:
            remove_host(host=host, by="system", now=now)
        assert leads_to(merchant) == [SECOND]

    def test_two_workspaces_may_sell_at_one_address(self, merchant: Merchant, names: NameServer) -> None:
        other = workspace_of("charlie@halcyon.example", "Halcyon")
        host, theirs = (added(each, SECOND, use=Host.Use.SHOP) for each in (merchant, other))
        names.texts[f"_referral.{SECOND}"] = [f"referral-verification={each.challenge}" for each in (host, theirs)]
        assert [looked(merchant, host).state, looked(other, theirs).state] == ["VERIFIED", "VERIFIED"]

    def test_each_day_those_in_use_are_looked_at(self, merchant: Merchant, names: NameServer) -> None:
        host = added(merchant)
        added(merchant, "waiting.nordlicht.example")
        told(names, host)
        looked(merchant, host)
        assert check_hosts_in_use() == 0
        with at_work(merchant):
            Host.objects.filter(pk=host.pk).update(checked_at=database_now() - timedelta(days=1))
        assert check_hosts_in_use() == 1
        assert names.asked == [f"_referral.{NAME}"] * 2

    def test_nobody_is_asked_while_a_transaction_is_open(self, merchant: Merchant, names: NameServer) -> None:
        host = added(merchant)
        with at_work(merchant), pytest.raises(TransactionForbidden):
            check_host(merchant.tenant_ref(), host_id=host.pk)
        assert names.asked == []


@pytest.mark.django_db
class TestAdding:
    @pytest.mark.parametrize(
        "typed", ["FRIENDS.nordlicht.example ", "https://friends.nordlicht.example/", "friends.nordlicht.example"]
    )
    def test_it_is_kept_in_one_spelling_and_once(self, merchant: Merchant, typed: str) -> None:
        first, again = added(merchant, typed), added(merchant)
        assert (first.host, first.pk) == (NAME, again.pk)
        assert codes(merchant, first) == ["host.added"]

    @pytest.mark.parametrize(
        "typed",
        [
            "", "nordlicht", "localhost", "a.localhost", "127.0.0.1", "friends.nordlicht.example:8000", "[::1]",
            "a.localhost.", "büro.example", "evil.example/..", "testserver", "shop.internal", "a..b.example",
            "-a.example", "friends.example\r\nX: y", "user@friends.example", "x" * 250 + ".example",
        ],
    )  # fmt: skip
    def test_what_is_no_host_of_theirs_is_refused(self, merchant: Merchant, typed: str) -> None:
        with pytest.raises(BadHost):
            added(merchant, typed)
        with at_work(merchant):
            assert (Host.objects.count(), Event.objects.filter(code="host.added").count()) == (0, 0)

    def test_the_platforms_own_names_are_refused(self, merchant: Merchant, settings: Any) -> None:
        settings.PLATFORM_HOSTS = [".refer.example"]
        settings.SHARED_LINK_HOST = "r.example.com:8443"
        for name in ("refer.example", "app.refer.example", "r.example.com"):
            with pytest.raises(BadHost):
                added(merchant, name)

    def test_there_is_an_end_to_it(self, merchant: Merchant) -> None:
        for number in range(MOST_HOSTS):
            added(merchant, f"f{number}.nordlicht.example")
        with pytest.raises(BadHost):
            added(merchant)

    def test_taking_one_away_that_is_gone_changes_nothing(self, merchant: Merchant) -> None:
        host = added(merchant)
        for _again in range(2):
            with at_work(merchant) as now:
                remove_host(host=host, by="system", now=now)
        assert codes(merchant, host) == ["host.added", "host.removed"]
        assert not Door.objects.filter(kind="HOST").exists()


def test_names_of_hosts() -> None:
    assert is_host("friends.shop.example")
    assert is_host("xn--bro-hoa.example")
    assert not is_host("friends.shop.EXAMPLE")
    assert not is_host("10.0.0.1")


def test_a_lost_host_that_is_seen_again_begins_anew() -> None:
    now = NEW_YEAR
    lost = HostView(Standing.LOST, "absent", verified_at=now, failing_since=now, lost_at=now)
    assert after_look(lost, None, now) == HostView(Standing.VERIFIED, verified_at=now)
    assert after_look(lost, Missing.UNREACHABLE, now + timedelta(days=99)).state == Standing.LOST


@pytest.mark.django_db
def test_an_address_is_used_for_one_thing(merchant: Merchant) -> None:
    added(merchant)
    first = leads_to(merchant)[0]
    for name, use in ((NAME, Host.Use.SHOP), (first, Host.Use.PAGES), (first, Host.Use.SHOP)):
        with pytest.raises(BadHost):
            added(merchant, name, use=use)
    with at_work(merchant):
        assert list(Host.objects.values_list("host", "use")) == [(NAME, "PAGES")]
    assert leads_to(merchant) == [first]
