"""Names, codes and numbers that are markup, formulas and templates at once: shown as they are, everywhere."""

from __future__ import annotations

from collections import Counter, deque
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.test import Client, TestCase

from advocates.models import Link
from engagement.mailbox import mails_of
from integrations.actions.connections import add_shopify_connection
from merchants.events import SYSTEM
from merchants.models import Role
from merchants.steps import outbox
from programs.actions.stock import upload_codes
from programs.models import CodePool
from rewards.actions.blocks import block_reward
from rewards.models import Reward, RewardBlock
from rewards.steps import fulfil, release
from tests.cast import World, at_work, enrolled, live_program, workspace_of
from tests.crawl.robot import HOST, kind_of
from tests.dashboard.files import text_of_file
from tests.facts import DAY, delivery, snapshot
from tests.portal.world import signed_in
from tests.security.stage import BROWSER, browser_of, seat
from tracking.steps.claims import claim_offer

#: Closes an attribute, opens an element, runs in a template and in a spreadsheet.
EVIL = "=1+1\"'><xss owned=1>{{7*7}}{% x %}"
LISTS = ("advocates", "customers", "orders", "referrals", "rewards", "clicks", "claims")
#: Pages are looked at until there are this many of a workspace, two of each kind.
MOST_PAGES = 80


def evil_world() -> World:
    merchant = workspace_of("alice@nordlicht.example", EVIL)
    program = live_program(merchant, name=EVIL)
    advocate = enrolled(merchant, program, name=EVIL.replace(" ", ""))
    with at_work(merchant) as now:
        for purpose in (CodePool.Purpose.OFFER, CodePool.Purpose.REWARD):
            codes = [f"{EVIL}{purpose}{n}".replace(" ", "") for n in range(3)]
            upload_codes(program=program, purpose=purpose, codes=codes, by=SYSTEM, now=now)
        add_shopify_connection(domain="evil.myshopify.com", secret="s" * 20, name=EVIL, by=SYSTEM, now=now)
        link = Link.objects.get(advocate=advocate, channel="LINK")
    world = World(merchant, program, advocate, link, now)
    sell(world, EVIL, at=world.now - 50 * DAY, delivered=True)
    sell(world, EVIL + "2", at=world.now - 6 * DAY)
    told: Any = {"email": "hana@friend.example", "name": EVIL, "click_id": None, "name_shown": True}
    claim_offer(merchant.tenant_ref(), link_id=link.pk, **told)
    with at_work(merchant) as now:
        held = Reward.objects.filter(state="HELD").first()
        assert held is not None
        block_reward(reward=held, kind=RewardBlock.Kind.MANUAL, reason=EVIL, by=SYSTEM, now=now)
    outbox.sweep(merchant.tenant_ref())
    return world


def sell(world: World, number: str, *, at: Any, delivered: bool = False) -> None:
    facts = [snapshot(at, token=world.click(at=at - DAY), number=number), *([delivery(at + DAY)] if delivered else [])]
    world.take(*facts, number=number, email=f"f{len(number)}@friend.example", now=at + 2 * DAY)
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())


class Read(HTMLParser):
    """A page's elements as a tokenizer of real pages finds them: those that are ours to follow, and those that are
    not ours at all."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.targets: list[str] = []
        self.foreign: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "xss" or "owned" in told or (tag == "script" and "src" not in told):
            self.foreign.append(str(self.get_starttag_text()))
        target = {"a": told.get("href"), "iframe": told.get("src")}.get(tag)
        if target is not None:
            self.targets.append(target)


def pages_of(client: Client, start: str) -> dict[str, Read]:
    """The pages below ``start`` that links lead to."""
    waiting, kinds, found = deque([start]), Counter[str](), dict[str, Read]()
    while waiting and len(found) < MOST_PAGES:
        path = waiting.popleft()
        if path in found or kinds[kind_of(path)] >= 2:
            continue
        kinds[kind_of(path)] += 1
        answer = client.get(path, headers={"User-Agent": BROWSER})
        if answer.status_code == 200 and not answer.streaming and "html" in answer.headers["Content-Type"]:
            found[path] = Read(answer.content.decode())
            targets = [urljoin(HOST + path, target) for target in found[path].targets]
            waiting += [each.removeprefix(HOST).partition("#")[0] for each in targets if each.startswith(HOST + start)]
    return found


def assert_literal(pages: dict[str, Read]) -> None:
    for path, page in pages.items():
        assert "<xss" not in page.text, path
        assert page.foreign == [], path


class TestMarkup(TestCase):
    world: Any

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = evil_world()

    def test_the_dashboard_shows_it_literally(self) -> None:  # hostile 110
        alice = browser_of(seat(self.world.merchant, Role.OWNER))
        pages = pages_of(alice, f"/w/{self.world.merchant.slug}")
        assert_literal(pages)
        assert len(pages) > 30
        assert sum("{{7*7}}" in page.text for page in pages.values()) > 20

    def test_the_portal_and_the_friends_pages_show_it_literally(self) -> None:  # hostile 110
        slug, code = self.world.merchant.slug, self.world.link.code
        dana, eve = signed_in(self.world), Client(headers={"User-Agent": BROWSER})
        for client, start in [(dana, f"/p/{slug}/"), (eve, f"/p/{slug}/"), (eve, f"/r/{code}")]:
            pages = pages_of(client, start)
            assert_literal(pages)
            assert any("{{7*7}}" in page.text for page in pages.values())
        told = {"token": eve.get(f"/r/{code}").context["token"], "email": "new@friend.example", "name": EVIL}
        answer = eve.post(f"/r/{code}", told, follow=True)
        assert answer.status_code == 200
        assert_literal({"offer": Read(answer.content.decode())})

    def test_mails_carry_it_as_text_and_in_no_header(self) -> None:  # hostile 110, 113
        letters = mails_of(self.world.merchant.slug)
        assert len(letters) > 3
        for letter in letters:
            assert_literal({letter.subject: Read(letter.html)})
            assert {name.lower() for name, _value in letter.headers}.isdisjoint({"bcc", "cc"})

    def test_exports_hold_no_formula(self) -> None:  # hostile 114
        alice = browser_of(seat(self.world.merchant, Role.OWNER))
        for name in LISTS:
            text = text_of_file(alice, self.world.merchant, name)
            found = text.count("=1+1")
            assert text.count("'=1+1") == found, name
            assert found or name == "customers", name

    def test_what_a_form_gives_back_is_text(self) -> None:
        alice, base = browser_of(seat(self.world.merchant, Role.OWNER)), f"/w/{self.world.merchant.slug}"
        for path, field in [
            ("/team/invite", "email"),
            ("/connections/new/webhook/add", "url"),
            ("/connections/new/shopify", "domain"),
            ("/settings/edit", "shop_url"),
            ("/orders/new", "email"),
            ("/advocates/new", "email"),
        ]:
            assert_literal({path: Read(alice.post(base + path, {field: EVIL}).content.decode())})
        for query in ("q", "from", "state", "after", "program"):
            assert_literal({query: Read(alice.get(f"{base}/orders", {query: EVIL}).content.decode())})
