"""The test clock of a sandbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from insights.due import due_between, due_next
from merchants.actions.clock import ClockRefused, advance_clock
from referral_saas.dashboard.answers import done, point_out
from referral_saas.dashboard.frame import DeskRequest, form_page, show
from referral_saas.dashboard.paths import public

STEPS = (1, 7, 30)


class ClockForm(forms.Form):
    days = forms.IntegerField(
        label=_("Days forward"), min_value=1, max_value=400, help_text=_("1 to 400. The clock never goes back.")
    )


@form_page("clock.advance")
def clock(request: DeskRequest) -> HttpResponse:
    if not request.desk.merchant.is_sandbox:
        raise Http404
    form = ClockForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (said := _moved(request, form)):
        return done(request, "/clock", said)
    rows = [(reward, public(reward)) for reward in due_next(limit=20)]
    context = {"form": form, "steps": STEPS, "rows": rows}
    return show(request, "dashboard/clock.html", context, status=422 if form.errors else 200)


def _moved(request: DeskRequest, form: ClockForm) -> str:
    desk, step = request.desk, timedelta(days=form.cleaned_data["days"])
    before: datetime = desk.now
    try:
        after = advance_clock(merchant=desk.merchant, by=step, who=desk.by, now=before)
    except ClockRefused as error:
        point_out(form, "days", str(error))
        return ""
    return _said(due_between(before, after))


def _said(count: int) -> str:
    if not count:
        return _t("The clock was moved. No reward became due by it.")
    words = ngettext(
        "The clock was moved. %(count)s reward became due and is released within a minute.",
        "The clock was moved. %(count)s rewards became due and are released within a minute.",
        count,
    )
    return words % {"count": count}
