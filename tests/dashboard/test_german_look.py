"""German is longer than English: on the main pages no word is cut off, no control too narrow, nothing wider than the
screen, at a desk, on a phone and zoomed to 400 %. And no text of ours stands there in English."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings
from django.test import Client

from advocates.models import Customer
from merchants.events import SYSTEM
from merchants.models import User
from programs.actions.setup import choose_preset
from tests.cast import at_work, workspace_of
from tests.crawl.world import Full, full_world
from tests.looks import PICTURES
from tests.portal.world import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: And a window of 1280 at 400 %.
SIZES = {"desktop": (1440, 900), "phone": (390, 844), "zoomed": (320, 256)}
#: What is shown and holds more than it is wide; and how much wider than the window the page is.
CUT_OFF = """() => {
  const helps = (open) => document.querySelectorAll('details.help').forEach((each) => { each.open = open; });
  helps(true);
  const parts = 'button, .button, th, h1, h2, h3, label, legend, summary, dt, .badge, .status, .nav-link, .nav-label, '
    + '.tabs a, .tabbar a, .tabbar span, .brand-nav a, .figure-label, .figure-number, .steps li, select';
  const lines = (each) => {
    const range = document.createRange();
    range.selectNodeContents(each);
    return new Set([...range.getClientRects()].map((line) => Math.round(line.bottom))).size;
  };
  const shown = (each) => each.checkVisibility() && each.clientWidth > 1 && each.closest('thead')?.clientWidth !== 1
    && getComputedStyle(each).display !== 'inline' && !each.closest('.visually-hidden, .sidebar-foot');
  const broken = (each) => !each.children.length && !/[\\s\\u00ad-]/.test(each.textContent.trim()) && lines(each) > 1;
  const cut = [...document.querySelectorAll(parts)].filter((each) => shown(each)
    && (each.scrollWidth > each.clientWidth + 1 || broken(each)));
  const wider = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  helps(false);
  return [wider, cut.map((each) => each.tagName + '.' + each.className + ': ' + each.textContent.trim().slice(0, 60))];
}"""
#: Every text of the page and of what it says to those who hear it.
TEXTS = """() => [...document.querySelectorAll('body *')].flatMap((each) => [
  ...[...each.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()),
  ...['title', 'aria-label', 'placeholder', 'alt'].map((name) => each.getAttribute(name) || '')])"""
#: What people of the world are called, and their programs and notes, is English words too.
THEIRS = {"By hand", "English", "Over", "Put away", "Resting", "Shirt", "Shirts", "Still a draft", "Thank you"}


def test_no_german_word_is_cut_off(chromium: Any, live_server: Any) -> None:
    full, begun = full_world(), workspace_of("ben@neu.example", "Unterwegs")
    with at_work(begun) as now:
        choose_preset(preset="shop", by=SYSTEM, now=now)
    with at_work(full.world.merchant):
        Customer.objects.update(language="de")
    User.objects.update(language="de")
    visits = [
        (client_of("alice@nordlicht.example"), owners_pages(full)),
        (client_of("ben@neu.example"), {"set-up": f"/w/{begun.slug}/setup/reward"}),
        (signed_in(full.world), {"portal": f"/p/{full.slug}/", "portal-rewards": f"/p/{full.slug}/rewards"}),
        (Client(), {"friend": f"/r/{full.world.link.code}", "sign-up": "/account/signup/", "landing": "/"}),
    ]
    found = [each for client, pages in visits for each in looked_at(chromium, live_server.url, client, pages)]
    assert not found, "\n".join(found)


def owners_pages(full: Full) -> dict[str, str]:
    ids, lists = full.ids, ("", "/advocates", "/orders", "/reviews", "/rewards", "/payouts", "/customers/import")
    pages = {path.strip("/").replace("/", "-") or "home": f"/w/{full.slug}{path}" for path in lists}
    of_one = (("advocate", "advocates"), ("referral", "referrals"), ("order", "orders"))
    pages |= {name: f"/w/{full.slug}/{folder}/{ids[name]}" for name, folder in of_one}
    return pages | {"editor": f"/w/{full.slug}/programs/{full.world.program.slug}/edit"}


def client_of(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


@cache
def english() -> set[str]:
    """What is another word in German."""
    catalog = polib.pofile(str(settings.BASE_DIR / "locale/de/LC_MESSAGES/django.po"))
    texts = {entry.msgid for entry in catalog if entry.msgstr != entry.msgid and "%(" not in entry.msgid}
    return texts - {entry.msgstr for entry in catalog}


def looked_at(chromium: Any, base: str, client: Client, pages: dict[str, str]) -> list[str]:
    """What is too narrow. Each page is loaded once, and looked at in all widths."""
    width, height = SIZES["desktop"]
    context = chromium.new_context(base_url=base, viewport={"width": width, "height": height}, locale="de-DE")
    cookies = [{"name": name, "value": each.value, "url": base} for name, each in client.cookies.items()]
    context.add_cookies(cookies)
    page, found = context.new_page(), []
    for name, path in pages.items():
        assert page.goto(path).status == 200, path
        assert page.evaluate("document.documentElement.lang") == "de", path
        found += [f"{name}: “{each}” in English" for each in set(page.evaluate(TEXTS)) & english() - THEIRS]
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            wider, cut = page.evaluate(CUT_OFF)
            found += [f"{name}-{size}: {wider} pixels too wide"] if wider > 0 else []
            found += [f"{name}-{size}: {each}" for each in cut]
            if PICTURES:
                page.screenshot(path=str(Path(PICTURES) / f"de-{name}-{size}.png"), full_page=True)
    context.close()
    return found
