"""Referrals: which advocate brought which order, and why; and the clicks and claims that came before."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.language import language_of_page
from kit.wording import number
from merchants.selectors import events_of
from referral_saas.dashboard.access import referral_for
from referral_saas.dashboard.attribution_page import clocks, decisions_by_hand, said_of
from referral_saas.dashboard.decisions import considered
from referral_saas.dashboard.event_words import lines_of
from referral_saas.dashboard.frame import Desk, DeskRequest, page, show
from referral_saas.dashboard.lists.referrals import (
    CLAIMS,
    CLAIMS_TABLE,
    CLICKS,
    CLICKS_TABLE,
    REFERRALS,
    REFERRALS_TABLE,
)
from referral_saas.dashboard.paths import link_to
from referral_saas.dashboard.review_words import signal_title
from referral_saas.dashboard.reward_page import rewards_with_missing
from referral_saas.templatetags.ui import day
from rewards.models import Reward
from rewards.review_selectors import review_of
from rewards.wording import reason_text
from tracking.figures import set_aside_by_reason
from tracking.models import Referral
from tracking.rules.fraud import Assessment
from tracking.wording import aside_text


@page()
def referrals(request: DeskRequest) -> HttpResponse:
    filters, found = REFERRALS.shown(request)
    context = {"filters": filters, "page": found, "table": REFERRALS_TABLE.drawn(request.desk, found.rows)}
    return show(request, "dashboard/referrals/list.html", context | REFERRALS.export(request, filters))


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
        (_("Checks"), _checked(referral)),
    ]
    return [row for row in rows if row[1]]


def _checked(referral: Referral) -> str:
    """What the checks gave, of those that passed as well; nothing where none were made."""
    if not referral.assessment:
        return ""
    found = Assessment.from_json(referral.assessment)
    if not found.signals:
        return _("Nothing noticed")
    signs = ", ".join(signal_title(sign.code) for sign in found.signals)
    text = ngettext("%(points)s point: %(signs)s", "%(points)s points: %(signs)s", found.score)
    return text % {"points": number(found.score, language_of_page()), "signs": signs}


# --- what came before an order ----------------------------------------------------------------------------------


@page()
def clicks(request: DeskRequest) -> HttpResponse:
    filters, found = CLICKS.shown(request)
    aside = [(aside_text(reason), count) for reason, count in set_aside_by_reason()]
    table = CLICKS_TABLE.drawn(request.desk, found.rows)
    context = {"filters": filters, "page": found, "table": table, "aside": aside}
    return show(request, "dashboard/referrals/clicks.html", context | CLICKS.export(request, filters))


@page()
def claims(request: DeskRequest) -> HttpResponse:
    filters, found = CLAIMS.shown(request)
    context = {"filters": filters, "page": found, "table": CLAIMS_TABLE.drawn(request.desk, found.rows)}
    return show(request, "dashboard/referrals/claims.html", context | CLAIMS.export(request, filters))
