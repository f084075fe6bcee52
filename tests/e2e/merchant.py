"""A merchant at the dashboard of a sandbox: sets up what is given, moves the clock, reads what became of rewards.

Forms are filled in in the browser; what is only repeated (a friend's order, looking again) goes by HTTP, as it would
come from a shop.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPCookieProcessor

from demo.drive.story import Story
from demo.drive.wait import until
from demo.drive.web import Form, Web
from tests.e2e.visitor import Guest

#: What a shop owner must never read: names of codes, of Python's own things, and bare values.
BARE = r"Traceback|\bNone\b(?!:| [a-z])|http_"
CODES = re.compile(BARE + r"|http \d|\b\w+(Error|Exception)\b|\b[a-z]+_[a-z_]+\b")
#: A page that says no is heard in Chromium's console too.
REFUSALS = re.compile(r"status of 4(00|09|22)\b")
PAID, HOLD = "100.00", 30


class Reader(Guest):
    """Axe looks at pages elsewhere (test_audiences); here their words are read."""

    def look(self) -> None:
        said = re.search(BARE, self.words())
        assert not said, f"{self.page.url} says {said and said.group()}: {self.words()}"

    def fill(self, **fields: str | list[str]) -> None:
        """By the names of the fields; choices by their values, lists by the words shown."""
        for name, value in fields.items():
            for each in value if isinstance(value, list) else [value]:
                self._fill(name, each)

    def _fill(self, name: str, value: str) -> None:
        controls = self.page.locator(f"main [name='{name}']:not([type=hidden])")
        first = controls.first
        kind = first.evaluate("one => one.type")
        if kind in ("radio", "checkbox"):
            self.page.locator(f"main [name='{name}'][value='{value}']").check()
        elif kind == "select-one":
            first.select_option(label=value)
        else:
            first.fill(value)

    def wrong(self) -> list[str]:
        """What the browser complained of, less the pages that were to say no."""
        return [said for said in self.complaints if not REFUSALS.search(said)]


class Merchant:
    """``story`` has signed up and opened a sandbox; ``chromium`` is a context of theirs."""

    def __init__(self, story: Story, context: Any) -> None:
        self.story, self.orders, self.kind = story, 0, ""
        context.add_cookies(cookies_of(story.merchant))
        self.reader = Reader(context.new_page(), story.base)

    def go(self, path: str) -> str:
        self.reader.go(self.story.w(path))
        return self.reader.words()

    def filled(self, path: str, button: str, **fields: str | list[str]) -> str:
        """A form of the dashboard, filled in and sent: the words of the page that comes."""
        self.go(path)
        self.reader.fill(**fields)
        self.reader.press(button)
        return self.reader.words()

    def place(self) -> str:
        """Where the browser is, within the workspace."""
        return urlsplit(self.reader.page.url).path.removeprefix(self.story.w())

    # --- setting up ---

    def give(self, form: str, *, value: str, unit: str, **kind: str) -> str:
        """A kind of this form in the catalogue, and a program, published, whose advocates get ``value`` of it."""
        name = f"Thanks by {form.lower().replace('_', ' ')}"
        said = self.filled(f"/kinds/new?form={form}", "Add to the catalogue", name=name, **kind)
        assert "is in your catalogue" in said
        self.kind = urlsplit(self.reader.page.url).path.rpartition("/")[2]
        self.filled("/programs/new", "Make a draft", name=f"Friends, {name}")
        program = urlsplit(self.reader.page.url).path.rpartition("/")[2]
        offer = {"offer_source": "SHOP_CODE", "offer_shop_code": "HELLO10"}
        reward = {"advocate_reward_fulfilment": f"{name} ({unit})", "advocate_reward_kind": "Fixed amount"}
        self.filled(f"/programs/{program}/edit", "Save", **offer, **reward, advocate_reward_value=value)
        assert "Active" in self.filled(f"/programs/{program}/publish", "Publish the program")
        return program

    # --- the shelf ---

    def count(self, kind: str, size: str, left: int) -> None:
        """``kind`` is the last part of its page's address."""
        page = self.story.merchant.get(self.story.w(f"/kinds/{kind}")).expect()
        self.story.merchant.submit(page.form("/stock", size=size), left=str(left)).expect()

    def left(self, kind: str) -> dict[str, str]:
        page = self.story.merchant.get(self.story.w(f"/kinds/{kind}")).expect()
        found = [Form.read(each, page.url).fields for each in page.html.select("form.inline-form[action$='/stock']")]
        return {row["size"]: row["left"] for row in found}

    # --- what shops and friends do ---

    def earn(self, program: str, *, person: str) -> Earned:
        """A new advocate, whose friend opens the link, buys, pays and gets the parcel."""
        self.orders += 1
        order, email = f"{self.story.run}-{self.orders}", f"{person}-{self.story.run}@advocate.example"
        told = {"program": program, "email": email, "name": person.title()}
        link = self.story.tell("/advocates", told).json["link"]
        token = Web(self.story.base).get(link).expect().form("").fields["token"]
        bought = {"order_id": order, "currency": "EUR", "status": "paid", "lines": [{"id": "1", "total": PAID}]}
        friend = {"email": self.story.friend(f"{person}s-friend"), "name": "Fred Friend"}
        self.story.tell("/orders", {**bought, "customer": friend, "referral_token": token, "reports_shipping": True})
        self.story.tell(f"/orders/{order}/delivered", {})
        found = self.story.order_where("api", order)
        assert found is not None
        return Earned(self, order, next(str(each["id"]) for each in found["rewards"]), email)

    def move_the_clock(self) -> None:
        said = self.filled("/clock", "Move the clock", days=str(HOLD + 1))
        assert "1 reward became due" in said, said


class Earned:
    """One reward on its way."""

    def __init__(self, merchant: Merchant, order: str, key: str, email: str) -> None:
        self.merchant, self.order, self.key, self.email = merchant, order, key, email

    @property
    def path(self) -> str:
        return f"/rewards/{self.key}"

    def page(self) -> str:
        return self.merchant.go(self.path)

    def now(self) -> dict[str, Any]:
        return dict(self.merchant.story.api(self.path))

    def becomes(self, state: str) -> dict[str, Any]:
        seen: dict[str, Any] = {}

        def look() -> dict[str, Any] | None:
            seen.update(self.now())
            return seen if seen["state"] == state else None

        try:
            return until(f"the reward is {state}", look)
        except AssertionError as error:
            raise AssertionError(f"{error}. At last: {seen}") from None

    def held(self) -> None:
        assert self.now()["state"] == "HELD"
        assert re.search(r"Held until .*\d.*, the end of the return window\.", self.page())

    def failed(self, why: str) -> None:
        """The page says why, in the history and beside the try, and nothing that only a programmer would say."""
        self.becomes("FAILED")
        said = self.page()
        assert said.count(why) >= 2, said
        found = CODES.search(said)
        assert not found, f"{found.group()!r} in: {said}"
        assert "Correct the cause and try again" in said

    def tried_again(self) -> str:
        """Delivered this time: its code or reference, as the page shows it."""
        self.page()
        self.merchant.reader.press("Try again now")
        assert "It is tried again now." in self.merchant.reader.page.inner_text("body")
        self.becomes("FULFILLED")
        return self.reference()

    def reference(self) -> str:
        self.page()
        title = self.merchant.reader.page.locator("dt", has_text="Code or reference")
        return str(title.locator("xpath=following-sibling::dd[1]").inner_text()).strip()

    def refund(self) -> dict[str, Any]:
        """The friend sends everything back."""
        told = {"order_id": self.order, "refund_id": f"r-{self.order}", "lines": [{"id": "1", "total": PAID}]}
        self.merchant.story.tell("/refunds", told)
        return self.becomes("REVERSED")


def cookies_of(web: Web) -> list[dict[str, str]]:
    """Of somebody who is signed in, as a browser takes them."""
    [jar] = [each.cookiejar for each in web.opener.handlers if isinstance(each, HTTPCookieProcessor)]
    return [{"name": each.name, "value": str(each.value), "url": web.base} for each in jar]
