"""The control plane (who may enter which merchant) and the rows every merchant has from the first day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit.asked import asked_often, the_one
from kit.ids import uuid7
from kit.rows import WrittenOften
from kit.tenancy import TenantRef
from merchants.deleted import DeletedWorkspace as DeletedWorkspace
from merchants.rows import TenantForeignKey as TenantForeignKey
from merchants.rows import TenantModel as TenantModel
from merchants.saved import SavedView as SavedView
from merchants.staff import RecoveryCode as RecoveryCode
from merchants.staff import SecondFactor as SecondFactor
from merchants.staff import Session as Session
from merchants.staff import User


class Role(models.TextChoices):
    OWNER = "OWNER", _("Owner")
    ADMIN = "ADMIN", _("Admin")
    MARKETER = "MARKETER", _("Marketer")
    REVIEWER = "REVIEWER", _("Reviewer")
    FINANCE = "FINANCE", _("Finance")
    SUPPORT = "SUPPORT", _("Support")
    ANALYST = "ANALYST", _("Analyst")


class Merchant(models.Model):
    """A workspace as the control plane sees it: no secrets, no customer data."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("Active")
        CLOSED = "CLOSED", _("Closed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("workspace name"), max_length=120)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    is_sandbox = models.BooleanField(default=False)
    #: How far the sandbox's test clock runs ahead of the database clock. Zero for every real workspace.
    clock_offset = models.DurationField(default=timedelta)
    #: Everybody who works here has to have a second factor before any page opens.
    needs_second_factor = models.BooleanField(default=False)
    #: When it is deleted with all it holds (real time; merchants.actions.closing). Empty for nearly all: it stays.
    closes_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(name="merchant_closes", fields=["closes_at"], condition=Q(closes_at__isnull=False))]
        constraints = [
            models.CheckConstraint(name="merchant_clock_never_back", condition=Q(clock_offset__gte=timedelta(0))),
            models.CheckConstraint(
                name="merchant_clock_only_in_sandbox", condition=Q(is_sandbox=True) | Q(clock_offset=timedelta(0))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def tenant_ref(self) -> TenantRef:
        """For sweeps over all merchants and for tests; requests come through a Door or a Membership."""
        return TenantRef(self.id)


class Membership(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="membership_once", fields=["merchant", "user"])]

    def tenant_ref(self) -> TenantRef:
        return TenantRef(self.merchant_id)


class Invitation(models.Model):
    """An open invitation to a team. The mailed token is the row's id, signed: nothing secret is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="invitation_open_once",
                fields=["merchant", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
            )
        ]

    def tenant_ref(self) -> TenantRef:
        return TenantRef(self.merchant_id)


class Door(models.Model):
    """What arrives before the tenant is known, and whose it is. ``key`` is a hash wherever it would be a secret."""

    class Kind(models.TextChoices):
        API_KEY = "API_KEY"
        PUBLISHABLE_KEY = "PUBLISHABLE_KEY"
        HOOK = "HOOK"
        LINK = "LINK"
        PORTAL = "PORTAL"
        HOST = "HOST"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    key = models.CharField(max_length=200)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    object_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(name="door_key", fields=["kind", "key"])]

    def tenant_ref(self) -> TenantRef:
        return TenantRef(self.merchant_id)


class WakeUp(WrittenOften):
    """Append-only: "this merchant has work of this kind from then on" (real time). See merchants/wakeups.py."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    due_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="wakeup_due", fields=["kind", "due_at"])]

    def tenant_ref(self) -> TenantRef:
        return TenantRef(self.merchant_id)


class Workspace(TenantModel):
    """A merchant's settings. One row; ``id`` equals the merchant's."""

    class Consent(models.TextChoices):
        """Whether friend pages may remember a visit in a cookie. Without one the visit travels in the address alone."""

        NONE = "NONE", _("Never")
        ASK = "ASK", _("When the friend agrees")
        ALWAYS = "ALWAYS", _("Always")

    currency = models.CharField(_("currency"), max_length=3)
    time_zone = models.CharField(_("time zone"), max_length=64)
    shop_url = models.URLField(_("shop address"), max_length=300)
    support_email = models.EmailField(_("address for questions"), blank=True)
    language = models.CharField(_("language of portal and mails"), max_length=10, default="en")
    brand_colour = models.CharField(_("brand colour"), max_length=7, default="#1f5f4a")
    #: Hosts a referral link may lead to. Verified: the merchant's own shop address at first, more in later work.
    verified_hosts = models.JSONField(default=list)
    consent = models.CharField(max_length=10, choices=Consent.choices, default=Consent.NONE)
    #: After how many days single clicks are deleted here. Empty: as long as the platform keeps them.
    click_retention_days = models.PositiveSmallIntegerField(_("days to keep single clicks"), null=True, blank=True)
    #: From this day on every single click is still there. Empty: none was ever deleted.
    clicks_kept_from = models.DateField(null=True)
    #: After how many days the text of what shops sent is deleted. Empty: as long as the platform keeps it.
    delivery_retention_days = models.PositiveSmallIntegerField(null=True)
    #: After how many days files of lists are removed. Empty: as long as the platform keeps them.
    file_retention_days = models.PositiveSmallIntegerField(null=True)
    #: After how many days somebody who left an address and never bought is forgotten. Empty: never by itself.
    friend_retention_days = models.PositiveSmallIntegerField(null=True)
    #: While it is closing (Merchant.closes_at): since when (real time), the programs that were paused for it, and how
    #: many days before the end the owners were reminded last.
    closing_asked_at = models.DateTimeField(null=True)
    closing_paused = models.JSONField(default=list)
    closing_reminded_days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="workspace_once", fields=["merchant"])]


class Host(TenantModel):
    """A host of the merchant's own, once a DNS record has shown whose it is: friend pages are served on it, or links
    may lead to it. One for pages has its Door (kind HOST, key = the host) while it is served: VERIFIED, and LOST
    until the time of grace is over. Any number of merchants may wait for it; the Door's key lets one have it."""

    class Use(models.TextChoices):
        PAGES = "PAGES", _("Links under it")
        SHOP = "SHOP", _("Links may lead to it")

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting for its DNS record")
        VERIFIED = "VERIFIED", _("In use")
        LOST = "LOST", _("DNS record is gone")

    host = models.CharField(max_length=253, db_collation="C")
    use = models.CharField(max_length=5, choices=Use.choices, default=Use.PAGES)
    #: What the TXT record has to say (merchants.rules.hosts). No secret: it is published.
    challenge = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    #: All times of checks are real time: DNS knows no test clock.
    checked_at = models.DateTimeField(null=True)
    #: Why the last check did not find the record (merchants.rules.hosts.Missing). Empty: it did, or none was made.
    missing = models.CharField(max_length=20, blank=True)
    #: Since when checks of a host in use have found no record.
    failing_since = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="host_once", fields=["merchant", "host"]),
            models.CheckConstraint(
                name="host_verified_at", condition=Q(state="WAITING") | Q(verified_at__isnull=False)
            ),
            models.CheckConstraint(
                name="host_lost_at",
                condition=Q(state="LOST", lost_at__isnull=False) | (~Q(state="LOST") & Q(lost_at=None)),
            ),
        ]


class ApiKey(TenantModel):
    """Shown once, stored hashed. A sandbox workspace's keys are test keys, every other's are live."""

    class Kind(models.TextChoices):
        SECRET = "SECRET", _("Secret")
        PUBLISHABLE = "PUBLISHABLE", _("Publishable")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=80)
    is_test = models.BooleanField()
    key_hash = models.CharField(max_length=64)
    #: For recognising it in lists: the prefix and the last four characters.
    hint = models.CharField(max_length=32)
    #: Publishable keys are public by nature and shown again, for the shop's snippet.
    public_value = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="api_key_hash", fields=["merchant", "key_hash"])]


class Event(TenantModel):
    """One immutable line of what happened. Carries ids, amounts and reason codes; never a person's data."""

    code = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    #: 1, 2, 3 ... per subject: readers that need order have it without trusting clocks.
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    #: "user:<id>", "advocate:<id>", "api:<key id>", "shop" or "system".
    by = models.CharField(max_length=60)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(name="event_seq", fields=["merchant", "subject_id", "seq"])]
        indexes = [
            models.Index(name="event_newest", fields=["merchant", "-at", "-id"]),
            models.Index(name="event_code", fields=["merchant", "code", "-at", "-id"]),
            # what nobody did in person is most of the log and found without an index of its own
            models.Index(
                name="event_by", fields=["merchant", "by", "-at", "-id"], condition=~Q(by="system") & ~Q(by="shop")
            ),
        ]


class Outbox(TenantModel):
    """One event for one reader. Taken with SKIP LOCKED; nobody keeps a cursor over ids or times."""

    class State(models.TextChoices):
        WAITING = "WAITING"
        DONE = "DONE"
        FAILED = "FAILED"

    event = TenantForeignKey(Event, on_delete=models.CASCADE)
    reader = models.CharField(max_length=30)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="outbox_once", fields=["merchant", "event", "reader"])]
        indexes = [
            # the outbox sweep: merchants.outbox.take
            models.Index(name="outbox_due", fields=["merchant", "due_at"], condition=Q(state="WAITING")),
        ]


class IdempotentRequest(TenantModel):
    """An API answer kept under its Idempotency-Key for 24 hours (real time)."""

    key = models.CharField(max_length=255)
    path = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="idempotency_key", fields=["merchant", "key"])]


def merchant_of(ref_or_id: TenantRef | UUID) -> Merchant:
    merchant_id = ref_or_id.merchant_id if isinstance(ref_or_id, TenantRef) else ref_or_id
    found: Merchant = the_one(_merchants(merchant_id), Merchant)
    return found


@asked_often
def _merchants(merchant_id: UUID) -> models.QuerySet[Merchant]:
    return Merchant.objects.filter(pk=merchant_id)
