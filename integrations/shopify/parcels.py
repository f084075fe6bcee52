"""A Shopify fulfilment as our parcel."""

from __future__ import annotations

from datetime import timedelta

from integrations.shopify.reading import Json, first_moment, ident, pieces, rows, stamp, words
from tracking.rules import Fact, FactKind

#: It never left, or was taken back.
_UNDONE = frozenset({"cancelled", "failure", "error"})
#: Accepted, but not on its way yet.
_NOT_YET = frozenset({"pending", "open"})


def parcel_fact(fulfilment: Json) -> Fact | None:
    """None while it only is announced: nothing has left the shop."""
    status = words(fulfilment.get("status"))
    if status in _NOT_YET:
        return None
    cancelled = status in _UNDONE
    told = first_moment(fulfilment, "updated_at", "created_at")
    delivered_at = told if fulfilment.get("shipment_status") == "delivered" else None
    data = {
        "shipped_at": stamp(first_moment(fulfilment, "created_at", "updated_at")),
        "delivered_at": stamp(delivered_at),
        "cancelled": cancelled,
        "lines": [_goods(item) for item in rows(fulfilment, "line_items")],
    }
    # Shopify tells whole seconds: within one, the further state is the newer.
    step = 2 * cancelled + (delivered_at is not None)
    return Fact(FactKind.PARCEL, ident(fulfilment.get("id")), told + step * timedelta.resolution, data)


def _goods(item: Json) -> Json:
    return {"id": ident(item.get("id")), "quantity": pieces(item.get("quantity"))}
