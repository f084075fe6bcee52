"""What broke when time was to move it on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit.ids import public_id
from merchants.models import TenantModel


class Setback(TenantModel):
    """A sweep came to this row and broke. It is tried again with growing pauses, and set aside for a person after the
    last of them, so that it holds up nothing behind it. Deleted when it was done after all, or needs nobody any more.
    """

    class Work(models.TextChoices):
        ASSESSMENT = "ASSESSMENT", _("A referral is to be checked again")
        REVIEW = "REVIEW", _("A review is to be reminded of or closed")
        REVIVED = "REVIVED", _("An order is to be settled again, since a code was used after its end")
        UNSHIPPED = "UNSHIPPED", _("Your team is to be told of an order that nobody ships")

    work = models.CharField(max_length=12, choices=Work.choices)
    #: A Reassessment, a Review, or an Order.
    about = models.UUIDField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300)
    #: When it broke first and last.
    since = models.DateTimeField()
    broke_at = models.DateTimeField()
    #: Real time.
    next_try_at = models.DateTimeField()
    set_aside_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="setback_once", fields=["merchant", "work", "about"]),
            models.CheckConstraint(name="setback_tried", condition=Q(attempts__gte=1) | Q(set_aside_at=None)),
        ]

    @property
    def public_id(self) -> str:
        return public_id("stk", self.pk)
