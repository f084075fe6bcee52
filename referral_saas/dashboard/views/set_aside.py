"""What broke whenever time was to move it on, and is left to a person: shown, and put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from referral_saas.dashboard.access import setback_for
from referral_saas.dashboard.answers import done, refused
from referral_saas.dashboard.frame import DeskRequest, change, page, show
from referral_saas.dashboard.listing import page_of
from referral_saas.dashboard.paths import link_to
from rewards.actions.setbacks import NotAside, Work, put_all_back, put_back, setbacks_aside
from rewards.models import Setback
from tracking.models import Order, Reassessment, Review

PATH = "/set-aside"


@dataclass(frozen=True, slots=True)
class Row:
    setback: Setback
    about: SafeString | str


@page()
def listed(request: DeskRequest) -> HttpResponse:
    found = page_of(request, setbacks_aside(), by="set_aside_at")
    things = _things(found.rows)
    base = f"/w/{request.desk.merchant.slug}"
    rows = [Row(setback, _link(base, things.get(setback.about))) for setback in found.rows]
    return show(request, "dashboard/set_aside.html", {"page": found, "rows": rows})


@change("review.decide")
def again(request: DeskRequest, public_id: str) -> HttpResponse:
    try:
        put_back(setback=setback_for(public_id), by=request.desk.by, now=request.desk.now)
    except NotAside:
        return refused(request, PATH, _("It is not set aside any more."))
    return done(request, PATH, _("It is tried again now."))


@change("review.decide")
def all_again(request: DeskRequest) -> HttpResponse:
    count = put_all_back(by=request.desk.by, now=request.desk.now)
    if not count:
        return refused(request, PATH, _("Nothing is set aside any more."))
    said = ngettext("%(count)s is tried again now.", "%(count)s are tried again now.", count)
    return done(request, PATH, said % {"count": count})


def _things(setbacks: list[Setback]) -> dict[UUID, Any]:
    """What each is about, in as many statements as there are sorts of things."""
    asked = {setback.about for setback in setbacks if setback.work == Work.ASSESSMENT}
    reviews = {setback.about for setback in setbacks if setback.work == Work.REVIEW}
    orders = {setback.about for setback in setbacks} - asked - reviews
    referrals = Reassessment.objects.filter(pk__in=asked).select_related("referral__order")
    found: dict[UUID, Any] = {row.pk: row.referral for row in referrals}
    return found | Review.objects.select_related("referral__order").in_bulk(reviews) | Order.objects.in_bulk(orders)


def _link(base: str, thing: Any) -> SafeString | str:
    order = thing if thing is None or isinstance(thing, Order) else _order_of(thing)
    return link_to(base, thing, (order.number or order.external_id) if order else None)


def _order_of(thing: Any) -> Order:
    referral = thing.referral if isinstance(thing, Review) else thing
    order: Order = referral.order
    return order
