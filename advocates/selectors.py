"""Reads of people and links that more than one caller needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from advocates.models import Advocate, Channel, Customer, Link, MergedAdvocate, MergedCustomer
from kit.asked import asked_often
from kit.many import any_of
from kit.text import email_key, normalise_email
from programs.models import Program

# --- customers --------------------------------------------------------------------------------------------------


def customers() -> QuerySet[Any]:
    """Newest first."""
    return Customer.objects.order_by("-created_at", "-pk")


def customer_by_id(customer_id: UUID) -> Customer | None:
    return next(iter(_customers_by_id(customer_id)), None)


@asked_often
def _customers_by_id(customer_id: UUID) -> QuerySet[Customer]:
    rows: QuerySet[Customer] = Customer.objects.filter(pk=customer_id)
    return rows


def customer_by_email(email: str) -> Customer | None:
    """The person behind an address, however it is spelled; None for unknown ones and for what is no address.

    The address of somebody who was merged leads to whoever they turned out to be.
    """
    address = normalise_email(email)
    if address is None:
        return None
    key = email_key(address)
    return next(iter(_customers_by_key(key)), None) or customers_by_former_key([key]).get(key)


@asked_often
def _customers_by_key(email_key: str) -> QuerySet[Customer]:
    rows: QuerySet[Customer] = Customer.objects.filter(email_key=email_key)
    return rows


def customers_by_former_key(email_keys: list[str]) -> dict[str, Customer]:
    """Whom the addresses of merged people lead to."""
    return {one.email_key: one.into for one in _merged_by_key(email_keys)}


@asked_often
def _merged_by_key(email_keys: list[str]) -> QuerySet[MergedCustomer]:
    rows: QuerySet[MergedCustomer] = MergedCustomer.objects.filter(any_of("email_key", email_keys))
    return rows.select_related("into")


def customer_by_former_id(customer_id: UUID) -> Customer | None:
    """Whom somebody was merged into who had this id."""
    found: MergedCustomer | None = MergedCustomer.objects.select_related("into").filter(pk=customer_id).first()
    return found.into if found else None


def customer_by_former_number(number: str) -> Customer | None:
    """Whom somebody was merged into who had this number in the shop."""
    numbered = MergedCustomer.objects.filter(external_id=number).exclude(external_id="").order_by("pk")
    found: MergedCustomer | None = numbered.select_related("into").first()
    return found.into if found else None


def former_addresses(customer: Customer) -> list[str]:
    """Of those who were merged into this person."""
    return list(MergedCustomer.objects.filter(into=customer).exclude(email="").values_list("email", flat=True))


# --- advocates --------------------------------------------------------------------------------------------------


def advocates() -> QuerySet[Any]:
    """With program and person, newest first."""
    related = Advocate.objects.select_related("program__terms", "program__merchant", "customer", "accepted_terms")
    return related.order_by("-enrolled_at", "-pk")


def advocate_by_id(advocate_id: UUID) -> Advocate | None:
    """The id of an advocate who was merged leads to whoever they turned out to be."""
    return present_advocate(advocate_id) or advocate_by_former_id(advocate_id)


def present_advocate(advocate_id: UUID) -> Advocate | None:
    """None for the id of nobody, and of one who was merged."""
    return next(iter(_advocates_by_id(advocate_id)), None)


@asked_often
def _advocates_by_id(advocate_id: UUID) -> QuerySet[Advocate]:
    return advocates().filter(pk=advocate_id)


def advocate_by_former_id(advocate_id: UUID) -> Advocate | None:
    into = MergedAdvocate.objects.filter(pk=advocate_id).values("into")
    return next(iter(advocates().filter(pk__in=into)), None)


def advocates_by_former_id(advocate_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Of those ids that are nobody's any more, whose they are now."""
    return dict(MergedAdvocate.objects.filter(pk__in=list(advocate_ids)).values_list("pk", "into_id"))


def advocate_of(program: Program, customer: Customer) -> Advocate | None:
    return next((one for one in advocates_of(customer) if one.program_id == program.pk), None)


def advocates_of(customer: Customer) -> list[Advocate]:
    """This person in every program they take part in, oldest first."""
    return _advocates_of(customer.pk)


@asked_often
def _advocates_of(customer_id: UUID) -> QuerySet[Advocate]:
    return advocates().filter(customer=customer_id).order_by("enrolled_at", "pk")


def terms_to_accept(advocate: Advocate) -> bool:
    """Whether the program has terms this advocate has not accepted yet."""
    return advocate.program.terms_id is not None and advocate.program.terms_id != advocate.accepted_terms_id


# --- links ------------------------------------------------------------------------------------------------------


def link_by_code(code: str) -> Link | None:
    """Codes are capitals: what a friend types in small letters means the same, and nothing else does.

    A code that was changed goes on answering; a retired one does not.
    """
    found = link_ever_by_code(code)
    return found if found is not None and found.retired_at is None else None


def link_ever_by_code(code: str) -> Link | None:
    """Taken out of use or not: for whoever came before that, and to tell the others kindly."""
    return next(iter(_links_by_code(code.strip().upper())), None)


@asked_often
def _links_by_code(code: str) -> QuerySet[Link]:
    """One at most: codes are unique per merchant."""
    needs = ("advocate__program__terms", "advocate__program__merchant", "advocate__customer")
    rows: QuerySet[Link] = Link.objects.select_related(*needs).filter(code=code)
    return rows


def advocate_by_link_code(code: str) -> Advocate | None:
    link = link_by_code(code)
    return link.advocate if link else None


def links_of(advocate: Advocate) -> QuerySet[Any]:
    """Those that are shown, the main one first."""
    return _shown().filter(advocate=advocate).order_by("created_at", "pk")


def all_links_of(advocate_id: UUID) -> QuerySet[Link]:
    """Former and retired codes too, in the order in which they were made."""
    rows: QuerySet[Link] = Link.objects.filter(advocate=advocate_id)
    return rows.order_by("created_at", "pk")


def link_at(advocate: Advocate, channel: Channel, placement: str) -> Link | None:
    """The link that is shown for a channel and placement."""
    return next(iter(_links_at(advocate.pk, str(channel), placement)), None)


@asked_often
def _links_at(advocate_id: UUID, channel: str, placement: str) -> QuerySet[Link]:
    """One at most, as the constraint says."""
    return _shown().filter(advocate=advocate_id, channel=channel, placement=placement)


def earlier_codes(link: Link) -> QuerySet[Any]:
    """What stood in the same place before, the newest first; retired ones too."""
    same = Link.objects.filter(advocate=link.advocate_id, channel=link.channel, placement=link.placement)
    return same.exclude(pk=link.pk).order_by("-created_at", "-pk")


def link_of(advocate: Advocate, link_id: UUID) -> Link | None:
    """One of this advocate's links that is not retired, former codes included."""
    needs = ("advocate__program__terms", "advocate__program__merchant", "advocate__customer")
    links = Link.objects.select_related(*needs).filter(advocate=advocate, retired_at=None)
    found: Link | None = links.filter(pk=link_id).first()
    return found


def main_link(advocate: Advocate) -> Link:
    """The one whose code is said aloud and typed. Every advocate has it from enrolment on."""
    return main_links([advocate])[advocate.pk]


def main_links(advocates: Iterable[Advocate]) -> dict[UUID, Link]:
    """``main_link`` of many, by the advocate's key."""
    links = _shown().filter(advocate__in=list(advocates), channel=Channel.LINK, placement="")
    return {link.advocate_id: link for link in links}


def _shown() -> QuerySet[Any]:
    return Link.objects.filter(replaced_by=None, retired_at=None)
