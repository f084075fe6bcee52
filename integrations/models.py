"""Connections to shops and systems, and the inbox of what they send."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models import TenantForeignKey, TenantModel


class Connection(TenantModel):
    """One connected system with its encrypted credentials and its health."""

    class Kind(models.TextChoices):
        SHOPIFY = "SHOPIFY", _("Shopify")
        WOOCOMMERCE = "WOOCOMMERCE", _("WooCommerce")
        STRIPE = "STRIPE", _("Stripe")
        GIFT_CARDS = "GIFT_CARDS", _("Gift cards")
        WEBHOOK = "WEBHOOK", _("Webhook")

    class Health(models.TextChoices):
        UNKNOWN = "UNKNOWN", _("Nothing received yet")
        GOOD = "GOOD", _("Working")
        FAILING = "FAILING", _("Failing")
        OFF = "OFF", _("Switched off")

    class Purpose(models.TextChoices):
        """What a webhook of the merchant's does for us."""

        REWARD = "REWARD", _("Delivers rewards")
        COUPON = "COUPON", _("Makes reward coupons")
        CODES = "CODES", _("Makes friends' codes")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    #: WEBHOOK: the Purposes it serves; each is served by one connection at most.
    purposes = models.JSONField(default=list)
    name = models.CharField(_("name"), max_length=80)
    #: SHOPIFY: the shop's domain. WOOCOMMERCE: the shop's address. WEBHOOK: the address we post to. Else the service's.
    address = models.CharField(_("address"), max_length=300)
    #: kit.crypto.seal({...}); never shown again.
    credentials = models.TextField()
    #: SHOPIFY: the random part of /hooks/shopify/<token>.
    hook_token = models.CharField(max_length=80, blank=True)
    #: False for shops that never report shipping: there the hold counts from payment.
    reports_shipping = models.BooleanField(_("the shop reports shipping"), default=True)
    health = models.CharField(max_length=10, choices=Health.choices, default=Health.UNKNOWN)
    created_at = models.DateTimeField()
    last_event_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="connection_address", fields=["merchant", "kind", "address"], condition=Q(removed_at=None)
            )
        ]


class InboundEvent(TenantModel):
    """A signed delivery, kept as it came. Stored before it is understood; handled once."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        HANDLED = "HANDLED", _("Handled")
        IGNORED = "IGNORED", _("Not for us")
        SET_ASIDE = "SET_ASIDE", _("Set aside")

    connection = TenantForeignKey(Connection)
    topic = models.CharField(max_length=60)
    #: Shopify's webhook id, or our bulk line's key.
    delivery_id = models.CharField(max_length=120)
    delivery_count = models.PositiveIntegerField(default=1)
    triggered_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    #: Cleared after 30 days or at erasure.
    body = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    handled_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)
    #: What became of it, in a reason code, with the order's id where there is one.
    result = models.CharField(max_length=60, blank=True)
    order_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="inbound_delivery", fields=["merchant", "connection", "delivery_id"]),
            models.CheckConstraint(
                name="inbound_handled_at",
                condition=Q(state="WAITING", handled_at=None) | (~Q(state="WAITING") & Q(handled_at__isnull=False)),
            ),
        ]
        indexes = [
            # integrations.steps.inbox: what waits
            models.Index(name="inbound_waiting", fields=["merchant", "next_try_at"], condition=Q(handled_at=None)),
            models.Index(name="inbound_newest", fields=["merchant", "connection", "-received_at"]),
        ]


class Heartbeat(TenantModel):
    """The SDK ran on a page of the shop: one row per placement, host and day, so that a removed snippet is noticed."""

    placement = models.CharField(max_length=60)
    page_host = models.CharField(max_length=260)
    #: The day in the merchant's zone.
    day = models.DateField()
    first_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="heartbeat_once", fields=["merchant", "day", "placement", "page_host"])
        ]


class BulkUpload(TenantModel):
    """Many orders told in one request of the API."""

    received_at = models.DateTimeField()
    #: The API key that sent it, as the event log names it.
    received_by = models.CharField(max_length=60)
    count = models.PositiveIntegerField()


class BulkLine(TenantModel):
    """One order of an upload. What it says is forgotten when it is settled or refused; the result stays."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        DONE = "DONE", _("Done")
        REFUSED = "REFUSED", _("Refused")

    upload = TenantForeignKey(BulkUpload)
    number = models.PositiveIntegerField()
    #: The shop's own id of the order.
    external_id = models.CharField(max_length=120, blank=True)
    body = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Real time.
    next_try_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    order_id = models.UUIDField(null=True)
    #: Codes and fields of the refusal, as the API would have answered for this order alone.
    problem = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="bulk_line_number", fields=["merchant", "upload", "number"]),
            models.CheckConstraint(
                name="bulk_line_handled",
                condition=Q(state="WAITING", handled_at=None)
                | (~Q(state="WAITING") & Q(handled_at__isnull=False, body=None)),
            ),
        ]
        indexes = [
            # referral_saas.api.bulk: what waits
            models.Index(name="bulk_line_waiting", fields=["merchant", "next_try_at"], condition=Q(state="WAITING")),
        ]
