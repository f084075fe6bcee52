"""What links brought: clicks of people. Evidence, never the claim itself; and the daily figures made of them."""

from __future__ import annotations

from django.db import models

from advocates.models import Link
from kit.ids import uuid7
from kit.tenancy import current_merchant_id
from merchants.models import Merchant, TenantForeignKey, TenantModel
from programs.models import Program


class Click(TenantModel):
    """A person opened a link. Evidence only: the signed token is the claim. No address, no user agent string.

    Partitioned by month on its id, a uuid7 of real time (migration 0014). Written by tracking.actions.clicks alone;
    rows go when their partition is dropped or the merchant keeps them for a shorter time. Nothing that a page shows
    may cost as much as there are clicks: figures come from DayStat and LinkDay.
    """

    #: Without a key of its own: the link's holds the merchant too, and is asked for each row.
    merchant = models.ForeignKey(
        Merchant,
        on_delete=models.PROTECT,
        related_name="+",
        default=current_merchant_id,
        editable=False,
        db_index=False,
        db_constraint=False,
    )
    link = TenantForeignKey(Link, db_index=False)
    #: Its key is that of DayStat, where the statement that records a click counts it.
    program = TenantForeignKey(Program, db_index=False)
    channel = models.CharField(max_length=10, blank=True)
    variant = models.CharField(max_length=40, blank=True)
    #: Business time; the id holds the real one.
    at = models.DateTimeField()
    device = models.CharField(max_length=20, blank=True)
    #: Family of browser and system, as chrome/android; the host alone of where the friend came from.
    agent = models.CharField(max_length=40, blank=True)
    referrer = models.CharField(max_length=100, blank=True)
    #: Which Salt the two hashes were made with (0: none); tracking.salts.
    salt = models.PositiveIntegerField(default=0)
    address = models.CharField(max_length=22, blank=True)
    network = models.CharField(max_length=22, blank=True)

    class Meta:
        indexes = [
            models.Index(name="click_newest", fields=["merchant", "at", "id"]),
            models.Index(name="click_link", fields=["merchant", "link", "at"]),
        ]


class DayStat(TenantModel):
    """Clicks of one calendar day in the merchant's zone: what pages read, so that they cost days and not clicks."""

    day = models.DateField()
    program = TenantForeignKey(Program, db_index=False)
    channel = models.CharField(max_length=10, blank=True)
    variant = models.CharField(max_length=40, blank=True)
    clicks = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="day_stat", fields=["merchant", "day", "program", "channel", "variant"])
        ]


class LinkDay(TenantModel):
    """Clicks of one link on one calendar day in the merchant's zone."""

    link = TenantForeignKey(Link, db_index=False)
    day = models.DateField()
    clicks = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="link_day", fields=["merchant", "link", "day"])]
        #: tracking.leak_facts: which links were opened lately
        indexes = [models.Index(name="link_day_newest", fields=["merchant", "day"])]


class Salt(TenantModel):
    """The secret that one week's addresses are hashed with. Deleted at ``destroy_at``, the hashes tell nothing more."""

    number = models.PositiveIntegerField()
    #: Sealed (kit.crypto): tracking.salts alone reads it.
    secret = models.TextField()
    #: Business time, all three.
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    destroy_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="salt_number", fields=["merchant", "number"])]


class SetAside(TenantModel):
    """An entry of the stream that names a merchant of ours and still could not be recorded. Kept to be tried again."""

    #: Its id in the stream: the same entry is set aside once, however often it is read.
    stream_id = models.CharField(max_length=40)
    #: A code: tracking.wording says it in words.
    reason = models.CharField(max_length=40)
    entry = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="set_aside_once", fields=["merchant", "stream_id"])]


class StrayEntry(models.Model):
    """An entry of the stream that belongs to no merchant we know, or that nobody can read. Control plane.

    Only our own web servers write to the stream, and no part of an entry tells of a person.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    stream_id = models.CharField(max_length=40, unique=True)
    reason = models.CharField(max_length=40)
    #: What is no text is kept in hexadecimal, behind "hex:".
    entry = models.TextField()
    seen_at = models.DateTimeField()
