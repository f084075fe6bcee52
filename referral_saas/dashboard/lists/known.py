"""All lists that can be written down, by name (settings.EXPORT_LISTS).

Parcels are none of them: addresses leave only on the slip that goes with the parcel.
"""

from __future__ import annotations

from django.http import Http404

from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.lists.audit import AUDIT
from referral_saas.dashboard.lists.leads import LEADS
from referral_saas.dashboard.lists.listed import Listing
from referral_saas.dashboard.lists.money import LEDGER, PAYOUTS
from referral_saas.dashboard.lists.orders import ORDERS
from referral_saas.dashboard.lists.people import ADVOCATES, CUSTOMERS
from referral_saas.dashboard.lists.referrals import CLAIMS, CLICKS, REFERRALS
from referral_saas.dashboard.lists.reviews import DECIDED, LEAKS, SAMPLE, WAITING
from referral_saas.dashboard.lists.rewards import REWARDS, SURPRISES

_ALL = (ADVOCATES, CUSTOMERS, REFERRALS, ORDERS, LEADS, CLICKS, CLAIMS, REWARDS, SURPRISES, LEDGER, PAYOUTS, WAITING,
        SAMPLE, DECIDED, LEAKS, AUDIT)  # fmt: skip
LISTS: dict[str, Listing] = {one.name: one for one in _ALL}


def listing_for(desk: Desk, name: str) -> Listing:
    """A list that one may not see is not there."""
    listing = LISTS.get(name)
    if listing is None or not desk.may(listing.need):
        raise Http404
    return listing
