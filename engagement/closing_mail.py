"""Mails about a workspace that is to be deleted."""

from __future__ import annotations

from engagement import addresses
from engagement.desk import House, Occasion, Pen, Recipient, Values
from kit.wording import day
from merchants.models import Event, Membership


def closing(event: Event, house: House) -> Occasion | None:
    """To one owner, who may have left meanwhile; overtaken when the workspace is kept after all."""
    members = Membership.objects.select_related("user").filter(merchant=house.merchant)
    member = members.filter(pk=event.data["member"]).first()
    if member is None:
        return None
    closes_at = house.merchant.closes_at

    def values(pen: Pen) -> Values:
        return {
            "workspace": house.merchant.name,
            "is_soon": event.data["about"] == "workspace.closing_soon",
            "day": day(closes_at, pen.zone, pen.language) if closes_at else "",
            "link": addresses.workspace(house.merchant.slug, "settings/close"),
        }

    skip = "" if closes_at else "overtaken"
    return Occasion(Recipient(member.user.email, language=member.user.language), values, skip)
