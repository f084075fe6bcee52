"""Where a thing is to be sent: told by its recipient, and changed while it is not sent."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kit.ids import parse_public_id
from merchants.events import by_advocate
from referral_saas.address_form import AddressForm, address_initial, none_left_text, sizes_for, waits_for_address
from referral_saas.portal.access import Visit, action, for_advocates
from referral_saas.portal.frame import show
from rewards.actions.addresses import NoneLeft, give_address
from rewards.actions.blocks import RewardStateError
from rewards.models import Reward


def address(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    return (_told if request.method == "POST" else _asked)(request, slug=slug, public_id=public_id)


@for_advocates
def _asked(request: HttpRequest, visit: Visit, public_id: str) -> HttpResponse:
    reward = _own(visit, public_id)
    known = address_initial(reward) if visit.banner is None else {}  # the team sees it where it sends, and nowhere else
    return _page(request, visit, reward, AddressForm(initial=known, sizes=sizes_for(reward)))


@action
def _told(request: HttpRequest, visit: Visit, public_id: str) -> HttpResponse:
    reward = _own(visit, public_id)
    form = AddressForm(request.POST, sizes=sizes_for(reward))
    if not form.is_valid():
        return _page(request, visit, reward, form, status=400)
    try:
        give_address(reward=reward, where=form.where, by=by_advocate(visit.advocate.pk), now=visit.now)
    except NoneLeft as error:
        form.add_error("size" if "size" in form.fields else None, none_left_text(error))
        return _page(request, visit, reward, form, status=409)
    except RewardStateError:
        raise Http404 from None
    messages.success(request, _("Thank you. Your address is saved; it is deleted 30 days after sending."))
    return HttpResponseRedirect(reverse("portal:rewards", args=[visit.merchant.slug]), status=303)


def _own(visit: Visit, public_id: str) -> Reward:
    """A thing of theirs that is not sent yet; everything else is unknown here."""
    found = Reward.objects.filter(pk=parse_public_id("rwd", public_id), recipient=visit.advocate.customer)
    reward: Reward | None = found.select_related("recipient", "kind").first()
    if reward is None or not waits_for_address(reward):
        raise Http404
    return reward


def _page(request: HttpRequest, visit: Visit, reward: Reward, form: AddressForm, *, status: int = 200) -> HttpResponse:
    return show(request, visit, "address.html", {"form": form, "reward": reward}, status=status)
