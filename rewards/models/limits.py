"""What limits and raises rewards: budgets, bonus campaigns, and what a team member may give away."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from merchants.models import TenantForeignKey, TenantModel
from programs.models import Program


class Budget(TenantModel):
    """What a program may cost in rewards, both sides, in its currency. Hard: the offer pauses when it is used up."""

    program = TenantForeignKey(Program)
    limit_minor = models.BigIntegerField(_("limit"))
    is_hard = models.BooleanField(_("pause the offer when it is used up"), default=True)
    #: Committed to rewards that stand. Moved by one conditional UPDATE, so the last euro is given once.
    reserved_minor = models.BigIntegerField(default=0)
    #: When it was told that 80 % are used, and that all is; empty again when the limit is raised.
    warned_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="budget_once", fields=["merchant", "program"]),
            models.CheckConstraint(name="budget_amounts", condition=Q(limit_minor__gte=0, reserved_minor__gte=0)),
            models.CheckConstraint(
                name="budget_hard", condition=Q(is_hard=False) | Q(reserved_minor__lte=F("limit_minor"))
            ),
        ]


class BonusCampaign(TenantModel):
    """For orders placed in a time, a side's reward is multiplied or raised. Never changed once begun, only ended."""

    class Side(models.TextChoices):
        ADVOCATE = "ADVOCATE", _("Advocate")
        FRIEND = "FRIEND", _("Friend")
        BOTH = "BOTH", _("Both")

    program = TenantForeignKey(Program)
    name = models.CharField(_("name"), max_length=80)
    side = models.CharField(max_length=10, choices=Side.choices, default=Side.ADVOCATE)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    #: Basis points: 20000 doubles.
    multiplier_bp = models.PositiveIntegerField(default=10_000)
    #: Added on top, in the unit of the reward.
    extra_minor = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.CheckConstraint(name="bonus_ends_later", condition=Q(ends_at__gte=F("starts_at"))),
            models.CheckConstraint(
                name="bonus_is_one",
                condition=Q(multiplier_bp__gte=10_000, multiplier_bp__lte=100_000, extra_minor__gte=0),
            ),
        ]
        indexes = [models.Index(name="bonus_program", fields=["merchant", "program", "starts_at"])]


class Allowance(TenantModel):
    """What one team member may give away at their own discretion in a calendar month, in the workspace's currency."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    monthly_minor = models.BigIntegerField(_("a month"))
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="allowance_once", fields=["merchant", "user"]),
            models.CheckConstraint(name="allowance_amount", condition=Q(monthly_minor__gte=0)),
        ]
