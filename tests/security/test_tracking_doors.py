"""Attacks on what counts clicks, judges referrals and serves friends: each was tried, and does not lead anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.test import Client

from advocates.rules import BadSpelling, clean_code
from kit.ids import public_id
from kit.urls import came_from
from kit.wire import Wire
from merchants.actions.hosts import remove_host
from merchants.events import SYSTEM
from merchants.models import Host, Role
from programs.rules import Fulfilment, RewardRule
from referral_saas.friend.counting import Book
from referral_saas.friend.shop import Route, Shop, way_to_shop
from referral_saas.friend.visits import referrer_host
from referral_saas.lane.application import Lane
from referral_saas.lane.feed import FRESH_SECONDS
from referral_saas.lane.requests import LONGEST_HEADER, opens_page, view_of
from rewards.actions.reviews import decide
from rewards.models import Reward
from tests.api.conftest import Shop as ApiShop
from tests.api.conftest import an_order, key_of
from tests.cast import World, a_world, at_work
from tests.facts import DAY
from tests.friend.lanes import Clockwork, ask, django_alone, environ_of
from tests.friend.test_own_host import NAME as OWN_HOST
from tests.friend.test_own_host import give_host
from tests.rewards.doubted import MINUTE, forward, in_review, order
from tests.security.stage import BROWSER, browser_of, seat
from tracking.actions.checks import add_entry
from tracking.models import FraudPolicy, Review
from tracking.rules.fraud.lists import BadPattern, clean_pattern, fits_address

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


# --- the lane -------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(live_redis: Any) -> Clockwork:
    cache.clear()
    return Clockwork()


@pytest.fixture
def lane(clock: Clockwork) -> Iterator[Lane]:
    with django_alone() as django:
        yield Lane(django, Book(Wire(settings.REDIS_URL), clock=clock), clock=clock)


def test_a_warm_lane_stops_serving_a_host_that_was_given_up(
    lane: Lane, world: World, clock: Clockwork, django_capture_on_commit_callbacks: Any
) -> None:
    """Nor is it the earlier merchant's page that stands there once somebody else has the host."""
    give_host(world)
    environ = partial(environ_of, f"/{world.link.code}", HTTP_HOST=OWN_HOST)
    assert ask(lane, environ()).status == "200 OK"
    with django_capture_on_commit_callbacks(execute=True), at_work(world.merchant) as now:
        remove_host(host=Host.objects.get(), by=SYSTEM, now=now)
    clock.now += FRESH_SECONDS
    assert ask(lane, environ()).status.startswith("400")
    give_host(a_world(owner="charlie@halcyon.example", name="Halcyon"))
    clock.now += FRESH_SECONDS
    after = ask(lane, environ())
    assert (after.status[:3], "Nordlicht" in after.body.decode()) == ("404", False)


def test_what_a_process_remembers_of_requests_is_short() -> None:
    """Eight headers of eight kilobytes each, two thousand times, would be a hundred megabytes."""
    long = "x" * (LONGEST_HEADER + 1)
    asked = environ_of("/r/ABC", HTTP_ACCEPT=long, HTTP_X_PURPOSE=f"{long}prefetch")
    assert opens_page(asked) is False
    assert opens_page(environ_of("/r/ABC", HTTP_ACCEPT=long)) is True
    assert view_of("testserver", "http", long, True) is None
    assert view_of(f"{'x' * 300}.example", "http", "en", True) is None
    assert referrer_host(f"https://{'a' * 100}:12345/{long}") == "a" * 100
    assert referrer_host(f"https://{'a' * 101}") == ""


# --- where friends are sent, where they come from -------------------------------------------------------------------


def test_a_destination_with_two_slashes_leads_to_no_other_host() -> None:
    shop = Shop("https://shop.example/", ("shop.example",), is_shopify=True)
    way = way_to_shop(shop, Route("https://shop.example//evil.example/a"), token="T", code="C")
    assert way == "https://shop.example/discount/C?redirect=%2Fevil.example%2Fa%3Frt%3DT%26rc%3DC"


def test_no_code_stands_where_a_page_of_every_code_stands() -> None:
    """/r/shop/remember would be the page of a code "shop"."""
    for page in ("terms", "remember", "offer"):
        with pytest.raises(BadSpelling, match="reserved"):
            clean_code(page)


def test_a_dot_at_its_end_makes_no_other_host() -> None:
    assert referrer_host("https://Coupons.example./x") == "coupons.example"
    assert came_from("Coupons.example.") == "coupons.example"


# --- who is blocked -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("203.0.113.0/24", "::ffff:203.0.113.7"),
        ("203.0.113.7", "::ffff:cb00:7107"),
        ("203.0.113.*", "::FFFF:203.0.113.7"),
        ("2001:db8::/32", "2001:0DB8:0::7%eth0"),
    ],
)
def test_another_spelling_of_an_address_is_on_the_list_too(pattern: str, address: str) -> None:
    assert fits_address(pattern, address)


def test_whoever_is_blocked_is_blocked_in_any_spelling(world: World) -> None:
    with at_work(world.merchant) as now:
        for pattern in ("203.0.113.7", "2001:0DB8:0::7"):
            add_entry(to="BLOCK", field="NETWORK", pattern=pattern, note="", by=SYSTEM, now=now)
    first = order(world, "1", ip="::ffff:203.0.113.7")
    second = order(world, "2", email="fay@friend.example", name="Fay Other", ip="2001:db8::7")
    assert [one.referral.reasons for one in (first, second)] == [["on_block_list"]] * 2


@pytest.mark.parametrize("pattern", ["0.0.0.0/0", "::/0", "128.0.0.0/1"])
def test_no_entry_is_about_the_whole_internet(pattern: str) -> None:
    with pytest.raises(BadPattern):
        clean_pattern("NETWORK", pattern)


# --- reviews --------------------------------------------------------------------------------------------------------


def test_what_the_breaker_stopped_waits_for_a_person_whatever_comes_later(world: World) -> None:
    """News of a card an hour later judges the order once more, when nothing is too many any longer."""
    with at_work(world.merchant):
        FraudPolicy.objects.create(program=world.program, breaker_per_hour=1)
    for number in range(2):
        order(world, str(number), email=f"friend{number * 1111}@f{number}.example", at=world.now + number * MINUTE)
    assert in_review(world) == {"1"}
    later = world.now + timedelta(hours=2)
    order(world, "1", email="friend1111@f1.example", at=world.now + MINUTE, now=later, payment_fingerprint="a card")
    with at_work(world.merchant):
        assert list(Review.objects.values_list("state", "cause")) == [("OPEN", "BREAKER")]
    assert in_review(world) == {"1"}


def test_whom_a_person_refused_earns_nothing_by_further_orders_of_the_same_friend() -> None:
    world = a_world(advocate_reward=RewardRule(fulfilment=Fulfilment.COUPON_POOL, recurring_months=12))
    order(world, "1", email="eve@mailinator.com")
    with at_work(world.merchant):
        decide(review=Review.objects.get(), advocate_ok=False, friend_ok=None, now=world.now, by="user:bob")
    order(world, "2", email="eve@mailinator.com", referred=False, at=world.now + DAY)
    forward(world, 40)
    assert in_review(world) == {"2"}
    with at_work(world.merchant):
        states = dict(Reward.objects.values_list("order__external_id", "state"))
    assert states == {"1": "CANCELLED", "2": "HELD"}


# --- odd input ------------------------------------------------------------------------------------------------------


def test_no_question_of_the_address_bar_breaks_a_page(world: World) -> None:
    alice = browser_of(seat(world.merchant, Role.OWNER), raise_request_exception=False)
    settled = order(world, "1")
    base = f"/w/{world.merchant.slug}"
    found = [
        (path, odd)
        for path in (
            f"{base}/orders/{public_id('ord', settled.order.pk)}/attribute?q=",
            f"{base}/reviews?q=", f"{base}/reviews?just=", f"{base}/reviews?advocate=", f"{base}/reviews?page=",
            f"{base}/reviews/lists?this=", f"{base}/find?q=", f"{base}/leaks?advocate=", f"{base}/leaks?from=",
            "/host-known?domain=",
        )
        for odd in ("%00", "%", "%ed%a0%80", "9" * 400, "@%00")
        if alice.get(path + odd).status_code >= 500
    ]  # fmt: skip
    assert found == []


def test_no_text_of_the_api_breaks_links_and_buyers(world: World) -> None:
    shop = ApiShop(key_of(world.merchant), Client(raise_request_exception=False))
    path, token = f"advocates/{public_id('adv', world.advocate.pk)}/links", world.click()
    for text in (
        "a\x00b",
        "\ud800",
        "\u202eevil",
        "x" * 5000,
        "%",
        "ſtraße",
        "<script>1</script>",
        "\r\nSet-Cookie: a=b",
    ):
        for field in ("placement", "code", "destination", "channel"):
            assert shop.post(path, {"placement": "p", field: text}).status_code < 500, (field, text)
        assert shop.post(path, {"placement": "q", "utm": {"source": text}}).status_code < 500, text
        for field in ("ip", "user_agent", "payment_fingerprint", "referrer"):
            body = an_order(referral_token=token, buyer={field: text})
            assert shop.post("orders", body).status_code < 500, (field, text)


@pytest.mark.parametrize("sealed", ["a", "%00", "a:b:c", "x" * 3000, "%ed%a0%80", "..%2f", "WyJhIiwiYiJd:1abc:sig"])
def test_links_that_nobody_sealed_are_unknown(world: World, sealed: str) -> None:
    friend = Client(headers={"User-Agent": BROWSER}, raise_request_exception=False)
    places = ("who", f"r/{world.link.code}/offer", f"who/shop/{world.merchant.slug}/1")
    for path in (f"/{place}/{sealed}" for place in places):
        assert friend.get(path).status_code == 404
        assert friend.post(path, {"said": "Dana"}).status_code in (404, 405)


# --- the tables of clicks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT make_click_partition('2020-01-01')",
        "CREATE TABLE public.pg_catalog_shadow (a int)",
        "DROP TABLE tracking_click",
        "ALTER TABLE tracking_click DISABLE ROW LEVEL SECURITY",
        "UPDATE tracking_click SET address = ''",
        "UPDATE tracking_salt SET destroy_at = now() + interval '9 years'",
    ],
)
def test_the_runtime_role_may_make_months_and_nothing_else(world: World, statement: str) -> None:
    refused = pytest.raises(Error, match=r"permission denied|must be owner")
    with at_work(world.merchant), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
