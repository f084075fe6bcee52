"""An advocate's links: all of them, a new one, and a page each with its QR code, its code and where it leads."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from advocates.actions.codes import BadLink, add_link, change_way, choose_code, renew_code, retire_link
from advocates.actions.links import NotSharing
from advocates.models import Advocate, Channel, Link
from advocates.selectors import earlier_codes
from engagement.addresses import link_home
from insights.links import brought_by, is_main, is_shown
from programs.destinations import BadWay
from referral_saas.cards import card_context
from referral_saas.dashboard.access import advocate_for, link_by
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.forms.links import LinkCodeForm, LinkWayForm, NewLinkForm
from referral_saas.dashboard.frame import DeskRequest, change, form_page, page, show
from referral_saas.dashboard.paths import path_of, public
from referral_saas.qr import qr_response
from tracking.selectors import leaks_standing


@form_page("advocate.edit")
def new(request: DeskRequest, public_id: str) -> HttpResponse:
    advocate, desk = advocate_for(public_id), request.desk
    form = NewLinkForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            link = add_link(advocate=advocate, **form.cleaned_data, by=desk.by, now=desk.now)
            return done(request, f"/links/{public(link)}", _("The link is ready."))
        except NotSharing:
            form.add_error(None, not_sharing())
        except BadLink as problem:
            point_out(form, problem.field, str(problem))
    context = {"advocate": advocate, "form": form}
    return show(request, "dashboard/links/new.html", context, status=422 if form.errors else 200)


@page()
def one(request: DeskRequest, public_id: str) -> HttpResponse:
    return link_page(request, link_by(public_id))


def link_page(
    request: DeskRequest,
    link: Link,
    *,
    code: LinkCodeForm | None = None,
    way: LinkWayForm | None = None,
    status: int = 200,
) -> HttpResponse:
    home = link_home(request.desk.merchant.slug)
    [brought] = brought_by([link])
    context = {
        "link": link,
        "name": name_of(link),
        "leaks": leaks_standing([link]),
        "advocate": link.advocate,
        "address": home.address(link),
        "brought": brought,
        "earlier": brought_by(earlier_codes(link)),
        "is_shown": is_shown(link),
        "is_main": is_main(link),
        "is_active": link.advocate.state == Advocate.State.ACTIVE,
        "code": code or LinkCodeForm(),
        "way": way or LinkWayForm(initial=LinkWayForm.values_of(link)),
        "public": public(link),
    }
    return show(request, "dashboard/links/page.html", context, status=status)


def name_of(link: Link) -> str:
    return link.placement or (_("Main link") if link.channel == Channel.LINK else str(link.get_channel_display()))


@change("advocate.edit")
def choose(request: DeskRequest, public_id: str) -> HttpResponse:
    link, form, desk = link_by(public_id), LinkCodeForm(request.POST), request.desk
    if form.is_valid():
        try:
            made = choose_code(link=link, code=form.cleaned_data["code"], by=desk.by, now=desk.now)
            return done(request, f"/links/{public(made)}", _("Saved. The code before goes on answering."))
        except NotSharing:
            form.add_error("code", not_sharing())
        except BadLink as problem:
            form.add_error("code", str(problem))
    return link_page(request, link, code=form, status=422)


@change("advocate.edit")
def renew(request: DeskRequest, public_id: str) -> HttpResponse:
    link, desk = link_by(public_id), request.desk
    try:
        made = renew_code(link=link, by=desk.by, now=desk.now)
    except NotSharing:
        return refused(request, f"/links/{public_id}", not_sharing())
    except BadLink as problem:
        return refused(request, f"/links/{public_id}", str(problem))
    return done(request, f"/links/{public(made)}", _("A new code was made. The one before goes on answering."))


@change("advocate.edit")
def way(request: DeskRequest, public_id: str) -> HttpResponse:
    link, form, desk = link_by(public_id), LinkWayForm(request.POST), request.desk
    if form.is_valid():
        try:
            destination = form.cleaned_data["destination"]
            change_way(link=link, destination=destination, utm=form.utm(), by=desk.by, now=desk.now)
            return done(request, f"/links/{public_id}", _("Saved. It counts at once."))
        except BadWay as problem:
            point_out(form, problem.field, str(problem))
    return link_page(request, link, way=form, status=422)


@change("advocate.edit")
def retire(request: DeskRequest, public_id: str) -> HttpResponse:
    link, desk = link_by(public_id), request.desk
    if link.retired_at is not None:
        raise Http404
    shown = retire_link(link=link, why=Link.Retired.HAND, by=desk.by, now=desk.now)
    said = _("Taken out of use. What began with it still counts.")
    return done(request, path_of("", shown) if shown else path_of("", link.advocate), said)


@page()
def image(request: DeskRequest, public_id: str) -> HttpResponse:
    link = link_by(public_id)
    return qr_response(request, link_home(request.desk.merchant.slug).address(link), link.code)


@page()
def cards(request: DeskRequest, public_id: str) -> HttpResponse:
    link, base = link_by(public_id), f"/w/{request.desk.merchant.slug}"
    home = link_home(request.desk.merchant.slug)
    context: dict[str, Any] = card_context(request, link, home, f"{base}/links/{public_id}/qr.svg")
    context |= {"advocate": link.advocate, "name": name_of(link), "back_url": f"{base}/links/{public_id}"}
    return show(request, "dashboard/links/cards.html", context)


def not_sharing() -> str:
    return _("Only active advocates get new links and codes. This one is paused, invited or banned.")
