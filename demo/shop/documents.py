"""Orders as JSON documents and back: the shop stores each order whole."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from .browser import Client
from .orders import Buyer, Dispute, Line, Order, Parcel, Refund, RefundLine

TIMES = {"created_at", "updated_at", "paid_at", "cancelled_at", "initiated_at", "finalized_at"}


def dump(order: Order) -> str:
    return json.dumps(asdict(order), default=datetime.isoformat)


def load(document: str) -> Order:
    data = timed(json.loads(document))
    data["buyer"] = Buyer(**data["buyer"])
    data["client"] = Client(**data.get("client", {}))
    data["lines"] = [Line(**line) for line in data["lines"]]
    data["parcels"] = [load_parcel(parcel) for parcel in data["parcels"]]
    data["refunds"] = [load_refund(refund) for refund in data["refunds"]]
    data["disputes"] = [Dispute(**timed(dispute)) for dispute in data.get("disputes", ())]
    return Order(**data)


def load_parcel(data: dict[str, Any]) -> Parcel:
    units = {int(line_id): quantity for line_id, quantity in data.pop("units").items()}
    return Parcel(**timed(data), units=units)


def load_refund(data: dict[str, Any]) -> Refund:
    lines = tuple(RefundLine(**line) for line in data.pop("lines"))
    return Refund(**timed(data), lines=lines)


def timed(data: dict[str, Any]) -> dict[str, Any]:
    return {key: datetime.fromisoformat(value) if key in TIMES and value else value for key, value in data.items()}
