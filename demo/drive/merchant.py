"""The merchant's steps: from signing up to a live program and a connected shop, all through the pages' own forms."""

from __future__ import annotations

import secrets

from demo.drive.story import PASSWORD, Step, Story, check, equal
from demo.drive.web import Web

CODES = 30


def sign_up(story: Story) -> None:
    form = story.merchant.get("/account/signup/").expect().form("/account/signup/")
    story.merchant.submit(form, email=story.owner, password1=PASSWORD).expect()
    mail = story.mail_to(story.owner)
    story.see(f"mail “{mail['subject']}”")
    path = story.link_in(mail, "/confirm-email/")
    story.merchant.submit(story.merchant.get(path).expect().form("/confirm-email/")).expect()
    page = story.merchant.get("/workspaces/new").expect()
    if "/login" in page.url:
        page = story.merchant.submit(page.form("/account/login/"), login=story.owner, password=PASSWORD).expect()
        page = story.merchant.get("/workspaces/new").expect()
    check("/workspaces/new" in page.url, f"signed in, but landed on {page.url}")


def open_workspace(story: Story) -> None:
    form = story.merchant.get("/workspaces/new").expect().form("/workspaces/new")
    details = {
        "name": f"Drive {story.run}",
        "shop_url": story.shop.url,
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
    }
    page = story.merchant.submit(form, **details).expect()
    story.slug = page.url.partition("/w/")[2].partition("/")[0]
    sandbox = story.merchant.get(story.w("/settings")).expect().form("/settings/sandbox")
    page = story.merchant.submit(sandbox).expect()
    story.slug = page.url.rstrip("/").rpartition("/")[2]
    story.see(f"workspace and its sandbox at {page.url}")


def make_program(story: Story) -> None:
    form = story.merchant.get(story.w("/programs/new")).expect().form("/programs/new")
    page = story.merchant.submit(form, name="Friends of the pier", template="shop").expect()
    story.program = page.url.rpartition("/")[2]
    form = story.merchant.get(story.w(f"/programs/{story.program}/edit")).expect().form("/edit")
    changes = {"advocate_reward_fulfilment": "COUPON_POOL", "advocate_reward_cap": ""}
    page = story.merchant.submit(form, **changes).expect()
    story.see(f"“{page.heading}”: 10% off for friends, 10% for advocates as a voucher code, held for 30 days")


def refuse_empty(story: Story) -> None:
    """Nothing may promise codes that are not there."""
    path = story.w(f"/programs/{story.program}/publish")
    page = story.merchant.get(path).expect()
    if page.html.find("form", action=lambda action: bool(action) and str(action).endswith("/publish")):
        page = story.merchant.submit(page.form("/publish")).expect(422)
    check("codes" in page.words, f"the page does not say that codes are missing: {page.words[:300]}")
    shown = story.merchant.get(story.w(f"/programs/{story.program}")).expect().words
    check("Draft" in shown, "the program is no longer a draft")
    story.see("publishing without codes is refused, with the reason")


def upload_codes(story: Story) -> None:
    for purpose, made in (("offer", {"percent": 10, "new_customers_only": True}), ("reward", {"amount_minor": 800})):
        names = [f"{purpose.upper()}-{story.run}-{secrets.token_hex(3)}".upper() for _each in range(CODES)]
        created = story.shop.add_codes([{"code": name, **made} for name in names])
        equal(len(created), CODES, "codes made in the shop")
        form = story.merchant.get(story.w(f"/programs/{story.program}/codes/{purpose}")).expect().form(purpose)
        page = story.merchant.submit(form, pasted="\n".join(created)).expect()
        check(f"{CODES} codes were added" in page.words, f"not said that {CODES} codes were added: {page.words[:300]}")
    story.see(f"{CODES} codes for friends and {CODES} for rewards, made in the shop, uploaded")


def publish(story: Story) -> None:
    form = story.merchant.get(story.w(f"/programs/{story.program}/publish")).expect().form("/publish")
    page = story.merchant.submit(form).expect()
    check("Active" in page.words, f"not active: {page.words[:300]}")
    story.see("the program is active")


def connect_shop(story: Story) -> None:
    domain, secret = f"pier-{story.run}.myshopify.com", secrets.token_hex(24)
    form = story.merchant.get(story.w("/connections/new/shopify")).expect().form("/connections/new/shopify")
    page = story.merchant.submit(form, domain=domain, secret=secret).expect()
    hook_url = page.value_of("copy-address-for-the-webhooks")
    check("/hooks/shopify/" in hook_url, f"no address for hooks: {hook_url!r}")
    story.shop.settings(hook_url=hook_url, hook_secret=secret, shop_domain=domain)
    story.see(f"the shop sends its signed hooks to {hook_url[:-20]}...")


def make_keys(story: Story) -> None:
    publishable = new_key(story, "PUBLISHABLE")
    check(publishable.startswith("pk_test_"), f"no test key: {publishable[:12]}")
    story.shop.settings(publishable_key=publishable)
    story.secret_key = new_key(story, "SECRET")
    check(story.secret_key.startswith("sk_test_"), f"no test key: {story.secret_key[:12]}")
    shown = story.merchant.get(story.w("/settings/keys")).expect()
    check(story.secret_key not in shown.text, "the secret key is shown again")
    unsigned = Web(story.base).get("/api/v1/orders")
    equal(unsigned.status, 401, "the API without a key")
    story.see("publishable key in the shop's pages, secret key shown once")


def new_key(story: Story, kind: str) -> str:
    form = story.merchant.get(story.w("/settings/keys/new")).expect().form("/settings/keys/new")
    return story.merchant.submit(form, kind=kind, name=f"Drive {kind.lower()}").expect().value_of("copy-key")


STEPS: list[tuple[str, Step]] = [
    ("A merchant signs up and confirms the address", sign_up),
    ("A workspace, and a sandbox of it", open_workspace),
    ("A program from the template for shops", make_program),
    ("Publishing is refused while there are no codes", refuse_empty),
    ("Codes are made in the shop and uploaded", upload_codes),
    ("The program is published", publish),
    ("Shopify is connected in the dashboard and in the shop", connect_shop),
    ("API keys are made", make_keys),
]
