"""A friend who buys after talking leaves their details on the page behind a link (leads).

The answer is the same whoever the address belongs to, and takes as long: a worker takes it in. The form is exempt from
Django's CSRF check for the reasons in referral_saas.friend.views.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kit.language import language_of_page
from kit.tenancy import tenant_scope, tenant_transaction
from leads.actions.arrive import LeadIn
from leads.actions.asked import ask_to_talk
from leads.models import Lead
from referral_saas.friend import context
from referral_saas.friend.access import Address, Place, address_of, is_own_link, place_of
from referral_saas.friend.forms import TalkForm
from referral_saas.friend.notices import OWN_LINK, obstacle_beside_link, standing_obstacle
from referral_saas.friend.views import offer_page, refused, same_origin, uncached, unknown, visit_of_person
from referral_saas.friend.visits import Visit, belongs_here, came_before_the_end
from referral_saas.limits import within_limit
from referral_saas.middleware import own_host_of

TALKS_PER_ADDRESS, TALK_SPAN_SECONDS = 20, 600


@uncached
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: HttpRequest, code: str, merchant: str = "") -> HttpResponse:
    """Whoever comes here without the form is led to the page it stands on."""
    address = address_of(code, merchant, own_host_of(request))
    if address is None:
        return unknown(request)
    if request.method != "POST":
        return HttpResponseRedirect(context.path_for(request, "friend:page"))
    if not same_origin(request):
        return render(request, "friend/foreign.html", status=403)
    return _told(request, address)


def _told(request: HttpRequest, address: Address) -> HttpResponse:
    visit: Visit | None = None
    with tenant_scope(address.ref), tenant_transaction():
        place = place_of(request, address)
        if place is None or not place.program.takes_leads:
            return unknown(request)
        token, form = request.POST.get("token", ""), TalkForm(request.POST, advocate=place.advocate_name)
        if stopped := _stopped(request, place, token):
            return stopped
        if not belongs_here(token, place):
            visit = visit_of_person(request, place)
            answer = _once_more(request, place, visit.token if visit else "")
        elif not form.is_valid():
            answer = offer_page(request, place, token, status=400, talk_form=form)
        else:
            _keep(place, form, token)
            answer = _thanks(request, place, token)
    if visit:
        visit.take_down(address.ref)
    return answer


def _stopped(request: HttpRequest, place: Place, token: str) -> HttpResponse | None:
    if not within_limit(request, "talk", most=TALKS_PER_ADDRESS, seconds=TALK_SPAN_SECONDS):
        note = _("Many have written from where you are. Please wait ten minutes and try again.")
        return offer_page(request, place, "", note=note, status=429)
    obstacle = obstacle_beside_link(place) if came_before_the_end(token, place) else standing_obstacle(place)
    reason = obstacle or (OWN_LINK if is_own_link(request, place) else None)
    return refused(request, place, reason) if reason else None


def _keep(place: Place, form: TalkForm, token: str) -> None:
    """What a program filled in is thanked for like all else, and not kept."""
    if form.is_by_program:
        return
    given = form.cleaned_data
    words = {name: given[name] for name in ("email", "name", "company", "phone", "message")}
    more = {"name_shown": given["tell"], "language": language_of_page(), "token": token}
    ask_to_talk(link=place.link, told=LeadIn(source=Lead.Source.FORM, **words, **more))


def _once_more(request: HttpRequest, place: Place, token: str) -> HttpResponse:
    """The page was loaded ahead or by a program, so it carried no visit: this press is the visit."""
    kept = {name: request.POST.get(name, "")[:2000] for name in ("name", "company", "email", "phone", "message")}
    form = TalkForm(initial=kept | {"token": token}, advocate=place.advocate_name)
    note = _("Please press the button once more: the page had been open in the background.")
    return offer_page(request, place, token, note=note, talk_form=form)


def _thanks(request: HttpRequest, place: Place, token: str) -> HttpResponse:
    shown = context.frame(request, place) | {"shop_url": context.shop_url(place, token)}
    return render(request, "friend/talked.html", shown)
