"""``python -m chaos.world``: one share of the merchants and their rewards, made with the product's own actions.

Merchants are drawn by Zipf. Every reward is an order that a friend paid and received a return window ago, so it comes
due at its own second of the storm.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import django

django.setup()

from advocates.actions.customers import know_customer
from advocates.actions.enrol import enrol_advocate
from advocates.models import Customer, Link
from chaos.options import CARRY
from integrations.actions.connections import add_webhook_connection
from integrations.models import Connection
from kit.clock import database_now
from kit.tenancy import in_tenant_transaction
from merchants.events import SYSTEM
from merchants.models import Merchant, User
from merchants.steps.workspaces import open_workspace
from programs.actions.edit import create_program, save_draft
from programs.actions.lifecycle import publish_program
from programs.models import Program
from programs.rules import Fulfilment, RewardRule
from rewards.actions.settle import take_in
from tracking.actions.clicks import record_click, token_of
from tracking.facts import OrderKey, PersonIn
from tracking.models import FraudPolicy
from tracking.rules import Fact, FactKind

ADVOCATES = 5
UNITS = ("EUR", "USD", "JPY")
DAY = timedelta(days=1)
WINDOW_DAYS = 30
REWARDS_PER_ORDER = 2


@dataclass(frozen=True, slots=True)
class Shop:
    merchant: Merchant
    links: list[Link]
    unit: str


def open_shop(number: int, url: str) -> Shop:
    owner = User.objects.create_user(f"owner{number}@shop.example", None, name="Owner")
    unit = UNITS[number % len(UNITS)]
    merchant = open_workspace(
        user=owner, name=f"Shop {number}", currency=unit, time_zone="UTC", shop_url="https://shop.example"
    )
    links = in_tenant_transaction(merchant.tenant_ref(), lambda: _equip(merchant, url))
    return Shop(merchant, links, unit)


def _equip(merchant: Merchant, url: str) -> list[Link]:
    now = database_now()
    add_webhook_connection(url=url, purposes=[Connection.Purpose.REWARD], by=SYSTEM, now=now)
    program = _publish(now)
    return [_enrol(program, number, now) for number in range(ADVOCATES)]


def _publish(now: datetime) -> Program:
    program = create_program(name="Friends", template="shop", by=SYSTEM, now=now)
    terms = replace(
        program.draft_terms,
        advocate_reward=RewardRule(fulfilment=Fulfilment.WEBHOOK),
        friend_reward=RewardRule(fulfilment=Fulfilment.WEBHOOK),
        offer=None,
        new_customers_only=False,
        return_window_days=WINDOW_DAYS,
    )
    save_draft(program=program, terms=terms, name="Friends", auto_enrol="OFF", self_sign_up=True, by=SYSTEM, now=now)
    program.refresh_from_db()
    # A storm is no attack: what is measured here is that money gets through, not who stops it.
    FraudPolicy.objects.create(program=program, breaker_per_hour=None, weights={"VELOCITY": 0}, sample_percent=0)
    return publish_program(program=program, by=SYSTEM, now=now)


def _enrol(program: Program, number: int, now: datetime) -> Link:
    email = f"advocate{number}@mail.example"
    customer = know_customer(email=email, name="Dana", source=Customer.Source.IMPORT, now=now)
    enrol_advocate(program=program, customer=customer, by=SYSTEM, now=now)
    link: Link = Link.objects.get(advocate__customer=customer, channel="LINK")
    return link


def sell(shop: Shop, number: int, net_minor: int, *, due_at: datetime) -> None:
    in_tenant_transaction(shop.merchant.tenant_ref(), lambda: _sell(shop, number, net_minor, due_at))


def _sell(shop: Shop, number: int, net_minor: int, due_at: datetime) -> None:
    delivered_at = due_at - WINDOW_DAYS * DAY
    placed_at = delivered_at - DAY
    click = record_click(link=shop.links[number % ADVOCATES], device="phone", now=placed_at - DAY)
    take_in(
        key=OrderKey("api", str(number)),
        facts=[_snapshot(shop, number, net_minor, placed_at, token_of(click)), _delivery(delivered_at)],
        person=PersonIn(email=f"friend{number}@mail.example", name="Eve Friend"),
        now=database_now(),
        by=SYSTEM,
    )


def _snapshot(shop: Shop, number: int, net_minor: int, placed_at: datetime, token: str) -> Fact:
    line = {"id": "1", "product_id": "p1", "quantity": 1, "net_minor": net_minor, "tax_minor": 0}
    data = {
        "number": f"#{number}",
        "currency": shop.unit,
        "placed_at": placed_at.isoformat(),
        "paid_at": placed_at.isoformat(),
        "cancelled_at": None,
        "test": False,
        "country": "DE",
        "lines": [line],
        "stated_net_minor": None,
        "codes": [],
        "tokens": [token],
        "shipped_all": False,
        "reports_shipping": True,
    }
    return Fact(FactKind.SNAPSHOT, "order", placed_at, data)


def _delivery(delivered_at: datetime) -> Fact:
    return Fact(FactKind.DELIVERY, "order", delivered_at, {"delivered_at": delivered_at.isoformat()})


def main(arguments: Sequence[str]) -> None:
    """All shares draw the same, each makes its own. The first reward is due when making is over, as far as the time
    per order so far can tell."""
    told = _read(arguments)
    chance = random.Random(told.seed)
    weights = [1 / rank for rank in range(1, told.merchants + 1)]
    shops = {number: open_shop(number, told.url) for number in range(told.share, told.merchants, told.shares)}
    orders, began = told.rewards // REWARDS_PER_ORDER, time.monotonic()
    for number in range(orders):
        drawn = chance.choices(range(told.merchants), weights)[0]
        net_minor = chance.randint(900, 99_000)
        if drawn in shops:
            making = (time.monotonic() - began) * orders / max(number, 1)
            done = number / orders
            due_in = timedelta(seconds=making * (1 - done) + max(told.spread, making * CARRY) * done)
            sell(shops[drawn], number, net_minor, due_at=database_now() + due_in)


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name, kind in (("rewards", int), ("merchants", int), ("seed", int), ("spread", float), ("share", int)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--shares", type=int, required=True)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
