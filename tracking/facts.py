"""What mappings hand over about an order besides its facts: which order, and which person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrderKey:
    """The natural key of an order: where it was placed and how that place calls it."""

    platform: str
    external_id: str


@dataclass(frozen=True, slots=True)
class PersonIn:
    """The buyer as the platform names them. Stored on the customer row alone, never in a fact."""

    email: str
    name: str = ""
    country: str = ""
    external_id: str = ""
    language: str = ""
