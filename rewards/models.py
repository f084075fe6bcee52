"""Rewards, what stops them, the attempts to fulfil them, and the append-only ledger."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate, Customer
from merchants.models import TenantForeignKey, TenantModel
from programs.models import Program, TermsVersion
from programs.rules import Fulfilment
from tracking.models import Claim, Order, Referral


class Reward(TenantModel):
    """What one side gets for one referral. ``state`` says how far; what stops it are open RewardBlock rows."""

    class State(models.TextChoices):
        HELD = "HELD", _("Held")
        RELEASED = "RELEASED", _("Released")
        FULFILLING = "FULFILLING", _("Being delivered")
        FULFILLED = "FULFILLED", _("Delivered")
        CANCELLED = "CANCELLED", _("Cancelled")
        REVERSED = "REVERSED", _("Taken back")
        EXPIRED = "EXPIRED", _("Expired")
        FAILED = "FAILED", _("Failed")

    class Side(models.TextChoices):
        ADVOCATE = "ADVOCATE", _("Advocate")
        FRIEND = "FRIEND", _("Friend")

    program = TenantForeignKey(Program)
    terms = TenantForeignKey(TermsVersion)
    referral = TenantForeignKey(Referral)
    order = TenantForeignKey(Order)
    advocate = TenantForeignKey(Advocate)
    #: Who receives it: the advocate's customer row or the friend's.
    recipient = TenantForeignKey(Customer)
    side = models.CharField(max_length=10, choices=Side.choices)
    fulfilment = models.CharField(max_length=20, choices=[(item.value, item.value) for item in Fulfilment])
    currency = models.CharField(max_length=3)
    #: What stands to be given: follows the net order until it is paid, then stays.
    amount_minor = models.BigIntegerField()
    #: What it would be had nothing been returned: shown beside a reduced or cancelled reward.
    full_minor = models.BigIntegerField(default=0)
    #: Taken back after it was paid, by negative ledger entries. Never more than amount_minor.
    clawed_back_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State.choices, default=State.HELD)
    #: Why it is cancelled, reversed or failed (rewards.rules.Why), or what it waits for.
    reason = models.CharField(max_length=40, blank=True)
    #: When the hold ends. Empty: no anchor yet (waiting for shipment).
    release_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    fulfilled_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    reversed_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    #: When fulfilment may next be tried (real time): retryable failures wait here.
    next_try_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: What was delivered: the coupon code, the provider's id.
    voucher = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="reward_per_side", fields=["merchant", "referral", "side"]),
            models.CheckConstraint(name="reward_amount_positive", condition=Q(amount_minor__gte=0)),
            models.CheckConstraint(
                name="reward_clawed_back",
                condition=Q(clawed_back_minor__gte=0, clawed_back_minor__lte=F("amount_minor")),
            ),
            models.CheckConstraint(
                name="reward_released_at",
                condition=Q(state__in=["HELD"], released_at=None)
                | Q(state__in=["RELEASED", "FULFILLING", "FULFILLED", "REVERSED", "FAILED"], released_at__isnull=False)
                | Q(state__in=["CANCELLED", "EXPIRED"]),
            ),
            models.CheckConstraint(
                name="reward_fulfilled_at",
                condition=Q(state__in=["FULFILLED", "REVERSED"], fulfilled_at__isnull=False)
                | (~Q(state__in=["FULFILLED", "REVERSED"]) & Q(fulfilled_at=None)),
            ),
            models.CheckConstraint(
                name="reward_cancelled_at",
                condition=Q(state="CANCELLED", cancelled_at__isnull=False)
                | (~Q(state="CANCELLED") & Q(cancelled_at=None)),
            ),
            models.CheckConstraint(
                name="reward_reversed_at",
                condition=Q(state="REVERSED", reversed_at__isnull=False) | (~Q(state="REVERSED") & Q(reversed_at=None)),
            ),
            models.CheckConstraint(
                name="reward_failed_at",
                condition=Q(state="FAILED", failed_at__isnull=False) | (~Q(state="FAILED") & Q(failed_at=None)),
            ),
        ]
        indexes = [
            # rewards.steps.release: what is due
            models.Index(name="reward_due", fields=["merchant", "release_at"], condition=Q(state="HELD")),
            # rewards.steps.fulfil: what is to be delivered
            models.Index(
                name="reward_to_fulfil",
                fields=["merchant", "next_try_at"],
                condition=Q(state__in=["RELEASED", "FULFILLING"]),
            ),
            models.Index(name="reward_newest", fields=["merchant", "-created_at", "-id"]),
            models.Index(name="reward_advocate", fields=["merchant", "advocate"]),
        ]

    @property
    def is_by_hand(self) -> bool:
        """A person sends it and says so: no sweep ever tries."""
        return self.fulfilment == Fulfilment.MANUAL

    @property
    def standing_minor(self) -> int:
        return self.amount_minor - self.clawed_back_minor


class RewardBlock(TenantModel):
    """Something that stops a reward until it is lifted. One open per kind."""

    class Kind(models.TextChoices):
        REVIEW = "REVIEW", _("In review")
        DISPUTE = "DISPUTE", _("Payment disputed")
        BUDGET = "BUDGET", _("Budget used up")
        CONNECTION = "CONNECTION", _("Connection off")
        TAX_FORM = "TAX_FORM", _("Tax form missing")
        MANUAL = "MANUAL", _("Stopped by hand")

    reward = TenantForeignKey(Reward)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()
    by = models.CharField(max_length=60)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="reward_block_open_once", fields=["merchant", "reward", "kind"], condition=Q(lifted_at=None)
            )
        ]


class FulfilmentAttempt(TenantModel):
    """One try to deliver, written before the provider is called. The key grows from the reward's id."""

    class State(models.TextChoices):
        CLAIMED = "CLAIMED", _("Under way")
        SUCCEEDED = "SUCCEEDED", _("Delivered")
        RETRY = "RETRY", _("To be tried again")
        UNKNOWN = "UNKNOWN", _("Without an answer")
        FAILED = "FAILED", _("Refused")

    reward = TenantForeignKey(Reward)
    number = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices)
    #: Real time. After it another worker may take over with the same key, after a lookup.
    lease_until = models.DateTimeField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="attempt_number", fields=["merchant", "reward", "number"]),
            models.UniqueConstraint(
                name="attempt_one_open", fields=["merchant", "reward"], condition=Q(state="CLAIMED")
            ),
        ]


class Account(models.TextChoices):
    """Signed so that every posting sums to zero. Costs are positive, what is owed or granted is negative."""

    REWARD_COST = "REWARD_COST", _("Cost of rewards")
    OFFER_COST = "OFFER_COST", _("Cost of offers")
    HELD = "HELD", _("Held")
    PAYABLE = "PAYABLE", _("Payable")
    FULFILLED = "FULFILLED", _("Fulfilled")
    CLAWED_BACK = "CLAWED_BACK", _("Clawed back")
    DISCOUNT_GRANTED = "DISCOUNT_GRANTED", _("Discount granted")


class Posting(TenantModel):
    """One balanced set of ledger entries. Append-only; made and filled in one transaction."""

    program = TenantForeignKey(Program)
    reward = TenantForeignKey(Reward, null=True)
    claim = TenantForeignKey(Claim, null=True)
    order = TenantForeignKey(Order, null=True)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="posting_reward", fields=["merchant", "reward"])]


class LedgerEntry(TenantModel):
    """One leg. The database refuses a posting whose legs do not sum to zero per unit, and any change afterwards."""

    posting = TenantForeignKey(Posting)
    account = models.CharField(max_length=20, choices=Account.choices)
    #: ISO currency code today; points and months are units beside currencies.
    unit = models.CharField(max_length=12)
    amount_minor = models.BigIntegerField()
    program = TenantForeignKey(Program)

    class Meta:
        constraints = [models.CheckConstraint(name="ledger_entry_not_zero", condition=~Q(amount_minor=0))]
        indexes = [
            models.Index(name="ledger_entry_posting", fields=["merchant", "posting"]),
            models.Index(name="ledger_entry_account", fields=["merchant", "account", "unit"]),
        ]
