"""What stays of a workspace that was deleted. ``merchants.models`` brings it in."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from kit.ids import uuid7
from kit.text import person_hash


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
    #: Keyed hash of the name in its addresses. Its links are still in mails and chats: whoever got that name would have
    #: whoever follows them.
    address_hash = models.CharField(max_length=64, blank=True, default="")


def address_hashes(slug: str) -> list[str]:
    """With each key of the platform, the newest first."""
    return [person_hash(f"address:{slug}", salt=key) for key in settings.CREDENTIALS_KEYS]


def was_of_a_deleted_one(slug: str) -> bool:
    return bool(DeletedWorkspace.objects.filter(address_hash__in=address_hashes(slug)).exists())
