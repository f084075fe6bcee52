"""Rows taken for update."""

from __future__ import annotations

from uuid import UUID

from advocates import locks
from advocates.models import Customer
from engagement.models import Message, PlaceWord, StaffLink


def message_for_update(message_id: UUID) -> Message:
    found: Message = Message.objects.select_for_update(of=("self",)).get(pk=message_id)
    return found


def customer_for_update(customer_id: UUID) -> Customer | None:
    """One person as they are now; None for whoever is no longer known."""
    try:
        return locks.customer_for_update(customer_id)
    except Customer.DoesNotExist:
        return None


def place_word_for_update(place: str) -> PlaceWord:
    """Guards what is said of one place, and its event numbers."""
    word: PlaceWord = PlaceWord.objects.select_for_update(no_key=True).get(place=place)
    return word


def staff_link_for_update(link_id: UUID) -> StaffLink:
    link: StaffLink = StaffLink.objects.select_for_update(no_key=True).get(pk=link_id)
    return link
