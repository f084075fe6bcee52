"""What a merchant's own host answers beside its links: the brand's colours, and a kind word for everything else."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from merchants.models import Door
from merchants.selectors import door_for
from referral_saas.brand import brand_stylesheet
from referral_saas.friend.views import uncached, unknown
from referral_saas.middleware import own_host_of


def brand(request: HttpRequest, slug: str) -> HttpResponse:
    """The colours of the merchant whose host this is, and of no other."""
    own, asked = own_host_of(request), door_for(Door.Kind.PORTAL, slug)
    if own is None or asked is None or asked.merchant_id != own.merchant_id:
        raise Http404
    return brand_stylesheet(request, slug)


@uncached
def nowhere(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return unknown(request)
