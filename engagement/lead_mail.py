"""Mail to the team that somebody wants to be talked to."""

from __future__ import annotations

from engagement import addresses
from engagement.desk import House, Occasion, Pen, Recipient, Values, called
from kit.ids import public_id
from leads.models import Lead
from merchants.models import Event, Membership


def came(event: Event, house: House) -> Occasion | None:
    """To one person of the team, who may have left meanwhile; somebody may be talking to them already."""
    members = Membership.objects.select_related("user").filter(merchant=house.merchant)
    member = members.filter(pk=event.data.get("member")).first()
    about = Event.objects.filter(pk=event.data.get("event_id")).values_list("subject_id", flat=True).first()
    lead: Lead | None = Lead.objects.select_related("customer", "advocate__customer").filter(pk=about).first()
    if member is None or lead is None:
        return None

    def values(_pen: Pen) -> Values:
        return {
            "who": called(lead.customer, lead.company, lead.name),
            "advocate": called(lead.advocate.customer) if lead.advocate else "",
            "link": addresses.workspace(house.merchant.slug, f"leads/{public_id('lea', lead.pk)}"),
        }

    to = Recipient(member.user.email, language=member.user.language)
    return Occasion(to, values, skip="" if lead.stage == Lead.Stage.NEW else "overtaken")
