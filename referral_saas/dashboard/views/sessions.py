"""Where one is signed in, and signing out there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from merchants.models import Session
from merchants.staff_selectors import sessions_of
from merchants.steps.sessions import end_session, end_sessions

#: Nobody looks further: the rest is ended together.
MOST_SHOWN = 50


@login_required
@require_GET
def listed(request: Any) -> HttpResponse:
    now = timezone.now()
    found = sessions_of(request.user, now=now)[:MOST_SHOWN]
    rows = [(one, device_words(one), one.session_key == request.session.session_key) for one in found]
    rows.sort(key=lambda row: not row[2])  # this one first
    return render(request, "account/sessions.html", {"rows": rows})


@login_required
@require_POST
def end(request: Any, handle: UUID) -> HttpResponse:
    if request.session.get("handle") == handle.hex:
        logout(request)
        return redirect("/")
    if not end_session(request.user, handle):
        raise Http404
    messages.success(request, _("Signed out there."))
    return redirect("sessions")


@login_required
@require_POST
def end_others(request: Any) -> HttpResponse:
    ended = end_sessions(request.user, keep=request.session.session_key)
    said = ngettext("Signed out in %(count)s other place.", "Signed out in %(count)s other places.", ended)
    messages.success(request, said % {"count": ended} if ended else _("You were signed in nowhere else."))
    return redirect("sessions")


def device_words(session: Session) -> str:
    browser, _sign, system = session.device.partition("/")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")
