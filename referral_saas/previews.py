"""What friend and advocate would see of a draft: their real pages, drawn with rules and a brand that nobody kept yet.

Stands above the audiences, which are strangers to each other. Nothing is written and no visit counts: the people and
links of these pages are never saved. Only our own dashboard may frame them, and no search engine keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve, reverse
from django.utils.translation import gettext as _

from advocates.models import Advocate, Customer, Link
from merchants.models import Workspace
from programs.models import Program
from programs.selectors import draft_to_set_up, setup
from referral_saas.dashboard.frame import DeskRequest, page
from referral_saas.dashboard.setup_look import Look, look_of, standing
from referral_saas.friend.access import Place
from referral_saas.friend.views import offer_page
from referral_saas.middleware import widen
from referral_saas.portal.access import Visit
from referral_saas.portal.frame import show
from referral_saas.portal.pages import home_values
from referral_saas.portal.sharing import CHANNELS, ways_by

#: Long enough for the shared host, and nobody's: real codes are made of another alphabet.
CODE = "EXAMPLE-10"

Drawn = Callable[[DeskRequest, Advocate, Workspace], HttpResponse]
View = Callable[..., HttpResponse]


def _shown(draw: Drawn) -> View:
    @page("program.edit")
    @wraps(draw)
    def answer(request: DeskRequest) -> HttpResponse:
        program, look = _wanted(request)
        place = _as_typed(request.desk.workspace, look)
        response = draw(request, _somebody(_draft(program, place, look)), place)
        widen(response, "frame-ancestors", "'self'")
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answer


@_shown
def friend(request: DeskRequest, advocate: Advocate, place: Workspace) -> HttpResponse:
    """The page behind a link."""
    link = Link(advocate=advocate, code=CODE)
    return offer_page(_at(request, reverse("friend:page", args=[CODE])), Place(link, place, request.desk.now), "")


@_shown
def advocate(request: DeskRequest, advocate: Advocate, place: Workspace) -> HttpResponse:
    """The first page of the portal, on the day somebody joined."""
    visit = Visit(place, request.desk.now, advocate)
    ways = ways_by(advocate, {channel: Link(advocate=advocate, channel=channel, code=CODE) for channel in CHANNELS})
    asked = _at(request, reverse("portal:home", args=[place.merchant.slug]))
    return show(asked, visit, "home.html", home_values(visit, ways))


def _wanted(request: DeskRequest) -> tuple[Program, Look]:
    """The draft that is being set up, as it is typed; without that, as it is kept."""
    found = setup()
    program = (found.program if found else None) or draft_to_set_up()
    if program is None:
        raise Http404
    return program, look_of(request.desk, request.GET.get("as", "")) or standing(request.desk, program)


def _as_typed(place: Workspace, look: Look) -> Workspace:
    """A copy: what others hold of this workspace stays as it is."""
    typed, merchant = copy(place), copy(place.merchant)
    merchant.name, typed.brand_colour = look.shop, look.colour
    typed.merchant = merchant
    return typed


def _draft(program: Program, place: Workspace, look: Look) -> Program:
    typed = copy(program)
    typed.merchant, typed.terms = place.merchant, None
    typed.name, typed.draft = look.program, look.terms.to_json()
    return typed


def _somebody(program: Program) -> Advocate:
    """Never saved, so whatever is asked of them is nothing."""
    return Advocate(program=program, customer=Customer(name=_("Dana")), state=Advocate.State.ACTIVE)


def _at(request: DeskRequest, address: str) -> HttpRequest:
    """The pages read their own address from the request."""
    there = copy(request)
    there.path = there.path_info = address
    there.resolver_match = resolve(address)
    return there
