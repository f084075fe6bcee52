"""The advocates' and the friends' steps: enrolled, signed in, clicked, claimed, bought."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from demo.drive import chromium
from demo.drive.story import Advocate, Step, Story, check, equal
from demo.drive.wait import until
from demo.drive.web import Page, Web

BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PRODUCTS = ["handmuehle", "becher"]


def enrol(story: Story) -> None:
    for advocate in (story.dana, story.otto):
        told = {"program": story.program, "email": advocate.email, "name": advocate.name}
        page = story.tell("/advocates", told)
        equal(page.status, 201, f"enrolling {advocate.name}")
        advocate.id, advocate.link, advocate.code = page.json["id"], page.json["link"], page.json["code"]
        equal(story.tell("/advocates", told).json["id"], advocate.id, f"{advocate.name} enrolled twice")
        story.see(f"{advocate.name}: {advocate.link}")


def enter_portal(story: Story) -> None:
    for advocate in (story.dana, story.otto):
        advocate.web = Web(story.base)
        sign_in = advocate.web.get(f"/p/{story.slug}/").expect().form("/sign-in")
        advocate.web.submit(sign_in, email=advocate.email).expect()
        mail = story.mail_to(advocate.email, wanted=lambda mail: any("/enter/" in link for link in mail["links"]))
        path = story.link_in(mail, "/enter/")
        home = advocate.web.submit(advocate.web.get(path).expect().form(path)).expect()
        equal(home.value_of("copy-your-link").startswith(story.base), True, "a link in the portal")
        equal(Web(story.base).get(path).status, 200, "opening the mailed address again")
    stranger = Web(story.base).get(f"/p/{story.slug}/rewards")
    check(story.dana.email not in stranger.text and "Sign in" in stranger.words, "the portal is open to strangers")
    story.see("by the mailed link; a stranger sees the sign-in only")


def opened(advocate: Advocate) -> str:
    """“Times opened” as the advocate's portal counts it, all channels together."""
    assert advocate.web is not None
    page = advocate.web.get(advocate.web.base + f"/p/{_slug(advocate)}/").expect()
    return str(page.html.select_one("dl.portal-tally dd").get_text(strip=True))  # type: ignore[union-attr]


def _slug(advocate: Advocate) -> str:
    return SLUGS[advocate.email]


SLUGS: dict[str, str] = {}


def click(story: Story) -> None:
    """A program is shown the page and counted nowhere; a person counts once."""
    SLUGS.update({advocate.email: story.slug for advocate in (story.dana, story.otto)})
    bot = Web(story.base, agent=BOT).get(story.dana.link).expect()
    check('property="og:title"' in bot.text and not bot.headers.get("Set-Cookie"), "no preview for programs")
    equal(opened(story.dana), "0", "clicks after a bot's visit")
    person = Web(story.base).get(story.dana.link).expect()
    check("Dana" in person.words and not person.headers.get("Set-Cookie"), f"not Dana's page: {person.words[:200]}")
    until("the click is counted", lambda: opened(story.dana) == "1" or None)
    equal(Web(story.base).get("/r/nobodyhere").status, 404, "an unknown link")
    story.see(f"“{person.heading}”; one click counted, the bot's not")


def buy_by_token(story: Story) -> None:
    """Dana's friend Eve, whose order carries the token that the SDK kept; in a real browser where there is one."""
    buyer = {"email": story.friend("eve"), "name": "Eve Friend"}
    if story.chromium:
        code, words = chromium.claim_and_buy(story.chromium, link=story.dana.link, products=PRODUCTS, **buyer)
        check("Thank you, Eve" in words, f"the shop did not thank: {words[:200]}")
        order = int(_newest(story))
        story.see(f"in Chromium: code {code}, checkout, “Thank you, Eve”")
    else:
        page = claimed(story, story.dana)
        code, token = page.value_of("copy-your-code"), _token_in(page)
        order = story.shop.place(lines=[{"product": product} for product in PRODUCTS], token=token, **buyer)
        story.see(f"without a browser (no Chromium here): code {code}, the token written into the order")
    document = story.shop.order(order)
    attributes = {each["name"]: each["value"] for each in document["note_attributes"]}
    check(attributes.get("referral_token", "").startswith("v1."), f"no token on the order: {attributes}")
    equal(document["discount_codes"], [], "codes on an order whose buyer took the code out")
    story.orders["token"] = order


def _newest(story: Story) -> str:
    page = story.shop.desk.get("/admin/orders").expect()
    links = [str(link["href"]) for link in page.html.find_all("a", href=True) if "/admin/orders/" in str(link["href"])]
    return links[0].rpartition("/")[2]


def buy_by_code(story: Story) -> None:
    """Otto's friend Finn types the code on another device: no token, no cookie, nothing else to go by."""
    page = claimed(story, story.otto)
    code = page.value_of("copy-your-code")
    again = Web(story.base).get(page.url).expect()
    equal(again.value_of("copy-your-code"), code, "the code's page when it is opened again")
    story.orders["code"] = story.shop.place(
        email=story.friend("finn"),
        name="Finn Friend",
        lines=[{"product": "handmuehle"}, {"product": "fjord"}],
        code=code,
    )
    story.see(f"code {code}, typed at the checkout")


def buy_by_api(story: Story) -> None:
    """Dana's friend Gil buys from a shop that tells its orders itself."""
    token = Web(story.base).get(story.dana.link).expect().form("").fields["token"]
    told = {
        "order_id": f"api-{story.run}",
        "currency": "EUR",
        "status": "paid",
        "customer": {"email": story.friend("gil"), "name": "Gil Friend"},
        "lines": [{"id": "1", "total": "120.00"}, {"id": "2", "quantity": 2, "total": "79.90"}],
        "referral_token": token,
        "reports_shipping": True,
    }
    answer = story.tell("/orders", told, again=f"order-{story.run}")
    equal(answer.status, 201, "telling the order")
    equal(answer.json["referral"]["advocate"], story.dana.id, "whose friend it is")
    repeated = story.tell("/orders", told, again=f"order-{story.run}")
    equal(repeated.json, answer.json, "the same request again")
    story.orders["api"] = told["order_id"]
    story.see(f"settled in the answer: {answer.json['decision']['text']}")


def claimed(story: Story, advocate: Advocate) -> Page:
    friend = Web(story.base)
    page = friend.submit(friend.get(advocate.link).expect().form("")).expect()
    check("/offer/" in page.url, f"no code was shown: {page.words[:300]}")
    return page


def _token_in(page: Page) -> str:
    """From the way to the shop: /discount/CODE?redirect=/?rt=TOKEN"""
    way = page.html.select_one("main a.button-primary")
    assert way is not None
    redirect = parse_qs(urlsplit(str(way["href"])).query)["redirect"][0]
    return parse_qs(urlsplit(redirect).query)["rt"][0]


STEPS: list[tuple[str, Step]] = [
    ("Two advocates are enrolled by the API", enrol),
    ("Both sign in to the portal by a mailed link", enter_portal),
    ("A bot and a person open the link", click),
    ("A friend claims, gets a code and buys with the SDK's token", buy_by_token),
    ("A friend buys with nothing but the code", buy_by_code),
    ("A friend's order is told by the API", buy_by_api),
]
