"""The three audiences and the test shop in a real browser: axe content, the console silent, the styles there."""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import urlsplit

import pytest

from demo.drive.chromium import TOKEN
from demo.drive.story import PASSWORD
from demo.drive.wait import until
from demo.drive.web import Web
from tests.e2e.conftest import Played, Running
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.browser

#: Ids in addresses: of one kind one page is looked at.
IDS = re.compile(r"/(?:[a-z]{3}_[0-9A-Za-z]{20,}|[0-9a-f]{8}-[0-9a-f-]{27})(?=/|$)")
#: Not pages of the dashboard's own: files, the way out, and what allauth shows.
NOT_PAGES = re.compile(r"^/account/|\.csv|/file$|/body$|^/mailbox|\?")


def test_a_merchant_gets_from_signing_up_to_a_live_program(visitor: Visitor, running: Running) -> None:
    run, page = secrets.token_hex(3), visitor.page
    visitor.go("/")
    visitor.go("/account/signup/")
    page.fill("#id_email", f"maria-{run}@shop.example")
    page.fill("#id_password1", PASSWORD)
    visitor.press("Create account")
    confirm_address(visitor, running, f"maria-{run}@shop.example")
    visitor.go("/workspaces/new")
    if "/login" in page.url:
        page.fill("#id_login", f"maria-{run}@shop.example")
        page.fill("#id_password", PASSWORD)
        visitor.press("Log in")
    page.fill("#id_name", f"Kaffee {run}")
    page.fill("#id_shop_url", running.shop)
    visitor.press("Open the workspace")
    base = urlsplit(page.url).path.partition("/setup")[0]
    visitor.go(f"{base}/programs/new")
    page.fill("#id_name", "Freunde")
    visitor.press("Make a draft")
    program = urlsplit(page.url).path
    visitor.go(f"{program}/edit")
    visitor.go(f"{program}/codes/offer")
    page.fill("#id_pasted", "\n".join(f"FREUND-{run}-{number}".upper() for number in range(30)))
    visitor.press("Upload")
    assert "30 codes were added" in visitor.words()
    visitor.go(f"{program}/publish")
    visitor.press("Publish the program")
    assert "Active" in visitor.words()


def confirm_address(visitor: Visitor, running: Running, address: str) -> None:
    mail = Web(running.web).get(f"/mailbox.json?to={address}").expect().json["mails"][0]
    visitor.go(next(link for link in mail["links"] if "/confirm-email/" in link))
    visitor.press("Yes, confirm")


def test_a_friend_claims_and_buys(visitor: Visitor, played: Played, running: Running) -> None:
    page = visitor.page
    visitor.go(played.story.otto.link)
    assert "Otto" in visitor.words()
    visitor.click("main form button.button-primary")
    assert page.input_value("#copy-your-code").startswith("OFFER-")
    visitor.click("main a.button-primary")
    assert page.url.startswith(running.shop)
    until("the SDK has the token", lambda: page.evaluate(TOKEN))
    visitor.go(f"{running.shop}/products/polarnacht")
    visitor.press("Add to cart")
    assert "You save" in visitor.words() or "−" in visitor.words() or "Discount" in visitor.words()
    visitor.follow("To checkout")
    page.fill("#name", "Ina Friend")
    page.fill("#email", played.story.friend("ina"))
    visitor.press("Buy now")
    assert "Thank you, Ina" in visitor.words()
    for path in ("/admin/orders", "/admin/codes", "/admin/connection", "/admin/hooks"):
        visitor.go(running.shop + path)


def test_an_advocate_copies_the_link_and_sees_the_rewards(visitor: Visitor, played: Played) -> None:
    story, page = played.story, visitor.page
    before = {mail["id"] for mail in story.mails_to(story.dana.email)}
    visitor.go(f"/p/{story.slug}/")
    page.fill("#id_email", story.dana.email)
    visitor.press("Send me the link")
    mail = story.mail_to(story.dana.email, wanted=lambda mail: mail["id"] not in before and door_in(mail))
    visitor.go(door_in(mail))
    visitor.press("Sign in")
    link = page.input_value("#copy-your-link")
    page.click("main .copy button")
    page.locator("#toasts .toast", has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == link
    for path in ("friends", "rewards", "terms", "settings", "qr"):
        visitor.go(f"/p/{story.slug}/{path}")
    visitor.go(f"/p/{story.slug}/rewards")
    assert page.locator("main input[data-select]").count() == 2
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    for path in ("", "friends", "rewards"):
        visitor.go(f"/p/{story.slug}/{path}")


def door_in(mail: dict[str, Any]) -> str:
    """The address that lets an advocate in; empty where a mail has none."""
    return next((link for link in mail["links"] if "/enter/" in link), "")


def test_every_kind_of_page_of_the_dashboard_is_in_order(visitor: Visitor, played: Played) -> None:
    """From the home page along all links, one page of each kind, in a workspace where the whole loop has happened."""
    sign_in(visitor, played)
    waiting, seen = [f"/w/{played.story.slug}"], set[str]()
    while waiting:
        path = waiting.pop(0)
        kind = IDS.sub("/:id", path)
        if kind in seen:
            continue
        seen.add(kind)
        visitor.go(path)
        waiting += links_of(visitor, played.story.slug)
    assert {"", "/rewards/:id", "/orders/:id", "/advocates/:id", "/referrals/:id", "/connections/:id"} <= {
        kind.removeprefix(f"/w/{played.story.slug}") for kind in seen
    }


def sign_in(visitor: Visitor, played: Played) -> None:
    visitor.go("/account/login/")
    visitor.page.fill("#id_login", played.story.owner)
    visitor.page.fill("#id_password", PASSWORD)
    visitor.press("Log in")


def links_of(visitor: Visitor, slug: str) -> list[str]:
    """Addresses of this workspace's own pages that the page leads to."""
    hrefs = visitor.page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    paths = [href.partition("#")[0] for href in hrefs]
    return [path for path in paths if path.startswith(f"/w/{slug}") and not NOT_PAGES.search(path)]
