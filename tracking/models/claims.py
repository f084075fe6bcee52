"""Who asked for an offer, and the code they were given."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate, Customer, Link
from merchants.models import TenantForeignKey, TenantModel
from programs.models import Program, TermsVersion
from programs.rules import Terms


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
            # whose claims are these: attribution by e-mail, and a person's story
            models.Index(name="claim_friend", fields=["merchant", "friend"], condition=Q(friend__isnull=False)),
            models.Index(name="claim_program", fields=["merchant", "program", "claimed_at"]),
            models.Index(name="claim_newest", fields=["merchant", "-claimed_at", "-id"]),
        ]

    @property
    def terms_shown(self) -> Terms:
        """What the friend was promised: the terms as they were for the advocate's level."""
        return self.terms.as_terms().at_tier(self.tier)


class OfferAsked(TenantModel):
    """Somebody asked for an offer with an e-mail address. Answered by a worker and then deleted: what is known of the
    address takes some people's requests longer than others', and a page that waited for it would tell who is known.
    """

    link = TenantForeignKey(Link, db_index=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    #: Of the page they asked on: their mail is in it.
    language = models.CharField(max_length=10, blank=True)
    name_shown = models.BooleanField(default=False)
    click_id = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Real time; while somebody is at it, the end of their lease.
    next_try_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="offer_asked_due", fields=["merchant", "next_try_at"])]
