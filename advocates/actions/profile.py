"""What advocates change about themselves, and ending their portal sessions."""

from __future__ import annotations

from django.db.models import F

from advocates.locks import customer_for_update
from advocates.models import Advocate, Customer
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants import events


@transaction_required
def change_profile(*, customer: Customer, name: str, language: str) -> Customer:
    """Name and language as the person says; an empty language means: as the browser asks."""
    found = customer_for_update(customer.pk)
    found.name = clean_text(name, max_length=200).replace("\n", " ").strip()
    found.language = language
    found.save(update_fields=["name", "language"])
    events.noticed("customer.profile", subject=found)
    return found


@transaction_required
def end_sessions(*, customer: Customer) -> None:
    """Every portal session of this person at this merchant ends, in all programs and on all devices."""
    Advocate.objects.filter(customer=customer).update(session_epoch=F("session_epoch") + 1)
