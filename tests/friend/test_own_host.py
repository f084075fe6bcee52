"""A merchant's own host: its friend pages, and nothing else of anybody."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from advocates.actions.codes import choose_code
from advocates.models import Link
from merchants.models import Door, Host
from tests.cast import World, a_world, at_work
from tests.friend.conftest import PHONE
from tests.friend.test_offer_page import claims, clicks, token_in

pytestmark = pytest.mark.django_db

NAME = "friends.nordlicht.example"


def give_host(world: World, name: str = NAME) -> None:
    """As verified: the looks at the DNS are tested in tests/merchants/test_hosts.py."""
    with at_work(world.merchant) as now:
        host = Host.objects.create(host=name, challenge="c", state="VERIFIED", created_at=now, verified_at=now)
        Door.objects.create(kind=Door.Kind.HOST, key=name, merchant=world.merchant, object_id=host.pk)


@pytest.fixture
def world() -> World:
    found = a_world()
    give_host(found)
    return found


@pytest.fixture
def there() -> Client:
    return Client(headers={"User-Agent": PHONE, "Host": NAME})


def test_links_answer_with_and_without_r(world: World, there: Client) -> None:
    for path in (f"/{world.link.code}", f"/r/{world.link.code}", f"/{world.link.code.lower()}"):
        page = there.get(path)
        assert page.status_code == 200
        assert "Dana gives you 10% off at Nordlicht Kaffee" in page.content.decode()
    assert clicks(world) > 0


def test_an_offer_is_claimed_without_leaving_the_host(world: World, there: Client) -> None:
    path = f"/{world.link.code}"
    page = there.get(path)
    assert f'href="/{world.link.code}/terms"' in page.content.decode()
    answer = there.post(path, {"token": token_in(page)}, headers={"Origin": f"http://{NAME}"})
    assert answer["Location"].startswith(f"/{world.link.code}/offer/")
    assert there.get(answer["Location"]).status_code == 200
    assert len(claims(world)) == 1
    assert there.get(f"/{world.link.code}/terms").status_code == 200


def test_a_form_of_another_site_is_refused_there_too(world: World, there: Client) -> None:
    path = f"/{world.link.code}"
    token = token_in(there.get(path))
    for origin in ("http://testserver", "https://evil.example", "null"):
        assert there.post(path, {"token": token}, headers={"Origin": origin}).status_code == 403
    assert claims(world) == []


def test_a_chosen_code_lives_under_the_merchants_name_and_host_alone(world: World, there: Client) -> None:
    with at_work(world.merchant) as now:
        chosen = choose_code(link=world.link, code="Dana-10", by="system", now=now)
    assert chosen.code == "DANA-10"
    assert there.get("/dana-10").status_code == 200
    platform = Client(headers={"User-Agent": PHONE})
    assert platform.get(f"/r/{world.merchant.slug}/DANA-10").status_code == 200
    assert platform.get("/r/DANA-10").status_code == 404
    assert there.get(f"/{world.link.code}").status_code == 200  # the code before goes on
    assert platform.get(f"/r/{world.link.code}").status_code == 200


def test_another_merchants_codes_are_unknown_there(world: World, there: Client) -> None:
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    for path in (f"/{other.link.code}", f"/r/{other.link.code}", f"/r/{other.merchant.slug}/{other.link.code}"):
        page = there.get(path)
        assert page.status_code == 404
        assert "Halcyon" not in page.content.decode()
    assert there.get(f"/brand/{other.merchant.slug}.css").status_code == 404
    assert there.get(f"/brand/{world.merchant.slug}.css").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/", "/account/login/", "/account/password/reset/", "/w/nordlicht-kaffee", "/p/nordlicht-kaffee/",
        "/api/v1/orders", "/hooks/shopify/x", "/mailbox", "/mail/unsubscribe/x", "/join/x", "/styleguide", "/r/",
        "/workspaces/new", "/terms", "/%0d%0aSet-Cookie:%20a=b",
    ],
)  # fmt: skip
def test_nothing_else_is_served_there(world: World, there: Client, path: str) -> None:
    for page in (there.get(path), there.post(path, {"email": "alice@nordlicht.example"})):
        assert page.status_code == 404
        assert not page.cookies
        assert "Set-Cookie" not in page
        assert "Content-Security-Policy" in page


@pytest.mark.parametrize(
    "name",
    ["evil.example", "nordlicht.example", f"x.{NAME}", "", "a b", f"{NAME}.evil.example", "[::1", f"{NAME}@evil"],
)
def test_an_unknown_host_is_refused(world: World, name: str) -> None:
    for path in (f"/r/{world.link.code}", "/account/login/", "/"):
        page = Client(headers={"User-Agent": PHONE, "Host": name}).get(path)
        assert page.status_code == 400
        assert "Nordlicht" not in page.content.decode()
    assert clicks(world) == 0


def test_port_case_and_closing_dot_are_the_same_host(world: World) -> None:
    for name in (f"{NAME}:443", NAME.upper(), f"{NAME}."):
        assert Client(headers={"User-Agent": PHONE, "Host": name}).get(f"/{world.link.code}").status_code == 200


def test_a_proxy_may_ask_for_certificates_of_known_hosts_alone(world: World) -> None:
    ask = Client()
    for name, status in ((NAME, 200), (NAME.upper(), 200), ("evil.example", 404), ("", 404), ("x" * 999, 404)):
        answer = ask.get("/host-known", {"domain": name})
        assert (answer.status_code, answer.content) == (status, b"")


def test_a_closed_workspace_has_no_host(world: World, there: Client) -> None:
    with at_work(world.merchant):
        world.merchant.status = "CLOSED"
        world.merchant.save()
    assert there.get(f"/{world.link.code}").status_code == 400


def test_a_letter_for_a_new_password_cannot_be_led_to_the_host(world: World, there: Client) -> None:
    there.post("/account/password/reset/", {"email": "alice@nordlicht.example"})
    assert mail.outbox == []
    with_both = Client(headers={"User-Agent": PHONE, "X-Forwarded-Host": NAME})
    with_both.post("/account/password/reset/", {"email": "alice@nordlicht.example"})
    assert all(NAME not in letter.body for letter in mail.outbox)


def test_pages_lead_to_the_portal_on_its_own_address(world: World, there: Client, settings: Any) -> None:
    from programs.actions.lifecycle import pause_program

    with at_work(world.merchant) as now:
        pause_program(program=world.program, by="system", now=now)
    text = there.get(f"/{world.link.code}").content.decode()
    assert f'href="{settings.PUBLIC_URL}/p/{world.merchant.slug}/"' in text or 'href="/p/' not in text


def test_a_retired_code_has_a_kind_page_and_keeps_what_began_with_it(world: World, there: Client) -> None:
    from advocates.actions.codes import retire_link

    token = world.click()
    with at_work(world.merchant) as now:
        fresh = retire_link(link=world.link, why="leak", by="system", now=now)
        assert fresh is not None
        gone = Link.objects.get(pk=world.link.pk)
        assert (gone.retired_for, gone.replaced_by_id, fresh.placement) == ("leak", fresh.pk, "")
    gone_page = there.get(f"/{world.link.code}")
    assert (gone_page.status_code, "There is a new link" in gone_page.content.decode()) == (410, True)
    assert there.get(f"/{fresh.code}").status_code == 200
    assert token
