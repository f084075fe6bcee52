"""A list that somebody asked for as a file, and the parts the file is written in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models import Role, TenantForeignKey, TenantModel

#: Rows in a part: a second's work at most.
PART = 1_000


class Export(TenantModel):
    """Which list, as whom it was asked for, and how far the file is. Only who asked ever sees it."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("Begins in a moment")
        WRITING = "WRITING", _("Being written")
        READY = "READY", _("Ready")
        FAILED = "FAILED", _("Failed")
        REMOVED = "REMOVED", _("Removed")

    #: A name of settings.EXPORT_LISTS.
    list = models.CharField(max_length=40)
    #: What the list's address asked for. Emptied with the file, for it may name a person.
    query = models.TextField(blank=True)
    language = models.CharField(max_length=10)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: In which role it was asked for: what the file shows and who may have it depends on that.
    role = models.CharField(max_length=20, choices=Role.choices)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    #: When the rows and their order were settled; what the file shows is the list of this moment.
    listed_at = models.DateTimeField(null=True)
    #: Rows of the list at that moment, and how many of them are done.
    rows = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    #: Lines of the file without the headers: fewer than rows where a row was deleted meanwhile, more where one row
    #: makes several.
    lines = models.PositiveIntegerField(default=0)
    #: How often the part that is to be written now has broken.
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Real time.
    next_try_at = models.DateTimeField()
    #: READY or FAILED since.
    done_at = models.DateTimeField(null=True)
    #: When it is removed.
    expires_at = models.DateTimeField(null=True)
    #: Why it failed, as a code.
    problem = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="export_done",
                condition=Q(state__in=["WAITING", "WRITING"], done_at=None, expires_at=None)
                | Q(state__in=["READY", "FAILED", "REMOVED"], done_at__isnull=False, expires_at__isnull=False),
            ),
            models.CheckConstraint(name="export_removed_forgets", condition=~Q(state="REMOVED") | Q(query="")),
            models.CheckConstraint(name="export_rows_done", condition=Q(rows_done__lte=models.F("rows"))),
        ]
        indexes = [
            models.Index(name="export_newest", fields=["merchant", "user", "-asked_at", "-id"]),
            # exports.steps: what is to be written, what is to be removed
            models.Index(
                name="export_open", fields=["merchant", "next_try_at"], condition=Q(state__in=["WAITING", "WRITING"])
            ),
            models.Index(
                name="export_ends", fields=["merchant", "expires_at"], condition=Q(state__in=["READY", "FAILED"])
            ),
        ]


class ExportPart(TenantModel):
    """Some rows of the list in its order: first which ones, then in their place the lines written of them."""

    export = TenantForeignKey(Export)
    number = models.PositiveIntegerField()
    #: In an archive of many tables: which of them this is a part of (exports.lists.WritableBundle).
    file = models.CharField(max_length=60, blank=True)
    #: 16 bytes for each row.
    keys = models.BinaryField(null=True)
    #: Lines of CSV in UTF-8, compressed.
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="export_part_number", fields=["merchant", "export", "number"]),
            models.CheckConstraint(
                name="export_part_either",
                condition=Q(keys=None, body__isnull=False) | Q(keys__isnull=False, body=None),
            ),
        ]
