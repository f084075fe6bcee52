"""Erase a person: first what it means, then a button."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from kit.tenancy import tenant_transaction
from privacy.actions.erasure import CannotErase
from privacy.steps.erasure import erase
from referral_saas.dashboard.access import customer_for
from referral_saas.dashboard.answers import done
from referral_saas.dashboard.erasure_page import erasure_context, obstacle_text
from referral_saas.dashboard.frame import DeskRequest, outside, page, show
from referral_saas.dashboard.paths import public


@page("person.erase")
def preview(request: DeskRequest, public_id: str) -> HttpResponse:
    person = customer_for(public_id)
    if person.erased_at is not None:
        raise Http404
    return show(request, "dashboard/person/erase_preview.html", erasure_context(person))


@outside("person.erase")
def erase_now(request: DeskRequest, public_id: str) -> HttpResponse:
    desk = request.desk
    with tenant_transaction(read_only=True):
        person = customer_for(public_id)
    back, told = f"/customers/{public(person)}", request.POST
    if "sure" not in told:
        messages.error(request, _("Make sure first that this is the right person, and tick the box."))
        return done(request, f"{back}/erase")
    try:
        erase(desk.membership.tenant_ref(), customer_id=person.pk, gives_up="gives_up" in told, by=desk.by)
    except CannotErase as error:
        messages.error(request, obstacle_text(error.code))
        return done(request, back if error.code == "merged" else f"{back}/erase")
    return done(request, back, _("The person is erased."))
