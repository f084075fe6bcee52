"""A friend's way in a real browser: link, claim, code, shop, checkout with the token that the SDK kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

from demo.drive.wait import until

#: Nothing but the pages themselves: no updates, no look-ups of Chromium's own.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
]

#: Asked from outside the page: its policy rightly allows no eval within.
TOKEN = "window.ReferralSaaS ? window.ReferralSaaS.token() : ''"


def flags() -> list[str]:
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


@contextmanager
def browser(path: str, *more: str) -> Iterator[Any]:
    """``more``: flags besides those that all need."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=[*flags(), *more])
        try:
            yield started
        finally:
            started.close()


def claim_and_buy(path: str, *, link: str, email: str, name: str, products: list[str]) -> tuple[str, str]:
    """Gives the code that was shown and the words of the shop's last page. Anything in the console is an error."""
    with browser(path) as started:
        page = started.new_page(locale="en-GB")
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        code = _claim(page, link)
        _buy(page, email, name, products)
        words = page.inner_text("main")
        assert not complaints, complaints
        return code, words


def _claim(page: Any, link: str) -> str:
    page.goto(link)
    page.click("main form button.button-primary")
    code: str = page.input_value("#copy-your-code")
    page.click("main a.button-primary")
    return code


def _buy(page: Any, email: str, name: str, products: list[str]) -> None:
    """The shop's discount link put the code into the cart; this friend takes it out again, so that only the token that
    the SDK kept can say who recommended."""
    until("the SDK has the token", lambda: page.evaluate(TOKEN))
    for product in products:
        page.goto(urljoin(page.url, f"/products/{product}"))
        page.click("main form button.primary")
    page.click("a[href='/checkout']")
    page.fill("#name", name)
    page.fill("#email", email)
    page.fill("#code", "")
    page.click("main form button.primary")
    page.wait_for_url("**/thanks/*")
