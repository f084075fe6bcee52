"""Use up some of a person's balance: never more than there is, however many ask at once."""

from __future__ import annotations

from datetime import datetime

from advocates.models import Customer
from kit.locks import Rank, lock_named
from kit.tenancy import transaction_required
from merchants.events import record
from rewards.balances import balance_of
from rewards.models import Spend


class NotEnough(Exception):
    """More than there is; nothing changed. ``left`` is in the unit asked for."""

    def __init__(self, left: int) -> None:
        super().__init__(str(left))
        self.left = left


@transaction_required
def spend(*, customer: Customer, unit: str, amount_minor: int, reason: str, by: str, now: datetime) -> Spend:
    """A row and no ledger posting: what it cost was booked when it was given."""
    lock_named(Rank.COUPON, "balance", customer.pk, unit)
    left = balance_of(customer, unit, now=now)
    if amount_minor > left:
        raise NotEnough(left)
    row: Spend = Spend.objects.create(
        customer=customer, unit=unit, amount_minor=amount_minor, reason=reason, at=now, by=by
    )
    data = {"customer_id": str(customer.pk), "unit": unit, "amount_minor": amount_minor}
    record("balance.spent", subject=row, by=by, now=now, data=data)
    return row
