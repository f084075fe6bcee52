"""Mails about a merchant's own host."""

from __future__ import annotations

from datetime import timedelta

from engagement import addresses
from engagement.desk import House, Occasion, Pen, Recipient, Values
from kit.wording import day
from merchants.models import Event, Host, Membership
from merchants.rules.hosts import GRACE_DAYS


def lost(event: Event, house: House) -> Occasion | None:
    """To one person of the team, who may have left meanwhile; overtaken when the record is back."""
    about = Event.objects.filter(pk=event.data["event_id"]).values_list("subject_id", flat=True).first()
    host: Host | None = Host.objects.filter(pk=about).first()
    members = Membership.objects.select_related("user").filter(merchant=house.merchant)
    member = members.filter(pk=event.data["member"]).first()
    if host is None or member is None:
        return None

    def values(pen: Pen) -> Values:
        stops_at = host.lost_at + timedelta(days=GRACE_DAYS) if host.lost_at else None
        return {
            "host": host.host,
            "day": day(stops_at, pen.zone, pen.language) if stops_at else "",
            "link": addresses.workspace(house.merchant.slug, "settings/hosts"),
        }

    skip = "" if host.state == Host.State.LOST else "overtaken"
    return Occasion(Recipient(member.user.email, language=member.user.language), values, skip)
