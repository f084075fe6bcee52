"""The discount an order really granted is posted as offer cost at once; it is never held."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet, Sum

from kit.asked import asked_often
from kit.tenancy import transaction_required
from merchants.events import SHOP
from rewards import ledger
from rewards.models import Account, LedgerEntry
from tracking.actions.referrals import use_claim
from tracking.locks import claim_for_update
from tracking.models import Claim, Order
from tracking.rules import OrderView


class _Cost(NamedTuple):
    """On whose account a discount goes."""

    claim_id: UUID
    program_id: UUID
    unit: str


@transaction_required
def post_offer_cost(*, order: Order, view: OrderView, now: datetime) -> None:
    """Post the difference between what the order grants by a claim's code and what was posted before.

    Called before the order is noted as settled: one that never was has nothing posted.
    """
    discounts = dict(view.codes)
    claim = _claim_of(order, list(discounts)) if discounts else None
    change = Counter({_Cost(claim.pk, claim.program_id, view.currency): _granted(view, claim)} if claim else {})
    if order.settled_at:
        change.subtract(_posted(order))
    for cost, amount_minor in change.items():
        ledger.post(
            "offer.granted",
            moves=[ledger.grant_discount(amount_minor)],
            unit=cost.unit,
            program_id=cost.program_id,
            now=now,
            claim_id=cost.claim_id,
            order=order,
        )
    if claim and view.was_ever_paid:
        use_claim(claim=claim_for_update(claim.pk), order=order, now=now, by=SHOP)


def _granted(view: OrderView, claim: Claim) -> int:
    return dict(view.codes)[claim.code] if view.is_paid and not view.cancelled_at else 0


def _posted(order: Order) -> dict[_Cost, int]:
    return {_Cost(*whose): total for *whose, total in _sums(order.pk)}


@asked_often
def _sums(order_id: UUID) -> QuerySet[Any]:
    entries: QuerySet[Any] = LedgerEntry.objects.filter(account=Account.OFFER_COST, posting__order=order_id)
    sums: QuerySet[Any] = entries.order_by().values_list("posting__claim_id", "program_id", "unit")
    found: QuerySet[Any] = sums.annotate(total=Sum("amount_minor"))
    return found


def _claim_of(order: Order, codes: list[str]) -> Claim | None:
    """The claim whose own code was used; with a shop-wide code, the buyer's claim that was given it."""
    claims = Claim.objects.filter(code__in=codes).exclude(code="")
    own = claims.filter(code_is_own=True).order_by("pk").first()
    return own or (claims.filter(friend_id=order.customer_id).order_by("pk").first() if order.customer_id else None)
