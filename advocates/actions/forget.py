"""What is known of a person goes; their row stays without it, so that all that points at it keeps adding up.

What each app knows is forgotten there. privacy.actions.erasure calls them all in one transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils import translation
from django.utils.translation import gettext as _

from advocates.locks import advocate_for_update
from advocates.marks import marks_of
from advocates.models import (
    Advocate,
    Customer,
    ErasedMark,
    Link,
    MagicLink,
    MergedCustomer,
    Note,
    Tag,
    Tagged,
    Task,
    Viewing,
)
from advocates.selectors import former_addresses
from kit.tenancy import transaction_required
from kit.text import email_key
from merchants.selectors import workspace


def had_paid(customer: Customer) -> bool:
    return customer.first_paid_at is not None or customer.imported_orders > 0


@transaction_required
def mark_erased(*, customer: Customer, was_referred: bool, days: int, now: datetime) -> None:
    """Only of whom the offer for friends would be given a second time; ``days`` 0 keeps none."""
    paid = had_paid(customer)
    if days and (paid or was_referred):
        told = {"had_paid": paid, "was_referred": was_referred, "ends_at": now + timedelta(days=days)}
        for key in [customer.email_key, *map(email_key, former_addresses(customer))]:
            ErasedMark.objects.update_or_create(digest=marks_of(key)[0], defaults=told)


@transaction_required
def forget_desk(*, customer: Customer) -> None:
    """What the team keeps about them. The caller holds the workspace, under which words come and go."""
    Note.objects.filter(customer=customer).delete()
    Task.objects.filter(customer=customer).delete()
    Tagged.objects.filter(customer=customer).delete()
    Tag.objects.exclude(Exists(Tagged.objects.filter(tag=OuterRef("pk")))).delete()


@transaction_required
def forget_advocates(*, customer: Customer, now: datetime) -> list[Advocate]:
    """Out of the portal for good, with no link that answers. Codes that a person chose may name them, and go."""
    keys = Advocate.objects.filter(customer=customer).order_by("pk").values_list("pk", flat=True)
    held = [advocate_for_update(key) for key in keys]
    for advocate in held:
        advocate.state, advocate.place = Advocate.State.BANNED, ""
        advocate.session_epoch += 1
        advocate.save(update_fields=["state", "place", "session_epoch"])
    links = Link.objects.filter(advocate__in=held)
    links.filter(retired_at=None).update(retired_at=now, retired_for=Link.Retired.HAND)
    links.update(destination="", utm={}, placement="")
    for link in links.filter(is_vanity=True):
        link.code, link.is_vanity = f"GONE-{link.pk.hex.upper()}", False
        link.save(update_fields=["code", "is_vanity"])
    MagicLink.objects.filter(advocate__in=held).delete()
    Viewing.objects.filter(advocate__in=held).delete()
    return held


def _forget_merged(customer: Customer) -> None:
    """Ids of those who were merged into them lead to the erased row; what they were known by is gone."""
    key = Concat(Value("erased:"), Cast("pk", CharField()))
    gone = {"email": "", "email_key": key, "external_id": "", "reason": ""}
    MergedCustomer.objects.filter(into=customer).update(**gone)


@transaction_required
def forget_customer(*, customer: Customer, now: datetime) -> None:
    """``customer`` is locked. No address is left to write to or to be found by; who writes the same one is new."""
    _forget_merged(customer)
    with translation.override(workspace().language):
        customer.name = _("Erased person")
    customer.email, customer.email_key = "", f"erased:{customer.pk}"
    customer.country = customer.language = customer.external_id = ""
    customer.unsubscribed_at = customer.unsubscribed_at or now
    customer.erased_at = now
    customer.save()
