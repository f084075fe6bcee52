"""Delete the workspace, and keep it after all."""

from __future__ import annotations

from contextlib import suppress

from django.http import HttpResponse
from django.utils.translation import gettext as _

from exports.actions import TooManyExports
from kit.language import language_of_page
from merchants.actions.team import TeamError
from privacy.actions.closing import OtherName, close_workspace, keep_workspace
from privacy.actions.takeout import ask_for_everything
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.closing_page import closing_context
from referral_saas.dashboard.forms.closing import ClosingForm
from referral_saas.dashboard.frame import DeskRequest, change, form_page, show


@form_page("workspace.close")
def close(request: DeskRequest) -> HttpResponse:
    desk = request.desk
    form = ClosingForm(request.POST or None, name=desk.merchant.name, user=desk.user)
    if request.method == "POST" and form.is_valid() and _closes(request, form):
        return done(request, "/settings/close", _("The workspace is being deleted. Until then you can keep it."))
    context = {"form": form, **closing_context(desk)}
    return show(request, "dashboard/settings_close.html", context, status=422 if form.errors else 200)


def _closes(request: DeskRequest, form: ClosingForm) -> bool:
    desk = request.desk
    try:
        close_workspace(typed_name=form.cleaned_data["typed_name"], by=desk.membership, now=desk.now)
        with suppress(TooManyExports):  # they can still press the button for it
            ask_for_everything(seat=desk.membership, language=language_of_page(), now=desk.now)
    except OtherName as error:
        point_out(form, "typed_name", str(error))
    return not form.errors


@change("workspace.close")
def keep(request: DeskRequest) -> HttpResponse:
    try:
        keep_workspace(by=request.desk.membership, now=request.desk.now)
    except TeamError as error:
        return refused(request, "/settings/close", str(error))
    return done(request, "/settings", _("The workspace stays. Programs that were paused for it go on."))
