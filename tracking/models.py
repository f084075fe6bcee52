"""What happened: clicks, claims, orders and their facts, and the referral that follows from them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate, Customer, Link
from merchants.models import TenantForeignKey, TenantModel
from programs.models import Program, TermsVersion
from programs.rules import Terms


class Click(TenantModel):
    """A human opened a link. Evidence only: the signed token is the claim. No address, no user agent string."""

    link = TenantForeignKey(Link)
    program = TenantForeignKey(Program)
    variant = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    device = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes = [
            models.Index(name="click_program", fields=["merchant", "program", "at"]),
            models.Index(name="click_link", fields=["merchant", "link", "at"]),
        ]


class Claim(TenantModel):
    """A friend asked for the offer. The code is confirmed by the shop before it is shown, and bound to this row."""

    class State(models.TextChoices):
        PREPARING = "PREPARING", _("Code is being prepared")
        ISSUED = "ISSUED", _("Code given")
        REFUSED = "REFUSED", _("No code could be given")
        USED = "USED", _("Used")

    program = TenantForeignKey(Program)
    terms = TenantForeignKey(TermsVersion)
    advocate = TenantForeignKey(Advocate)
    link = TenantForeignKey(Link)
    #: uuid7 of the click; the row itself may be lost, so it is not a foreign key.
    click_id = models.UUIDField(null=True)
    #: The advocate's level then: it may have an offer of its own.
    tier = models.PositiveSmallIntegerField(default=0)
    friend = TenantForeignKey(Customer, null=True)
    variant = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    code = models.CharField(max_length=80, blank=True, db_collation="C")
    #: True when the code was given to this claim alone, so that the code alone attributes.
    code_is_own = models.BooleanField(default=False)
    claimed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    #: The friend agreed that the advocate sees their first name.
    name_shown = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="claim_per_friend", fields=["merchant", "program", "friend"], condition=Q(friend__isnull=False)
            ),
            models.UniqueConstraint(
                name="claim_per_click", fields=["merchant", "program", "click_id"], condition=Q(friend=None)
            ),
            models.UniqueConstraint(
                name="claim_own_code", fields=["merchant", "code"], condition=Q(code_is_own=True) & ~Q(code="")
            ),
            models.CheckConstraint(
                name="claim_used_at",
                condition=Q(state="USED", used_at__isnull=False) | (~Q(state="USED") & Q(used_at=None)),
            ),
        ]
        indexes = [
            models.Index(name="claim_advocate", fields=["merchant", "advocate", "claimed_at"]),
            models.Index(name="claim_program", fields=["merchant", "program", "claimed_at"]),
        ]

    @property
    def terms_shown(self) -> Terms:
        """What the friend was promised: the terms as they were for the advocate's level."""
        return self.terms.as_terms().at_tier(self.tier)


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

    class Meta:
        constraints = [
            models.UniqueConstraint(name="order_natural_key", fields=["merchant", "platform", "external_id"])
        ]
        indexes = [
            models.Index(name="order_newest", fields=["merchant", "-received_at", "-id"]),
            models.Index(name="order_number", fields=["merchant", "number"]),
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


class Referral(TenantModel):
    """The tie from advocate to friend that one order made, with its state; never the person."""

    class State(models.TextChoices):
        PENDING = "PENDING", _("Waiting")
        QUALIFIED = "QUALIFIED", _("Qualified")
        NOT_QUALIFIED = "NOT_QUALIFIED", _("Not qualified")
        BLOCKED = "BLOCKED", _("Blocked")

    class MatchedBy(models.TextChoices):
        CODE = "CODE", _("Code at checkout")
        TOKEN = "TOKEN", _("Link")
        EMAIL = "EMAIL", _("E-mail of the claim")
        MANUAL = "MANUAL", _("By hand")
        BOUND = "BOUND", _("Further order of the friend")

    program = TenantForeignKey(Program)
    terms = TenantForeignKey(TermsVersion)
    advocate = TenantForeignKey(Advocate)
    order = TenantForeignKey(Order)
    friend = TenantForeignKey(Customer, null=True)
    claim = TenantForeignKey(Claim, null=True)
    link = TenantForeignKey(Link, null=True)
    variant = models.CharField(max_length=40, blank=True)
    matched_by = models.CharField(max_length=10, choices=MatchedBy.choices)
    #: Why this touch was taken (tracking.rules.Reason), and when it was: the qualification window runs from there.
    how = models.CharField(max_length=40, blank=True)
    touched_at = models.DateTimeField()
    state = models.CharField(max_length=15, choices=State.choices)
    #: Reason codes, the deciding one first (tracking.rules.Reason, rewards.rules.Why).
    reasons = models.JSONField(default=list)
    #: True once the advocate's cap refused this referral: it stays refused, the friend keeps the offer.
    over_cap = models.BooleanField(default=False)
    #: What other orders and the calendar gave it when it first qualified (rewards.rules.Grant); stays as granted.
    granted = models.JSONField(default=dict)
    #: The friend's first referral, where this is a further order that earns again.
    follows = TenantForeignKey("tracking.Referral", null=True)
    attributed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="referral_per_order", fields=["merchant", "order"]),
            models.UniqueConstraint(
                name="referral_friend_once",
                fields=["merchant", "program", "friend"],
                condition=Q(friend__isnull=False, follows=None, state__in=["PENDING", "QUALIFIED"]),
            ),
        ]
        indexes = [
            models.Index(name="referral_newest", fields=["merchant", "-attributed_at", "-id"]),
            models.Index(name="referral_advocate", fields=["merchant", "advocate", "attributed_at"]),
        ]
