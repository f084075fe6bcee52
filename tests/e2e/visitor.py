"""Somebody at a browser: goes, presses, types; every page they come to is looked at, each in their own way."""

from __future__ import annotations

from typing import Any

from tests.looks import have_axe_at_hand, inspect


class Guest:
    def __init__(self, page: Any, base: str) -> None:
        self.page, self.base = page, base
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._answered)

    def go(self, path: str) -> None:
        self.page.goto(path if "://" in path else self.base + path)
        self.look()

    def press(self, name: str, *, role: str = "button", within: str = "main", exact: bool = True) -> None:
        """The control of this name; then the page that comes is looked at."""
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role(role, name=name, exact=exact).first.click()
        self.look()

    def click(self, selector: str) -> None:
        """A link or button that leads to another page."""
        with self.page.expect_navigation():
            self.page.click(selector)
        self.look()

    def follow(self, name: str, *, within: str = "main") -> None:
        self.press(name, role="link", within=within)

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).first.fill(text)

    def words(self) -> str:
        return str(self.page.inner_text("main"))

    def look(self) -> None:
        """On a page that has loaded."""
        raise NotImplementedError

    def _heard(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Any) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.url} answered {response.status}")


class Visitor(Guest):
    def __init__(self, page: Any, base: str) -> None:
        super().__init__(page, base)
        have_axe_at_hand(page)

    def look(self) -> None:
        """Stylesheets are there, nothing is wider than the window, axe finds nothing."""
        inspect(self.page, self.page.url)
