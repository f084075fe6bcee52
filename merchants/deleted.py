"""What stays of a workspace that was deleted. ``merchants.models`` brings it in."""

from __future__ import annotations

from django.db import models

from kit.ids import uuid7


class DeletedWorkspace(models.Model):
    """That a workspace was deleted, when, and how many rows of each table: all that stays of it. No name, no person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: The id it had. Whoever has it written down can be shown that it is gone.
    workspace = models.UUIDField(unique=True)
    asked_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    #: Table -> rows deleted so far.
    rows = models.JSONField(default=dict)
