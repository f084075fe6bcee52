"""Know the people of a shop: one row per person, however their address is written and whoever tells first."""

from __future__ import annotations

import re
from datetime import datetime

from advocates.locks import customer_for_update
from advocates.models import Customer
from kit.tenancy import transaction_required
from kit.text import clean_text, email_key, normalise_email

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,4})?", re.ASCII)
BLANKS_TO_FILL = ("name", "country", "language", "external_id")


class BadEmail(ValueError):
    """Not an e-mail address: nobody can be known by it."""


@transaction_required
def know_customer(
    *,
    email: str,
    name: str = "",
    country: str = "",
    external_id: str = "",
    language: str = "",
    source: str,
    now: datetime,
) -> Customer:
    """The customer behind the address, made if need be. Blanks are filled, nothing known is overwritten.

    Two transactions that meet the same new person at once end with one row: the later insert waits for the earlier
    and then finds it. Values that cannot be right (a country of five letters) are left out. Raises BadEmail.
    """
    told = new_customer(
        email=email, name=name, country=country, external_id=external_id, language=language, source=source, now=now
    )
    found: Customer | None = Customer.objects.filter(email_key=told.email_key).first()
    if found is None:
        Customer.objects.bulk_create([told], ignore_conflicts=True)
        found = Customer.objects.get(email_key=told.email_key)
        found.is_just_made = found.pk == told.pk
    return _filled(found, told) if found.pk != told.pk and fill_blanks(found, told) else found


def new_customer(
    *,
    email: str,
    name: str = "",
    country: str = "",
    external_id: str = "",
    language: str = "",
    source: str,
    now: datetime,
) -> Customer:
    """An unsaved row with cleaned values. Raises BadEmail."""
    address = normalise_email(email)
    if address is None:
        raise BadEmail("This is no e-mail address.")
    return Customer(
        email=address,
        email_key=email_key(address),
        name=clean_text(name, max_length=200).replace("\n", " ").strip(),
        country=_matching(_COUNTRY, country.strip().upper()),
        language=_matching(_LANGUAGE, language.strip().lower()),
        external_id=clean_text(external_id, max_length=120).strip(),
        source=Customer.Source(source),
        created_at=now,
    )


def fill_blanks(customer: Customer, told: Customer) -> list[str]:
    """Take over what was unknown, in memory. Returns the fields that changed."""
    changed = [field for field in BLANKS_TO_FILL if getattr(told, field) and not getattr(customer, field)]
    for field in changed:
        setattr(customer, field, getattr(told, field))
    return changed


def _filled(found: Customer, told: Customer) -> Customer:
    """The same again under the row's lock, so that two who fill at once do not undo each other."""
    customer = customer_for_update(found.pk)
    changed = fill_blanks(customer, told)
    if changed:
        customer.save(update_fields=changed)
    return customer


@transaction_required
def note_paid_order(*, customer: Customer, paid_at: datetime) -> bool:
    """Keep the earliest payment. Returns whether this is the first payment we ever heard of for this person.

    Conditional updates instead of a lock: whoever waits for another's update then judges the row as that left it.
    """
    if customer.first_paid_at and customer.first_paid_at <= paid_at:
        return False  # it only ever moves back, so an old copy of the row can be believed here
    row = Customer.objects.filter(pk=customer.pk)
    if row.filter(first_paid_at=None).update(first_paid_at=paid_at):
        customer.first_paid_at = paid_at
        return True
    row.filter(first_paid_at__gt=paid_at).update(first_paid_at=paid_at)
    customer.refresh_from_db(fields=["first_paid_at"])
    return False


@transaction_required
def unsubscribe(*, customer: Customer, now: datetime) -> None:
    """No more mail but what is strictly needed. Asking again keeps the first moment."""
    Customer.objects.filter(pk=customer.pk, unsubscribed_at=None).update(unsubscribed_at=now)


def _matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""
