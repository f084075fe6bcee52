"""The tie from advocate to friend."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate, Customer, Link
from merchants.models import TenantForeignKey, TenantModel
from programs.models import Program, TermsVersion
from tracking.models.claims import Claim
from tracking.models.orders import Order


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
        INTRODUCED = "INTRODUCED", _("Said by the friend, confirmed by the advocate")

    program = TenantForeignKey(Program, db_index=False)  # referral_program begins with it
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
    #: When the order was placed, as its shop says; empty with what was written before this was kept.
    ordered_at = models.DateTimeField(null=True)
    #: How genuine it looks (tracking.rules.fraud.Assessment.to_json()): score, level, signals, what could not be seen.
    assessment = models.JSONField(default=dict)
    #: Whether there is a Review of it, so that nobody has to look for one that is not there.
    has_review = models.BooleanField(default=False)
    #: Given by hand as a referral alone: it counts, and nobody gets a reward for it.
    without_rewards = models.BooleanField(default=False)
    #: What the whole order counts for, in minor units of the program's currency, where somebody of the team said so:
    #: an order in another currency is never converted by itself. 0: they left it without a reward.
    worth_minor = models.BigIntegerField(null=True)
    #: Nobody has said so yet, and it is asked for.
    needs_worth = models.BooleanField(default=False)

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
            # insights.home: how many of the days qualify, and who brought the most
            models.Index(
                name="referral_qualified",
                fields=["merchant", "-attributed_at", "-id"],
                include=["advocate"],
                condition=Q(state="QUALIFIED"),
            ),
            models.Index(name="referral_program", fields=["merchant", "program", "-attributed_at", "-id"]),
            models.Index(name="referral_needs_worth", fields=["merchant"], condition=Q(needs_worth=True)),
            models.Index(name="referral_advocate", fields=["merchant", "advocate", "attributed_at"]),
            # tracking.actions.assess: how many in an hour
            models.Index(name="referral_pace", fields=["merchant", "program", "ordered_at"]),
            models.Index(name="referral_haste", fields=["merchant", "advocate", "ordered_at"]),
        ]
