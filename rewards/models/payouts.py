"""Payouts: who is paid what for which rewards, with what was clawed back netted, and the forms the tax office wants."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Customer
from merchants.models import TenantForeignKey, TenantModel
from rewards.models.reward import Reward


class PayoutPolicy(TenantModel):
    """How the merchant pays out; one row, made at first use. Amounts in minor units of the workspace's currency."""

    class Cycle(models.TextChoices):
        WEEKLY = "WEEKLY", _("Every week")
        MONTHLY = "MONTHLY", _("Every month")
        QUARTERLY = "QUARTERLY", _("Every quarter")

    minimum_minor = models.BigIntegerField(_("smallest payout"), default=0)
    cycle = models.CharField(max_length=10, choices=Cycle.choices, default=Cycle.MONTHLY)
    #: What is released until this many days before the payout's day is in it.
    cut_off_days = models.PositiveSmallIntegerField(_("days between cut-off and payout"), default=0)
    #: A payout of more than this needs a second person. Empty: never.
    approval_over_minor = models.BigIntegerField(_("second person above"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="payout_policy_once", fields=["merchant"]),
            models.CheckConstraint(
                name="payout_policy_amounts",
                condition=Q(minimum_minor__gte=0) & (Q(approval_over_minor=None) | Q(approval_over_minor__gte=0)),
            ),
        ]


class PayoutAccount(TenantModel):
    """Where a person wants their money. ``sealed`` is kit.crypto's; lists show ``hint`` alone."""

    class Method(models.TextChoices):
        IBAN = "IBAN", _("Bank account (IBAN)")
        PAYPAL = "PAYPAL", _("PayPal")
        OTHER = "OTHER", _("Another way")

    customer = TenantForeignKey(Customer)
    method = models.CharField(max_length=10, choices=Method.choices)
    sealed = models.TextField()
    hint = models.CharField(max_length=60)
    #: Keyed hash of the normalised account: two people of one account are seen without opening anything.
    fingerprint = models.CharField(max_length=64)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="payout_account_once", fields=["merchant", "customer"])]
        indexes = [models.Index(name="payout_account_same", fields=["merchant", "fingerprint"])]


class Payout(TenantModel):
    """One run of paying people: a preview that can be changed, then confirmed once, then reconciled line by line."""

    class State(models.TextChoices):
        PREVIEW = "PREVIEW", _("Preview")
        AWAITING_APPROVAL = "AWAITING_APPROVAL", _("Waiting for a second person")
        CONFIRMED = "CONFIRMED", _("Confirmed")
        CLOSED = "CLOSED", _("Closed")
        CANCELLED = "CANCELLED", _("Cancelled")

    number = models.PositiveIntegerField()
    unit = models.CharField(max_length=3)
    cut_off_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.PREVIEW)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    #: Who asked for it to be paid, and who agreed: never the same person.
    asked_at = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=60, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="payout_number", fields=["merchant", "number"]),
            models.UniqueConstraint(
                name="payout_one_open",
                fields=["merchant", "unit"],
                condition=Q(state__in=["PREVIEW", "AWAITING_APPROVAL"]),
            ),
            models.CheckConstraint(
                name="payout_confirmed_at",
                condition=Q(state__in=["CONFIRMED", "CLOSED"], confirmed_at__isnull=False)
                | (~Q(state__in=["CONFIRMED", "CLOSED"]) & Q(confirmed_at=None)),
            ),
            models.CheckConstraint(
                name="payout_two_people",
                condition=Q(asked_by="") | Q(confirmed_by="") | ~Q(asked_by=F("confirmed_by")),
            ),
        ]
        indexes = [models.Index(name="payout_newest", fields=["merchant", "-made_at", "-id"])]


class PayoutLine(TenantModel):
    """One person in a payout. ``amount_minor``: what they are owed less what they owe."""

    class State(models.TextChoices):
        INCLUDED = "INCLUDED", _("Included")
        EXCLUDED = "EXCLUDED", _("Left out")
        PAID = "PAID", _("Paid")
        FAILED = "FAILED", _("Failed")

    payout = TenantForeignKey(Payout)
    recipient = TenantForeignKey(Customer)
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.INCLUDED)
    #: Why it is left out or failed (a code), for example below_minimum, no_account, tax_form, by_hand.
    reason = models.CharField(max_length=60, blank=True)
    #: The bank's or the sender's reference.
    reference = models.CharField(max_length=120, blank=True)
    #: The account as it was at the confirmation: what a person changes later is for later payouts. Emptied at the end.
    method = models.CharField(max_length=10, choices=PayoutAccount.Method.choices, blank=True)
    sealed = models.TextField(blank=True)
    hint = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=60, blank=True)
    #: The customer it was for, where they were merged into the recipient since: one payout may have paid both.
    stood_for = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="payout_line_once", fields=["merchant", "payout", "recipient"], condition=Q(stood_for=None)
            ),
            models.CheckConstraint(
                name="payout_line_paid_is_positive", condition=~Q(state="PAID") | Q(amount_minor__gte=0)
            ),
        ]


class PayoutItem(TenantModel):
    """One reward in a line: what it pays, or a correction of one given earlier.

    A correction takes back what was clawed back (minus), or gives again what was taken back without need (plus).
    """

    line = TenantForeignKey(PayoutLine)
    reward = TenantForeignKey(Reward)
    amount_minor = models.BigIntegerField()
    is_correction = models.BooleanField(default=False)
    #: True while its payout is open or it was paid: a reward is in one living payout at most.
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="payout_item_not_zero", condition=~Q(amount_minor=0)),
            models.CheckConstraint(
                name="payout_item_only_corrections_take", condition=Q(is_correction=True) | Q(amount_minor__gt=0)
            ),
            models.UniqueConstraint(
                name="payout_item_pays_once",
                fields=["merchant", "reward"],
                condition=Q(is_live=True, is_correction=False),
            ),
        ]
        indexes = [
            models.Index(name="payout_item_line", fields=["merchant", "line"]),
            models.Index(name="payout_item_reward", fields=["merchant", "reward"]),
        ]


class TaxForm(TenantModel):
    """A person's form for a country's tax office: asked for when a threshold is passed, marked when it is there."""

    customer = TenantForeignKey(Customer)
    country = models.CharField(max_length=2)
    asked_at = models.DateTimeField()
    collected_at = models.DateTimeField(null=True)
    collected_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="tax_form_once", fields=["merchant", "customer", "country"])]
