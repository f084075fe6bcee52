"""Lists with filters, kept under a name. ``merchants.models`` brings it in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from merchants.rows import TenantModel

LONGEST_NAME = 60


class SavedView(TenantModel):
    """What a list was narrowed and ordered by: somebody's own, or the whole team's. Never a place in the list, and no
    words that were searched for: those may be about a person."""

    #: A name of settings.EXPORT_LISTS.
    list = models.CharField(max_length=40)
    name = models.CharField(max_length=LONGEST_NAME)
    #: By which two are told apart: small letters, blanks as one.
    name_key = models.CharField(max_length=3 * LONGEST_NAME, db_collation="C")
    #: As in the list's address, in one spelling.
    query = models.TextField()
    #: Whose it is; of the team's, who made it, until they leave.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    is_shared = models.BooleanField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="saved_view_own_name",
                fields=["merchant", "list", "owner", "name_key"],
                condition=Q(is_shared=False),
            ),
            models.UniqueConstraint(
                name="saved_view_team_name", fields=["merchant", "list", "name_key"], condition=Q(is_shared=True)
            ),
            models.CheckConstraint(name="saved_view_somebodys", condition=Q(is_shared=True) | Q(owner__isnull=False)),
            models.CheckConstraint(name="saved_view_says_something", condition=~Q(query="") & ~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
