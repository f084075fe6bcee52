"""Mails about a link that got out: to the team that it did, and to the advocate that they have a new one."""

from __future__ import annotations

from django.utils.translation import gettext as _

from advocates.link_words import share_name
from advocates.models import Link
from engagement import addresses
from engagement.desk import House, Occasion, Pen, Recipient, Values, called
from kit.ids import public_id
from merchants.models import Event, Membership
from tracking.leak_wording import signs_text
from tracking.models import Leak


def leaked(event: Event, house: House) -> Occasion | None:
    """To one person of the team, who may have left meanwhile; somebody may have decided already."""
    members = Membership.objects.select_related("user").filter(merchant=house.merchant)
    member = members.filter(pk=event.data.get("member")).first()
    about = Event.objects.filter(pk=event.data.get("event_id")).values_list("subject_id", flat=True).first()
    leak: Leak | None = Leak.objects.select_related("link__advocate__customer").filter(pk=about).first()
    if member is None or leak is None:
        return None

    def values(pen: Pen) -> Values:
        link: Link = leak.link
        return {
            "share": share_name(link),
            "advocate": called(link.advocate.customer),
            "signs": signs_text(leak, zone=pen.zone, language=pen.language),
            "link": addresses.workspace(house.merchant.slug, f"leaks/{public_id('lek', leak.pk)}"),
        }

    to = Recipient(member.user.email, language=member.user.language)
    return Occasion(to, values, skip="" if leak.is_open else "overtaken")


def replaced(event: Event, house: House) -> Occasion | None:
    """To the advocate, without a word of blame: what is new, and that nothing of theirs is lost."""
    links = Link.objects.select_related("advocate__customer", "advocate__program")
    new: Link | None = links.filter(pk=event.data.get("instead")).first()
    if new is None:
        return None

    def values(_pen: Pen) -> Values:
        return {
            "share": share_name(new),
            "show_label": _("Your new link"),
            "show": addresses.link_home(house.merchant.slug).address(new),
            "facts": [(_("Your new code"), new.code)],
            "link": addresses.portal(house.merchant.slug),
        }

    still = new.retired_at is None and new.replaced_by_id is None
    return Occasion(Recipient.of(new.advocate.customer, new.advocate), values, skip="" if still else "overtaken")
