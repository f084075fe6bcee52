"""The append-only ledger: accounts, postings and their entries."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit.units import LONGEST_UNIT
from merchants.models import TenantForeignKey, TenantModel
from programs.models import Program
from rewards.models.reward import Reward
from tracking.models import Claim, Order


class Account(models.TextChoices):
    """Signed so that every posting sums to zero. Costs are positive, what is owed or granted is negative."""

    REWARD_COST = "REWARD_COST", _("Cost of rewards")
    OFFER_COST = "OFFER_COST", _("Cost of offers")
    HELD = "HELD", _("Held")
    PAYABLE = "PAYABLE", _("Payable")
    FULFILLED = "FULFILLED", _("Fulfilled")
    CLAWED_BACK = "CLAWED_BACK", _("Clawed back")
    #: What was clawed back and did come back: netted from a payout, or its code was disabled unused.
    RECOVERED = "RECOVERED", _("Recovered")
    EXPIRED = "EXPIRED", _("Expired")
    DISCOUNT_GRANTED = "DISCOUNT_GRANTED", _("Discount granted")
    #: Budgets: what a program was allotted (minus), what of it is still free and what is committed to people (plus).
    ALLOTTED = "ALLOTTED", _("Allotted")
    BUDGET = "BUDGET", _("Budget free")
    COMMITTED = "COMMITTED", _("Budget committed")


class Posting(TenantModel):
    """One balanced set of ledger entries. Append-only; made and filled in one transaction."""

    program = TenantForeignKey(Program)
    reward = TenantForeignKey(Reward, null=True)
    claim = TenantForeignKey(Claim, null=True)
    order = TenantForeignKey(Order, null=True)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(name="posting_reward", fields=["merchant", "reward"]),
            models.Index(name="posting_order", fields=["merchant", "order"], condition=Q(order__isnull=False)),
            models.Index(name="posting_newest", fields=["merchant", "-at", "-id"]),
        ]


class LedgerEntry(TenantModel):
    """One leg. The database refuses a posting whose legs do not sum to zero per unit, and any change afterwards."""

    posting = TenantForeignKey(Posting)
    account = models.CharField(max_length=20, choices=Account.choices)
    #: ISO currency code today; points and months are units beside currencies.
    unit = models.CharField(max_length=LONGEST_UNIT)
    amount_minor = models.BigIntegerField()
    program = TenantForeignKey(Program)

    class Meta:
        constraints = [models.CheckConstraint(name="ledger_entry_not_zero", condition=~Q(amount_minor=0))]
        indexes = [
            models.Index(name="ledger_entry_posting", fields=["merchant", "posting"]),
            models.Index(name="ledger_entry_account", fields=["merchant", "account", "unit"]),
        ]
