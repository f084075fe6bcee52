"""Nordlicht Sandbox: a clock that can be moved, and the test shop on the other side. The printed links lead here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from advocates.actions.customers import know_customer
from advocates.actions.enrol import enrol_advocate
from advocates.models import Customer
from demo.world.opening import join_all, names_of, open_for
from demo.world.people import COLLEAGUES, OWNER, Person
from demo.world.services import SHOPIFY_TOKEN, connect_gift_cards, connect_second_shop, connect_stripe
from integrations.actions.connections import add_shopify_connection
from kit.ids import new_token
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.actions.keys import create_key
from merchants.models import ApiKey, Merchant, Role
from programs.actions.edit import create_program, save_draft
from programs.actions.kinds import create_kind
from programs.actions.lifecycle import publish_program
from programs.actions.stock import upload_codes
from programs.models import CodePool, Program
from programs.rules import Choice, CodeSource, Form, Fulfilment, Gives, Offer, RewardRule, Terms, Value

NAME, DOMAIN = "Nordlicht Sandbox", "nordlicht-kaffee.myshopify.com"
#: Friends of the test shop save a tenth; an advocate gets ten euro off the next order.
PERCENT, REWARD_MINOR, MANY = 10, 1_000, 120
#: The second program, whose advocates choose what they get: a gift card, credit at Stripe, or a code for the shop.
CHOOSING, GREETINGS = "Freunde mit Wahl", 40
GIFT_CARD = Gives("", "Gift card", Form.GIFT_CARD, "EUR", Fulfilment.GIFT_CARD)
CREDIT = Gives("", "Credit on the subscription", Form.SUBSCRIPTION_CREDIT, "EUR", Fulfilment.STRIPE_BALANCE)
VOUCHER = Gives("", "Shop voucher", Form.FIXED_CODE, "EUR", Fulfilment.SHOPIFY_DISCOUNT, valid_days=180)
ADVOCATES = (
    Person("mara@nordlicht.example", "Mara Lindgren"),
    Person("emil@nordlicht.example", "Emil Sander"),
    Person("noor@nordlicht.example", "Noor van Dijk", "NL"),
    Person("tarek@nordlicht.example", "Tarek Mansour"),
    Person("yuki@nordlicht.example", "由紀 Tanaka"),
)
#: Takes part in the second program as well.
CHOOSER = ADVOCATES[-1]
SECOND_SHOP = "https://second-shop.example"


@dataclass(frozen=True)
class ShopCode:
    code: str
    percent: int | None = None
    amount_minor: int | None = None

    def to_json(self) -> dict[str, str | int | bool]:
        value = {"percent": self.percent} if self.percent else {"amount_minor": self.amount_minor or 0}
        return {"code": self.code, "single_use": True, **value}


def shop_codes() -> list[ShopCode]:
    """What must exist in the test shop: the codes of all pools."""
    offers = [ShopCode(f"HALLO-{number:03d}", percent=PERCENT) for number in range(1, MANY + 1)]
    offers += [ShopCode(f"GRUSS-{number:03d}", percent=PERCENT) for number in range(1, GREETINGS + 1)]
    return offers + [ShopCode(f"DANKE-{number:03d}", amount_minor=REWARD_MINOR) for number in range(1, MANY + 1)]


def build_sandbox(now: datetime) -> Merchant:
    merchant = open_for(
        OWNER, name=NAME, currency="EUR", zone="Europe/Berlin", shop_url=settings.SHOP_URL or "https://shop.example",
        now=now, is_sandbox=True,
    )  # fmt: skip
    join_all(merchant, COLLEAGUES, now)
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        by = names_of(merchant)[Role.OWNER]
        add_shopify_connection(
            domain=DOMAIN, secret=new_token(), admin_token=SHOPIFY_TOKEN, name="Test shop", by=by, now=now
        )
        connect_gift_cards(by=by, now=now)
        connect_stripe(by=by, now=now)
        connect_second_shop(address=SECOND_SHOP, name="Second shop", by=by, now=now)
        create_key(kind=ApiKey.Kind.PUBLISHABLE, name="Test shop", by=by, now=now)
        program = _program(by, now)
        for person in ADVOCATES:
            _enrol(program, person, by, now)
        _enrol(_choosing_program(by, now), CHOOSER, by, now)
    return merchant


def _program(by: str, now: datetime) -> Program:
    program = create_program(name="Freunde", template="shop", by=by, now=now)
    for purpose, kind in ((CodePool.Purpose.OFFER, "percent"), (CodePool.Purpose.REWARD, "amount_minor")):
        codes = [code.code for code in shop_codes() if getattr(code, kind) and not code.code.startswith("GRUSS")]
        upload_codes(program=program, purpose=purpose, codes=codes, by=by, now=now)
    saved = save_draft(
        program=program, terms=_terms(program.draft_terms), name=program.name, auto_enrol="OFF", self_sign_up=True,
        by=by, now=now,
    )  # fmt: skip
    return publish_program(program=saved, by=by, now=now)


def _terms(terms: Terms) -> Terms:
    offer = Offer(kind=Value.PERCENT, value=PERCENT * 100, source=CodeSource.POOL)
    reward = RewardRule(kind=Value.FIXED, value=REWARD_MINOR, fulfilment=Fulfilment.COUPON_POOL)
    return replace(terms, offer=offer, advocate_reward=reward)


def _choosing_program(by: str, now: datetime) -> Program:
    program = create_program(name=CHOOSING, template="shop", by=by, now=now)
    codes = [code.code for code in shop_codes() if code.code.startswith("GRUSS")]
    upload_codes(program=program, purpose=CodePool.Purpose.OFFER, codes=codes, by=by, now=now)
    card, credit, voucher = (
        create_kind(gives=gives, by=by, now=now).as_gives() for gives in (GIFT_CARD, CREDIT, VOUCHER)
    )
    choices = (_choice("credit", credit), _choice("voucher", voucher))
    reward = RewardRule(kind=Value.FIXED, value=REWARD_MINOR, fulfilment=card.fulfilment, gives=card, choices=choices)
    terms = replace(_terms(program.draft_terms), advocate_reward=reward)
    saved = save_draft(
        program=program, terms=terms, name=program.name, auto_enrol="OFF", self_sign_up=True, by=by, now=now
    )
    return publish_program(program=saved, by=by, now=now)


def _choice(key: str, gives: Gives) -> Choice:
    return Choice(key=key, kind=Value.FIXED, value=REWARD_MINOR, gives=gives, fulfilment=gives.fulfilment)


def _enrol(program: Program, person: Person, by: str, now: datetime) -> None:
    customer = know_customer(
        email=person.email, name=person.name, country=person.country, source=Customer.Source.HAND, now=now
    )
    enrol_advocate(program=program, customer=customer, by=by, now=now)
