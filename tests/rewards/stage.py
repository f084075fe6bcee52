"""The product as a shop and a clock see it, for stories told in the words of ``second_reading``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Sum

from advocates.models import Advocate, Link
from merchants.events import SYSTEM
from merchants.models import Merchant
from programs.actions.edit import create_program, save_draft
from programs.actions.lifecycle import publish_program
from rewards.actions.blocks import RewardStateError
from rewards.actions.manual import mark_sent
from rewards.actions.release import release_due
from rewards.models import LedgerEntry, Reward
from tests.cast import World, at_work, enrolled, workspace_of
from tests.rewards import second_reading as second
from tests.rewards.second_reading import (
    Promise,
    Told,
)
from tests.rewards.stories import SHOPS, as_fact, as_terms


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back: thousands of stories in one workspace."""
    point = connection.savepoint()
    try:
        yield
    finally:
        connection.savepoint_rollback(point)


@dataclass
class Stage:
    """One program of one shop, and one friend's order in it."""

    world: World
    currency: str
    token: str = ""

    def tell(self, *told: Told, now: datetime) -> None:
        found = [as_fact(item, self.currency) for item in told]
        for fact in found:
            if "tokens" in fact.data:
                fact.data["tokens"] = [self.token]
        self.world.take(*found, now=now)

    def release(self, now: datetime) -> None:
        with at_work(self.world.merchant):
            release_due(now=now)

    def send(self, now: datetime) -> None:
        """By a hand, as far as it may."""
        with at_work(self.world.merchant):
            for reward in Reward.objects.filter(state="RELEASED").order_by("pk"):
                with suppress(RewardStateError):
                    mark_sent(reward=reward, voucher="by hand", by=SYSTEM, now=now)

    def standing(self) -> dict[str, second.Reward]:
        """Nothing earned is nothing, whether a row says so or none was ever made."""
        with at_work(self.world.merchant):
            rows = Reward.objects.values_list("side", "state", "amount_minor", "clawed_back_minor", "release_at")
            return {row[0]: second.Reward(*row[1:]) for row in rows if row[1:3] != ("CANCELLED", 0)}

    def books(self) -> dict[str, dict[str, int]]:
        with at_work(self.world.merchant):
            rows = LedgerEntry.objects.values_list("posting__reward__side", "account").annotate(Sum("amount_minor"))
            found: dict[str, dict[str, int]] = {}
            for side, account, total in rows:
                if total:
                    found.setdefault(side, {})[account] = total
            return found


def a_shop(currency: str) -> Merchant:
    name = f"Shop {currency}"
    return workspace_of(f"owner@{currency.lower()}.example", name, currency=currency, zone=SHOPS[currency])


def a_stage(merchant: Merchant, currency: str, promise: Promise, *, touched_at: datetime, trust: int = 0) -> Stage:
    with at_work(merchant) as now:
        program = create_program(name="Freunde", template="shop", by=SYSTEM, now=now)
        terms = as_terms(promise, program.draft_terms, currency)
        save_draft(
            program=program, terms=terms, name="Freunde", auto_enrol="OFF", self_sign_up=True, by=SYSTEM, now=now
        )
        program.refresh_from_db()
        program = publish_program(program=program, by=SYSTEM, now=now)
    advocate = enrolled(merchant, program)
    with at_work(merchant):
        Advocate.objects.filter(pk=advocate.pk).update(trust_level=trust)
        link = Link.objects.get(advocate=advocate, channel="LINK")
    world = World(merchant, program, advocate, link, now, SHOPS[currency])
    return Stage(world, currency, world.click(at=touched_at))
