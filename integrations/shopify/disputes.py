"""A Shopify payment dispute as our fact."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from integrations.shopify.reading import Json, NotReadable, currency_code, ident, minor, moment, stamp, words
from tracking.rules import DisputeStatus, Fact, FactKind

#: The merchant gave in before the bank decided: the money is gone all the same.
_LOST = frozenset({"lost", "accepted"})
#: Ended without taking anything: what was refunded instead is told as a refund.
_KEPT = frozenset({"won", "charge_refunded"})
_OPEN = frozenset({"needs_response", "under_review"})


def dispute_fact(dispute: Json, *, triggered_at: datetime | None) -> Fact:
    """Inquiries are disputes too: nothing is given while the bank asks."""
    opened_at = moment(dispute.get("initiated_at"))
    as_of = _day_or_moment(dispute.get("finalized_on")) or triggered_at or opened_at
    if as_of is None:
        raise NotReadable("no_time")
    currency = currency_code(dispute.get("currency"))
    data = {
        "status": _status(dispute),
        "amount_minor": minor(dispute.get("amount"), currency) or None,
        "currency": currency,
        "opened_at": stamp(opened_at),
    }
    return Fact(FactKind.DISPUTE, ident(dispute.get("id")), as_of, data)


def _status(dispute: Json) -> DisputeStatus:
    told = words(dispute.get("status"))
    for status, names in ((DisputeStatus.LOST, _LOST), (DisputeStatus.WON, _KEPT), (DisputeStatus.OPENED, _OPEN)):
        if told in names:
            return status
    raise NotReadable("unknown_status")


def _day_or_moment(value: Any) -> datetime | None:
    """The end of a dispute is told as a day by some versions."""
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-01-31") else None
    except ValueError as error:
        raise NotReadable("bad_time") from error
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else moment(value)
