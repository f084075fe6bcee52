"""A file that somebody brings, how it is read, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from merchants.models import TenantForeignKey, TenantModel


class Import(TenantModel):
    """One file: what it is for, how it is to be read, how far it is. Its line stays when the file is gone."""

    class State(models.TextChoices):
        LOOKED_AT = "LOOKED_AT", _("Columns to be looked at")
        CHECKING = "CHECKING", _("Being checked")
        FAULTY = "FAULTY", _("Rows to be corrected")
        CHECKED = "CHECKED", _("Ready to import")
        WRITING = "WRITING", _("Being imported")
        DONE = "DONE", _("Imported")
        FAILED = "FAILED", _("Failed")
        DROPPED = "DROPPED", _("Not imported")

    #: A name of settings.IMPORT_KINDS.
    kind = models.CharField(max_length=20)
    #: Where it goes, as the kind writes it: a program, a pool of codes. Empty where there is only one place.
    target = models.CharField(max_length=80, blank=True)
    file_name = models.CharField(max_length=100)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: Who pressed the last button; in their name it is written.
    by = models.CharField(max_length=80)
    language = models.CharField(max_length=10)
    uploaded_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.LOOKED_AT)
    #: How it is read (imports.rules.Reading).
    reading = models.JSONField(default=dict)
    #: Rows below the names of the columns, and how many of them are written.
    rows = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    #: What checking foresaw; once it is done, what came of it.
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    #: Rows at fault that are told in the list of them.
    faults = models.PositiveIntegerField(default=0)
    #: How often the work that is next has broken.
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Real time; set while a worker is to do something.
    next_try_at = models.DateTimeField(null=True)
    #: DONE, FAILED or DROPPED since.
    done_at = models.DateTimeField(null=True)
    #: When the file goes at the latest; None once it is gone.
    expires_at = models.DateTimeField(null=True)
    #: Why it failed, as a code.
    problem = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="import_done",
                condition=Q(state__in=["DONE", "FAILED", "DROPPED"], done_at__isnull=False)
                | (~Q(state__in=["DONE", "FAILED", "DROPPED"]) & Q(done_at=None)),
            ),
            models.CheckConstraint(name="import_rows_done", condition=Q(rows_done__lte=F("rows"))),
            models.CheckConstraint(
                name="import_tried", condition=Q(state__in=["CHECKING", "WRITING"]) | Q(next_try_at=None)
            ),
        ]
        indexes = [
            models.Index(name="import_newest", fields=["merchant", "-uploaded_at", "-id"]),
            # imports.steps: what is to be worked on, whose file is to go
            models.Index(
                name="import_open", fields=["merchant", "next_try_at"], condition=Q(state__in=["CHECKING", "WRITING"])
            ),
            models.Index(name="import_ends", fields=["merchant", "expires_at"], condition=Q(expires_at__isnull=False)),
        ]


class ImportFile(TenantModel):
    """What was brought, compressed, and the rows at fault as a table of their own. Both hold personal data."""

    of = TenantForeignKey(Import)
    body = models.BinaryField()
    #: CSV in UTF-8, compressed.
    faults = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="import_file_one", fields=["merchant", "of"])]


class KnownShape(TenantModel):
    """How files with these names of columns were read the last time. It holds names of columns, nothing of a row."""

    kind = models.CharField(max_length=20)
    #: Hash of the names of the columns, in their order.
    shape = models.CharField(max_length=64)
    reading = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="import_shape_one", fields=["merchant", "kind", "shape"])]
