"""Looking at an advocate's portal as they see it. What a look may do is decided by the portal alone."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from advocates.actions.standing import AdvocateStateError
from referral_saas.dashboard.access import advocate_for
from referral_saas.dashboard.answers import refused
from referral_saas.dashboard.frame import DeskRequest, change
from referral_saas.looking import NEED, remember
from tracking.actions.viewings import begin_viewing


@change(NEED)
def look_as(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = advocate_for(public_id), request.desk
    whence = {"session": request.session.session_key or "", "ip": request.META.get("REMOTE_ADDR", "")}
    tell = request.POST.get("tell") == "on"
    try:
        viewing = begin_viewing(advocate=found, member=desk.membership, **whence, tell=tell, now=desk.now)
    except AdvocateStateError:
        why = _("A banned advocate cannot open the portal, so there is nothing to see.")
        return refused(request, f"/advocates/{public_id}", why)
    response = HttpResponseRedirect(reverse("portal:home", args=[desk.merchant.slug]), status=303)
    remember(response, desk.merchant, viewing)
    return response
