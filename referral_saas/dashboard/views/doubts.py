"""What people found out: a delivery without an answer, and codes that had to be disabled."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from referral_saas.dashboard.access import reward_for
from referral_saas.dashboard.forms.doubts import AnewForm, ArrivedForm
from referral_saas.dashboard.frame import DeskRequest, change
from referral_saas.dashboard.views.rewards import reward_page, tried
from rewards.actions.manual import mark_arrived, mark_not_arrived
from rewards.actions.withdraw import give_anew, say_what_became


@change("reward.pay")
def arrived(request: DeskRequest, public_id: str) -> HttpResponse:
    """The provider says that the person has it."""
    found, desk, form = reward_for(public_id), request.desk, ArrivedForm(request.POST)
    if not form.is_valid():
        return reward_page(request, found, status=422, arrived_form=form)
    told = {"voucher": form.cleaned_data["arrived_code"], "by": desk.by, "now": desk.now}
    return tried(request, found, _("Noted: it arrived."), lambda: mark_arrived(reward=found, **told))


@change("reward.pay")
def not_arrived(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = reward_for(public_id), request.desk
    said = _("Noted: it did not arrive. You can try again now.")
    return tried(request, found, said, lambda: mark_not_arrived(reward=found, by=desk.by, now=desk.now))


@change("reward.pay")
def disabled(request: DeskRequest, public_id: str) -> HttpResponse:
    said = _("Noted: the code is disabled, so nothing is owed.")
    return _became(request, public_id, said, is_disabled=True)


@change("reward.pay")
def used(request: DeskRequest, public_id: str) -> HttpResponse:
    return _became(request, public_id, _("Noted. The code stays with the person."), is_disabled=False)


def _became(request: DeskRequest, public_id: str, said: str, *, is_disabled: bool) -> HttpResponse:
    found, desk = reward_for(public_id), request.desk
    return tried(
        request,
        found,
        said,
        lambda: say_what_became(reward=found, is_disabled=is_disabled, by=desk.by, now=desk.now),
    )


@change("reward.pay")
def anew(request: DeskRequest, public_id: str) -> HttpResponse:
    """Another code for one that was disabled although the order came back."""
    found, desk, form = reward_for(public_id), request.desk, AnewForm(request.POST)
    if not form.is_valid():
        return reward_page(request, found, status=422, anew_form=form)
    told = {"voucher": form.cleaned_data["new_code"], "by": desk.by, "now": desk.now}
    return tried(request, found, _("Saved. It has this code now."), lambda: give_anew(reward=found, **told))
