"""The advocate's links: one for each way to share and each place of their own, with what each brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from advocates.actions.codes import BadLink, add_link, choose_code, retire_link
from advocates.actions.links import NotSharing
from advocates.models import Advocate, Channel, Link
from advocates.selectors import link_of, links_of, main_link
from engagement.addresses import LinkHome, link_home
from insights.links import Brought, as_shown, brought_by, is_main
from kit.ids import parse_public_id, public_id
from merchants.events import by_advocate
from referral_saas.cards import card_context
from referral_saas.limits import within_limit_of
from referral_saas.portal.access import Visit, action, for_advocates
from referral_saas.portal.forms import CodeForm, PlaceForm
from referral_saas.portal.frame import show
from referral_saas.qr import qr_response

CODES_TRIED, CODES_SPAN_SECONDS = 6, 3600
#: Another form of the page asks for a code as well.
CHOSEN = "chosen_%s"


@dataclass(frozen=True, slots=True)
class Row:
    """One link as its owner sees it."""

    brought: Brought
    public: str
    name: str
    address: str
    is_own: bool


@for_advocates
def links(request: HttpRequest, visit: Visit) -> HttpResponse:
    return links_page(request, visit)


def links_page(
    request: HttpRequest,
    visit: Visit,
    *,
    place: PlaceForm | None = None,
    code: CodeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    home, may_choose = link_home(visit.merchant.slug), visit.program.own_codes
    rows = [row_of(each, home) for each in as_shown(brought_by(links_of(visit.advocate)))]
    main = next(row for row in rows if is_main(row.brought.link))
    values = {
        "main": main,
        "spoken": home.spoken(main.brought.link),
        "rows": rows,
        "may_choose": may_choose,
        "is_active": visit.advocate.state == Advocate.State.ACTIVE,
        "place": place or PlaceForm(may_choose=may_choose),
        "code": code or CodeForm(auto_id=CHOSEN),
    }
    return show(request, visit, "links.html", values, status=status)


def row_of(brought: Brought, home: LinkHome) -> Row:
    link = brought.link
    name = link.placement or (_("Your code") if link.channel == Channel.LINK else link.get_channel_display())
    return Row(brought, public_id("lnk", link.pk), name, home.address(link), bool(link.placement))


def may_try_code(visit: Visit) -> bool:
    """Each try tells whether a code is somebody's, or one of the shop's own, so there are a few."""
    return within_limit_of("own-code", visit.advocate.pk, most=CODES_TRIED, seconds=CODES_SPAN_SECONDS)


def tried_enough() -> str:
    return _("You have tried a few codes already. Take a break and try again in an hour: your link works meanwhile.")


@action
def add(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A link for a place of the advocate's own."""
    form = PlaceForm(request.POST, may_choose=visit.program.own_codes)
    if form.is_valid():
        told = form.cleaned_data
        if told.get("code") and not may_try_code(visit):
            form.add_error("code", tried_enough())
            return links_page(request, visit, place=form, status=429)
        wanted = {"channel": Channel.LINK, "placement": told["placement"], "code": told.get("code", "")}
        try:
            add_link(advocate=visit.advocate, **wanted, by=by_advocate(visit.advocate.pk), now=visit.now)
            messages.success(request, _("Your link for %(place)s is ready.") % {"place": told["placement"]})
            return to_links(visit)
        except NotSharing:
            return show(request, visit, "not_sharing.html", status=409)
        except BadLink as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
    return links_page(request, visit, place=form, status=422)


@action
def choose(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The code that is said aloud, chosen by the advocate where the merchant lets them. Earlier ones go on."""
    if not visit.program.own_codes:
        raise Http404
    form = CodeForm(request.POST, auto_id=CHOSEN)
    if form.is_valid():
        if not may_try_code(visit):
            form.add_error("code", tried_enough())
            return links_page(request, visit, code=form, status=429)
        try:
            code, link = form.cleaned_data["code"], main_link(visit.advocate)
            made = choose_code(link=link, code=code, by=by_advocate(visit.advocate.pk), now=visit.now)
            messages.success(request, _("Your code is %(code)s now. Your earlier one goes on.") % {"code": made.code})
            return to_links(visit)
        except NotSharing:
            return show(request, visit, "not_sharing.html", status=409)
        except BadLink as problem:
            form.add_error("code", str(problem))
    return links_page(request, visit, code=form, status=422)


@action
def retire(request: HttpRequest, visit: Visit, public_id: str) -> HttpResponse:
    link = own_link(visit, public_id)
    if not link.placement:
        raise Http404
    retire_link(link=link, why=Link.Retired.HAND, by=by_advocate(visit.advocate.pk), now=visit.now)
    messages.success(request, _("The link for %(place)s is out of use.") % {"place": link.placement})
    return to_links(visit)


@for_advocates
def image(request: HttpRequest, visit: Visit, public_id: str) -> HttpResponse:
    link = own_link(visit, public_id)
    return qr_response(request, link_home(visit.merchant.slug).address(link), link.code)


@for_advocates
def cards(request: HttpRequest, visit: Visit, public_id: str) -> HttpResponse:
    link = own_link(visit, public_id)
    qr_url = reverse("portal:link-qr", args=[visit.merchant.slug, public_id])
    values: dict[str, Any] = card_context(request, link, link_home(visit.merchant.slug), qr_url)
    values["back_url"] = reverse("portal:links", args=[visit.merchant.slug])
    return show(request, visit, "cards.html", values)


def own_link(visit: Visit, public: str) -> Link:
    """A link of this advocate that is in use; another's does not exist for them."""
    key = parse_public_id("lnk", public)
    link = link_of(visit.advocate, key) if key else None
    if link is None:
        raise Http404
    return link


def to_links(visit: Visit) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:links", args=[visit.merchant.slug]), status=303)
