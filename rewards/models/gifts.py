"""What is given without an order, and what people use up of their own balance."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Customer
from kit.units import LONGEST_UNIT
from merchants.models import TenantForeignKey, TenantModel
from rewards.models.reward import Reward


class Surprise(TenantModel):
    """Who gave a reward at their own discretion. The reason for the team is the reward's ``note``."""

    reward = TenantForeignKey(Reward)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: What it counts against the giver's allowance, in minor units of the workspace's currency.
    worth_minor = models.BigIntegerField()
    #: What the recipient reads. Empty: nothing is said.
    message = models.CharField(_("words for the recipient"), max_length=500, blank=True)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="surprise_once", fields=["merchant", "reward"]),
            models.CheckConstraint(name="surprise_worth", condition=Q(worth_minor__gte=0)),
        ]
        indexes = [
            # rewards.actions.surprise: what somebody gave this month
            models.Index(name="surprise_giver", fields=["merchant", "user", "given_at"]),
            models.Index(name="surprise_newest", fields=["merchant", "-given_at", "-id"]),
        ]


class Spend(TenantModel):
    """Something used up of a person's balance. The cost was booked when it was given, so the ledger does not move."""

    customer = TenantForeignKey(Customer)
    unit = models.CharField(max_length=LONGEST_UNIT)
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)

    class Meta:
        constraints = [models.CheckConstraint(name="spend_positive", condition=Q(amount_minor__gt=0))]
        indexes = [models.Index(name="spend_customer", fields=["merchant", "customer", "unit", "at"])]
