"""What the drive knows while it plays, and how it says what it saw."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from demo.drive.shop import TestShop
from demo.drive.wait import until
from demo.drive.web import Page, Unexpected, Web

PASSWORD = "nine lamps on the pier"


@dataclass
class Advocate:
    email: str
    name: str
    id: str = ""
    link: str = ""
    code: str = ""
    web: Web | None = None


@dataclass
class Story:
    """``base`` is the product's address. Every run makes people and names of its own, so any number may follow."""

    base: str
    shop: TestShop
    chromium: str | None
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    slug: str = ""
    program: str = ""
    secret_key: str = ""
    dana: Advocate = field(init=False)
    otto: Advocate = field(init=False)
    #: Ours by what brought them: token, code, api.
    orders: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, tuple[str, int]] = field(default_factory=dict)
    saw: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.merchant = Web(self.base)
        self.mailbox = Web(self.base)
        self.dana = Advocate(f"dana-{self.run}@advocate.example", "Dana Muster")
        self.otto = Advocate(f"otto-{self.run}@advocate.example", "Otto Brand")

    @property
    def owner(self) -> str:
        return f"merchant-{self.run}@shop.example"

    def friend(self, name: str) -> str:
        return f"{name}-{self.run}@friend.example"

    def w(self, path: str = "") -> str:
        return f"/w/{self.slug}{path}"

    def see(self, text: str) -> None:
        self.saw.append(text)

    def mail_to(self, address: str, *, wanted: Callable[[dict[str, Any]], bool] = lambda mail: True) -> dict[str, Any]:
        """The newest mail to this address that is wanted, as soon as it is there."""

        def look() -> dict[str, Any] | None:
            return next((mail for mail in self.mails_to(address) if wanted(mail)), None)

        return until(f"a mail to {address}", look)

    def mails_to(self, address: str) -> list[dict[str, Any]]:
        """Newest first."""
        return list(self.mailbox.get(f"/mailbox.json?to={address}").expect().json["mails"])

    def link_in(self, mail: dict[str, Any], part: str) -> str:
        """The path of the mail's link that has ``part`` in it."""
        for link in mail["links"]:
            if part in link:
                return urlsplit(link).path
        raise Unexpected(f"No link with {part} in the mail “{mail['subject']}”: {mail['links']}")

    # --- the API ---

    def api(self, path: str) -> Any:
        return Web(self.base, headers=self._key()).get(f"/api/v1{path}").expect().json

    def tell(self, path: str, data: Any, *, again: str = "") -> Page:
        headers = {"Idempotency-Key": again or secrets.token_hex(8)}
        return Web(self.base, headers=self._key()).send(f"/api/v1{path}", data, **headers).expect(200, 201)

    def _key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret_key}"}

    def order_where(self, platform: str, external_id: object) -> dict[str, Any] | None:
        """As the API tells it, with its rewards; None while it has not come in."""
        for line in self.api("/orders?limit=100")["data"]:
            if line["platform"] == platform and line["order_id"] == str(external_id):
                order: dict[str, Any] = self.api(f"/orders/{line['id']}")
                return order
        return None

    def standing(self) -> Any:
        """All that can be read of orders, referrals and rewards: to compare before and after."""
        orders = [self.api(f"/orders/{line['id']}") for line in self.api("/orders?limit=100")["data"]]
        return [orders, self.api("/referrals?limit=100")["data"], self.api("/rewards?limit=100")["data"]]


Step = Callable[[Story], None]


class StepFailed(Exception):
    pass


def play(story: Story, steps: list[tuple[str, Step]], *, say: Callable[[str], None]) -> None:
    """One after the other; the first that fails ends it. Raises StepFailed with the step's name."""
    for number, (name, step) in enumerate(steps, start=1):
        began = time.monotonic()
        try:
            step(story)
        except Exception as error:
            raise StepFailed(f"Step {number} failed: {name}\n  {type(error).__name__}: {error}") from error
        say(f"{number:>2}. {name} ({time.monotonic() - began:.1f} s)")
        for seen in story.saw:
            say(f"      {seen}")
        story.saw.clear()


def check(holds: object, otherwise: str) -> None:
    if not holds:
        raise Unexpected(otherwise)


def equal(seen: object, wanted: object, what: str) -> None:
    check(seen == wanted, f"{what}: {seen!r} was seen, {wanted!r} must be")
