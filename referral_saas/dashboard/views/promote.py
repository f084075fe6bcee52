"""The promotion kit: the score, a page for each place with its ready text, previews, posters and links for staff."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from engagement.actions.promotion import BadStaffLink, BadWord, add_staff_link, retire_staff_link, say_of_place
from engagement.models import PlaceWord
from engagement.promotion import Told, block_for, told_of
from engagement.promotion_blocks import as_page, html_of
from engagement.rules.coverage import LIVE_DAYS, Place
from engagement.views import framing
from referral_saas.dashboard.access import program_for, staff_link_for
from referral_saas.dashboard.answers import done, refused
from referral_saas.dashboard.forms.promote import StaffLinkForm
from referral_saas.dashboard.frame import DeskRequest, change, page, show
from referral_saas.dashboard.promote_page import (
    is_ready,
    kit_of,
    place_context,
    place_named,
    sheet_to_print,
    staff_rows,
    standing,
    told_here,
)
from referral_saas.dashboard.promote_words import ABOUT
from referral_saas.qr import qr_response

#: The frame's own page: no script, nothing loaded, one sheet that is named by its hash, and nobody else's frame.
_POLICY = "default-src 'none'; style-src {sheet}; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"


@page()
def kit(request: DeskRequest) -> HttpResponse:
    found = kit_of(request.desk)
    if not found.programs:
        return show(request, "dashboard/promote/empty.html", {"lack": found.lack, "program": found.lacking})
    program = found.chosen(request.GET.get("program", ""))
    context = {
        "program": program,
        "programs": _switch(request, found.programs, program),
        "standing": standing(request.desk.workspace, request.desk.now),
        "days": LIVE_DAYS,
    }
    return show(request, "dashboard/promote/list.html", context)


def _switch(request: DeskRequest, programs: Any, chosen: Any) -> list[dict[str, Any]]:
    """Only where there is something to choose."""
    base = f"/w/{request.desk.merchant.slug}/promote?program="
    items = [{"label": each.name, "url": base + each.slug, "current": each == chosen} for each in programs]
    return items if len(items) > 1 else []


@page()
def place(request: DeskRequest, program_slug: str, place: str) -> HttpResponse:
    where, program, desk = place_named(place), program_for(program_slug), request.desk
    if not is_ready(desk, program):
        return redirect(f"/w/{desk.merchant.slug}/promote")
    return place_page(request, told_of(program, desk.workspace), where)


def place_page(
    request: DeskRequest, told: Told, where: Place, *, form: StaffLinkForm | None = None, status: int = 200
) -> HttpResponse:
    context = place_context(request.desk, told, where)
    context |= {"here": _in_kit(request, told.program.slug, where)}
    if where == Place.STAFF:
        context |= {"links": staff_rows(request.desk, told), "form": form or StaffLinkForm()}
    return framing(show(request, "dashboard/promote/place.html", context, status=status))


@page()
def preview(request: DeskRequest, program_slug: str, place: str) -> HttpResponse:
    """A block as it will stand in the shop, for a frame of the page of its place."""
    told, where = told_here(request.desk, program_slug), place_named(place)
    block = block_for(where, told)
    if block is None:
        raise Http404
    drawn = html_of(where, block, request.desk.workspace)
    body, sheet = as_page(drawn, title=str(ABOUT[where].name), language=told.language)
    headers = {"Content-Security-Policy": _POLICY.format(sheet=sheet), "X-Frame-Options": "SAMEORIGIN"}
    return HttpResponse(body, headers=headers)


@page()
def image(request: DeskRequest, program_slug: str, place: str) -> HttpResponse:
    told, where = told_here(request.desk, program_slug), place_named(place)
    return qr_response(request, told.address(where), f"{told.program.slug}-{where}")


@page()
def poster(request: DeskRequest, program_slug: str) -> HttpResponse:
    told, there = told_here(request.desk, program_slug), _in_kit(request, program_slug, Place.POSTER)
    context = sheet_to_print(told, Place.POSTER, asked=request.GET.get("cards", ""), usual=1)
    context |= {"title": _("Poster to print"), "qr_url": f"{there}/qr.svg", "back_url": there}
    return show(request, "dashboard/promote/print.html", context)


def _in_kit(request: DeskRequest, *parts: object) -> str:
    return "/".join(["/w", request.desk.merchant.slug, "promote", *map(str, parts)])


# --- what is said of a place, and links for staff ---------------------------------------------------------------


@change("program.edit")
def say(request: DeskRequest, program_slug: str, place: str) -> HttpResponse:
    """``says``: DONE, NOT_OURS, or empty to take it back."""
    where, says, back = place_named(place), request.POST.get("says", ""), f"/promote/{program_slug}/{place}"
    program_for(program_slug)
    if says not in ("", *PlaceWord.Says.values):
        raise Http404
    try:
        say_of_place(place=where, says=says, by=request.desk.by, now=request.desk.now)
    except BadWord:
        return refused(request, back, _("This place shows by itself whether it is live: nobody has to say it."))
    return done(request, back, _("Saved."))


@change("program.edit")
def add_staff(request: DeskRequest, program_slug: str) -> HttpResponse:
    told, form, desk = told_here(request.desk, program_slug), StaffLinkForm(request.POST), request.desk
    if form.is_valid():
        try:
            add_staff_link(program=told.program, name=form.cleaned_data["name"], by=desk.by, now=desk.now)
            return done(request, f"/promote/{program_slug}/{Place.STAFF}", _("The link is ready."))
        except BadStaffLink as problem:
            form.add_error("name", str(problem))
    return place_page(request, told, Place.STAFF, form=form, status=422)


@change("program.edit")
def retire_staff(request: DeskRequest, program_slug: str, public_id: str) -> HttpResponse:
    link = staff_link_for(program_for(program_slug), public_id)
    retire_staff_link(link=link, by=request.desk.by, now=request.desk.now)
    said = _("Taken out of use. Who opens it can still join; it counts no more.")
    return done(request, f"/promote/{program_slug}/{Place.STAFF}", said)


@page()
def staff_image(request: DeskRequest, program_slug: str, public_id: str) -> HttpResponse:
    told = told_here(request.desk, program_slug)
    link = staff_link_for(told.program, public_id)
    return qr_response(request, told.address(link.mark), link.mark)


@page()
def staff_cards(request: DeskRequest, program_slug: str, public_id: str) -> HttpResponse:
    told, there = told_here(request.desk, program_slug), _in_kit(request, program_slug, Place.STAFF)
    link = staff_link_for(told.program, public_id)
    context = sheet_to_print(told, link.mark, asked=request.GET.get("cards", ""), usual=8)
    title = _("Cards for %(name)s") % {"name": link.name}
    context |= {"title": title, "qr_url": f"{there}/{public_id}/qr.svg", "back_url": there}
    return show(request, "dashboard/promote/print.html", context)
