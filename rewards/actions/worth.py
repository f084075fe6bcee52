"""An order in another currency than the program: somebody of the team says what it is worth, and it is settled on that.

There is no table of rates. The merchant knows what the order brought in (from the bank's or the shop's own books, on
that day), and a figure that a person put there with their name can be explained to an advocate; a rate from elsewhere
would be guessed. Without it the order is kept, earns nothing and waits on a list.
"""

from __future__ import annotations

from datetime import datetime

from kit.tenancy import transaction_required
from merchants.events import record
from rewards.actions.settle import Settled, settle_order
from rewards.selectors import was_released
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey
from tracking.locks import lock_friend, referral_for_update
from tracking.models import Order, Referral


class NotValued(Exception):
    """There is nothing to say about this order, or no more; ``code`` says why. Nothing was changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def state_worth(*, order: Order, worth_minor: int, by: str, now: datetime) -> Settled:
    """What counts of the whole order, before returns, in minor units of the program's currency. 0: it stays without a
    reward. Stated again it replaces what was said, while no reward was released."""
    lock_order(OrderKey(order.platform, order.external_id))
    order.refresh_from_db()
    if order.customer_id:
        lock_friend(order.customer_id)
    referral = referral_for_update(order.pk)
    if referral is None or not may_be_valued(order, referral) or worth_minor < 0:
        raise NotValued("not_in_another_currency")
    if was_released(referral):
        raise NotValued("already_released")
    referral.worth_minor = worth_minor
    referral.save(update_fields=["worth_minor"])
    unit = referral.terms.as_terms().currency
    data = {"worth_minor": worth_minor, "unit": unit, "order_minor": order.base_minor, "order_unit": order.currency}
    record("referral.valued", subject=referral, by=by, now=now, data=data)
    return settle_order(order=order, now=now, by=by)


def may_be_valued(order: Order, referral: Referral) -> bool:
    """Whether its currency is another than the program's, and a referral stands that could earn."""
    differs = bool(order.currency) and order.currency != referral.terms.as_terms().currency
    return differs and referral.state != Referral.State.BLOCKED
