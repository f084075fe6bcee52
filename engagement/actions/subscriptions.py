"""People switch off the mails that are not strictly about something they asked for, and on again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from advocates.selectors import customer_by_former_id
from engagement.locks import customer_for_update
from kit.tenancy import transaction_required
from merchants.events import record


@transaction_required
def set_subscribed(*, customer_id: UUID, subscribed: bool, now: datetime) -> None:
    """Asked twice, or for somebody who is no longer known, it changes nothing. A mail to somebody who was merged speaks
    for whoever they turned out to be."""
    merged = customer_by_former_id(customer_id)
    customer = customer_for_update(merged.pk if merged else customer_id)
    if customer is None or (customer.unsubscribed_at is None) == subscribed:
        return
    customer.unsubscribed_at = None if subscribed else now
    customer.save(update_fields=["unsubscribed_at"])
    code = "customer.resubscribed" if subscribed else "customer.unsubscribed"
    record(code, subject=customer, by=f"customer:{customer.pk}", now=now)
