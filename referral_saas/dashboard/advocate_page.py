"""What the page of an advocate shows: the links with what each brought, figures with their rows, the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from advocates.models import Advocate, Link, Share
from advocates.selectors import links_of
from engagement import addresses
from merchants.selectors import events_of
from referral_saas.dashboard.event_words import lines_of, names_of
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.paths import link_to, public
from referral_saas.templatetags.ui import day
from rewards.models import PayoutAccount, Reward
from rewards.payable import coming_to
from rewards.selectors import money_by_state
from tracking.models import Claim, Click, Referral


@dataclass(frozen=True)
class LinkLine:
    link: Link
    shares: int
    clicks: int
    claims: int


def advocate_context(desk: Desk, advocate: Advocate) -> dict[str, Any]:
    lines = _links(advocate)
    main = next((line.link for line in lines if line.link.channel == "LINK" and not line.link.placement), None)
    rewards = Reward.objects.filter(advocate=advocate, side=Reward.Side.ADVOCATE)
    return {
        "advocate": advocate,
        "facts": _facts(desk, advocate),
        "lines": lines,
        "main": main,
        "friend_link": addresses.friend_link(main.code) if main else "",
        "portal": addresses.portal(desk.merchant.slug),
        "of_advocate": f"advocate={public(advocate)}",
        "clicks": sum(line.clicks for line in lines),
        "claims": Claim.objects.filter(advocate=advocate).count(),
        "referrals": Referral.objects.filter(advocate=advocate).count(),
        "rewards": rewards.count(),
        "money": money_by_state(rewards),
        "account": PayoutAccount.objects.filter(customer=advocate.customer_id).first(),
        "owed": coming_to(advocate.customer_id),
        "events": lines_of(events_of(advocate.pk), zone=desk.workspace.time_zone),
    }


def _links(advocate: Advocate) -> list[LinkLine]:
    """Four statements, however many channels and placements there are."""
    shares = _per_link(Share.objects.filter(advocate=advocate))
    clicks = _per_link(Click.objects.filter(link__advocate=advocate))
    claims = _per_link(Claim.objects.filter(advocate=advocate))
    return [
        LinkLine(link, shares.get(link.pk, 0), clicks.get(link.pk, 0), claims.get(link.pk, 0))
        for link in links_of(advocate)
    ]


def _per_link(rows: QuerySet[Any]) -> dict[UUID, int]:
    return {row["link_id"]: row["n"] for row in rows.values("link_id").annotate(n=Count("pk")).order_by()}


def _facts(desk: Desk, advocate: Advocate) -> list[tuple[str, object]]:
    base, zone = f"/w/{desk.merchant.slug}", desk.workspace.time_zone
    person = advocate.customer
    by = names_of([advocate.enrolled_by])[advocate.enrolled_by]
    rows = [
        (_("Person"), link_to(base, person, person.name or person.email)),
        (_("E-mail"), person.email),
        (_("Program"), link_to(base, advocate.program)),
        (_("Kind"), advocate.get_kind_display()),
        (_("Place"), advocate.place),
        (_("Advocate since"), _("%(day)s, %(by)s") % {"day": day(advocate.enrolled_at, zone), "by": by}),
        (_("Terms accepted"), _accepted(advocate, zone)),
    ]
    return [row for row in rows if row[1]]


def _accepted(advocate: Advocate, zone: str) -> str:
    if advocate.accepted_terms is None:
        return _("Not yet: the portal asks at the next visit.")
    words = {"number": advocate.accepted_terms.number, "day": day(advocate.accepted_at, zone)}
    return _("Version %(number)s, on %(day)s") % words
