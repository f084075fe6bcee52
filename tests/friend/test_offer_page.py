"""The page behind a referral link: who sees what, and what is counted."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from advocates.models import Customer
from integrations.models import Connection
from kit.signing import parse_click_token
from programs.rules import Fulfilment, RewardRule, Value
from tests.cast import World, a_world, at_work
from tests.friend.conftest import PHONE
from tracking.models import Claim, Click
from tracking.steps.claims import sweep as answer_by_mail
from tracking.steps.ingest import ingest

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


def clicks(world: World) -> int:
    """Once those in the stream are in the tables."""
    ingest()
    with at_work(world.merchant):
        return int(Click.objects.count())


def claims(world: World) -> list[Claim]:
    """Once those who gave an address were answered."""
    answer_by_mail(world.merchant.tenant_ref())
    with at_work(world.merchant):
        return list(Claim.objects.select_related("friend"))


def token_in(page: Any) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.content.decode())
    return found[1] if found else ""


def path(world: World) -> str:
    return f"/r/{world.link.code}"


def test_page_says_who_what_conditions_and_that_it_is_advertising(world: World, friend: Client) -> None:
    text = friend.get(path(world)).content.decode()
    assert "Dana gives you 10% off at Nordlicht Kaffee" in text
    assert "For people who have not bought from Nordlicht Kaffee before." in text
    assert "Advertisement: Dana gets a reward from Nordlicht Kaffee if you buy." in text
    assert "Muster" not in text
    assert "dana@" not in text


def test_person_is_counted_without_a_cookie(world: World, friend: Client) -> None:
    page = friend.get(path(world))
    assert page.status_code == 200
    assert not page.cookies
    assert clicks(world) == 1
    assert parse_click_token(token_in(page), keys=_keys()).link_id == world.link.pk  # type: ignore[union-attr]
    assert page["Cache-Control"] == "no-store, private"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def _keys() -> list[bytes]:
    from django.conf import settings

    keys: list[bytes] = settings.CLICK_TOKEN_KEYS
    return keys


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
        {"User-Agent": "WhatsApp/2.23.20.0"},
        {"User-Agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"},
        {"User-Agent": ""},
        {"User-Agent": PHONE, "Purpose": "prefetch"},
        {"User-Agent": PHONE, "Sec-Purpose": "prefetch;prerender"},
        {"User-Agent": PHONE, "X-Moz": "prefetch"},
        {"User-Agent": PHONE, "Sec-Fetch-Dest": "iframe"},
        {"User-Agent": PHONE, "Sec-Fetch-Dest": "image"},
        {"User-Agent": PHONE, "Sec-Fetch-Dest": "embed"},
    ],
)
def test_programs_previews_and_hidden_frames_are_not_counted(world: World, headers: dict[str, str]) -> None:
    page = Client(headers=headers).get(path(world))
    assert page.status_code == 200
    assert 'property="og:title" content="Dana gives you 10% off at Nordlicht Kaffee"' in page.content.decode()
    assert not page.cookies
    assert token_in(page) == ""
    assert clicks(world) == 0


def test_head_is_answered_and_not_counted(world: World, friend: Client) -> None:
    assert friend.head(path(world)).status_code == 200
    assert clicks(world) == 0


def test_reloading_counts_once_and_every_page_has_its_own_token(world: World, friend: Client) -> None:
    tokens = {token_in(friend.get(path(world))) for _ in range(5)}
    assert len(tokens) == 5
    assert clicks(world) == 1


def test_a_thousand_clicks_of_one_address_are_not_a_thousand(world: World) -> None:
    for number in range(40):
        Client(headers={"User-Agent": f"{PHONE} v{number}"}).get(path(world))
    assert clicks(world) == 30


def test_code_is_found_in_small_letters_and_under_the_merchants_name(world: World, friend: Client) -> None:
    assert friend.get(f"/r/{world.link.code.lower()}").status_code == 200
    assert friend.get(f"/r/{world.merchant.slug}/{world.link.code.lower()}").status_code == 200


@pytest.mark.parametrize("code", ["NOSUCH22", "%0d%0aSet-Cookie:%20a=b", "..%2f..", "a", "ＡＢＣ", "x" * 200])
def test_unknown_address_is_a_kind_404_without_tenant_data(world: World, friend: Client, code: str) -> None:
    for address in (f"/r/{code}", f"/r/{world.merchant.slug}/{code}", f"/r/nobody/{world.link.code}"):
        page = friend.get(address)
        assert page.status_code == 404
        assert "Nordlicht" not in page.content.decode()
        assert "Set-Cookie" not in page.headers
        assert not page.cookies


def test_code_of_another_merchant_is_unknown_under_this_ones_name(world: World, friend: Client) -> None:
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    assert friend.get(f"/r/{other.merchant.slug}/{world.link.code}").status_code == 404


def test_claim_gives_a_code_and_a_way_to_the_shop(world: World, friend: Client) -> None:
    token = token_in(friend.get(path(world)))
    answer = friend.post(path(world), {"token": token})
    assert answer.status_code == 303
    page = friend.get(answer["Location"])
    (claim,) = claims(world)
    text = page.content.decode()
    assert claim.code in text
    assert not page.cookies
    shop = re.search(r'href="(https://shop\.example[^"]*)"', text)
    assert shop
    query = parse_qs(urlsplit(shop[1].replace("&amp;", "&")).query)
    assert query == {"rt": [token], "rc": [claim.code]}
    assert claim.click_id == parse_click_token(token, keys=_keys()).click_id  # type: ignore[union-attr]


def test_shopify_shop_gets_the_discount_address(world: World, friend: Client) -> None:
    with at_work(world.merchant) as now:
        Connection.objects.create(kind="SHOPIFY", name="Shop", address="shop.example", credentials="x", created_at=now)
    token = token_in(friend.get(path(world)))
    page = friend.get(friend.post(path(world), {"token": token})["Location"])
    (claim,) = claims(world)
    assert f"https://shop.example/discount/{claim.code}?redirect=%2F%3Frt%3D{token}" in page.content.decode()


def test_claiming_twice_gives_the_same_code(world: World, friend: Client) -> None:
    token = token_in(friend.get(path(world)))
    for _ in range(2):
        friend.post(path(world), {"token": token})
    assert len(claims(world)) == 1


def test_name_is_told_only_when_ticked_and_given(world: World, friend: Client) -> None:
    told = {"email": "Eve@Friend.example", "name": "Eve", "tell": "on"}
    friend.post(path(world), {"token": token_in(friend.get(path(world))), **told})
    (claim,) = claims(world)
    assert (claim.friend.email, claim.name_shown) == ("eve@friend.example", True)
    told = {"email": "finn@friend.example", "name": "", "tell": "on"}
    friend.post(path(world), {"token": token_in(friend.get(path(world))), **told})
    assert [claim.name_shown for claim in claims(world) if claim.friend.email.startswith("finn")] == [False]


def test_bad_email_is_said_at_the_field_and_nothing_is_claimed(world: World, friend: Client) -> None:
    answer = friend.post(path(world), {"token": token_in(friend.get(path(world))), "email": "no address"})
    assert answer.status_code == 400
    assert "Write a complete e-mail address" in answer.content.decode()
    assert claims(world) == []


@pytest.mark.parametrize("token", ["", "v1.a.b.c.d", "tampered"])
def test_claim_without_a_signed_visit_is_asked_once_more(world: World, friend: Client, token: str) -> None:
    answer = friend.post(path(world), {"token": token})
    assert answer.status_code == 200
    assert token_in(answer)
    assert claims(world) == []


def test_form_of_another_site_is_refused(world: World, friend: Client) -> None:
    token = token_in(friend.get(path(world)))
    for origin in ("https://evil.example", "null"):
        assert friend.post(path(world), {"token": token}, headers={"Origin": origin}).status_code == 403
    assert claims(world) == []
    assert friend.post(path(world), {"token": token}, headers={"Origin": "http://testserver"}).status_code == 303


def test_addresses_in_the_request_are_ignored(world: World, friend: Client) -> None:
    token = token_in(friend.get(f"{path(world)}?next=https://evil.example&url=//evil.example"))
    answer = friend.post(f"{path(world)}?next=https://evil.example", {"token": token, "next": "https://evil.example"})
    assert answer["Location"].startswith("/r/")
    assert "evil" not in friend.get(answer["Location"]).content.decode()


def test_shop_address_off_the_verified_hosts_is_never_linked(world: World, friend: Client) -> None:
    with at_work(world.merchant):
        from merchants.models import Workspace

        Workspace.objects.update(shop_url="https://evil.example/")
    token = token_in(friend.get(path(world)))
    assert "evil.example" not in friend.get(friend.post(path(world), {"token": token})["Location"]).content.decode()


def test_reward_after_purchase_leads_on_with_the_token(friend: Client) -> None:
    reward = RewardRule(kind=Value.FIXED, value=500, fulfilment=Fulfilment.MANUAL)
    world = a_world(offer=None, friend_reward=reward)
    text = friend.get(path(world)).content.decode()
    assert "no code to enter" in text
    assert re.search(r'href="https://shop\.example/\?rt=v1\.', text)
    assert "<form" not in text


def test_forged_offer_address_is_unknown(world: World, friend: Client) -> None:
    assert friend.get(f"{path(world)}/offer/WyJhIiwiYiJd:x:y").status_code == 404


def test_offer_of_another_merchant_is_unknown_here(world: World, friend: Client) -> None:
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    location = friend.post(path(world), {"token": token_in(friend.get(path(world)))})["Location"]
    sealed = location.rpartition("/")[2]
    assert friend.get(f"{path(other)}/offer/{sealed}").status_code == 404


def test_terms_are_rendered_from_the_frozen_version(world: World, friend: Client) -> None:
    page = friend.get(f"{path(world)}/terms")
    assert page.status_code == 200
    assert "Version 1" in page.content.decode()
    assert clicks(world) == 0


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "{{1234*4321}}", "{% load x %}", "${1234*4321}"]
)
def test_names_are_shown_literally(friend: Client, name: str) -> None:
    from django.utils.html import escape

    world = a_world(name=name)
    with at_work(world.merchant):
        Customer.objects.filter(pk=world.advocate.customer_id).update(name=name)
    text = friend.get(path(world)).content.decode()
    assert escape(name) in text
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert str(1234 * 4321) not in text


def test_brand_sheet_takes_colours_only(world: World, friend: Client) -> None:
    address = f"/brand/{world.merchant.slug}.css"
    with at_work(world.merchant):
        from merchants.models import Workspace

        Workspace.objects.update(brand_colour="}*{x:y")
    sheet = friend.get(address)
    assert sheet["Content-Type"] == "text/css; charset=utf-8"
    assert "--brand:#1f5f4a" in sheet.content.decode()
    assert friend.get("/brand/nobody.css").status_code == 404
