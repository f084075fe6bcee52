"""Know the people of a shop: one row per person, however their address is written and whoever tells first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from advocates.locks import customer_for_update
from advocates.models import Customer
from advocates.selectors import customers_by_former_key
from kit.asked import asked_often
from kit.many import any_of, insert_many
from kit.tenancy import transaction_required
from kit.text import clean_text, email_key, normalise_email

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
#: "de", "de-at", "zh-hans-cn": what the column holds.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,4}){0,2}(?<!.{11})", re.ASCII)
BLANKS_TO_FILL = ("name", "country", "language", "external_id")
_INSERTED = ("id", "email", "email_key", *BLANKS_TO_FILL, "source", "created_at", "first_paid_at")


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
    return know_told(
        new_customer(
            email=email, name=name, country=country, external_id=external_id, language=language, source=source, now=now
        )
    )


@transaction_required
def know_told(told: Customer) -> Customer:
    """``know_customer`` for an unsaved row of ``new_customer``."""
    found: Customer | None = next(iter(_customers([told.email_key])), None)
    if found is None:
        found = customers_by_former_key([told.email_key]).get(told.email_key) or _made([told])[told.email_key]
    return _filled(found, told) if not found.is_just_made and fill_blanks(found, told) else found


@transaction_required
def know_many(told: Sequence[Customer]) -> dict[str, Customer]:
    """``know_told`` for many, by ``email_key``, of which each stands there once. Who has blanks to fill is left out,
    and so is who was merged into somebody: two of these may be one person."""
    known = {one.email_key: one for one in _customers([one.email_key for one in told])} if told else {}
    new = [one for one in told if one.email_key not in known]
    merged = customers_by_former_key([one.email_key for one in new]) if new else {}
    told, new = ([one for one in some if one.email_key not in merged] for some in (told, new))
    found = known | (_made(new) if new else {})
    return {one.email_key: met for one in told if (met := found[one.email_key]).is_just_made or not _adds(one, met)}


@asked_often
def _customers(email_keys: list[str]) -> QuerySet[Customer]:
    rows: QuerySet[Customer] = Customer.objects.filter(any_of("email_key", email_keys))
    return rows


def _made(told: Sequence[Customer]) -> dict[str, Customer]:
    """Insert them; whom somebody else made meanwhile is found instead, once their transaction is over.

    All insert in one order: whoever inserts the same address waits, and two must not wait for each other.
    """
    told = sorted(told, key=lambda one: one.email_key)
    each = {name: [getattr(one, name) for one in told] for name in _INSERTED}
    inserted = set(insert_many(Customer, each=each, new_only=True, returning="id"))
    met = [one.email_key for one in told if one.pk not in inserted]
    found = {one.email_key: one for one in _customers(met)} if met else {}
    for one in told:
        if one.pk in inserted:
            one.is_just_made, one._state.adding = True, False
            found[one.email_key] = one
    return found


def _adds(told: Customer, known: Customer) -> bool:
    return any(getattr(told, field) and not getattr(known, field) for field in BLANKS_TO_FILL)


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
    if customer.erased_at is not None:  # just now: whoever writes this address again is somebody new
        return _made([told])[told.email_key]
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
