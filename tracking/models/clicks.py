"""What links brought: clicks of people. Evidence, never the claim itself."""

from __future__ import annotations

from django.db import models

from advocates.models import Link
from merchants.models import TenantForeignKey, TenantModel
from programs.models import Program


class Click(TenantModel):
    """A human opened a link. Evidence only: the signed token is the claim. No address, no user agent string."""

    link = TenantForeignKey(Link)
    program = TenantForeignKey(Program)
    variant = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    device = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes = [
            models.Index(name="click_program", fields=["merchant", "program", "at"]),
            models.Index(name="click_link", fields=["merchant", "link", "at"]),
        ]
