"""Pages in a real browser, at a desk by day and on a phone at night: loaded once, looked at as both.

Every page has its stylesheets, nothing is wider than the window, axe finds nothing, the console stays silent.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client

#: Where pictures of every page go, for people to look at; then in all four ways.
PICTURES = os.environ.get("PICTURES_DIR", "")
LONG = "Maximiliane-Charlotte Schwarzenberger-Empfehlungsprogrammteilnehmerin"
REFUSALS = re.compile(r"status of 4(00|03|04|09|22)\b")
#: What stands around all pages of a workspace.
FRAME = (".sidebar", ".tabbar")
#: Colours that change by a transition are at their end; how much wider than the window; sheets that did not load; what
#: stands around the page, how wide and in which colours, but for what differs from page to page.
STATE = """(frame) => {
  document.getAnimations().forEach(each => each.finish());
  const links = [...document.querySelectorAll('link[rel~=stylesheet]')];
  return [document.documentElement.scrollWidth - document.documentElement.clientWidth,
          links.length, links.filter(link => !link.sheet).map(link => link.href),
          [...document.querySelectorAll(frame.join())].map(part => part.outerHTML).join('')
            .replace(/ (aria-current|value|href|action)="[^"]*"/g, '')
            + innerWidth + matchMedia('(prefers-color-scheme: dark)').matches];
}"""
#: All rules. Only how it tells is made short: no selectors for what is in order, no sheets for a rule that is off. What
#: is framed is looked at as a page of its own, or runs no scripts (``sandbox``), axe's own neither.
AXE = """(besides) => axe.run(besides.length ? {exclude: besides} : document, {
  resultTypes: ['violations'], reporter: 'no-passes', preload: {assets: ['media']}, iframes: false}).then(
  found => found.violations.map(each => [each.id, each.help, each.nodes.map(node => node.html.slice(0, 200))]))"""
#: Axe reads each colour of each element by a library for all colours there are: once for each colour of a page instead.
COLOURS_ONCE = """(() => {
  const colour = axe.commons.color.Color.prototype, read = colour.parseString, known = new Map();
  colour.parseString = function (text) {
    if (!known.has(text)) {
      read.call(this, text);
      known.set(text, [this.r, this.g, this.b, this.alpha]);
    }
    [this.r, this.g, this.b, this.alpha] = known.get(text);
    return this;
  };
})();"""


@dataclass(frozen=True)
class Look:
    size: str
    width: int
    height: int
    scheme: Any

    def __str__(self) -> str:
        return f"{self.size}-{self.scheme}"


def _look(size: str, scheme: str) -> Look:
    width, height = {"desktop": (1440, 900), "phone": (390, 844)}[size]
    return Look(size, width, height, scheme)


LOOKS = (_look("desktop", "light"), _look("phone", "dark"))
MORE_LOOKS = (_look("desktop", "dark"), _look("phone", "light"))


class Onlooker:
    """Somebody at a browser. ``page`` stands wherever it was led to; ``within`` comes before every address."""

    def __init__(self, page: Any, base: str, within: str = "/") -> None:
        self.page, self.base, self.within = page, base, within
        self.problems: list[str] = []
        have_axe_at_hand(page)
        self.documents: set[str] = set()
        page.on("request", lambda asked: self.documents.add(asked.url) if asked.is_navigation_request() else None)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _heard(self, said: Any) -> None:
        """A page that rightly says no is heard here too: what it answers, ``go`` and the words shown are asked."""
        no = REFUSALS.search(said.text) and said.location["url"] in self.documents
        if said.type == "error" and not no:
            self.problems.append(f"{self.page.url}: {said.text}")

    def sign_in(self, client: Client) -> None:
        """As whoever this test client is."""
        cookies = [{"name": name, "value": each.value, "url": self.base} for name, each in client.cookies.items()]
        self.page.context.add_cookies(cookies)

    def go(self, path: str, *, status: int = 200) -> None:
        answer = self.page.goto(path if path.startswith("/") else self.within + path)
        assert answer.status == status, (path, answer.status)

    def look(self, name: str, path: str, *, status: int = 200) -> None:
        self.go(path, status=status)
        self.inspect(name)

    def press(self, name: str) -> None:
        """The answer is another page: what follows looks at that one."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).click()

    def inspect(self, name: str) -> None:
        """Without loading it again: what differs is up to the stylesheets. First as the window is, for with another
        size the browser draws everything anew."""
        looks = LOOKS + (MORE_LOOKS if PICTURES else ())
        for look in sorted(looks, key=lambda each: each.width != self.page.viewport_size["width"]):
            if look.width != self.page.viewport_size["width"]:
                self.page.set_viewport_size({"width": look.width, "height": look.height})
            self.page.emulate_media(color_scheme=look.scheme)
            inspect(self.page, f"{name}-{look}")
            if PICTURES:
                self.page.screenshot(path=str(Path(PICTURES) / f"{name}-{look}.png"), full_page=True)


def have_axe_at_hand(page: Any) -> None:
    """On every page that is gone to: so the browser compiles it once, not for each page anew."""
    page.add_init_script(f"{AXE_SCRIPT}\n{COLOURS_ONCE}")


#: What stands around pages in this look and was read once is not read again around the next.
_known: set[str] = set()


def inspect(page: Any, name: str) -> None:
    """A page that has loaded, as it is shown now."""
    wider, sheets, missing, frame = page.evaluate(STATE, FRAME)
    assert sheets, f"{name} has no stylesheet"
    assert not missing, f"{name} lacks {missing}"
    assert wider <= 0, f"{name} is {wider} pixels too wide"
    found = page.evaluate(AXE, FRAME if frame in _known else ())
    _known.add(frame)
    assert not found, f"{name}: " + "; ".join(f"{which}: {text} {nodes[:3]}" for which, text, nodes in found)


@contextmanager
def onlooker(chromium: Any, base: str, client: Client | None = None, *, within: str = "/") -> Iterator[Onlooker]:
    """A fresh profile, signed in as ``client``. What the console said is looked at in the end."""
    context = chromium.new_context(base_url=base, viewport={"width": LOOKS[0].width, "height": LOOKS[0].height})
    eyes = Onlooker(context.new_page(), base, within)
    if client:
        eyes.sign_in(client)
    yield eyes
    context.close()
    assert eyes.problems == []
