"""An advocate asks the shop to be forgotten. The shop answers: money may be on its way, and books have to be kept."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from advocates.actions.tasks import ASKED_TO_BE_FORGOTTEN, ask_to_be_forgotten
from advocates.models import Customer
from merchants.events import by_advocate
from merchants.models import Event
from referral_saas.portal.access import Visit, action


@action
def ask(request: HttpRequest, visit: Visit) -> HttpResponse:
    ask_to_be_forgotten(customer=visit.advocate.customer, by=by_advocate(visit.advocate.pk), now=visit.now)
    messages.success(request, _("The shop has your request."))
    return HttpResponseRedirect(reverse("portal:settings", args=[visit.merchant.slug]), status=303)


def asked_until(customer: Customer) -> dict[str, Any]:
    """The day by which the shop answers a request that was made; None where none was."""
    newest = Event.objects.filter(subject_id=customer.pk, code=ASKED_TO_BE_FORGOTTEN).order_by("-seq").first()
    return {"answered_by": date.fromisoformat(newest.data["due_date"]) if newest else None}
