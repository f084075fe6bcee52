"""What a workspace already shows on its way to the first live program. A fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from imports.models import Import
from programs.models import Program
from rewards.models import Budget
from tracking.models import Claim, Order, OrderFact

#: A code is looked for in the newest orders only: one that works is seen soon.
NEWEST = 200


@dataclass(frozen=True, slots=True)
class Shown:
    has_brought_customers: bool
    has_attributed_order: bool
    has_budget: bool


def shown_by(program: Program | None) -> Shown:
    return Shown(
        has_brought_customers=has_brought_customers(),
        has_attributed_order=Order.objects.filter(outcome=Order.Outcome.ATTRIBUTED).exists(),
        has_budget=bool(program and Budget.objects.filter(program=program).exists()),
    )


def has_brought_customers() -> bool:
    """By a whole file. Those whom orders made known say nothing of who bought before."""
    return bool(Import.objects.filter(kind="customers", state=Import.State.DONE).exists())


def took_offer(program_id: UUID, shop_code: str) -> bool:
    """Whether the shop ever told of an order with this offer: with a friend's own code, or with the one for all."""
    if Claim.objects.filter(program_id=program_id, state=Claim.State.USED).exists():
        return True
    if not shop_code:
        return False
    newest = Order.objects.order_by("-received_at", "-pk").values("pk")[:NEWEST]
    facts = OrderFact.objects.filter(order__in=newest, kind=OrderFact.Kind.SNAPSHOT)
    return bool(facts.filter(data__codes__contains=[{"code": shop_code}]).exists())
