"""What a mail is made of before it is written: to whom, about what, and how values are said to that person."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_supported_language_variant

from advocates.models import Advocate, Customer
from kit.units import amount_text
from kit.wording import day
from merchants.models import Merchant, Workspace

#: People choose their own names: what looks like an address or a link is no name to greet somebody by.
_NO_NAME = re.compile(r"[/:@<>\\]|www\.|\.\w{2,}", re.IGNORECASE)
LONGEST_NAME, LONGEST_CALLED = 40, 80


@dataclass(frozen=True, slots=True)
class House:
    """Whose mail it is."""

    merchant: Merchant
    workspace: Workspace

    @property
    def shop(self) -> str:
        return one_line(self.merchant.name)


@dataclass(frozen=True, slots=True)
class Pen:
    """Says values in the recipient's language; days are days of the workspace's zone."""

    language: str
    zone: str

    def money(self, minor: int, unit: str) -> str:
        return amount_text(minor, unit, self.language)

    def day(self, moment: datetime) -> str:
        return day(moment, self.zone, self.language)


@dataclass(frozen=True, slots=True)
class Recipient:
    """``customer_id`` is None for somebody of the merchant's team; ``advocate`` is set for who is told as advocate."""

    email: str
    name: str = ""
    language: str = ""
    customer_id: UUID | None = None
    unsubscribed: bool = False
    advocate: Advocate | None = None

    @classmethod
    def of(cls, customer: Customer, advocate: Advocate | None = None) -> Recipient:
        return cls(
            email=customer.email,
            name=first_name(customer),
            language=customer.language,
            customer_id=customer.pk,
            unsubscribed=customer.unsubscribed_at is not None,
            advocate=advocate,
        )


Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Occasion:
    """One mail that an event calls for. ``skip`` is a reason code when things have moved on meanwhile.

    ``values`` is called with the recipient's language in force.
    """

    to: Recipient
    values: Callable[[Pen], Values] = lambda _pen: {}
    skip: str = ""


def one_line(text: str) -> str:
    """Text of strangers without line breaks or controls: fit for a header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def first_name(customer: Customer | None) -> str:
    """The name to greet somebody by; empty where it is none."""
    name = one_line(customer.first_name) if customer else ""
    return "" if len(name) > LONGEST_NAME or _NO_NAME.search(name) else name


def called(customer: Customer, *words: str) -> str:
    """How strangers are named to the team: by the first of the words, then the name, that is no link; else by their
    address, in which none can stand."""
    told = (one_line(text) for text in (*words, customer.name))
    return next((text for text in told if text and len(text) <= LONGEST_CALLED and not _NO_NAME.search(text)), "") or (
        customer.email
    )


def language_of(recipient: Recipient, workspace: Workspace) -> str:
    """The recipient's own language where we speak it, else the workspace's, else English."""
    for wish in (recipient.language, workspace.language):
        try:
            return get_supported_language_variant(wish)
        except LookupError:
            continue
    return "en"
