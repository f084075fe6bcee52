"""Sums of the ledger: what stands on each account, and what moved in a span of days. Nothing here is stored."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from insights.days import Days
from rewards.models import LedgerEntry


@dataclass(frozen=True, slots=True)
class AccountSum:
    """Minor units of one unit; plus is debit, minus is credit (rewards.ledger)."""

    account: str
    unit: str
    amount_minor: int


def account_sums() -> list[AccountSum]:
    """Every account and unit with an entry, one statement."""
    rows = LedgerEntry.objects.values_list("account", "unit").annotate(total=Sum("amount_minor"))
    return [AccountSum(*row) for row in rows.order_by("unit", "account")]


@dataclass(frozen=True, slots=True)
class Movement:
    """One account in one unit over some days: where it stood before, what was posted on each side, where it stands."""

    account: str
    unit: str
    opening_minor: int
    debit_minor: int
    credit_minor: int

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + self.debit_minor - self.credit_minor


def movements(days: Days) -> list[Movement]:
    """What accounting needs at the end of a month. Accounts that never had an entry until then are left out."""
    before, within = Q(posting__at__lt=days.since), Q(posting__at__gte=days.since)
    rows = LedgerEntry.objects.filter(posting__at__lt=days.until).values_list("account", "unit")
    sums = rows.annotate(
        opening=Coalesce(Sum("amount_minor", filter=before), 0),
        debit=Coalesce(Sum("amount_minor", filter=within & Q(amount_minor__gt=0)), 0),
        credit=Coalesce(Sum("amount_minor", filter=within & Q(amount_minor__lt=0)), 0),
    )
    return [
        Movement(account, unit, opening, debit, -credit)
        for account, unit, opening, debit, credit in sums.order_by("unit", "account")
    ]
