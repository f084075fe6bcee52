"""How long is what kept, what of it the merchant decides, and what the platform does and why."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from privacy.actions.retention import LIMITS, OutOfRange, keep_for
from referral_saas.dashboard.answers import done, point_out
from referral_saas.dashboard.forms.retention import RetentionForm
from referral_saas.dashboard.frame import DeskRequest, form_page, show


@form_page("workspace.manage")
def retention(request: DeskRequest) -> HttpResponse:
    place = request.desk.workspace
    data = request.POST if request.method == "POST" else None
    form = RetentionForm(data, initial={name: getattr(place, name) for name in LIMITS})
    if form.is_valid() and _kept(request, form):
        return done(request, "/settings/retention", _("Saved."))
    context = {"form": form, "marks": settings.ERASED_MARK_DAYS}
    return show(request, "dashboard/settings_retention.html", context, status=422 if form.errors else 200)


def _kept(request: DeskRequest, form: RetentionForm) -> bool:
    try:
        keep_for(spans=form.spans, by=request.desk.by, now=request.desk.now)
    except OutOfRange as error:
        said = _("Write a number of days from %(least)s to %(most)s, or leave it empty.")
        point_out(form, error.field, said % {"least": error.least, "most": error.most})
    return not form.errors
