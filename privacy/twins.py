"""Who may be the same person as somebody, and by what: to be looked at, never proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet

from advocates.models import Customer
from kit.text import email_without_tag
from rewards.models import PayoutAccount

#: Named of each sort: whoever has more namesakes has to say whom they mean.
MOST = 5
#: Rows looked through for one address written with other tags.
LOOKED_THROUGH = 50


class Sign(StrEnum):
    """The strongest first."""

    ACCOUNT = "account"
    NUMBER = "number"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Twin:
    customer: Customer
    sign: Sign


def twins_of(customer: Customer) -> list[Twin]:
    """Each once, by the strongest sign. Four statements."""
    found: dict[Any, Twin] = {}
    for sign, rows in _alike(customer):
        for row in rows:
            found.setdefault(row.pk, Twin(row, sign))
    return list(found.values())


def _alike(customer: Customer) -> Iterator[tuple[Sign, Iterable[Customer]]]:
    others = Customer.objects.filter(erased_at=None).exclude(pk=customer.pk).order_by("pk")
    account = PayoutAccount.objects.filter(customer=customer).values("fingerprint")
    same = PayoutAccount.objects.filter(fingerprint__in=account).values("customer")
    yield Sign.ACCOUNT, others.filter(pk__in=same)[:MOST]
    if customer.external_id:
        yield Sign.NUMBER, others.filter(external_id=customer.external_id).exclude(external_id="")[:MOST]
    yield Sign.ADDRESS, _of_one_box(customer, others)[:MOST]
    if customer.name:
        yield Sign.NAME, others.filter(name_key=customer.name.lower())[:MOST]


def _of_one_box(customer: Customer, others: QuerySet[Any]) -> list[Customer]:
    """Addresses that differ by what stands behind a plus alone."""
    plain = email_without_tag(customer.email_key)
    box = plain.rpartition("@")[0]
    either = Q(email_key=plain) | Q(email_key__gte=f"{box}+", email_key__lt=f"{box},")
    return [row for row in others.filter(either)[:LOOKED_THROUGH] if email_without_tag(row.email_key) == plain]
