"""Referrals: which advocate brought which order, and why; and the clicks and claims that came before."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from kit.days import start_of_day
from kit.ids import public_id as public_key
from merchants.selectors import events_of
from referral_saas.dashboard.access import referral_for
from referral_saas.dashboard.attribution_page import clocks, decisions_by_hand, said_of
from referral_saas.dashboard.decisions import considered
from referral_saas.dashboard.event_words import lines_of
from referral_saas.dashboard.frame import Desk, DeskRequest, page, show
from referral_saas.dashboard.listing import Filters, csv_of, page_of, wants_csv
from referral_saas.dashboard.paths import link_to, public
from referral_saas.dashboard.people import search_orders, search_people
from referral_saas.dashboard.reward_page import rewards_with_missing
from referral_saas.templatetags.ui import day
from rewards.models import Reward
from rewards.review_selectors import review_of
from rewards.wording import reason_text
from tracking.figures import program_days, set_aside_by_reason
from tracking.models import Claim, Click, Referral
from tracking.wording import aside_text

BY = "attributed_at"
NEEDS_WORTH = "NEEDS_WORTH"


@page()
def referrals(request: DeskRequest) -> HttpResponse:
    shown = ("q", "program", "state", "from", "to", "advocate")
    states = [*Referral.State.choices, (NEEDS_WORTH, _("Other currency, to be decided"))]
    filters = Filters(request, show=shown, search=_("Order number or friend's e-mail"), state=states)
    rows = Referral.objects.select_related("program", "advocate__customer", "friend", "order")
    zone, groups = request.desk.workspace.time_zone, {NEEDS_WORTH: Q(needs_worth=True)}
    rows = filters.narrow(rows, zone=zone, at=BY, groups=groups)
    rows = search_orders(rows, filters.asked.get("q", ""), prefix="order__", person="friend")
    if wants_csv(request):
        return csv_of(rows, by=BY, name="referrals", headers=_CSV, line=_csv_line)
    context = {"filters": filters, "page": page_of(request, rows, by=BY)}
    return show(request, "dashboard/referrals/list.html", context)


_CSV = ("id", "program", "advocate", "friend", "order", "state", "matched_by", "reason", "attributed_at")


def _csv_line(row: Referral) -> list[object]:
    friend = row.friend.email if row.friend else ""
    why = row.reasons[0] if row.reasons else ""
    people = [row.program.name, row.advocate.customer.email, friend, row.order.number]
    return [public(row), *people, row.state, row.matched_by, why, row.attributed_at.isoformat()]


@page()
def referral(request: DeskRequest, public_id: str) -> HttpResponse:
    found = referral_for(public_id)
    rewards = Reward.objects.filter(referral=found).order_by("side")
    context = {
        "referral": found,
        "facts": _facts(request.desk, found),
        "why": reason_text(str(found.reasons[0])) if found.reasons else "",
        "how": reason_text(found.how) if found.how else "",
        "touches": considered(found.order),
        "by_hand": decisions_by_hand(found.order),
        "said": said_of(found.order),
        "review": review_of(found),
        "rewards": rewards_with_missing(request.desk, rewards),
        "events": lines_of(events_of(found.pk), zone=request.desk.workspace.time_zone),
    }
    return show(request, "dashboard/referrals/page.html", context)


def _facts(desk: Desk, referral: Referral) -> list[tuple[str, object]]:
    base, zone = f"/w/{desk.merchant.slug}", desk.workspace.time_zone
    rows = [
        (_("Advocate"), link_to(base, referral.advocate)),
        (_("Friend"), link_to(base, referral.friend)),
        (_("Order"), link_to(base, referral.order, referral.order.number or referral.order.external_id)),
        (_("Program"), link_to(base, referral.program)),
        (_("Terms"), _("Version %(number)s") % {"number": referral.terms.number}),
        (_("Recognised by"), referral.get_matched_by_display()),
        (_("Link"), referral.link.code if referral.link else ""),
        (_("Came to the shop"), day(referral.touched_at, zone)),
        *clocks(referral, zone),
        (_("Attributed"), day(referral.attributed_at, zone)),
    ]
    return [row for row in rows if row[1]]


# --- what came before an order ----------------------------------------------------------------------------------


@page()
def clicks(request: DeskRequest) -> HttpResponse:
    filters = Filters(request, show=("program", "from", "to", "advocate"))
    rows = Click.objects.select_related("program", "link__advocate__customer")
    zone = request.desk.workspace.time_zone
    rows = filters.narrow(rows, zone=zone, at="at", advocate="link__advocate_id")
    rows = _while_opened(rows, filters.asked.get("program", ""), zone)
    if wants_csv(request):
        return csv_of(rows, by="at", name="clicks", headers=_CLICK_CSV, line=_click_line)
    aside = [(aside_text(reason), count) for reason, count in set_aside_by_reason()]
    context = {"filters": filters, "page": page_of(request, rows, by="at"), "aside": aside}
    return show(request, "dashboard/referrals/clicks.html", context)


def _while_opened(rows: QuerySet[Click], slug: str, zone: str) -> QuerySet[Click]:
    """Of a program only its own days, so that nobody looks for its clicks among the millions of another's."""
    days = program_days(slug) if slug else None
    if not slug or not days:
        return rows.none() if slug else rows
    first, last = days
    return rows.filter(at__gte=start_of_day(first, zone), at__lt=start_of_day(last + timedelta(days=1), zone))


_CLICK_CSV = ("id", "at", "program", "advocate", "channel", "code", "device")


def _click_line(row: Click) -> list[object]:
    link = row.link
    told = [row.program.name, link.advocate.customer.email, link.channel, link.code, row.device]
    return [public_key("clk", row.pk), row.at.isoformat(), *told]


@page()
def claims(request: DeskRequest) -> HttpResponse:
    shown = ("q", "program", "state", "from", "to", "advocate")
    filters = Filters(request, show=shown, search=_("Friend's e-mail or name"), state=Claim.State.choices)
    rows = Claim.objects.select_related("program", "advocate__customer", "friend", "link")
    rows = filters.narrow(rows, zone=request.desk.workspace.time_zone, at="claimed_at")
    rows = search_people(rows, filters.asked.get("q", ""), prefix="friend__")
    if wants_csv(request):
        return csv_of(rows, by="claimed_at", name="claims", headers=_CLAIM_CSV, line=_claim_line)
    context = {"filters": filters, "page": page_of(request, rows, by="claimed_at")}
    return show(request, "dashboard/referrals/claims.html", context)


_CLAIM_CSV = ("id", "claimed_at", "program", "advocate", "friend", "code", "state", "expires_at")


def _claim_line(row: Claim) -> list[object]:
    friend = row.friend.email if row.friend else ""
    told = [row.program.name, row.advocate.customer.email, friend, row.code, row.state]
    return [public_key("clm", row.pk), row.claimed_at.isoformat(), *told, row.expires_at.isoformat()]
