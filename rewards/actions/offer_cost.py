"""The discount an order really granted is posted as offer cost at once; it is never held."""

from __future__ import annotations

from datetime import datetime

from kit.tenancy import transaction_required
from merchants.events import SHOP
from rewards import ledger
from rewards.models import Account
from tracking.actions.referrals import use_claim
from tracking.locks import claim_for_update
from tracking.models import Claim, Order
from tracking.rules import OrderView


@transaction_required
def post_offer_cost(*, order: Order, view: OrderView, now: datetime) -> None:
    """Post the difference between what the order granted by a claim's code and what was posted before."""
    discounts = dict(view.codes)
    claim = _claim_of(order, list(discounts)) if discounts else None
    if claim is None:
        return
    granted = discounts[claim.code] if view.is_paid and not view.cancelled_at else 0
    posted = ledger.balance(Account.OFFER_COST, unit=view.currency, order=order)
    ledger.post(
        "offer.granted",
        moves=[ledger.grant_discount(granted - posted)],
        unit=view.currency,
        program_id=claim.program_id,
        now=now,
        claim=claim,
        order=order,
    )
    if view.was_ever_paid:
        use_claim(claim=claim_for_update(claim.pk), order=order, now=now, by=SHOP)


def _claim_of(order: Order, codes: list[str]) -> Claim | None:
    """The claim whose own code was used; with a shop-wide code, the buyer's claim that was given it."""
    claims = Claim.objects.filter(code__in=codes).exclude(code="")
    own = claims.filter(code_is_own=True).order_by("pk").first()
    return own or (claims.filter(friend_id=order.customer_id).order_by("pk").first() if order.customer_id else None)
