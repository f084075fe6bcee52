"""The pages behind a referral link. Nothing here sets a cookie; nothing here may be kept by a cache.

The claim form is exempt from Django's CSRF check, which would need a cookie. In its place: the form carries the signed
click of the visit, a foreign Origin is refused, and there is no session that a forged request could borrow.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement import addresses
from kit.language import language_of_page
from kit.tenancy import tenant_scope, tenant_transaction
from programs.wording import terms_page
from referral_saas.advocate_session import cookie_name
from referral_saas.friend import context, memory
from referral_saas.friend.access import Address, Place, address_of, is_own_link, place_of
from referral_saas.friend.drawing import drawing_of
from referral_saas.friend.forms import ClaimForm, TalkForm
from referral_saas.friend.notices import OWN_LINK, notice_for, obstacle_beside_link, standing_obstacle
from referral_saas.friend.visits import Visit, belongs_here, came_before_the_end, click_of, is_person, visit_to
from referral_saas.limits import within_limit
from referral_saas.middleware import own_host_of
from tracking.actions.claims import Refusal
from tracking.models import Claim
from tracking.steps.claims import ask_offer, claim_offer

CLAIMS_PER_ADDRESS, CLAIM_SPAN_SECONDS = 30, 600

View = Callable[..., HttpResponse]


def uncached(view: View) -> View:
    """Not stored, not indexed, and no address of a friend's page told to the shop's advertisers."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "origin"
        return response

    return answer


@uncached
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, code: str, merchant: str = "") -> HttpResponse:
    if drawing := drawing_of(request):
        return drawing(request)
    address = address_of(code, merchant, own_host_of(request))
    if address is None:
        return unknown(request)
    return claim(request, address) if request.method == "POST" else landing(request, address)


def landing(request: HttpRequest, address: Address) -> HttpResponse:
    """A visit: what it is answered with, and its click, which is kept before the answer leaves."""
    visit = None
    with tenant_scope(address.ref), tenant_transaction():
        place = place_of(request, address)
        if place is None:
            return unknown(request)
        if standing_obstacle(place) is None:
            if is_own_link(request, place):
                return refused(request, place, OWN_LINK, looked=True)
            visit = visit_of_person(request, place)
        token = (memory.earlier_visit(request, place) or visit.token) if visit else ""
        response = first_answer(request, place, token)
    if visit:
        visit.take_down(address.ref)
    return response


def first_answer(request: HttpRequest, place: Place, token: str) -> HttpResponse:
    """What a link says to somebody who comes by it; the lane draws it ahead. Without a token it is a preview."""
    obstacle = standing_obstacle(place)
    if obstacle:
        return refused(request, place, obstacle, looked=True)
    shop = context.straight_to_shop(place, token) if token else ""
    response = HttpResponseRedirect(shop) if shop else offer_page(request, place, token)
    memory.remember_where_allowed(request, response, place, token)
    return response


def offer_page(
    request: HttpRequest,
    place: Place,
    token: str,
    form: ClaimForm | None = None,
    note: str = "",
    status: int = 200,
    talk_form: TalkForm | None = None,
) -> HttpResponse:
    """Who recommends, what I get, one button; where people buy after talking, first a form for their details."""
    shown = context.frame(request, place) | {"token": token, "note": note, "value": context.offer_value(place.terms)}
    shown["bonus"] = context.bonus_line(place)
    shown["asks_to_remember"] = (
        context.path_for(request, "friend:remember") if memory.asks(request, place, token) else ""
    )
    if place.program.takes_leads:
        shown["talk_form"] = talk_form or TalkForm(initial={"token": token}, advocate=place.advocate_name)
        shown["talk_url"] = context.path_for(request, "friend:talk")
        shown["claim_url"] = context.path_for(request, "friend:page")
    if place.terms.offer:
        shown["form"] = form or ClaimForm(initial={"token": token}, advocate=place.advocate_name)
        shown["claim_label"] = context.claim_label(place.terms)
    else:
        shown["shop_url"] = context.shop_url(place, token)
    return render(request, "friend/offer.html", shown, status=status)


def claim(request: HttpRequest, address: Address) -> HttpResponse:
    """Check what was sent, then claim outside of any transaction: a code may have to be asked for at the shop."""
    if not same_origin(request):
        return render(request, "friend/foreign.html", status=403)
    with tenant_scope(address.ref), tenant_transaction():
        place = place_of(request, address)
        if place is None:
            return unknown(request)
        if stopped := stopped_before_claiming(request, place):
            return stopped
        form = ClaimForm(request.POST, advocate=place.advocate_name)
        token = request.POST.get("token", "")
        visit, answer = None, None
        if not belongs_here(token, place):
            visit = visit_of_person(request, place)
            answer = once_more(request, place, visit.token if visit else "")
        elif not form.is_valid():
            answer = offer_page(request, place, token, form, status=400)
    if visit:
        visit.take_down(address.ref)
    return answer or claimed(request, address, place, form)


def visit_of_person(request: HttpRequest, place: Place) -> Visit | None:
    """Taken down by the caller when the transaction is over."""
    return visit_to(place, request) if is_person(request) else None


def stopped_before_claiming(request: HttpRequest, place: Place) -> HttpResponse | None:
    if not within_limit(request, "claim", most=CLAIMS_PER_ADDRESS, seconds=CLAIM_SPAN_SECONDS):
        note = _("Many offers were asked for from where you are. Please wait ten minutes and try again.")
        return offer_page(request, place, "", note=note, status=429)
    began_in_time = came_before_the_end(request.POST.get("token", ""), place)
    obstacle = obstacle_beside_link(place) if began_in_time else standing_obstacle(place)
    reason = obstacle or (OWN_LINK if is_own_link(request, place) else None)
    return refused(request, place, reason) if reason else None


def once_more(request: HttpRequest, place: Place, token: str) -> HttpResponse:
    """The page was loaded ahead or by a program, so it carried no visit: this press is the visit."""
    note = _("Please press the button once more: the page had been open in the background.")
    form = ClaimForm(
        initial={
            "token": token,
            "email": request.POST.get("email", "")[:254],
            "name": request.POST.get("name", "")[:80],
        },
        advocate=place.advocate_name,
    )
    return offer_page(request, place, token, form, note)


def claimed(request: HttpRequest, address: Address, place: Place, form: ClaimForm) -> HttpResponse:
    """Without an address the code is shown at once. With one it is mailed: what is said here is the same whoever it
    belongs to, so that nobody can ask the form who is known."""
    told, token = form.cleaned_data, form.cleaned_data["token"]
    about = {
        "link_id": place.link.pk,
        "email": told["email"],
        "name": told["name"],
        "click_id": click_of(token),
        "name_shown": told["tell"] and bool(told["email"] and told["name"]),
    }
    try:
        if told["email"]:
            ask_offer(address.ref, **about, language=language_of_page())
            return mailed(request, address, place, token)
        made = claim_offer(address.ref, **about)
    except Refusal as refusal:
        with tenant_scope(address.ref), tenant_transaction(read_only=True):
            return refused(request, place, refusal.reason)
    sealed = context.seal_offer(made.pk, token)
    return HttpResponseRedirect(context.path_for(request, "friend:offer", sealed=sealed), status=303)


def mailed(request: HttpRequest, address: Address, place: Place, token: str) -> HttpResponse:
    with tenant_scope(address.ref), tenant_transaction(read_only=True):
        shown = context.frame(request, place) | {"shop_url": context.shop_url(place, token)}
        return render(request, "friend/mailed.html", shown)


@uncached
@csrf_exempt
@require_POST
def remember(request: HttpRequest, code: str, merchant: str = "") -> HttpResponse:
    """The friend agreed that this visit is remembered. Back to the offer, with the cookie."""
    address, token = address_of(code, merchant, own_host_of(request)), request.POST.get("token", "")
    if not same_origin(request):
        return render(request, "friend/foreign.html", status=403)
    if address is None:
        return unknown(request)
    with tenant_scope(address.ref), tenant_transaction(read_only=True):
        place = place_of(request, address)
        if place is None:
            return unknown(request)
        response = HttpResponseRedirect(context.path_for(request, "friend:page"), status=303)
        if memory.asks(request, place, token) and belongs_here(token, place):
            memory.remember(response, place, token)
        return response


@uncached
@require_safe
def offer(request: HttpRequest, code: str, sealed: str, merchant: str = "") -> HttpResponse:
    """The friend's own page with the code, to come back to until it runs out."""
    address, opened = address_of(code, merchant, own_host_of(request)), context.open_offer(sealed)
    if address is None or opened is None:
        return unknown(request)
    claim_id, token = opened
    with tenant_scope(address.ref), tenant_transaction(read_only=True):
        place = place_of(request, address)
        found = Claim.objects.filter(pk=claim_id).exclude(code="").first()
        if place is None or found is None:
            return unknown(request)
        return render(request, "friend/code.html", _code_context(request, place, found, token))


def _code_context(request: HttpRequest, place: Place, found: Claim, token: str) -> dict[str, Any]:
    used, late = found.state == Claim.State.USED, found.expires_at <= place.now
    return context.frame(request, place) | {
        "claim": found,
        "usable": not used and not late,
        "used": used,
        "value": context.offer_value(found.terms_shown),
        "shop_url": context.shop_url(place, token, found.code if not (used or late) else ""),
    }


@uncached
@require_safe
def terms(request: HttpRequest, code: str, merchant: str = "") -> HttpResponse:
    """The program's terms as they are published now."""
    address = address_of(code, merchant, own_host_of(request))
    if address is None:
        return unknown(request)
    with tenant_scope(address.ref), tenant_transaction(read_only=True):
        place = place_of(request, address)
        if place is None or place.program.terms is None:
            return unknown(request)
        clauses = terms_page(place.terms, place.program, language_of_page())
        shown = context.frame(request, place) | {
            "clauses": clauses,
            "version": place.program.terms,
            "program": place.program,
        }
        return render(request, "friend/terms.html", shown)


def refused(request: HttpRequest, place: Place, reason: str, *, looked: bool = False) -> HttpResponse:
    """A kind page. ``looked``: nothing was asked for yet, so a page that is there is simply shown."""
    notice = notice_for(reason, place)
    shown = context.frame(request, place) | {
        "notice": notice,
        "shop_url": context.shop_url(place) if notice.shop else "",
        "portal_url": addresses.portal(place.merchant.slug) if notice.portal else "",
        "signed_in": cookie_name(place.merchant) in request.COOKIES,
    }
    status = 200 if looked and notice.status == 409 else notice.status
    response = render(request, "friend/notice.html", shown, status=status)
    if status == 503:
        response["Retry-After"] = "86400"
    return response


def unknown(request: HttpRequest) -> HttpResponse:
    """The same page for every address that leads nowhere: it tells nothing about any merchant."""
    return render(request, "friend/unknown.html", status=404)


def same_origin(request: HttpRequest) -> bool:
    """Browsers name the origin of every POST; one that is not ours is another site's form."""
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"
