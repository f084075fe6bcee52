"""Ways into a demo world that is built: a merchant in scope, and what is counted there."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Count

from advocates.models import Customer
from demo.world.counts import Counts
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Event, Merchant
from rewards.models import LedgerEntry, Reward
from tracking.models import Click, Order, Referral

SCALE = float(os.environ.get("WORLD_SCALE", "0.1"))
COUNTS = Counts().scaled(SCALE)


class inside:
    """The merchant of this name in scope and its transaction open."""

    def __init__(self, name: str) -> None:
        self.merchant = Merchant.objects.get(name=name)

    def __enter__(self) -> Merchant:
        self.scope, self.open = tenant_scope(self.merchant.tenant_ref()), tenant_transaction()
        self.scope.__enter__()
        self.open.__enter__()
        return self.merchant

    def __exit__(self, *trouble: Any) -> None:
        self.open.__exit__(*trouble)
        self.scope.__exit__(*trouble)


def states() -> dict[str, int]:
    rewards = Reward.objects.filter(side=Reward.Side.ADVOCATE, order__isnull=False)
    return dict(rewards.values_list("state").annotate(number=Count("id")))


def new_customers() -> Any:
    """Who bought first after the first day's export of old customers."""
    first_export = Customer.objects.order_by("created_at")[0].created_at
    return Customer.objects.filter(created_at__gt=first_export, first_paid_at__isnull=False)


def what_stands() -> tuple[Any, ...]:
    fields = ("pk", "state", "amount_minor", "clawed_back_minor", "release_at", "reason")
    rewards = list(Reward.objects.order_by("pk").values_list(*fields))
    referrals = list(Referral.objects.order_by("pk").values_list("pk", "state", "reasons"))
    told = Counter(Event.objects.values_list("code", flat=True))
    return rewards, referrals, LedgerEntry.objects.count(), told


def rows() -> dict[str, tuple[int, ...]]:
    found = {}
    for merchant in Merchant.objects.all():
        with inside(merchant.name):
            found[merchant.name] = tuple(model.objects.count() for model in (Event, Order, Reward, Customer, Click))
    return found


def moment_of(order: Order) -> datetime:
    assert order.placed_at is not None
    return order.placed_at
