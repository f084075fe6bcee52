"""People and their links. An advocate and a friend are never Users of the dashboard."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from merchants.models import TenantForeignKey, TenantModel, User
from programs.models import Program, TermsVersion
from programs.rules import Terms


class Customer(TenantModel):
    """Somebody the shop knows or a friend who left an address. ``first_paid_at`` empty: has never paid."""

    class Source(models.TextChoices):
        HOOK = "HOOK", _("Shop")
        API = "API", _("API")
        IMPORT = "IMPORT", _("Import")
        PORTAL = "PORTAL", _("Sign-up")
        CLAIM = "CLAIM", _("Claimed offer")
        LEAD = "LEAD", _("Left their details")
        HAND = "HAND", _("By hand")

    email = models.EmailField(_("e-mail address"), max_length=254)
    #: kit.text.email_key(email): one person, however the address is written. Compared with COLLATE "C".
    email_key = models.CharField(max_length=254, db_collation="C")
    name = models.CharField(_("name"), max_length=200, blank=True)
    #: For searching by the beginning of a name: made by the database, compared with COLLATE "C".
    name_key = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=200, db_collation="C"), db_persist=True
    )
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=10, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    created_at = models.DateTimeField()
    #: From imported history and from orders seen; never moves later.
    first_paid_at = models.DateTimeField(null=True)
    imported_orders = models.PositiveIntegerField(default=0)
    unsubscribed_at = models.DateTimeField(null=True)
    #: Since when nothing says any more who this was (privacy.actions.erasure): name, address and all free text are
    #: gone, ``email_key`` is no address. The row stays, so that orders, rewards and the ledger keep adding up.
    erased_at = models.DateTimeField(null=True)

    #: True on the copy that this very transaction inserted: nobody can have written anything about this person yet.
    is_just_made = False

    class Meta:
        constraints = [models.UniqueConstraint(name="customer_email", fields=["merchant", "email_key"])]
        indexes = [
            models.Index(name="customer_newest", fields=["merchant", "-created_at", "-id"]),
            # by name: with the key, because a shop may know thousands by their address alone
            models.Index(name="customer_name", fields=["merchant", "name_key", "id"]),
            models.Index(name="customer_external", fields=["merchant", "external_id"], condition=~Q(external_id="")),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0] if self.name else ""


class Advocate(TenantModel):
    """A customer who refers, in one program."""

    class Kind(models.TextChoices):
        CUSTOMER = "CUSTOMER", _("Customer")
        EMPLOYEE = "EMPLOYEE", _("Employee")
        PARTNER = "PARTNER", _("Partner")
        INFLUENCER = "INFLUENCER", _("Influencer")

    class State(models.TextChoices):
        INVITED = "INVITED", _("Invited")
        ACTIVE = "ACTIVE", _("Active")
        PAUSED = "PAUSED", _("Paused")
        BANNED = "BANNED", _("Banned")

    program = TenantForeignKey(Program, db_index=False)  # advocate_program begins with it
    customer = TenantForeignKey(Customer)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.CUSTOMER)
    place = models.CharField(_("place"), max_length=120, blank=True)
    variant = models.CharField(max_length=40, blank=True)
    #: The terms the advocate accepted when joining; a later version is shown and accepted anew in the portal.
    accepted_terms = TenantForeignKey(TermsVersion, null=True)
    accepted_at = models.DateTimeField(null=True)
    enrolled_at = models.DateTimeField()
    enrolled_by = models.CharField(max_length=60)
    #: Raising it ends every portal session of this advocate.
    session_epoch = models.PositiveIntegerField(default=0)
    #: The level of the program's tiers they have reached (0: the ground level); it never falls by itself.
    tier = models.PositiveSmallIntegerField(default=0)
    tier_moved_at = models.DateTimeField(null=True)
    #: Earned by a clean history (fraud rules fill it): shortens the hold where the terms say so.
    trust_level = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="advocate_once", fields=["merchant", "program", "customer"]),
            models.CheckConstraint(
                name="advocate_accepted",
                condition=Q(accepted_terms=None, accepted_at=None)
                | Q(accepted_terms__isnull=False, accepted_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="advocate_newest", fields=["merchant", "-enrolled_at", "-id"]),
            models.Index(name="advocate_program", fields=["merchant", "program", "-enrolled_at", "-id"]),
        ]

    def __str__(self) -> str:
        return str(self.customer)

    @property
    def live_terms(self) -> Terms:
        """The program's terms of today as they are for this advocate's level."""
        return self.program.live_terms.at_tier(self.tier)


class Channel(models.TextChoices):
    LINK = "LINK", _("Link")
    COPY = "COPY", _("Copied link")
    NATIVE = "NATIVE", _("Share menu")
    WHATSAPP = "WHATSAPP", _("WhatsApp")
    MAIL = "MAIL", _("E-mail")
    QR = "QR", _("QR code")


class Link(TenantModel):
    """A code on one channel and placement. The advocate's LINK code is the one they say aloud and friends may type.

    A code that was changed stays: its row names the one that took its place and answers, counts and attributes as
    before. A retired code answers new visitors with a kind page; what began with it earlier stays valid.
    """

    class Retired(models.TextChoices):
        LEAK = "leak", _("The code had leaked")
        HAND = "hand", _("Taken out of use by hand")

    advocate = TenantForeignKey(Advocate)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.LINK)
    placement = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=40, db_collation="C")
    #: Chosen by a person: resolves under the merchant's name or on the merchant's own host, never on the shared one.
    is_vanity = models.BooleanField(default=False)
    #: Where this link leads instead of where the program's links lead. Empty: like the program.
    destination = models.CharField(max_length=2048, blank=True)
    #: Campaign parameters of this link alone (programs.rules.campaign); they go over the program's.
    utm = models.JSONField(default=dict)
    #: The link of the same channel and placement that is shown since the code was changed.
    replaced_by = TenantForeignKey("advocates.Link", null=True)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    retired_for = models.CharField(max_length=10, choices=Retired.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="link_code", fields=["merchant", "code"]),
            models.UniqueConstraint(
                name="link_channel",
                fields=["merchant", "advocate", "channel", "placement"],
                condition=Q(replaced_by=None, retired_at=None),
            ),
            models.CheckConstraint(
                name="link_retired_for",
                condition=Q(retired_at=None, retired_for="") | (Q(retired_at__isnull=False) & ~Q(retired_for="")),
            ),
        ]
        indexes = [models.Index(name="link_of_advocate", fields=["merchant", "advocate", "created_at"])]


class Share(TenantModel):
    """One act of sharing on one channel."""

    link = TenantForeignKey(Link)
    advocate = TenantForeignKey(Advocate)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(name="share_advocate", fields=["merchant", "advocate", "at"]),
            #: insights.rates: who shared in these days
            models.Index(name="share_newest", fields=["merchant", "at", "advocate"]),
        ]


class PeopleSum(TenantModel):
    """A share of how many customers there are, or advocates in one state; all shares together are the number.

    The database itself writes them, a row per number that a statement moved (triggers of its migrations);
    advocates.actions.sums folds many into one.
    """

    by_triggers = True

    class Kind(models.TextChoices):
        CUSTOMERS = "CUSTOMERS"
        ADVOCATES = "ADVOCATES"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    #: Of advocates; customers have none.
    state = models.CharField(max_length=10, blank=True, choices=Advocate.State.choices)
    #: May be below zero: who left a state is a share like any other.
    people = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(name="people_sum", fields=["merchant"])]


class MagicLink(TenantModel):
    """A one-time way into the portal. The mailed token is the row's id, signed: nothing secret is stored."""

    advocate = TenantForeignKey(Advocate)
    created_at = models.DateTimeField()
    #: Real time: a test clock that moves must not lock people out.
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


# --- what the team keeps about a person; never shown to them --------------------------------------------------------


class Note(TenantModel):
    """Words of the team about a person. Stays as written; gone with the person."""

    customer = TenantForeignKey(Customer, on_delete=models.CASCADE, db_index=False)  # note_newest has it
    text = models.TextField(_("note"), max_length=2000)
    written_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="note_newest", fields=["merchant", "customer", "-at", "-id"])]


class Tag(TenantModel):
    """A word this merchant sorts people by. It goes with the last person who carries it."""

    word = models.CharField(max_length=30, db_collation="C")

    class Meta:
        constraints = [models.UniqueConstraint(name="tag_word", fields=["merchant", "word"])]

    def __str__(self) -> str:
        return self.word


class Tagged(TenantModel):
    """A person carries a word."""

    tag = TenantForeignKey(Tag, on_delete=models.CASCADE, db_index=False)  # tagged_once begins with it
    customer = TenantForeignKey(Customer, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(name="tagged_once", fields=["merchant", "tag", "customer"])]


class Task(TenantModel):
    """Something the team means to do for a person, until a day of the workspace's calendar."""

    customer = TenantForeignKey(Customer, on_delete=models.CASCADE)
    text = models.CharField(_("what is to be done"), max_length=300)
    due_date = models.DateField()
    #: Empty: nobody's yet. Whoever has left the team still stands here; the list of tasks says so.
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(name="task_open", fields=["merchant", "due_date", "id"], condition=Q(done_at=None)),
            models.Index(name="task_done", fields=["merchant", "-done_at", "-id"], condition=Q(done_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.text


class Viewing(TenantModel):
    """Somebody of the team looks at an advocate's portal as the advocate sees it. It changes nothing there.

    The cookie carries the row's id, signed. It holds for one member in one session of theirs alone.
    """

    advocate = TenantForeignKey(Advocate, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    #: Keyed hash of the member's own session: another log-in, or none, and this one is over.
    session = models.CharField(max_length=64)
    #: Keyed hash of the address they came from, and the week whose secret it was made with (tracking.salts).
    salt = models.PositiveIntegerField(null=True)
    address = models.CharField(max_length=22, blank=True)
    #: Whether the advocate was told by mail.
    is_told = models.BooleanField(default=False)
    begun_at = models.DateTimeField()
    #: Real time, as all validity is.
    ends_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)


class ErasedMark(TenantModel):
    """That an address belonged to somebody who was erased, as a keyed hash: so that being erased is no way to get a
    friend's offer a second time. It leads to no row, and goes when ``ends_at`` is over."""

    #: advocates.marks.mark_of(): without the platform's key nobody can try addresses against it.
    digest = models.CharField(max_length=64, db_collation="C")
    #: They had paid an order.
    had_paid = models.BooleanField()
    #: They had been referred.
    was_referred = models.BooleanField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="erased_mark_once", fields=["merchant", "digest"])]
        indexes = [models.Index(name="erased_mark_ends", fields=["merchant", "ends_at"])]


class MergedCustomer(TenantModel):
    """Somebody who turned out to be ``into``. Their row is gone, its ``id`` is this one's: whoever still says the id,
    the address or the shop's number means ``into`` (privacy.actions.merging)."""

    into = TenantForeignKey(Customer)
    email = models.EmailField(max_length=254, blank=True)
    #: As Customer.email_key; no address any more once ``into`` was erased.
    email_key = models.CharField(max_length=254, db_collation="C")
    external_id = models.CharField(max_length=120, blank=True)
    #: Why, in the words of whoever did it.
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(name="merged_customer_email", fields=["merchant", "email_key"])]
        indexes = [
            models.Index(
                name="merged_customer_external", fields=["merchant", "external_id"], condition=~Q(external_id="")
            ),
        ]


class MergedAdvocate(TenantModel):
    """What a merged person was in a program in which ``into`` took part too. Its ``id`` is that of the row that is
    gone."""

    into = TenantForeignKey(Advocate)
    at = models.DateTimeField()
