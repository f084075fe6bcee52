"""A lead: somebody who was recommended and buys after talking, with the stage of these talks."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from advocates.models import Advocate, Customer, Link
from leads.rules import OPEN
from leads.rules import Stage as Stages
from merchants.models import TenantForeignKey, TenantModel, User
from programs.models import Program
from tracking.models import Order

#: Of leads that are still talked to, as the column has them.
OPEN_STAGES = [stage.value for stage in OPEN]


class Lead(TenantModel):
    """One per program and person: who asks again is the lead they are.

    ``advocate`` is decided once, when the lead comes, by the rules for orders; the evidence it was decided on is kept,
    and goes along with the order that a sale becomes. What the person told (name, company, phone, words) stands here
    alone, never in an event.
    """

    class Stage(models.TextChoices):
        NEW = Stages.NEW.value, _("New")
        QUALIFIED = Stages.QUALIFIED.value, pgettext_lazy("lead", "Qualified")
        MEETING = Stages.MEETING.value, _("Meeting")
        NEGOTIATION = Stages.NEGOTIATION.value, _("Negotiation")
        WON = Stages.WON.value, _("Won")
        LOST = Stages.LOST.value, _("Lost")

    class Source(models.TextChoices):
        FORM = "FORM", _("Friend page")
        TEAM = "TEAM", _("Entered by the team")
        API = "API", _("API")

    class Lost(models.TextChoices):
        PRICE = "PRICE", _("Too expensive for them")
        RIVAL = "RIVAL", _("Chose somebody else")
        NO_NEED = "NO_NEED", _("No need, or not now")
        NO_ANSWER = "NO_ANSWER", _("No answer any more")
        NO_FIT = "NO_FIT", _("Not a fit for us")
        NOT_REAL = "NOT_REAL", _("Not a real request")
        OTHER = "OTHER", _("Something else")

    program = TenantForeignKey(Program, db_index=False)  # lead_once begins with it
    customer = TenantForeignKey(Customer)
    advocate = TenantForeignKey(Advocate, null=True, db_index=False)  # lead_advocate has it
    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.NEW)
    source = models.CharField(max_length=5, choices=Source.choices)
    name = models.CharField(_("name"), max_length=200, blank=True)
    company = models.CharField(_("company"), max_length=120, blank=True)
    #: For searching by the beginning of a company's name: made by the database, compared with COLLATE "C".
    company_key = models.GeneratedField(
        expression=Lower("company"), output_field=models.CharField(max_length=120, db_collation="C"), db_persist=True
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    message = models.TextField(_("what it is about"), max_length=2000, blank=True)
    #: They agreed that the advocate sees their first name.
    name_shown = models.BooleanField(default=False)
    #: What it may be worth, as the team guesses, in minor units of ``currency`` (the program's).
    value_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    #: Empty: nobody's yet. Whoever has left the team still stands here.
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    #: By when the next step is to be taken, on the workspace's calendar.
    due_date = models.DateField(null=True)
    #: The signed click they came by, and the advocate's code: the evidence.
    token = models.CharField(max_length=500, blank=True)
    code = models.CharField(max_length=40, blank=True, db_collation="C")
    #: Reason codes and ids of the decision whose lead it is (tracking.rules.Decision.to_json()).
    decision = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    #: When it came to its stage.
    moved_at = models.DateTimeField()
    #: When the same person asked last, if they asked again.
    asked_again_at = models.DateTimeField(null=True)
    lost_reason = models.CharField(max_length=10, choices=Lost.choices, blank=True)
    lost_words = models.CharField(max_length=300, blank=True)
    #: Net of tax, in minor units of ``currency``.
    won_minor = models.BigIntegerField(null=True)
    won_at = models.DateTimeField(null=True)
    #: The sale. It stays when the sale is taken back, and is used again when the lead is won after all.
    order = TenantForeignKey(Order, null=True, db_index=False)  # lead_sale has it

    class Meta:
        constraints = [
            models.UniqueConstraint(name="lead_once", fields=["merchant", "program", "customer"]),
            models.UniqueConstraint(name="lead_sale", fields=["merchant", "order"]),
            models.CheckConstraint(name="lead_worth", condition=Q(value_minor=None) | Q(value_minor__gte=0)),
            models.CheckConstraint(
                name="lead_won",
                condition=Q(stage="WON", won_minor__gt=0, won_at__isnull=False, order__isnull=False)
                | (~Q(stage="WON") & Q(won_minor=None, won_at=None)),
            ),
            models.CheckConstraint(
                name="lead_lost",
                condition=(Q(stage="LOST") & ~Q(lost_reason=""))
                | (~Q(stage="LOST") & Q(lost_reason="", lost_words="")),
            ),
        ]
        indexes = [
            models.Index(name="lead_newest", fields=["merchant", "-created_at", "-id"]),
            models.Index(name="lead_moved", fields=["merchant", "-moved_at", "-id"]),
            # the columns of the board
            models.Index(name="lead_board", fields=["merchant", "stage", "-moved_at", "-id"]),
            models.Index(name="lead_due", fields=["merchant", "due_date"], condition=Q(stage__in=OPEN_STAGES)),
            models.Index(name="lead_advocate", fields=["merchant", "advocate", "-created_at"]),
            models.Index(name="lead_company", fields=["merchant", "company_key"]),
        ]

    def __str__(self) -> str:
        return self.company or self.name or str(self.customer)


class LeadAsked(TenantModel):
    """Somebody left their details on a friend's page. Taken in by a worker and then deleted: what is known of the
    address takes some people's requests longer than others', and a page that waited for it would tell who is known.
    """

    link = TenantForeignKey(Link, db_index=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    company = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    message = models.TextField(max_length=2000, blank=True)
    name_shown = models.BooleanField(default=False)
    #: Of the page they wrote on.
    language = models.CharField(max_length=10, blank=True)
    #: The signed click they came by.
    token = models.CharField(max_length=500)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Real time; while somebody is at it, the end of their lease.
    next_try_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="lead_asked_due", fields=["merchant", "next_try_at"])]
