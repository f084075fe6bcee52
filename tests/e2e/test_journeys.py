"""One journey for each way a reward is given: set up, earned, held, released, failed and retried, given, taken back.

The services that give are the simulated ones, so that what they really gave can be counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from demo.drive import merchant as steps
from demo.drive import shop
from demo.drive.story import Story
from demo.drive.wait import until
from demo.drive.web import Web
from tests.e2e.conftest import Running
from tests.e2e.merchant import Merchant, Reader, cookies_of
from tests.providers import Providers

pytestmark = pytest.mark.browser

#: Calls that a fault hits: all of a journey's until it is switched off.
MANY = 100
HOME = {"name": "Tilda", "street": "Am Kai 4", "postcode": "20457", "city": "Hamburg", "country": "Germany"}


@pytest.fixture(scope="module")
def providers(running: Running) -> Providers:
    """Those of the running stack: nothing is started or ended here."""
    found = Providers(Path())
    found.port = int(urlsplit(running.environment["PROVIDERS_URL"]).port or 0)
    return found


@pytest.fixture(scope="module")
def at_desk(chromium: Any, running: Running) -> Iterator[Merchant]:
    """One sandbox for all journeys. Its clock only moves forward, as far as each needs it."""
    story = Story(running.web, shop.TestShop(running.shop), None)
    steps.sign_up(story)
    steps.open_workspace(story)
    story.secret_key = steps.new_key(story, "SECRET")
    context = chromium.new_context(locale="en-GB")
    yield Merchant(story, context)
    context.close()


@pytest.fixture
def merchant(at_desk: Merchant) -> Iterator[Merchant]:
    at_desk.reader.complaints.clear()
    yield at_desk
    assert at_desk.reader.wrong() == []


def test_a_code_is_made_in_the_shop_and_disabled_when_the_order_comes_back(
    merchant: Merchant, providers: Providers
) -> None:
    providers.switch("shopify", reset=True, clear=True)
    told = {"domain": "pier.myshopify.com", "secret": "a" * 40, "admin_token": "shpat_demo"}
    assert "Simulated" in merchant.filled("/connections/new/shopify", "Connect", **told)
    store = merchant.place()
    program = merchant.give("FIXED_CODE", value="10.00", unit="EUR", fulfilment="SHOPIFY_DISCOUNT", valid_days="90")
    earned = merchant.earn(program, person="carla")
    earned.held()
    switch_on_at_the_page(merchant, providers, "shopify", "refuse", reason="user_error")
    merchant.move_the_clock()
    earned.failed("Shopify refused the discount. Its own words stand on the connection's page.")
    assert "Discounts cannot be created on this plan." in merchant.go(store)
    assert providers.ledger("shopify") == []
    providers.switch("shopify", clear=True)
    code = earned.tried_again()
    [given] = providers.ledger("shopify")
    assert (given["voucher"], given["amount"], given["unit"]) == (code, 1000, "EUR")
    assert code in earned.page()
    earned.refund()
    until("the code is disabled at the shop", lambda: providers.ledger("shopify")[0]["disabled"] or None)
    until("the page says so", lambda: f"{code} was disabled before anybody used it" in earned.page() or None)


def test_credit_lands_on_the_balance_at_stripe_and_is_taken_off_again(merchant: Merchant, providers: Providers) -> None:
    providers.switch("stripe", reset=True, clear=True)
    assert "Simulated" in merchant.filled("/connections/new/stripe", "Connect", secret_key="sk_test_demo")
    program = merchant.give("SUBSCRIPTION_CREDIT", value="7.50", unit="EUR", fulfilment="STRIPE_BALANCE")
    earned = merchant.earn(program, person="bernd")
    earned.held()
    providers.switch("stripe", fault="refuse", reason="card", times=MANY)
    merchant.move_the_clock()
    earned.failed("Stripe refused it. Its own words stand on the connection's page.")
    assert providers.ledger("stripe") == []
    providers.switch("stripe", clear=True)
    entry = earned.tried_again()
    [given] = providers.ledger("stripe")
    assert (given["object"], given["amount"], given["unit"]) == (entry, 750, "EUR")
    assert given["recipient"] == earned.email
    earned.refund()
    [given, back] = until("the credit is taken off", lambda: two(providers.ledger("stripe")))
    assert given["amount"] + back["amount"] == 0
    until("the page says so", lambda: "was taken back before anybody used it" in earned.page() or None)


def two(gifts: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    return gifts if len(gifts) == 2 else None


def test_a_gift_card_is_ordered_and_cancelled_while_nobody_has_opened_it(
    merchant: Merchant, providers: Providers
) -> None:
    providers.switch("giftcards", reset=True, clear=True)
    told = {"api_key": "TEST_demo", "campaign_id": "CAMPAIGNDEMO"}
    assert "Simulated" in merchant.filled("/connections/new/gift-cards", "Connect", **told)
    service = merchant.place()
    program = merchant.give("GIFT_CARD", value="25.00", unit="EUR", fulfilment="GIFT_CARD")
    earned = merchant.earn(program, person="gerda")
    earned.held()
    providers.switch("giftcards", fault="refuse", reason="campaign", times=MANY)
    merchant.move_the_clock()
    earned.failed("The gift card service refused the order. Its own words stand on the connection's page.")
    assert "There is no such campaign." in merchant.go(service)
    assert providers.ledger("giftcards") == []
    providers.switch("giftcards", clear=True)
    card = earned.tried_again()
    [given] = providers.ledger("giftcards")
    assert (given["object"], given["amount"], given["unit"]) == (card, 2500, "EUR")
    assert given["recipient"] == earned.email
    earned.refund()
    until("the card is cancelled", lambda: providers.ledger("giftcards")[0]["disabled"] or None)
    until("the page says so", lambda: f"{card} was disabled before anybody used it" in earned.page() or None)


def test_a_shirt_goes_to_an_address_in_a_size_that_there_is(merchant: Merchant, chromium: Any) -> None:
    program = merchant.give("SWAG", value="1", unit="pieces", fair_minor="15", sizes="S 5\nM 1")
    kind = merchant.kind
    earned = merchant.earn(program, person="tilda")
    earned.held()
    assert "Waiting for the recipient's address." in earned.page()
    with reader_of(merchant, chromium, earned.email) as tilda:
        tilda.follow("Tell your address")
        merchant.count(kind, "M", 0)
        tilda.fill(size="M", **HOME)
        tilda.press("Save my address")
        assert "None of these are left. There still are: S." in tilda.words()
        merchant.count(kind, "M", 3)
        tilda.go(tilda.page.url)
        tilda.fill(size="M", **HOME)
        tilda.press("Save my address")
        assert "See or change your address" in tilda.words()
    merchant.move_the_clock()
    earned.becomes("RELEASED")
    said = earned.page()
    assert "Released. Waiting to be packed and sent by somebody of the team." in said
    assert "20457 Hamburg" in said
    assert "Size M" in said
    merchant.reader.fill(reference="PARCEL-4711")
    merchant.reader.press("Mark as sent")
    earned.becomes("FULFILLED")
    assert earned.reference() == "PARCEL-4711"
    assert merchant.left(kind) == {"S": "5", "M": "2"}
    earned.refund()
    assert "Taken back" in earned.page()
    assert merchant.left(kind) == {"S": "5", "M": "2"}, "what was sent is not on the shelf"


def test_the_merchants_own_software_is_told_by_webhook(merchant: Merchant, providers: Providers) -> None:
    providers.switch("webhook", reset=True, clear=True)
    address = f"{providers.url}/webhook/rewards"
    merchant.filled("/connections/new/webhook", "Add the webhook", url=address, purposes="REWARD")
    program = merchant.give(
        "PLAN_UPGRADE", value="2", unit="months", fulfilment="WEBHOOK", fair_minor="20", plan="gold"
    )
    earned = merchant.earn(program, person="wanda")
    earned.held()
    providers.switch("webhook", fault="refuse", reason="unprocessable", times=MANY)
    merchant.move_the_clock()
    earned.failed("The software that receives it refused it (422).")
    assert providers.ledger("webhook") == []
    providers.switch("webhook", clear=True)
    number = earned.tried_again()
    [given] = providers.ledger("webhook")
    assert (given["object"], given["kind"], given["amount"], given["unit"]) == (number, "reward.deliver", 2, "MONTHS")
    assert given["recipient"] == earned.email
    earned.refund()
    assert "Taken back" in earned.page()
    assert len(providers.ledger("webhook")) == 1


@contextmanager
def reader_of(merchant: Merchant, chromium: Any, email: str) -> Iterator[Reader]:
    """An advocate in the portal, come by the mailed link, at the list of rewards."""
    story, web = merchant.story, Web(merchant.story.base)
    web.submit(web.get(f"/p/{story.slug}/").expect().form("/sign-in"), email=email).expect()
    mail = story.mail_to(email, wanted=lambda mail: any("/enter/" in link for link in mail["links"]))
    path = story.link_in(mail, "/enter/")
    web.submit(web.get(path).expect().form(path)).expect()
    context = chromium.new_context(locale="en-GB")
    context.add_cookies(cookies_of(web))
    reader = Reader(context.new_page(), story.base)
    reader.go(f"/p/{story.slug}/rewards")
    yield reader
    context.close()
    assert reader.wrong() == []


def switch_on_at_the_page(merchant: Merchant, providers: Providers, provider: str, fault: str, **more: str) -> None:
    """A fault for many calls, by the page that people switch it on with."""
    page = merchant.reader.page
    page.goto(f"{providers.url}/#{provider}")
    form = page.locator(f"details form[action='/page/{provider}/on']")
    form.locator("xpath=ancestor::details/summary").click()
    form.locator("[name=fault]").select_option(fault)
    form.locator("[name=times]").fill(str(MANY))
    for name, value in more.items():
        form.locator(f"[name={name}]").select_option(value)
    with page.expect_navigation():
        form.locator("button").last.click()
    assert "Switched on." in page.inner_text("main")
