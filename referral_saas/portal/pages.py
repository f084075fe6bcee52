"""The advocate's own pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from advocates.actions.enrol import accept_terms
from advocates.actions.links import NotSharing, record_share
from advocates.actions.profile import change_profile
from advocates.models import Advocate, Channel
from engagement.actions.subscriptions import set_subscribed
from kit.days import read_instant
from kit.language import language_of_page
from programs.wording import advocate_promise, share_disclosure, terms_page
from referral_saas.portal.access import Visit, action, for_advocates, open_to_all
from referral_saas.portal.entry import sign_in_page
from referral_saas.portal.forgetting import asked_until
from referral_saas.portal.forms import SettingsForm
from referral_saas.portal.frame import show
from referral_saas.portal.progress import steps_ahead
from referral_saas.portal.sharing import Ways, friends_get, prepare_links, ways_of
from referral_saas.portal.stories import PAGE, Teller, own_rewards, stories
from referral_saas.portal.tallies import cap_of, tally_of
from referral_saas.qr import qr_response
from rewards.balances import balances_of
from tracking.selectors import questions_for

#: Friends shown below the link; the rest is one press away.
NEWEST = 5
#: Channels whose sharing the portal can see happen.
SHARED_BY = {
    "copy": Channel.COPY,
    "native": Channel.NATIVE,
    "whatsapp": Channel.WHATSAPP,
    "mail": Channel.MAIL,
    "qr": Channel.QR,
}


@open_to_all
def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The link first; whoever is not signed in is asked for an address."""
    if visit.someone is None:
        return sign_in_page(request, visit)
    if visit.advocate.state == Advocate.State.INVITED:
        return show(request, visit, "invited.html", _terms_values(visit))
    return show(request, visit, "home.html", home_values(visit, ways_of(visit.advocate)))


def home_values(visit: Visit, ways: Ways) -> dict[str, Any]:
    """What stands on an active advocate's first page."""
    told = stories(visit.advocate, _teller(visit), most=NEWEST)
    words = (visit.advocate.live_terms, visit.program, language_of_page())
    return {
        "ways": ways,
        "promise": advocate_promise(*words),
        "friend_gets": friends_get(visit.advocate.live_terms),
        "disclosure": share_disclosure(*words),
        "questions": questions_for(visit.advocate, now=visit.now),
        "stories": told[:NEWEST],
        "more_friends": len(told) > NEWEST,
        "tally": tally_of(visit.advocate),
        "cap": cap_of(visit.advocate),
        "ahead": steps_ahead(visit.advocate, zone=visit.zone, now=visit.now),
    }


@for_advocates
def friends(request: HttpRequest, visit: Visit) -> HttpResponse:
    told = stories(visit.advocate, _teller(visit), before=_before(request))
    older = _older("friends", visit, told[PAGE - 1].at) if len(told) > PAGE else ""
    values = {
        "questions": questions_for(visit.advocate, now=visit.now),
        "stories": told[:PAGE],
        "older": older,
        "paged": _before(request),
    }
    return show(request, visit, "friends.html", values)


@for_advocates
def rewards(request: HttpRequest, visit: Visit) -> HttpResponse:
    own = own_rewards(visit.advocate, _teller(visit), before=_before(request))
    older = _older("rewards", visit, own[PAGE - 1].reward.created_at) if len(own) > PAGE else ""
    values = {
        "rewards": own[:PAGE],
        "balances": balances_of(visit.advocate.customer, now=visit.now),
        "older": older,
        "paged": _before(request),
        "tally": tally_of(visit.advocate),
        "cap": cap_of(visit.advocate),
    }
    return show(request, visit, "rewards.html", values)


def _teller(visit: Visit) -> Teller:
    return Teller(visit.now, visit.zone)


def _before(request: HttpRequest) -> datetime | None:
    """From where older rows are shown; anything that is no moment means: from the newest on."""
    return read_instant(request.GET.get("before", ""))


def _older(name: str, visit: Visit, at: datetime) -> str:
    return f"{reverse(f'portal:{name}', args=[visit.merchant.slug])}?{urlencode({'before': at.isoformat()})}"


# --- terms --------------------------------------------------------------------------------------------------------


@for_advocates
def terms(request: HttpRequest, visit: Visit) -> HttpResponse:
    return show(request, visit, "terms.html", _terms_values(visit))


def _terms_values(visit: Visit) -> dict[str, Any]:
    words = (visit.advocate.live_terms, visit.program, language_of_page())
    return {"clauses": terms_page(*words), "version": visit.program.terms, "promise": advocate_promise(*words)}


@action
def accept(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Accept the version that was on the page; if a newer one came meanwhile, that one is shown first."""
    if request.POST.get("version") != str(visit.program.terms_id):
        messages.warning(request, _("The terms have changed since you opened the page. Please read them again."))
        return _to("terms", visit)
    prepare_links(accept_terms(advocate=visit.advocate, now=visit.now), visit.now)
    messages.success(request, _("Thank you. You have accepted the terms."))
    return _to("home", visit)


def _to(name: str, visit: Visit) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"portal:{name}", args=[visit.merchant.slug]), status=303)


# --- sharing ------------------------------------------------------------------------------------------------------


@action
def share(request: HttpRequest, visit: Visit, channel: str) -> HttpResponse:
    """One act of sharing. Scripts get nothing back; without scripts a page leads on to the app."""
    if channel not in SHARED_BY:
        raise Http404
    try:
        record_share(advocate=visit.advocate, channel=SHARED_BY[channel], now=visit.now)
    except NotSharing:
        return show(request, visit, "not_sharing.html", status=409)
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    if channel == "qr":
        return _to("qr", visit)
    return show(request, visit, "share.html", {"ways": ways_of(visit.advocate), "channel": channel})


@for_advocates
def qr(request: HttpRequest, visit: Visit) -> HttpResponse:
    return show(request, visit, "qr.html", {"ways": ways_of(visit.advocate)})


@for_advocates
def qr_image(request: HttpRequest, visit: Visit) -> HttpResponse:
    return qr_response(request, ways_of(visit.advocate).qr, "code")


# --- settings -----------------------------------------------------------------------------------------------------


@for_advocates
def settings(request: HttpRequest, visit: Visit) -> HttpResponse:
    person = visit.advocate.customer
    known = {"name": person.name, "language": person.language, "wants_mail": person.unsubscribed_at is None}
    return show(request, visit, "settings.html", {"form": SettingsForm(initial=known), **asked_until(person)})


@action
def save_settings(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = SettingsForm(request.POST)
    if not form.is_valid():
        values = {"form": form, **asked_until(visit.advocate.customer)}
        return show(request, visit, "settings.html", values, status=400)
    wanted = form.cleaned_data
    customer = visit.advocate.customer
    change_profile(customer=customer, name=wanted["name"], language=wanted["language"])
    set_subscribed(customer_id=customer.pk, subscribed=wanted["wants_mail"], now=visit.now)
    messages.success(request, _("Saved."))
    return _to("settings", visit)
