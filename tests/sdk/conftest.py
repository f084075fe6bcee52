"""A real browser for the SDK; left out, visibly, where no Chromium is installed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sdk.shop import SDK, Site, page, running

TokenMaker = Callable[..., str]


@pytest.fixture
def saas() -> Iterator[Site]:
    with running(Site()) as site:
        site.pages["/static/sdk/v1.js"] = ("text/javascript", SDK.read_text(), {})
        yield site


@pytest.fixture
def shop(saas: Site) -> Iterator[Site]:
    with running(Site()) as site:
        site.pages["/"] = page(saas)
        site.pages["/ask"] = page(saas, consent="ask")
        site.pages["/shopify"] = page(saas, shopify=True)
        site.pages["/shopify.js"] = ("text/javascript", "window.Shopify = {routes: {root: '/'}};", {})
        yield site


@pytest.fixture
def visit(chromium: Any, shop: Site) -> Iterator[Any]:
    """A page of a fresh browser profile; `visit.goto` takes paths of the shop. Any console error fails the test."""
    context = chromium.new_context(base_url=shop.origin)
    tab = context.new_page()
    errors: list[str] = []
    tab.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert [text for text in errors if "favicon" not in text] == []


@pytest.fixture
def token() -> TokenMaker:
    """A well-formed token; `days_ago` is when the click was."""

    def made(*, days_ago: float = 0, click: str = "AAAAAAAAAAAAAAAAAAAAAA") -> str:
        return f"v1.{click}.BBBBBBBBBBBBBBBBBBBBBB.{int(time.time() - days_ago * 86400)}.cccccccccccccccccccccc"

    return made
