"""What a shop says of its program: exact words from live terms, and HTML that is safe to paste."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest

from engagement.promotion import Told, block_for, text_for, told_of
from engagement.promotion_blocks import as_page, html_of
from engagement.rules.coverage import ON_PAGES, Place
from kit.text import clean_text
from merchants.models import Merchant, Workspace
from programs.models import Program
from programs.rules import Offer, RewardRule, Terms, Value
from programs.templates import TEMPLATES

SHOP = TEMPLATES["shop"].terms_in("EUR")
OFFER = SHOP.offer or Offer()
BLOCKS = [Place.POST_PURCHASE, Place.ACCOUNT, Place.NEWSLETTER, Place.HOMEPAGE, Place.BLOG]
HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' style=\"background:url(//evil.example)",
    "{0} %(gain)s {title} {{ x }}",
    clean_text("\u202eevil\u2066 قهوة النور"),
    "&lt;b&gt; O'Brien & Söhne",
]


def workspace(name: str = "Nordlicht Kaffee", **changes: Any) -> Workspace:
    """In no database: only names, terms and a colour are read."""
    merchant = Merchant(name=name, slug="nordlicht")
    return Workspace(**{"merchant": merchant, "brand_colour": "#1f5f4a", "language": "en", **changes})


def told(place: Workspace, **changes: Any) -> Told:
    terms: Terms = replace(SHOP, **changes)
    program = Program(merchant=place.merchant, name="Freunde", slug="freunde", draft=terms.to_json())
    return told_of(program, place)


def html(place: Place, shop: Workspace, **changes: Any) -> str:
    block = block_for(place, told(shop, **changes))
    assert block is not None
    return html_of(place, block, shop)


# --- words --------------------------------------------------------------------------------------------------------


FIXED = RewardRule(kind=Value.FIXED, value=1500)
PERCENT = RewardRule(kind=Value.PERCENT, value=1250)


@pytest.mark.parametrize(
    ("changes", "gain"),
    [
        (
            {"advocate_reward": FIXED},
            "Get €15.00 for each friend who buys. Your friends get 10% off their order.",
        ),
        (
            {"advocate_reward": PERCENT},
            "Get 12.5% of each friend's order. Your friends get 10% off their order.",
        ),
        (
            {"advocate_reward": replace(PERCENT, cap_minor=5000), "offer": None, "friend_reward": FIXED},
            "Get 12.5% of each friend's order, up to €50.00. Your friends get a reward of €15.00 after their order.",
        ),
        (
            {"advocate_reward": replace(FIXED, every=3), "offer": replace(OFFER, kind=Value.FIXED, value=500)},
            "Get €15.00 for every 3 friends who buy. Your friends get €5.00 off their order.",
        ),
        ({"advocate_reward": FIXED, "offer": None, "friend_reward": None}, "Get €15.00 for each friend who buys."),
        (
            {"advocate_reward": FIXED, "offer": None, "friend_reward": PERCENT},
            "Get €15.00 for each friend who buys. Your friends get 12.5% of their order back as a reward.",
        ),
    ],
)
def test_what_both_sides_get_is_said_from_the_terms(changes: dict[str, Any], gain: str) -> None:
    shop = workspace()
    assert told(shop, **changes).gain == gain
    assert all(gain.replace("'", "&#x27;") in html(place, shop, **changes) for place in BLOCKS)


def test_each_text_word_for_word() -> None:
    gain = "Get €15.00 for each friend who buys. Your friends get 10% off their order."
    kit = told(workspace(), advocate_reward=FIXED)
    base = kit.address("").removesuffix("/")
    assert base.endswith("/p/nordlicht/join/freunde")
    assert {place: text_for(place, kit) for place in Place if text_for(place, kit)} == {
        Place.APP_MENU: "Recommend us",
        Place.CHAT: f"Yes, you can recommend us. {gain} Join here to get your own link: {base}/chat",
        Place.SOCIAL: f"Do you know somebody who would like Nordlicht Kaffee? {gain} Join here: {base}/social",
        Place.PHONE: f"You can recommend Nordlicht Kaffee to your friends. {gain} "
        f"Join at {base.partition('://')[2]}/phone.",
    }


def test_the_language_is_that_of_the_shops_people() -> None:
    assert "15,00" in told(workspace(language="de"), advocate_reward=FIXED).gain


def test_each_place_has_either_a_block_or_words_or_paper() -> None:
    kit = told(workspace())
    blocks = {place for place in Place if block_for(place, kit)}
    texts = {place for place in Place if text_for(place, kit)}
    assert blocks == set(BLOCKS)
    assert blocks.isdisjoint(texts)
    assert set(Place) - blocks - texts == {Place.STAFF, Place.POSTER}


# --- blocks -------------------------------------------------------------------------------------------------------


class Seen(HTMLParser):
    """Every element and attribute, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.values: dict[str, list[str]] = {}
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.names.add(name)
            self.values.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("place", BLOCKS)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_gets_out_of_its_text(place: Place, name: str) -> None:
    seen, plain = Seen(html(place, workspace(name))), Seen(html(place, workspace()))
    assert seen.tags == plain.tags
    assert seen.names == plain.names
    assert {key: value for key, value in seen.values.items() if key != "href"} == {
        key: value for key, value in plain.values.items() if key != "href"
    }
    if "Nordlicht Kaffee" in plain.text:
        assert seen.text == plain.text.replace("Nordlicht Kaffee", name)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", seen.text)


@pytest.mark.parametrize("colour", ["red;}</style>", "#12345", "", "url(x)", "#ABCDEF"])
def test_only_a_colour_reaches_a_style(colour: str) -> None:
    drawn = html(Place.HOMEPAGE, workspace(brand_colour=colour))
    assert ("#abcdef" if colour == "#ABCDEF" else "#1f5f4a") in drawn
    assert len(colour) < 8 or colour not in drawn


def test_the_snippet_finds_what_stands_on_pages_and_mails_carry_no_mark() -> None:
    for place in BLOCKS:
        marks = Seen(html(place, workspace())).values.get("data-referral-placement", [])
        assert marks == ([str(place)] if place in ON_PAGES else [])


def test_every_block_leads_to_the_page_to_join_with_its_mark() -> None:
    for place in BLOCKS:
        [address] = Seen(html(place, workspace())).values["href"]
        assert address.endswith(f"/p/nordlicht/join/freunde/{place}")


@pytest.mark.parametrize("name", ["Nordlicht Kaffee", *HOSTILE])
def test_a_preview_is_the_same_block_under_a_policy_without_exceptions(name: str) -> None:
    shop = workspace(name)
    for place in BLOCKS:
        block = block_for(place, told(shop))
        assert block is not None
        drawn = html_of(place, block, shop)
        page, source = as_page(drawn, title=name, language="en")
        [sheet] = re.findall("<style>(.*?)</style>", page)
        assert source == f"'sha256-{b64encode(sha256(sheet.encode()).digest()).decode()}'"
        seen, pasted = Seen(page), Seen(drawn)
        assert "style" not in seen.names
        assert "script" not in seen.tags
        assert [sheet.count(f"{{{style}}}") > 0 for style in pasted.values["style"]] == [True] * len(
            pasted.values["style"]
        )
        assert pasted.text.strip() in seen.text
