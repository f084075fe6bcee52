"""Rewards whose holds are over, at several merchants: a few rows made by models, copied many times inside Postgres."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import sql

from advocates.models import Advocate, Customer
from bench.world import Shop, open_shops
from kit.clock import database_now
from kit.ids import uuid7
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.events import SYSTEM
from merchants.models import Event, TenantModel
from programs.models import Program
from programs.rules import Fulfilment
from rewards.models import Reward, RewardBlock
from tracking.models import Order, Referral

#: Due rewards of each merchant: some have many, most have few.
DUE = [34_000, 17_000, 11_400, 8_600, 6_800, 5_600, 5_000, 4_200, 3_800, 3_600]
ALL_DUE = sum(DUE)
#: Beside them stands one that is stopped for every so many.
STOPPED_OF = 50
#: One in so many is given by hand.
BY_HAND_OF = 10


def open_due(numbers: Sequence[int]) -> list[Shop]:
    shops = open_shops(numbers)
    for number, shop in zip(numbers, shops, strict=True):
        with tenant_scope(shop.ref()), tenant_transaction():
            _fill(DUE[number], random.Random(number))
    return shops


def _fill(due: int, rng: random.Random) -> None:
    """Two rewards to each referral, due in the last days; each was told of when it was held."""
    now = database_now()
    referrals = _referrals((due + due // STOPPED_OF) // 2, now)
    rewards: list[UUID] = []
    for side in Reward.Side.values:
        rewards += copies(
            _reward(side, referrals[0], now),
            referral_id=referrals,
            amount_minor=[rng.randint(500, 2500) for _ in referrals],
            release_at=[now - timedelta(seconds=rng.randint(60, 300_000)) for _ in referrals],
            fulfilment=[_fulfilment(number) for number in range(len(referrals))],
        )
    copies(_told(rewards[0], now), subject_id=rewards)
    stopped = rng.sample(rewards, due // STOPPED_OF)
    copies(_stop(stopped[0], now), reward_id=stopped)


def _fulfilment(number: int) -> str:
    return Fulfilment.WEBHOOK if number % BY_HAND_OF else Fulfilment.MANUAL


def _referrals(count: int, now: datetime) -> list[UUID]:
    advocate = Advocate.objects.get()
    friend = Customer(email="f@mail.example", name="Eve", source=Customer.Source.HOOK, created_at=now)
    friends = copies(friend, email_key=[f"friend{number}@mail.example" for number in range(count)])
    order = Order(platform="shopify", currency="EUR", received_at=now)
    orders = copies(order, external_id=[str(number) for number in range(count)], customer_id=friends)
    referral = Referral(
        program=advocate.program,
        terms=Program.objects.get().terms,
        advocate=advocate,
        matched_by=Referral.MatchedBy.TOKEN,
        touched_at=now,
        state=Referral.State.QUALIFIED,
        attributed_at=now,
    )
    return copies(referral, order_id=orders, friend_id=friends)


def _reward(side: str, referral_id: UUID, now: datetime) -> Reward:
    referral = Referral.objects.get(pk=referral_id)
    return Reward(
        program=referral.program,
        terms=referral.terms,
        order=referral.order,
        advocate=referral.advocate,
        recipient=referral.advocate.customer,
        side=side,
        unit="EUR",
        created_at=now,
    )


def _told(reward_id: UUID, now: datetime) -> Event:
    data = {"amount_minor": 1000, "unit": "EUR"}
    return Event(code="reward.held", subject_kind="reward", subject_id=reward_id, seq=1, at=now, by=SYSTEM, data=data)


def _stop(reward_id: UUID, now: datetime) -> RewardBlock:
    return RewardBlock(reward_id=reward_id, kind=RewardBlock.Kind.REVIEW, since=now, by=SYSTEM)


def copies(first: TenantModel, **columns: Sequence[Any]) -> list[UUID]:
    """Rows like ``first``, which becomes the first of them, but for these columns; their ids in order."""
    for name, values in columns.items():
        setattr(first, name, values[0])
    first.save(force_insert=True)
    ids = [first.pk, *(uuid7() for _ in range(len(next(iter(columns.values()))) - 1))]
    changing: dict[str, Sequence[Any]] = {"id": ids, **columns}
    with connection.cursor() as cursor:
        statement = _copying(type(first), list(changing))
        cursor.execute(statement, [*(list(values[1:]) for values in changing.values()), first.pk])
    return ids


def _copying(model: type[TenantModel], changing: list[str]) -> sql.Composed:
    """Every column that our code writes, be it one of today's or a later one."""
    fields = {field.column: field for field in model._meta.concrete_fields if not field.generated}
    types = [str(fields[name].db_type(connection)).partition("(")[0] for name in changing]
    chosen = [sql.Identifier("changed" if name in changing else "first", name) for name in fields]
    statement = """INSERT INTO {table} ({columns}) SELECT {chosen}
                   FROM {table} first, unnest({arrays}) changed ({names}) WHERE first.id = %s"""
    return sql.SQL(statement).format(
        table=sql.Identifier(model._meta.db_table),
        columns=sql.SQL(", ").join(map(sql.Identifier, fields)),
        chosen=sql.SQL(", ").join(chosen),
        arrays=sql.SQL(", ").join(sql.SQL("%s::" + name + "[]") for name in types),
        names=sql.SQL(", ").join(map(sql.Identifier, changing)),
    )
