"""Rows taken for update."""

from __future__ import annotations

from uuid import UUID

from advocates.models import Customer
from engagement.models import Message


def message_for_update(message_id: UUID) -> Message:
    found: Message = Message.objects.select_for_update(of=("self",)).get(pk=message_id)
    return found


def customer_for_update(customer_id: UUID) -> Customer | None:
    """Guards what is told about the person; whoever writes rows that lead to them need not wait."""
    rows = Customer.objects.select_for_update(of=("self",), no_key=True)
    found: Customer | None = rows.filter(pk=customer_id).first()
    return found
