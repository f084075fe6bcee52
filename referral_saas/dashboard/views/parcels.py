"""Things to be sent by post: what is ready to pack, what still waits for an address, and the slip that goes with it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse

from programs.rules import Fulfilment
from referral_saas.dashboard.access import reward_for
from referral_saas.dashboard.forms.rewards import ParcelForm
from referral_saas.dashboard.frame import DeskRequest, page, show
from referral_saas.dashboard.listing import page_of
from rewards.models import DeliveryAddress, Reward, RewardBlock


@page("reward.pay")
def to_send(request: DeskRequest) -> HttpResponse:
    """Addresses are for whoever packs: only those who may mark rewards as sent see them."""
    found = page_of(request, _ready(), by="given_at")
    context = {
        "page": found,
        "rows": [(address, ParcelForm(auto_id=f"sent-{address.pk}-%s")) for address in found.rows],
        "waiting": _waiting().count(),
    }
    return show(request, "dashboard/parcels/list.html", context)


def _ready() -> QuerySet[DeliveryAddress]:
    """Released, with an address, and not stopped."""
    stopped = RewardBlock.objects.filter(reward=OuterRef("reward"), lifted_at=None)
    rows = DeliveryAddress.objects.filter(
        reward__state=Reward.State.RELEASED, reward__fulfilment=Fulfilment.SHIPMENT
    ).exclude(Exists(stopped))
    ready: QuerySet[DeliveryAddress] = rows.select_related("reward__kind", "reward__recipient", "reward__program")
    return ready


def _waiting() -> QuerySet[RewardBlock]:
    undelivered = [Reward.State.HELD, Reward.State.RELEASED]
    waiting: QuerySet[RewardBlock] = RewardBlock.objects.filter(
        kind=RewardBlock.Kind.ADDRESS, lifted_at=None, reward__state__in=undelivered
    )
    return waiting


@page("reward.pay")
def slip(request: DeskRequest, public_id: str) -> HttpResponse:
    """What goes into the parcel, to be printed."""
    reward = reward_for(public_id)
    address = DeliveryAddress.objects.filter(reward=reward).first()
    if address is None:
        raise Http404
    context = {"reward": reward, "address": address, "sender": request.desk.workspace}
    return show(request, "dashboard/parcels/slip.html", context)
