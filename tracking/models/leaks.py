"""Links that are seen where their advocate never put them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.models import Link
from merchants.models import TenantForeignKey, TenantModel


class Leak(TenantModel):
    """One link whose spread no circle of friends explains. Each channel and placement has a link of its own, so the
    row names the share it got out from.

    ``seen`` keeps counts, times and hosts only (tracking.rules.leaks.Found.to_json()), never a person's data.
    """

    class Kind(models.TextChoices):
        COUPON_SITE = "COUPON_SITE", _("On a coupon site")
        TYPED = "TYPED", _("Typed by strangers")
        NETWORKS = "NETWORKS", _("Many networks at once")
        VELOCITY = "VELOCITY", _("Far more visits than ever")

    class State(models.TextChoices):
        OPEN = "OPEN", _("To decide")
        ROTATED = "ROTATED", _("Link replaced")
        DISMISSED = "DISMISSED", _("Left as it is")

    link = TenantForeignKey(Link)
    #: The strongest sign; ``seen`` has them all.
    kind = models.CharField(max_length=12, choices=Kind.choices)
    seen = models.JSONField(default=dict)
    #: When the first thing happened that the signs rest on.
    since = models.DateTimeField()
    found_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True)
    #: What friends of the same share get instead, once it was replaced.
    new_link = TenantForeignKey(Link, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="leak_undecided_once", fields=["merchant", "link"], condition=Q(state__in=["OPEN", "ROTATED"])
            ),
            models.CheckConstraint(
                name="leak_decided",
                condition=Q(state="OPEN", decided_at=None, new_link=None)
                | Q(state="ROTATED", decided_at__isnull=False, new_link__isnull=False)
                | Q(state="DISMISSED", decided_at__isnull=False, new_link=None),
            ),
        ]
        indexes = [
            models.Index(name="leak_newest", fields=["merchant", "-found_at", "-id"]),
            models.Index(name="leak_link", fields=["merchant", "link"]),
        ]

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
