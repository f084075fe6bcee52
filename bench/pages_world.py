"""A merchant who did well: advocates, clicks and orders of a year; few rows made by models, copied in Postgres."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from advocates.models import Advocate, Customer, Link, Share
from bench import written
from bench.clicks import Place, fill
from bench.release_world import copies
from bench.world import Shop, open_shops
from kit.clock import database_now
from kit.ids import new_code
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.events import SYSTEM
from merchants.models import Event, Membership, Merchant, Role, User
from programs.models import Program
from programs.rules import Fulfilment
from rewards.models import Reward
from tracking.models import Claim, Order, OrderFact, Referral

ADVOCATES, CLICKS, ORDERS = 100_000, 1_000_000, 50_000
DAYS = 365
#: Of ten orders so many came through an advocate.
REFERRED_OF_TEN = 6
#: Of a hundred rewards: most are with the person long ago.
STATES = [*["FULFILLED"] * 80, *["HELD"] * 12, *["CANCELLED"] * 6, *["RELEASED", "FAILED"]]


@dataclass(frozen=True)
class Desk:
    slug: str
    user: User
    rows: int


def fill_world(*, part: int) -> Desk:
    """``part``: 10 for a tenth of everything. Ends with VACUUM ANALYZE, as a database that has run for a while."""
    [shop] = open_shops([0])
    people, clicks, orders = (amount // part for amount in (ADVOCATES, CLICKS, ORDERS))
    with tenant_scope(shop.ref()), tenant_transaction():
        now, rng = database_now(), random.Random(1)
        advocates = _advocates(people, now, rng)
        links = _links(advocates, now)
        _shares(advocates, links, now, rng)
        _orders(orders, advocates, now, rng)
        program = Program.objects.get().pk
    with written.as_owner() as owner:
        fill(owner, Place(shop.merchant_id, program, links), since=0, until=clicks, days=DAYS)
        rows = written.count(owner).total()
    return Desk(Merchant.objects.get(pk=shop.merchant_id).slug, _owner(shop), rows)


def _owner(shop: Shop) -> User:
    user = User.objects.create(email="owner@bench.example")
    now = database_now()
    Membership.objects.create(merchant_id=shop.merchant_id, user=user, role=Role.OWNER, joined_at=now)
    return user


def _advocates(count: int, now: datetime, rng: random.Random) -> list[UUID]:
    person = Customer(email="a@mail.example", name="Ada", source=Customer.Source.IMPORT, created_at=now)
    people = copies(
        person,
        email=[f"advocate{number}@mail.example" for number in range(count)],
        email_key=[f"advocate{number}@mail.example" for number in range(count)],
        created_at=_moments(count, now, rng),
    )
    advocate = Advocate(program=Program.objects.get(), enrolled_at=now, enrolled_by=SYSTEM)
    return copies(advocate, customer_id=people, enrolled_at=_moments(count, now, rng))


def _links(advocates: Sequence[UUID], now: datetime) -> list[UUID]:
    codes: dict[str, None] = {}
    while len(codes) < len(advocates):
        codes[new_code()] = None
    return copies(Link(created_at=now), advocate_id=advocates, code=list(codes))


def _shares(advocates: Sequence[UUID], links: Sequence[UUID], now: datetime, rng: random.Random) -> None:
    copies(Share(channel="COPY"), advocate_id=advocates, link_id=links, at=_moments(len(links), now, rng))


def _orders(count: int, advocates: Sequence[UUID], now: datetime, rng: random.Random) -> None:
    friend = Customer(email="f@mail.example", name="Eve", source=Customer.Source.HOOK, created_at=now)
    emails = [f"friend{number}@mail.example" for number in range(count)]
    at = _moments(count, now, rng)
    friends = copies(friend, email=emails, email_key=emails, created_at=at)
    referred = count * REFERRED_OF_TEN // 10
    order = Order(platform="shopify", currency="EUR", received_at=now)
    orders = copies(
        order,
        external_id=[str(number) for number in range(count)],
        customer_id=friends,
        received_at=at,
        net_base_minor=[rng.randint(1500, 25000) for _ in range(count)],
        outcome=[Order.Outcome.ATTRIBUTED.value] * referred + [Order.Outcome.NOT_REFERRED.value] * (count - referred),
    )
    _facts(orders, at)
    _referrals(
        orders[:referred], friends[:referred], [rng.choice(advocates) for _ in range(referred)], at[:referred], rng
    )


def _facts(orders: Sequence[UUID], at: Sequence[datetime]) -> None:
    line = {"id": "1", "product_id": "p1", "quantity": 1, "net_minor": 4900, "tax_minor": 0}
    data = {
        "number": "#1", "currency": "EUR", "placed_at": at[0].isoformat(), "paid_at": at[0].isoformat(),
        "cancelled_at": None, "test": False, "country": "DE", "lines": [line], "stated_net_minor": None, "codes": [],
        "tokens": [], "shipped_all": False, "reports_shipping": True,
    }  # fmt: skip
    fact = OrderFact(kind=OrderFact.Kind.SNAPSHOT, key="order", data=data, digest="0" * 64)
    copies(fact, order_id=orders, as_of=at, received_at=at)


def _referrals(
    orders: Sequence[UUID],
    friends: Sequence[UUID],
    advocates: Sequence[UUID],
    at: Sequence[datetime],
    rng: random.Random,
) -> None:
    program = Program.objects.select_related("terms").get()
    made: dict[str, Any] = {"program": program, "terms": program.terms}
    claim = Claim(**made, state=Claim.State.USED, claimed_at=at[0], used_at=at[0], expires_at=at[0])
    link = dict(Link.objects.filter(advocate__in=set(advocates)).values_list("advocate_id", "pk"))
    copies(claim, advocate_id=advocates, friend_id=friends, link_id=[link[one] for one in advocates], claimed_at=at)
    referral = Referral(
        **made,
        matched_by=Referral.MatchedBy.TOKEN,
        touched_at=at[0],
        state=Referral.State.QUALIFIED,
        attributed_at=at[0],
    )
    referrals = copies(referral, order_id=orders, friend_id=friends, advocate_id=advocates, attributed_at=at)
    _told("referral.qualified", "referral", referrals, at)
    whose = dict(Advocate.objects.filter(pk__in=set(advocates)).values_list("pk", "customer_id"))
    for side, recipients in (("ADVOCATE", [whose[one] for one in advocates]), ("FRIEND", friends)):
        reward = Reward(**made, side=side, unit="EUR", fulfilment=Fulfilment.MANUAL, created_at=at[0])
        rewards = copies(
            reward,
            order_id=orders,
            referral_id=referrals,
            advocate_id=advocates,
            recipient_id=recipients,
            created_at=at,
            amount_minor=[rng.randint(500, 2500) for _ in orders],
            **_stands(at, rng),
        )
        _told("reward.held", "reward", rewards, at)


def _stands(at: Sequence[datetime], rng: random.Random) -> dict[str, list[Any]]:
    """A state and the moments that belong to it."""
    states = [rng.choice(STATES) for _ in at]
    ends = [moment + timedelta(days=30) for moment in at]
    gone = ("RELEASED", "FULFILLED", "FAILED")
    return {
        "state": states,
        "release_at": ends,
        "released_at": [end if state in gone else None for state, end in zip(states, ends, strict=True)],
        **{
            f"{name.lower()}_at": [end if state == name else None for state, end in zip(states, ends, strict=True)]
            for name in ("FULFILLED", "CANCELLED", "FAILED")
        },
    }


def _told(code: str, kind: str, subjects: Sequence[UUID], at: Sequence[datetime]) -> None:
    event = Event(code=code, subject_kind=kind, seq=1, by=SYSTEM, data={})
    copies(event, subject_id=subjects, at=at)


def _moments(count: int, now: datetime, rng: random.Random) -> list[datetime]:
    """Over the year, the newest today."""
    year = DAYS * 86_400
    return [now - timedelta(seconds=rng.randrange(60, year)) for _ in range(count)]
