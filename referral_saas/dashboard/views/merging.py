"""Two entries of one person: find the other, read what merging means, say why, and do it."""

from __future__ import annotations

from contextlib import suppress

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from advocates.models import Customer
from privacy.actions.merging import CannotMerge, merge_people
from referral_saas.dashboard.access import customer_for
from referral_saas.dashboard.answers import done, refused
from referral_saas.dashboard.former import led_on
from referral_saas.dashboard.forms.merging import MergeForm
from referral_saas.dashboard.frame import DeskRequest, change, page, show
from referral_saas.dashboard.merge_page import finding_context, obstacle_text, outlook_context
from referral_saas.dashboard.paths import public


@page("person.merge")
def choose(request: DeskRequest, public_id: str) -> HttpResponse:
    """``with``: the other one; without, they are looked for. ``stays``: which of the two stays, else this one."""
    told = request.GET
    try:
        if "with" in told:
            return _preview(request, _one(public_id), _one(told["with"]), MergeForm())
        return show(request, "dashboard/person/merge.html", finding_context(_one(public_id), told.get("q", "")))
    except Http404:
        return _led_on(request, public_id, told.get("with", ""))


def _preview(
    request: DeskRequest, person: Customer, other: Customer, form: MergeForm, *, status: int = 200
) -> HttpResponse:
    stays = request.POST.get("stays") or request.GET.get("stays") or public(person)
    if person == other or stays not in (public(person), public(other)):
        raise Http404
    pair = (other, person) if stays == public(person) else (person, other)
    context = outlook_context(request.desk, person, other, goes=pair[0], stays=pair[1])
    return show(request, "dashboard/person/merge_preview.html", context | {"form": form}, status=status)


@change("person.merge")
def merge_now(request: DeskRequest, public_id: str) -> HttpResponse:
    told, desk = request.POST, request.desk
    try:
        person, other, form = _one(public_id), _one(told.get("with", "")), MergeForm(told)
    except Http404:
        return _led_on(request, public_id, told.get("with", ""))
    if person == other:
        return refused(request, f"/customers/{public(person)}/merge", obstacle_text("same"))
    if not form.is_valid():
        return _preview(request, person, other, form, status=422)
    goes, stays = (other, person) if told.get("stays", public(person)) == public(person) else (person, other)
    words = {"seen": told.get("seen", ""), "reason": form.cleaned_data["reason"]}
    try:
        merge_people(goes_id=goes.pk, stays_id=stays.pk, by=desk.by, now=desk.now, **words)
    except CannotMerge as error:
        path = f"/customers/{public(person)}/merge?with={public(other)}&stays={public(stays)}"
        return refused(request, path, obstacle_text(error.code))
    said = _("The two are one person now. Codes and addresses of both lead here.")
    return done(request, f"/customers/{public(stays)}", said)


def _led_on(request: DeskRequest, *public_ids: str) -> HttpResponse:
    """Pressed twice, or looked at again: to whoever one of them was merged into. Raises Http404 where none was."""
    for one in public_ids:
        with suppress(Http404):
            return led_on(request, one)
    raise Http404


def _one(public_id: str) -> Customer:
    """Whoever was erased is nobody any more."""
    found = customer_for(public_id)
    if found.erased_at is not None:
        raise Http404
    return found
