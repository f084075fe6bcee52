"""Orders and what the shop told about them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Customer
from merchants.models import TenantForeignKey, TenantModel


class Order(TenantModel):
    """The anchor that facts hang on, and what the newest of them say. Exists before its first snapshot if need be."""

    class Outcome(models.TextChoices):
        AWAITED = "AWAITED", _("Order not seen yet")
        NOT_REFERRED = "NOT_REFERRED", _("Not referred")
        ATTRIBUTED = "ATTRIBUTED", _("Attributed")
        BLOCKED = "BLOCKED", _("Blocked")

    platform = models.CharField(max_length=20)
    external_id = models.CharField(max_length=120, db_collation="C")
    number = models.CharField(max_length=120, blank=True)
    customer = TenantForeignKey(Customer, null=True)
    currency = models.CharField(max_length=3, blank=True)
    base_minor = models.BigIntegerField(default=0)
    net_base_minor = models.BigIntegerField(default=0)
    placed_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    is_test = models.BooleanField(default=False)
    contradicts_itself = models.BooleanField(default=False)
    outcome = models.CharField(max_length=15, choices=Outcome.choices, default=Outcome.AWAITED)
    #: Reason codes and ids of the decision, never a person's data (tracking.rules.Decision.to_json()).
    decision = models.JSONField(default=dict)
    #: Fingerprint of the evidence the decision was made on; a new one means judging again.
    evidence_key = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField()
    #: When it was settled first: before that nothing is posted for it.
    settled_at = models.DateTimeField(null=True)
    #: When somebody was told that it is paid and still not shipped.
    unshipped_told_at = models.DateTimeField(null=True)

    #: What was read of its buyer for many orders at once (tracking.actions.ties), where somebody did.
    ties: Any = None

    class Meta:
        constraints = [
            models.UniqueConstraint(name="order_natural_key", fields=["merchant", "platform", "external_id"])
        ]
        indexes = [
            models.Index(name="order_newest", fields=["merchant", "-received_at", "-id"]),
            # insights.home: what came through advocates and its revenue, without a look at the orders themselves
            models.Index(
                name="order_attributed",
                fields=["merchant", "-received_at", "-id"],
                include=["currency", "net_base_minor"],
                condition=Q(outcome="ATTRIBUTED"),
            ),
            models.Index(name="order_number", fields=["merchant", "number"]),
            # insights.people: somebody knows the shop's own number and not from which platform
            models.Index(name="order_external", fields=["merchant", "external_id"]),
            models.Index(name="order_customer", fields=["merchant", "customer", "placed_at"]),
        ]


class OrderFact(TenantModel):
    """One thing the shop told us, under its natural key. Written, never judged, never changed.

    The same thing told again with a newer ``as_of`` is a new row; tracking.rules picks the newest of each key
    (on a tie the greater digest), so the order of arrival does not matter.
    """

    class Kind(models.TextChoices):
        SNAPSHOT = "SNAPSHOT", _("Order")
        REFUND = "REFUND", _("Refund")
        PARCEL = "PARCEL", _("Parcel")
        DELIVERY = "DELIVERY", _("Delivery")
        DISPUTE = "DISPUTE", _("Dispute")

    order = TenantForeignKey(Order)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=120)
    as_of = models.DateTimeField()
    digest = models.CharField(max_length=64)
    data = models.JSONField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="order_fact", fields=["merchant", "order", "kind", "key", "as_of", "digest"])
        ]
