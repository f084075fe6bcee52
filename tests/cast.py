"""The people of the tests and a world for them, made with the product's own actions.

Alice owns Nordlicht, Bob reads there as analyst, Charlie owns Halcyon; Dana is its advocate, Eve her friend.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from advocates.actions.customers import know_customer
from advocates.actions.enrol import enrol_advocate
from advocates.models import Advocate, Customer, Link
from kit.clock import now_for
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.events import SYSTEM
from merchants.models import Membership, Merchant, Role, User
from merchants.steps.workspaces import open_workspace
from programs.actions.edit import create_program, save_draft
from programs.actions.lifecycle import publish_program
from programs.actions.stock import upload_codes
from programs.models import CodePool, Program
from programs.rules import Fulfilment, RewardRule, Terms
from rewards.actions.settle import Settled, take_in
from tests.again import again
from tracking.actions.clicks import record_click, token_of
from tracking.facts import OrderKey, PersonIn
from tracking.rules import Fact

PASSWORD = "correct horse battery"
#: In each pool of a live program: some more than those at which a pool counts as low.
CODES = 24
PLAIN_TERMS: dict[str, Any] = {"advocate_reward": RewardRule(fulfilment=Fulfilment.COUPON_POOL)}


def user(email: str, name: str = "") -> User:
    from allauth.account.models import EmailAddress

    found = User.objects.filter(email=email).first()
    if found:
        return found
    made = User.objects.create_user(email, PASSWORD, name=name)
    EmailAddress.objects.create(user=made, email=email, verified=True, primary=True)
    return made


def member(merchant: Merchant, email: str, role: Role) -> User:
    made = user(email)
    Membership.objects.create(merchant=merchant, user=made, role=role)
    return made


def workspace_of(
    email: str, name: str, *, currency: str = "EUR", zone: str = "Europe/Berlin", sandbox: bool = True
) -> Merchant:
    return open_workspace(
        user=user(email),
        name=name,
        currency=currency,
        time_zone=zone,
        shop_url="https://shop.example",
        is_sandbox=sandbox,
    )


@contextmanager
def at_work(merchant: Merchant) -> Iterator[datetime]:
    """The merchant in scope, a transaction open; yields the merchant's now."""
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        yield now_for(merchant)


@dataclass
class World:
    """One merchant with a live program and one advocate."""

    merchant: Merchant
    program: Program
    advocate: Advocate
    link: Link
    now: datetime
    zone: str = "Europe/Berlin"
    orders: int = 0
    tokens: list[str] = field(default_factory=list)

    def terms(self) -> Terms:
        return self.program.live_terms

    def click(self, link: Link | None = None, at: datetime | None = None) -> str:
        """A friend opens the link; gives the token."""
        with at_work(self.merchant):
            return token_of(record_click(link=link or self.link, device="phone", now=at or self.now))

    def take(
        self, *facts: Fact, number: str = "1", email: str = "eve@friend.example", now: datetime | None = None
    ) -> Settled:
        with at_work(self.merchant):
            return take_in(
                key=OrderKey("api", number),
                facts=facts,
                person=PersonIn(email=email, name="Eve Friend") if email else None,
                now=now or self.now,
                by=SYSTEM,
            )


def live_program(merchant: Merchant, *, name: str = "Freunde", template: str = "shop", **changes: Any) -> Program:
    """A published program whose pools hold codes."""
    with at_work(merchant) as now:
        program = create_program(name=name, template=template, by=SYSTEM, now=now)
        terms = replace(program.draft_terms, **{**PLAIN_TERMS, **changes})
        save_draft(program=program, terms=terms, name=name, auto_enrol="OFF", self_sign_up=True, by=SYSTEM, now=now)
        for purpose in (CodePool.Purpose.OFFER, CodePool.Purpose.REWARD):
            codes = [f"{program.slug}-{purpose}-{n}".upper() for n in range(CODES)]
            upload_codes(program=program, purpose=purpose, codes=codes, by=SYSTEM, now=now)
        program.refresh_from_db()
        return publish_program(program=program, by=SYSTEM, now=now)


def enrolled(
    merchant: Merchant, program: Program, email: str = "dana@advocate.example", name: str = "Dana Muster"
) -> Advocate:
    with at_work(merchant) as now:
        customer = know_customer(email=email, name=name, source=Customer.Source.IMPORT, now=now)
        return enrol_advocate(program=program, customer=customer, by=SYSTEM, now=now).advocate


@again
def a_world(*, owner: str = "alice@nordlicht.example", name: str = "Nordlicht Kaffee", **changes: Any) -> World:
    merchant = workspace_of(owner, name)
    program = live_program(merchant, **changes)
    advocate = enrolled(merchant, program)
    with at_work(merchant) as now:
        link = Link.objects.get(advocate=advocate, channel="LINK")
    return World(merchant, program, advocate, link, now)
