"""What one is told of by mail in this workspace. Everybody chooses for themselves."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from engagement.actions.notices import choose_notices
from engagement.notices import kinds_for, switched_off_by
from referral_saas.dashboard.answers import done
from referral_saas.dashboard.forms.notifications import NotificationsForm
from referral_saas.dashboard.frame import DeskRequest, form_page, show


@form_page("view")
def notifications(request: DeskRequest) -> HttpResponse:
    seat = request.desk.membership
    kinds = kinds_for(seat.role)
    off = switched_off_by(request.desk.user)
    data = request.POST if request.method == "POST" else None
    form = NotificationsForm(data, kinds=kinds, initial={"kinds": [kind for kind in kinds if kind not in off]})
    if form.is_valid():
        choose_notices(seat=seat, wanted=form.cleaned_data["kinds"], now=request.desk.now)
        return done(request, "/settings/notifications", _("Saved."))
    context = {"form": form, "kinds": kinds}
    return show(request, "dashboard/notifications.html", context, status=422 if form.errors else 200)
