"""Was it you? The advocate's yes or no to what a friend said after an order."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kit.ids import parse_public_id
from merchants.events import by_advocate
from referral_saas.portal.access import Visit, action
from rewards.actions.introduced import NotAsked, answer_introduction
from tracking.models import Introduction
from tracking.selectors import question_for


@action
def answer(request: HttpRequest, visit: Visit, public_id: str) -> HttpResponse:
    """Answered twice, too late or with neither yes nor no, it says so and changes nothing."""
    told, said, by = _own(visit, public_id), request.POST.get("answer"), by_advocate(visit.advocate.pk)
    if said not in ("yes", "no"):
        messages.error(request, _("Please say yes or no: press one of the two buttons."))
        return _back(visit)
    try:
        answer_introduction(introduction=told, yes=said == "yes", by=by, now=visit.now)
    except NotAsked:
        messages.info(request, _("This question is closed: it was answered before, or its time is over."))
    else:
        messages.success(request, _thanks(said))
    return _back(visit)


def _back(visit: Visit) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:friends", args=[visit.merchant.slug]), status=303)


def _thanks(said: str) -> str:
    if said == "yes":
        return _("Thank you. The order is checked now; below you see what becomes of it.")
    return _("Thank you for being honest. Nothing changes for you.")


def _own(visit: Visit, public_id: str) -> Introduction:
    key = parse_public_id("int", public_id)
    found = question_for(visit.advocate, key) if key else None
    if found is None:
        raise Http404
    return found
