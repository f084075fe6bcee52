"""Attacks on the set-up, hosts of the shop, mails by request, orders written together and kept sums: each was tried."""

from __future__ import annotations

import html
import ipaddress
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.test import Client

from advocates.actions.magic import make_magic_link
from advocates.models import MagicLink
from integrations.models import BulkLine
from kit.asked import asked_often
from kit.gather import gathered
from kit.ids import uuid7
from kit.limits import within_limit_of
from kit.proxies import settler
from kit.tenancy import tenant_scope
from merchants.actions.hosts import add_host, take_look
from merchants.events import SYSTEM
from merchants.models import ApiKey, Event, Host, Role, User
from merchants.selectors import workspace
from merchants.wakeups import sweep_due
from rewards.models import RewardSum
from tests.api.conftest import Shop as ApiShop
from tests.api.conftest import an_order, key_of
from tests.cast import World, a_world, at_work, member, workspace_of
from tests.dashboard.desk import signed_in
from tests.dashboard.test_setup import BRAND, Owner
from tests.engagement.post import a_shop, deliver, skipped
from tests.facts import NOON
from tests.friend.conftest import PHONE
from tests.friend.lanes import environ_of
from tests.friend.test_by_mail import NEW
from tests.friend.test_offer_page import path, token_in
from tracking.models import OfferAsked, Order
from tracking.steps.claims import sweep as answer_by_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def shop() -> World:
    return a_shop()


# --- mails that anybody sets off ------------------------------------------------------------------------------------


@pytest.fixture
def friend(live_redis: Any) -> Client:
    cache.clear()
    return Client(headers={"User-Agent": PHONE})


def sign_in_mails(shop: World) -> int:
    """A stranger types the advocate's address once more; how many mails that sets off."""
    with at_work(shop.merchant) as now:
        MagicLink.objects.all().delete()  # those of before have run out
        make_magic_link(advocate=shop.advocate, now=now)
    return len(deliver(shop, "advocate.magic_link"))


def test_nobody_can_use_up_the_mails_of_another_and_keep_them_out(shop: World, settings: Any) -> None:
    """Past the day's number one more way in comes for as long as a way in lasts: one that works is always there."""
    settings.MAILS_ON_REQUEST_A_DAY = 1
    with at_work(shop.merchant):
        customer = shop.advocate.customer
        customer.email = customer.email_key = f"{uuid7().hex}@advocate.example"  # Redis is shared with other tests
        customer.save()
    assert within_limit_of("mail on request", customer.email_key, most=1, seconds=60)  # at a shop of the attacker's
    assert [sign_in_mails(shop), sign_in_mails(shop)] == [1, 0]
    assert skipped(shop) == [("magic_link", "too_many_a_day")]


def test_a_shop_whose_codes_are_slow_ends_its_turn(world: World, friend: Client) -> None:
    """Two hands do this for all shops, and mails and clicks beside it."""
    for number in range(3):
        told = {"token": token_in(friend.get(path(world))), "email": f"{number}@friend.example"}
        assert friend.post(path(world), told).status_code == 200
    due = answer_by_mail(world.merchant.tenant_ref(), seconds=0)
    with at_work(world.merchant):
        assert (OfferAsked.objects.count(), OfferAsked.objects.order_by("next_try_at")[0].next_try_at) == (2, due)


def test_a_visit_of_another_shop_asks_for_nothing(world: World, friend: Client) -> None:
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    token = token_in(friend.get(path(other)))
    assert b"once more" in friend.post(path(world), {"token": token, "email": NEW}).content
    with at_work(world.merchant):
        assert not OfferAsked.objects.exists()


# --- hosts of the shop ----------------------------------------------------------------------------------------------

HOST = "outlet.nordlicht.example"


def shown(world: World, name: str, challenge: str = "") -> Host:
    """A host of the shop whose record says this challenge, or its own."""
    with at_work(world.merchant) as now:
        host = add_host(host=name, use=Host.Use.SHOP, by=SYSTEM, now=now)
        said = [f"referral-verification={challenge or host.challenge}"]
        found = take_look(host_id=host.pk, texts=said, by=SYSTEM, now=now, real_now=now)
        assert found is not None
        return found


def leads_to(world: World) -> list[str]:
    with at_work(world.merchant):
        return list(workspace().verified_hosts)


def test_the_record_of_one_workspace_shows_nothing_for_another(world: World) -> None:
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    hers = shown(world, HOST)
    assert (hers.state, shown(other, HOST, hers.challenge).state) == ("VERIFIED", "WAITING")
    assert HOST not in leads_to(other)


@pytest.mark.parametrize("role", [Role.MARKETER, Role.REVIEWER, Role.SUPPORT])
def test_a_low_role_adds_no_host_and_frames_no_brand(role: Role) -> None:
    owner = Owner.anew()
    owner.post("/sell", {"preset": "shop"})
    low = signed_in(member(owner.merchant, "mallory@nordlicht.example", role))
    refused = [
        low.post(f"/w/{owner.merchant.slug}/{place}", {**BRAND, "host": HOST}).status_code
        for place in ("settings/shops/new", "setup/brand", "setup/brand/look")
    ]
    assert refused == [404] * 3
    with at_work(owner.merchant):
        assert not Host.objects.exists()


# --- previews -------------------------------------------------------------------------------------------------------


def framed(answer: Any) -> list[str]:
    return [html.unescape(src) for src in re.findall(r'src="([^"]*/setup/preview/[^"]*)"', answer.content.decode())]


def test_what_is_typed_is_shown_as_text_and_to_ones_own_workspace_alone() -> None:
    owner, typed = Owner.anew(), {**BRAND, "name": "</title><script>alert(1)</script>", "brand_colour": '#"><script>'}
    owner.post("/sell", {"preset": "shop"})
    places = framed(owner.post("/brand/look", typed))
    assert len(places) == 2
    for place in places:
        page = owner.client.get(place)
        assert (page.status_code, b"<script>" in page.content) == (200, False)
        assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    mallory = workspace_of("mallory@halcyon.example", "Halcyon")
    theirs = signed_in(User.objects.get(email="mallory@halcyon.example"))
    theirs.post(f"/w/{mallory.slug}/setup/sell", {"preset": "shop"})
    assert theirs.get(places[0]).status_code == 404
    own = theirs.get(places[0].replace(owner.merchant.slug, mallory.slug))
    assert (own.status_code, b"alert(1)" in own.content) == (200, False)


# --- written together, and sums -------------------------------------------------------------------------------------


@asked_often
def names_of_keys(kind: str) -> Any:
    return ApiKey.objects.filter(kind=kind).values_list("name")


def write_as_another(world: World, other: World) -> None:
    with at_work(world.merchant), gathered(Event), tenant_scope(other.merchant.tenant_ref()):
        Event.objects.create(code="x", subject_kind="x", subject_id=uuid7(), seq=1, at=NOON, by="x")


def test_what_waits_of_one_merchant_is_neither_read_nor_written_as_anothers(world: World) -> None:
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    key_of(world.merchant)
    with at_work(world.merchant), gathered(Event):
        assert names_of_keys("SECRET") == [("the shop",)]
        with tenant_scope(other.merchant.tenant_ref()):
            assert names_of_keys("SECRET") == []
    with pytest.raises(Error, match="row-level security"):
        write_as_another(world, other)
    with at_work(other.merchant):
        assert not Event.objects.filter(code="x").exists()


def keep(row: RewardSum, world: World) -> None:
    with at_work(world.merchant), transaction.atomic():
        row.save(force_insert=True)
        connection.check_constraints()


def test_kept_sums_are_their_own_merchants_and_written_with_nobodys_greater_rights(world: World) -> None:
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    share = {"program_id": other.program.pk, "side": "ADVOCATE", "unit": "EUR", "state": "HELD"}
    figures = {"rewards": 1, "amount_minor": 1, "clawed_back_minor": 0}
    for whose in (other.merchant, world.merchant):  # another's row, and a row of one's own about another's program
        row = RewardSum(merchant=whose, **share, **figures)
        with pytest.raises(Error):
            keep(row, world)
    with at_work(world.merchant), connection.cursor() as cursor:
        cursor.execute("SELECT prosecdef FROM pg_proc WHERE proname = 'rewards_sums_follow'")
        assert cursor.fetchall() == [(False,)]


@pytest.mark.parametrize("number", ['a","b', "{NULL}", "NULL", "\\", '\\"', "a,b", "\ud800", "x\u0000y", "\\x00"])
def test_the_name_of_an_order_stays_one_name_in_a_bulk_upload(world: World, number: str) -> None:
    api = ApiShop(key_of(world.merchant))
    orders = [an_order(order_id=number), an_order(order_id="plain")]
    answer = api.post("orders/bulk", {"orders": orders}, Idempotency_Key="b1")
    assert answer.status_code in (202, 422), answer.content
    if answer.status_code == 202:
        sweep_due("bulk")
        with at_work(world.merchant):
            assert Order.objects.count() in (1, 2)
            assert not BulkLine.objects.filter(state="WAITING").exists()
            assert not BulkLine.objects.filter(problem__code="failed").exists()


# --- who the client is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "said", "is_client"),
    [
        ("203.0.113.7", "6.6.6.6", "203.0.113.7"),
        ("10.0.0.2", "6.6.6.6,203.0.113.7", "203.0.113.7"),
        ("10.0.0.2", "203.0.113.7 , 10.0.0.3", "203.0.113.7"),
        ("10.0.0.2", "6.6.6.6\x00", "10.0.0.2"),
        ("10.0.0.2", "006.6.6.6", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("::ffff:10.0.0.2", "::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_the_client_is_who_our_proxy_saw(peer: str, said: str, is_client: str) -> None:
    environ = environ_of("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=said)
    settler([ipaddress.ip_network("10.0.0.0/8")])(environ)
    assert environ["REMOTE_ADDR"] == is_client
