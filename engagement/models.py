"""What was said to people, and what they did not want to hear."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate, Customer
from engagement.rules.coverage import Place
from merchants.models import TenantForeignKey, TenantModel, User
from programs.models import Program


class Message(TenantModel):
    """One mail to one person about one event. Written before it is sent; the rendered text is not kept."""

    class State(models.TextChoices):
        SENDING = "SENDING", _("Being sent")
        SENT = "SENT", _("Sent")
        SKIPPED = "SKIPPED", _("Not sent")
        FAILED = "FAILED", _("Failed")

    #: Empty for mail to the merchant's own team: their people are no customers.
    customer = TenantForeignKey(Customer, null=True, on_delete=models.CASCADE)
    kind = models.CharField(max_length=40)
    #: outbox row that asked for it: one mail per row and kind, however often it is worked.
    outbox_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="message_once", fields=["merchant", "outbox_id", "kind", "customer"]),
            models.UniqueConstraint(
                name="message_team_once", fields=["merchant", "outbox_id", "kind"], condition=Q(customer=None)
            ),
        ]
        indexes = [models.Index(name="message_customer", fields=["merchant", "customer", "at"])]


class SwitchedOff(TenantModel):
    """A kind of mail to the team that this person does not want of this workspace (engagement.notices)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="switched_off_once", fields=["merchant", "user", "kind"])]


#: Where the shop tells of the program, as it stands in addresses.
PLACES = [(place.value, place.value) for place in Place]


class StaffLink(TenantModel):
    """A way to join that a colleague or a till shows to customers. Nobody is rewarded for it; it is only counted."""

    program = TenantForeignKey(Program)
    name = models.CharField(_("name"), max_length=80)
    #: Its last part of the address.
    mark = models.CharField(max_length=20, db_collation="C")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="staff_link_mark", fields=["merchant", "mark"]),
            models.UniqueConstraint(
                name="staff_link_name", fields=["merchant", "program", "name"], condition=Q(retired_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlaceDay(TenantModel):
    """How often the page to join was opened in a day, by the address of one place or staff link. Numbers, no people."""

    program = TenantForeignKey(Program, db_index=False)
    place = models.CharField(max_length=20, choices=PLACES)
    staff_link = TenantForeignKey(StaffLink, null=True, db_index=False)
    #: The day in the merchant's zone.
    day = models.DateField()
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="place_day_once",
                fields=["merchant", "day", "program", "place", "staff_link"],
                nulls_distinct=False,
            ),
        ]


class Arrival(TenantModel):
    """By which place an advocate found the program. They have joined once they are no longer INVITED."""

    advocate = TenantForeignKey(Advocate, on_delete=models.CASCADE, db_index=False)
    place = models.CharField(max_length=20, choices=PLACES)
    staff_link = TenantForeignKey(StaffLink, null=True, db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="arrival_once", fields=["merchant", "advocate"])]
        indexes = [models.Index(name="arrival_newest", fields=["merchant", "at"])]


class PlaceWord(TenantModel):
    """What the merchant says of a place that cannot be seen, or that they do not have. Empty: nothing any more."""

    class Says(models.TextChoices):
        DONE = "DONE", _("We do this")
        NOT_OURS = "NOT_OURS", _("This is not for us")

    place = models.CharField(max_length=20, choices=PLACES)
    says = models.CharField(max_length=10, choices=Says.choices, blank=True)
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(name="place_word_once", fields=["merchant", "place"])]
