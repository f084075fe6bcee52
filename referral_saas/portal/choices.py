"""How the advocate wants to take a reward: asked once, and changed as often as they like until the hold is over."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.asked import asked_often
from kit.ids import parse_public_id
from kit.language import language_of_page
from kit.units import PIECES, amount_text
from merchants.events import by_advocate
from referral_saas.portal.access import Visit, action, for_advocates
from referral_saas.portal.frame import show
from rewards.actions.blocks import RewardStateError
from rewards.actions.choice import choose
from rewards.choices import Option, options_for
from rewards.models import Reward

#: The rule itself has no key of its own; a radio button needs one.
AS_PROMISED = "-"


class ChoiceForm(forms.Form):
    way = forms.ChoiceField(label=gettext_lazy("How would you like it?"), widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, options: list[Option]) -> None:
        taken = next((option.key or AS_PROMISED for option in options if option.is_taken), AS_PROMISED)
        super().__init__(data, initial={"way": taken})
        ways = cast(forms.ChoiceField, self.fields["way"])
        ways.choices = [(option.key or AS_PROMISED, option_text(option)) for option in options]

    @property
    def key(self) -> str:
        way: str = self.cleaned_data["way"]
        return "" if way == AS_PROMISED else way


def option_text(option: Option) -> str:
    """As in: €12.00 (Store credit), €10.00 for your friend, €10.00 as a donation (Sea rescue)."""
    amount = option.name if option.unit == PIECES else amount_text(option.amount, option.unit, language_of_page())
    values = {"amount": amount, "name": option.name}
    if option.to_friend:
        return _("%(amount)s for your friend") % values
    if option.is_donation:
        return _("%(amount)s as a donation (%(name)s)") % values
    if option.name and option.unit != PIECES:
        return _("%(amount)s (%(name)s)") % values
    return amount


def choice(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    return (_chosen if request.method == "POST" else _asked)(request, slug=slug, public_id=public_id)


@for_advocates
def _asked(request: HttpRequest, visit: Visit, public_id: str) -> HttpResponse:
    reward = _own(visit, public_id)
    return _page(request, visit, reward, ChoiceForm(options=options_for(reward)))


@action
def _chosen(request: HttpRequest, visit: Visit, public_id: str) -> HttpResponse:
    reward = _own(visit, public_id)
    form = ChoiceForm(request.POST, options=options_for(reward))
    if not form.is_valid():
        return _page(request, visit, reward, form, status=400)
    try:
        choose(reward=reward, key=form.key, by=by_advocate(visit.advocate.pk), now=visit.now)
    except RewardStateError as error:
        if error.code != "chosen_too_often":
            raise Http404 from None
        form.add_error("way", _("You have changed this often today. Please come back tomorrow."))
        return _page(request, visit, reward, form, status=429)
    messages.success(request, _("Saved. You can change it until the return period ends."))
    return HttpResponseRedirect(reverse("portal:rewards", args=[visit.merchant.slug]), status=303)


def _own(visit: Visit, public_id: str) -> Reward:
    """A reward of theirs that can still be taken in several ways; everything else is unknown here."""
    key = parse_public_id("rwd", public_id)
    reward = next(iter(_rewards(key, visit.advocate.pk)), None) if key else None
    if reward is None or not options_for(reward):
        raise Http404
    return reward


def _page(request: HttpRequest, visit: Visit, reward: Reward, form: ChoiceForm, *, status: int = 200) -> HttpResponse:
    return show(request, visit, "choice.html", {"form": form, "reward": reward}, status=status)


@asked_often
def _rewards(key: UUID, advocate_id: UUID) -> QuerySet[Reward]:
    rows: QuerySet[Reward] = Reward.objects.filter(pk=key, advocate=advocate_id)
    return rows.select_related("terms", "referral", "order")
