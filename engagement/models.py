"""What was said to people, and what they did not want to hear."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Customer
from merchants.models import TenantForeignKey, TenantModel


class Message(TenantModel):
    """One mail to one person about one event. Written before it is sent; the rendered text is not kept."""

    class State(models.TextChoices):
        SENDING = "SENDING", _("Being sent")
        SENT = "SENT", _("Sent")
        SKIPPED = "SKIPPED", _("Not sent")
        FAILED = "FAILED", _("Failed")

    #: Empty for mail to the merchant's own team: their people are no customers.
    customer = TenantForeignKey(Customer, null=True, on_delete=models.CASCADE)
    kind = models.CharField(max_length=40)
    #: outbox row that asked for it: one mail per row and kind, however often it is worked.
    outbox_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="message_once", fields=["merchant", "outbox_id", "kind", "customer"]),
            models.UniqueConstraint(
                name="message_team_once", fields=["merchant", "outbox_id", "kind"], condition=Q(customer=None)
            ),
        ]
        indexes = [models.Index(name="message_customer", fields=["merchant", "customer", "at"])]
