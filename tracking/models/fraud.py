"""What is known for judging whether a referral is genuine, what was judged, and what people decided about it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate, Customer
from merchants.models import TenantForeignKey, TenantModel
from programs.models import Program
from tracking.models.orders import Order
from tracking.models.referrals import Referral


class FraudPolicy(TenantModel):
    """How a program judges, where it is not as the defaults here say. A missing row means the defaults."""

    program = TenantForeignKey(Program)
    #: From these scores on: held and shown to the team, and held until somebody decides.
    medium_at = models.PositiveSmallIntegerField(_("review from"), default=40)
    high_at = models.PositiveSmallIntegerField(_("hold until decided from"), default=80)
    #: Signal code -> points, where they differ from tracking.rules.fraud.WEIGHTS.
    weights = models.JSONField(default=dict, blank=True)
    #: What nobody looked at goes on when its hold is over. Never so for what is high, or could not be judged.
    medium_releases = models.BooleanField(_("release what nobody looked at"), default=True)
    remind_days = models.PositiveSmallIntegerField(_("remind after days"), default=14)
    void_days = models.PositiveSmallIntegerField(_("refuse after days"), default=60)
    #: More attributed referrals than this in an hour stop the next ones. Empty: never.
    breaker_per_hour = models.PositiveIntegerField(_("stop above so many in an hour"), null=True, default=200)
    #: How many of a hundred passed ones are shown to somebody all the same.
    sample_percent = models.PositiveSmallIntegerField(_("passed ones to look at, in percent"), default=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="fraud_policy_once", fields=["merchant", "program"]),
            models.CheckConstraint(
                name="fraud_policy_thresholds", condition=Q(medium_at__gte=1, high_at__gt=F("medium_at"))
            ),
            models.CheckConstraint(
                name="fraud_policy_days", condition=Q(remind_days__gte=1, void_days__gt=F("remind_days"))
            ),
            models.CheckConstraint(
                name="fraud_policy_rates",
                condition=Q(sample_percent__lte=100) & (Q(breaker_per_hour=None) | Q(breaker_per_hour__gte=1)),
            ),
        ]


class ListEntry(TenantModel):
    """Somebody or something the merchant blocks or trusts. ``*`` in a pattern stands for any characters."""

    class List(models.TextChoices):
        BLOCK = "BLOCK", _("Blocked")
        TRUST = "TRUST", _("Trusted")

    class Field(models.TextChoices):
        EMAIL = "EMAIL", _("E-mail address")
        DOMAIN = "DOMAIN", _("Mail domain")
        NETWORK = "NETWORK", _("Network address")
        COUNTRY = "COUNTRY", _("Country")
        REFERRER = "REFERRER", _("Website they came from")
        ADVOCATE = "ADVOCATE", _("Advocate's e-mail address")

    list = models.CharField(max_length=5, choices=List.choices)
    field = models.CharField(max_length=10, choices=Field.choices)
    pattern = models.CharField(_("pattern"), max_length=200)
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="list_entry_once", fields=["merchant", "list", "field", "pattern"]),
            models.CheckConstraint(name="list_entry_pattern", condition=~Q(pattern="")),
        ]


class Trace(TenantModel):
    """Where something came from, as keyed hashes alone (tracking.salts): no address, no user agent string."""

    at = models.DateTimeField()
    #: Number of the salt the hashes were made with; 0: no address was told.
    salt = models.PositiveIntegerField(default=0)
    address = models.CharField(max_length=22, blank=True, db_collation="C")
    network = models.CharField(max_length=22, blank=True, db_collation="C")
    #: The same under each older salt that lived then, {"number": [address, network]}: two traces can be compared
    #: where they share a salt.
    earlier = models.JSONField(default=dict)
    #: Browser and system, as tracking.humans.agent_of reduces them.
    agent = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True


class OrderTrace(Trace):
    """What came with an order about the browser and the means of payment it was placed with."""

    order = TenantForeignKey(Order)
    customer = TenantForeignKey(Customer, null=True)
    #: Keyed hash of what the payment provider calls the card's fingerprint.
    fingerprint = models.CharField(max_length=64, blank=True, db_collation="C")
    #: Host of the page that led to the shop. Empty: none, or not told.
    referrer = models.CharField(max_length=100, blank=True)
    referrer_told = models.BooleanField(default=False)
    #: List entries about networks that fitted the address, for the address itself is not kept.
    listed = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(name="order_trace_once", fields=["merchant", "order"])]
        indexes = [
            models.Index(name="order_trace_customer", fields=["merchant", "customer", "at"]),
            models.Index(name="order_trace_card", fields=["merchant", "fingerprint"], condition=~Q(fingerprint="")),
            models.Index(name="order_trace_address", fields=["merchant", "address", "-at"], condition=~Q(address="")),
        ]


class AdvocateTrace(Trace):
    """Where an advocate signed in to the portal from; one row per place."""

    advocate = TenantForeignKey(Advocate)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="advocate_trace_once", fields=["merchant", "advocate", "salt", "address", "agent"]
            )
        ]
        indexes = [models.Index(name="advocate_trace_newest", fields=["merchant", "advocate", "-at"])]


class Reassessment(TenantModel):
    """A referral is to be judged again, since something came to light with another one. Deleted when it was."""

    referral = TenantForeignKey(Referral)
    cause = models.CharField(max_length=20)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="reassessment_once", fields=["merchant", "referral", "cause"])]


class Review(TenantModel):
    """Somebody is to look at a referral. The rewards it stops carry a REVIEW block; one review per referral, ever.

    Changed under the locks of the order, the friend and the referral alone.
    """

    class Level(models.TextChoices):
        PASS = "PASS", _("Passed")
        MEDIUM = "MEDIUM", _("Medium")
        HIGH = "HIGH", _("High")

    class Cause(models.TextChoices):
        SCORE = "SCORE", _("Signals")
        ERROR = "ERROR", _("Could not be judged")
        BREAKER = "BREAKER", _("Too many at once")
        LIST = "LIST", _("On a list")
        SAMPLE = "SAMPLE", _("Sample")
        APPEAL = "APPEAL", _("Second look")
        HAND = "HAND", _("Stopped by hand")

    class State(models.TextChoices):
        OPEN = "OPEN", _("Open")
        CLEARED = "CLEARED", _("Cleared")
        REFUSED = "REFUSED", _("Refused")
        #: Nobody decided, and it needs nobody any more: released at the end of the hold, or nothing waits for it.
        LAPSED = "LAPSED", _("Not needed any more")
        VOIDED = "VOIDED", _("Refused because nobody decided")

    referral = TenantForeignKey(Referral)
    advocate = TenantForeignKey(Advocate)
    level = models.CharField(max_length=6, choices=Level.choices)
    score = models.PositiveSmallIntegerField(default=0)
    cause = models.CharField(max_length=7, choices=Cause.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    #: When it left OPEN, whoever or whatever ended it.
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True)
    #: What was decided for each side; empty: nothing (yet), or that side has nothing to gain.
    advocate_ok = models.BooleanField(null=True)
    friend_ok = models.BooleanField(null=True)
    #: For the team.
    note = models.CharField(_("note"), max_length=500, blank=True)
    #: The people concerned are told of the decision.
    told = models.BooleanField(default=False)
    undone_at = models.DateTimeField(null=True)
    appeal_text = models.CharField(max_length=1000, blank=True)
    appealed_at = models.DateTimeField(null=True)
    appeal_answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="review_once", fields=["merchant", "referral"]),
            models.CheckConstraint(
                name="review_decided",
                condition=Q(state="OPEN", decided_at=None, decided_by="")
                | (~Q(state="OPEN") & Q(decided_at__isnull=False) & ~Q(decided_by="")),
            ),
            models.CheckConstraint(
                name="review_refused",
                condition=~Q(state__in=["REFUSED", "VOIDED"]) | Q(advocate_ok=False) | Q(friend_ok=False),
            ),
            models.CheckConstraint(
                name="review_appeal",
                condition=Q(appealed_at__isnull=False) | Q(appeal_text="", appeal_answered_at=None),
            ),
        ]
        indexes = [
            models.Index(name="review_open", fields=["merchant", "opened_at"], condition=Q(state="OPEN")),
            models.Index(name="review_newest", fields=["merchant", "-opened_at", "-id"]),
            models.Index(name="review_advocate", fields=["merchant", "advocate", "decided_at"]),
            models.Index(name="review_decided", fields=["merchant", "-decided_at", "-id"], condition=~Q(state="OPEN")),
            models.Index(name="review_sample", fields=["merchant", "-opened_at", "-id"], condition=Q(cause="SAMPLE")),
        ]

    @property
    def stops_rewards(self) -> bool:
        """A sample is looked at while the money goes its way; a second look stops what it gives back only."""
        return self.state == self.State.OPEN and self.cause != self.Cause.SAMPLE


class Breaker(TenantModel):
    """Too many referrals in one hour: from then on the program's new ones wait until a person says that all is well."""

    program = TenantForeignKey(Program)
    tripped_at = models.DateTimeField(null=True)
    #: How many there had been in the hour.
    counted = models.PositiveIntegerField(default=0)
    reset_at = models.DateTimeField(null=True)
    reset_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="breaker_once", fields=["merchant", "program"])]
