"""A program, its frozen terms, and the codes that exist in the merchant's shop."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit.units import LONGEST_UNIT
from merchants.models import Merchant, TenantForeignKey, TenantModel
from programs.rules import Form, Fulfilment, Gives, Terms
from programs.rules.drive import Course, Step
from programs.rules.landing import leads_straight


class Program(TenantModel):
    """Rules, offer and rewards for one audience. ``draft`` is what publishing would freeze next."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        ACTIVE = "ACTIVE", _("Active")
        PAUSED = "PAUSED", _("Paused")
        ENDED = "ENDED", _("Ended")

    class AutoEnrol(models.TextChoices):
        OFF = "OFF", _("Nobody automatically")
        INVITE = "INVITE", _("Invite by mail after the first paid order")
        ON = "ON", _("Enrol after the first paid order")

    class Landing(models.TextChoices):
        PAGE = "PAGE", _("A page with the offer, then the shop")
        REDIRECT = "REDIRECT", _("Straight to the shop")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    #: Terms.to_json() of the next version.
    draft = models.JSONField()
    terms = TenantForeignKey("programs.TermsVersion", null=True)
    auto_enrol = models.CharField(max_length=10, choices=AutoEnrol.choices, default=AutoEnrol.OFF)
    self_sign_up = models.BooleanField(_("customers may join by themselves"), default=True)
    #: For so many days after an order nobody referred its buyer may say who sent them. 0: they are not asked.
    introduction_days = models.PositiveSmallIntegerField(default=14)
    #: Also by mail after the order. Off unless the merchant wants it.
    introduction_mail = models.BooleanField(default=False)
    #: What a link answers with. Like the three below it is no part of the frozen terms: it holds for all links at once.
    landing = models.CharField(max_length=10, choices=Landing.choices, default=Landing.PAGE)
    #: Where links lead: an address on a verified host. Empty: the shop's address.
    destination = models.CharField(max_length=2048, blank=True)
    #: Campaign parameters of every link (programs.rules.campaign).
    utm = models.JSONField(default=dict)
    #: Whether advocates may choose their own code in the portal.
    own_codes = models.BooleanField(_("advocates may choose their own code"), default=False)
    #: Whether a link's page asks friends to leave their details, because they buy after talking (leads).
    takes_leads = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    #: Since when a hard budget is used up: no new claims until it is raised.
    out_of_budget_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="program_slug", fields=["merchant", "slug"]),
            models.CheckConstraint(
                name="program_published_has_terms",
                condition=Q(state="DRAFT") | Q(terms__isnull=False, published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="program_paused_at", condition=Q(state="PAUSED", paused_at__isnull=False) | ~Q(state="PAUSED")
            ),
            models.CheckConstraint(
                name="program_ended_at",
                condition=Q(state="ENDED", ended_at__isnull=False) | (~Q(state="ENDED") & Q(ended_at=None)),
            ),
            models.CheckConstraint(
                name="program_archived_is_over", condition=Q(archived_at=None) | Q(state__in=["DRAFT", "ENDED"])
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def draft_terms(self) -> Terms:
        return Terms.from_json(self.draft)

    @property
    def leads_straight(self) -> bool:
        """Whether links answer with the way to the shop instead of a page."""
        return leads_straight(self.landing, self.live_terms) and not self.takes_leads

    @property
    def live_terms(self) -> Terms:
        """The terms new referrals get: the published version, or the draft's before there is one."""
        return self.terms.as_terms() if self.terms else self.draft_terms


class TermsVersion(TenantModel):
    """Frozen at publishing. Referrals keep theirs whatever the merchant changes later."""

    program = TenantForeignKey(Program)
    number = models.PositiveIntegerField()
    terms = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(name="terms_number", fields=["merchant", "program", "number"])]

    def as_terms(self) -> Terms:
        return Terms.from_json(self.terms)


class RewardKind(TenantModel):
    """Something this merchant gives: a row over the forms of programs.rules.kinds. Only its name changes later."""

    name = models.CharField(_("name"), max_length=80)
    form = models.CharField(max_length=20, choices=[(item.value, item.value) for item in Form])
    fulfilment = models.CharField(max_length=20, choices=[(item.value, item.value) for item in Fulfilment])
    #: An ISO currency code or a unit of its own (kit.units).
    unit = models.CharField(max_length=LONGEST_UNIT)
    #: What one whole unit is worth, in minor units of the workspace's currency. Empty for that currency itself.
    fair_minor = models.BigIntegerField(null=True)
    #: How long it can be used after delivery. Empty: for ever.
    valid_days = models.PositiveIntegerField(null=True)
    setting = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="reward_kind_name", fields=["merchant", "name"], condition=Q(archived_at=None))
        ]

    def __str__(self) -> str:
        return self.name

    def as_gives(self) -> Gives:
        return Gives(
            id=str(self.pk),
            name=self.name,
            form=Form(self.form),
            unit=self.unit,
            fulfilment=Fulfilment(self.fulfilment),
            fair_minor=self.fair_minor,
            valid_days=self.valid_days,
            setting=self.setting,
        )


class KindStock(TenantModel):
    """How many of a thing are left, per size ("" where it has none)."""

    kind = TenantForeignKey(RewardKind)
    size = models.CharField(max_length=20, blank=True)
    left = models.PositiveIntegerField()
    #: What the last filling made it.
    filled = models.PositiveIntegerField(default=0)
    #: Told once per filling that few are left.
    low_told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="kind_stock_size", fields=["merchant", "kind", "size"])]


class CodePool(TenantModel):
    """Single-use codes that exist in the merchant's shop: one pool per program and purpose, and one per kind of reward.

    A kind's pool serves every program that gives the kind.
    """

    class Purpose(models.TextChoices):
        OFFER = "OFFER", _("Friend offer")
        REWARD = "REWARD", _("Advocate reward")

    #: Whose codes they are. Empty where they belong to a kind.
    program = TenantForeignKey(Program, null=True)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    #: The kind of reward its codes are for. Empty: the program's plain vouchers.
    kind = TenantForeignKey(RewardKind, null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="code_pool_once", fields=["merchant", "program", "purpose", "kind"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="code_pool_of_one",
                condition=Q(program__isnull=False, kind=None) | Q(program=None, kind__isnull=False, purpose="REWARD"),
            ),
        ]


class PoolCode(TenantModel):
    """One code. ``taken_for`` is the claim or reward it was given to; the same holder always gets the same code."""

    pool = TenantForeignKey(CodePool)
    code = models.CharField(max_length=80)
    position = models.PositiveIntegerField()
    taken_for = models.UUIDField(null=True)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pool_code_once", fields=["merchant", "code"]),
            models.UniqueConstraint(name="pool_code_holder", fields=["merchant", "pool", "taken_for"]),
            models.CheckConstraint(
                name="pool_code_taken",
                condition=Q(taken_for=None, taken_at=None) | Q(taken_for__isnull=False, taken_at__isnull=False),
            ),
        ]
        indexes = [
            # programs.actions.stock.take_code
            models.Index(name="pool_code_free", fields=["merchant", "pool", "position"], condition=Q(taken_for=None)),
        ]


class Setup(TenantModel):
    """How far a workspace has come on its way to the first live program. Only what cannot be computed stands here."""

    #: The draft that is being made. Empty until it was said what is sold.
    program = TenantForeignKey(Program, null=True)
    #: A key of programs.templates.TEMPLATES.
    preset = models.CharField(max_length=20, blank=True)
    #: What the merchant said about the business (programs.rules.margin.Business.to_json()).
    figures = models.JSONField(default=dict)
    #: Names of the steps that were put off.
    skipped = models.JSONField(default=list)
    #: Fingerprint of the terms that somebody read and agreed to; other terms are to be read anew.
    terms_read = models.CharField(max_length=64, blank=True)
    #: Names of the steps whose answers somebody kept, for those whose beginnings would do as they are.
    kept = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="setup_once", fields=["merchant"])]


class Drive(TenantModel):
    """A test drive: the whole loop played once, from a program's draft as it was, in a workspace made for it.

    Nothing of it is this merchant's: people, order, reward and mails are the stage's, which only this row leads to.
    """

    program = TenantForeignKey(Program)
    number = models.PositiveIntegerField()
    #: A sandbox without members: whoever may open this row's workspace gets there through it.
    stage = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    #: Fingerprint of the draft that is played.
    terms_digest = models.CharField(max_length=64)
    #: Name of the last step that was played (programs.rules.drive). Empty: none yet.
    reached = models.CharField(max_length=10, blank=True)
    #: The order came back, instead of being kept.
    comes_back = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    #: When its order had been attributed to the advocate: the way from a link to an order works.
    attributed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="drive_number", fields=["merchant", "program", "number"]),
            models.UniqueConstraint(name="drive_stage", fields=["merchant", "stage"]),
        ]

    @property
    def course(self) -> Course:
        return Course(Step(self.reached) if self.reached else None, self.comes_back)
