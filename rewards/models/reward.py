"""Rewards, what stops them, the attempts to fulfil them and to take them back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from advocates.models import Advocate, Customer
from kit.units import LONGEST_UNIT
from merchants.models import TenantForeignKey, TenantModel
from programs.models import Program, RewardKind, TermsVersion
from programs.rules import BY_PEOPLE, Fulfilment
from tracking.models import Order, Referral


class Reward(TenantModel):
    """What one side gets for one referral. ``state`` says how far; what stops it are open RewardBlock rows."""

    class State(models.TextChoices):
        HELD = "HELD", _("Held")
        RELEASED = "RELEASED", _("Released")
        FULFILLING = "FULFILLING", _("Being delivered")
        FULFILLED = "FULFILLED", pgettext_lazy("reward", "Delivered")
        CANCELLED = "CANCELLED", _("Cancelled")
        REVERSED = "REVERSED", _("Taken back")
        EXPIRED = "EXPIRED", _("Expired")
        FAILED = "FAILED", _("Failed")

    class Side(models.TextChoices):
        ADVOCATE = "ADVOCATE", _("Advocate")
        FRIEND = "FRIEND", _("Friend")

    program = TenantForeignKey(Program, db_index=False)  # reward_program begins with it
    #: Empty together: a reward that somebody of the team gave at their own discretion (``note`` says for what).
    terms = TenantForeignKey(TermsVersion, null=True)
    referral = TenantForeignKey(Referral, null=True)
    order = TenantForeignKey(Order, null=True)
    advocate = TenantForeignKey(Advocate)
    #: Who receives it: the advocate's customer row or the friend's.
    recipient = TenantForeignKey(Customer)
    side = models.CharField(max_length=10, choices=Side.choices)
    fulfilment = models.CharField(max_length=20, choices=[(item.value, item.value) for item in Fulfilment])
    #: An ISO currency code, or a unit of its own (kit.units): points, months, pieces.
    unit = models.CharField(max_length=LONGEST_UNIT)
    #: What it is, of the merchant's catalogue. Empty: plain money as the program's rule says.
    kind = TenantForeignKey(RewardKind, null=True)
    #: What stands to be given: follows the net order until it is paid, then stays.
    amount_minor = models.BigIntegerField()
    #: What it would be had nothing been returned: shown beside a reduced or cancelled reward.
    full_minor = models.BigIntegerField(default=0)
    #: Taken back after it was paid, by negative ledger entries. Never more than amount_minor.
    clawed_back_minor = models.BigIntegerField(default=0)
    #: What ``amount_minor`` is worth in minor units of the program's currency; empty where nobody said.
    fair_minor = models.BigIntegerField(null=True)
    #: How much of the program's budget is kept for it, in minor units of the budget's currency.
    reserved_minor = models.BigIntegerField(default=0)
    #: Which of the rule's choices the recipient took; empty: the rule itself.
    chosen = models.CharField(max_length=40, blank=True)
    #: For what it was given, where no order stands behind it.
    note = models.CharField(max_length=500, blank=True)
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
    expired_at = models.DateTimeField(null=True)
    #: Somebody of the team refused it: worth nothing until that is undone.
    rejected_at = models.DateTimeField(null=True)
    #: Until when what was delivered can be used. Empty: for ever, or not delivered yet.
    valid_until = models.DateTimeField(null=True)
    #: When its code was seen on an order.
    used_at = models.DateTimeField(null=True)
    #: Brought back by a late use; its own order is to be settled again (rewards.actions.revived).
    is_revived = models.BooleanField(default=False)
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
                | (~Q(state__in=["FULFILLED", "REVERSED", "EXPIRED"]) & Q(fulfilled_at=None))
                | Q(state="EXPIRED"),
            ),
            models.CheckConstraint(
                name="reward_expired_at",
                condition=Q(state="EXPIRED", expired_at__isnull=False) | (~Q(state="EXPIRED") & Q(expired_at=None)),
            ),
            models.CheckConstraint(
                name="reward_for_something",
                condition=Q(terms__isnull=False, referral__isnull=False, order__isnull=False)
                | (Q(terms=None, referral=None, order=None) & ~Q(note="")),
            ),
            models.CheckConstraint(name="reward_reserved", condition=Q(reserved_minor__gte=0)),
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
            # insights.home: what somebody has to see to
            models.Index(name="reward_failed", fields=["merchant"], condition=Q(state="FAILED")),
            models.Index(name="reward_newest", fields=["merchant", "-created_at", "-id"]),
            models.Index(name="reward_program", fields=["merchant", "program", "-created_at", "-id"]),
            models.Index(name="reward_advocate", fields=["merchant", "advocate"]),
            models.Index(name="reward_recipient", fields=["merchant", "recipient"]),
            # rewards.actions.usage: whose code is this
            models.Index(name="reward_voucher", fields=["merchant", "voucher"], condition=~Q(voucher="")),
            # rewards.actions.revived: whose order is to be settled
            models.Index(name="reward_revived", fields=["merchant", "order"], condition=Q(is_revived=True)),
            # rewards.steps.expire: what ends next
            models.Index(
                name="reward_ends", fields=["merchant", "valid_until"], condition=Q(state="FULFILLED", used_at=None)
            ),
        ]

    @property
    def is_by_hand(self) -> bool:
        """A person does it, or a payout: no sweep ever tries."""
        return self.fulfilment in BY_PEOPLE

    @property
    def is_discretionary(self) -> bool:
        """Given by somebody of the team for no order."""
        return self.order_id is None

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
        CHOICE = "CHOICE", _("Choice open")
        ADDRESS = "ADDRESS", _("Address missing")
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


class Withdrawal(TenantModel):
    """Something delivered is asked back at its provider: its code is disabled, or it is known to have been used."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("To be asked")
        DISABLED = "DISABLED", _("Disabled unused")
        USED = "USED", _("Used already")
        NOT_FOUND = "NOT_FOUND", _("Not known there")
        IMPOSSIBLE = "IMPOSSIBLE", _("Cannot be disabled")

    reward = TenantForeignKey(Reward)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Real time.
    next_try_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="withdrawal_once", fields=["merchant", "reward"]),
            models.CheckConstraint(
                name="withdrawal_ended",
                condition=Q(state="WAITING", ended_at=None) | (~Q(state="WAITING") & Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [
            # rewards.steps.withdraw: what is to be asked
            models.Index(name="withdrawal_due", fields=["merchant", "next_try_at"], condition=Q(state="WAITING")),
        ]


class DeliveryAddress(TenantModel):
    """Where a thing is sent, and its size. Personal: forgotten 30 days after it was sent."""

    reward = TenantForeignKey(Reward)
    name = models.CharField(_("name"), max_length=120)
    street = models.CharField(_("street and number"), max_length=200)
    more = models.CharField(_("further details"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20)
    city = models.CharField(_("city"), max_length=120)
    country = models.CharField(_("country"), max_length=2)
    size = models.CharField(_("size"), max_length=20, blank=True)
    #: Taken from the stock of this kind for it.
    kind = TenantForeignKey(RewardKind, null=True)
    pieces = models.PositiveIntegerField(default=1)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="delivery_address_once", fields=["merchant", "reward"])]
