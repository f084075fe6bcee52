"""Who sent you? What a friend says after the order, and what somebody of the team decides by hand."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate
from kit.ids import public_id
from merchants.models import TenantForeignKey, TenantModel
from tracking.models.orders import Order


class Introduction(TenantModel):
    """One question about one order. It becomes a touch when the advocate confirms it; what the rules block stays so."""

    class State(models.TextChoices):
        ASKED = "ASKED", _("Asked, nobody found yet")
        NAMED = "NAMED", _("Waiting for the advocate")
        CONFIRMED = "CONFIRMED", _("Confirmed by the advocate")
        DENIED = "DENIED", _("The advocate said no")
        EXPIRED = "EXPIRED", _("Nobody answered in time")

    order = TenantForeignKey(Order)
    #: What the friend wrote: a code, or a name. Never part of an address, an event or a log.
    said_code = models.CharField(max_length=40, blank=True)
    said_name = models.CharField(max_length=80, blank=True)
    #: How the friend wants to be called in the question to the advocate.
    friend_name = models.CharField(max_length=80, blank=True)
    #: How often the friend has said something: after a few times no more is looked up.
    tries = models.PositiveSmallIntegerField(default=0)
    advocate = TenantForeignKey(Advocate, null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    said_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="introduction_per_order", fields=["merchant", "order"]),
            models.CheckConstraint(
                name="introduction_named",
                condition=Q(state__in=["ASKED", "EXPIRED"]) | Q(advocate__isnull=False, said_at__isnull=False),
            ),
            models.CheckConstraint(
                name="introduction_answered",
                condition=Q(state__in=["CONFIRMED", "DENIED"], answered_at__isnull=False)
                | (~Q(state__in=["CONFIRMED", "DENIED"]) & Q(answered_at=None)),
            ),
        ]
        indexes = [
            models.Index(name="introduction_advocate", fields=["merchant", "advocate", "said_at"]),
            models.Index(
                name="introduction_open", fields=["merchant", "expires_at"], condition=Q(state__in=["ASKED", "NAMED"])
            ),
        ]

    @property
    def public_id(self) -> str:
        return public_id("int", self.pk)


class Assignment(TenantModel):
    """Somebody of the team gave an order to an advocate, and why. Undone, the row stays."""

    order = TenantForeignKey(Order)
    advocate = TenantForeignKey(Advocate)
    reason = models.CharField(max_length=500)
    with_rewards = models.BooleanField(default=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    undone_by = models.CharField(max_length=60, blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="assignment_open", fields=["merchant", "order"], condition=Q(undone_at=None)),
            models.CheckConstraint(
                name="assignment_undone",
                condition=Q(undone_at=None, undone_by="") | (Q(undone_at__isnull=False) & ~Q(undone_by="")),
            ),
        ]
