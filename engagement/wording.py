"""Words of mails that depend on a code: why there is no reward, and what a reward still waits for.

Nothing here tells an advocate about a friend's order, nor which signal made us refuse.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rewards.rules import Kindly

_TO_ADVOCATE: dict[Kindly, Promise | str] = {
    Kindly.OWN_PURCHASE: _("The purchase was your own, and your own purchases do not count."),
    Kindly.ALREADY_CUSTOMER: _("Your friend had bought there before, and only new customers count."),
    Kindly.ALREADY_REFERRED: _("Somebody else had recommended the shop to your friend before."),
    Kindly.ORDER_RETURNED: _("The purchase was cancelled or returned."),
    Kindly.CONDITIONS: _("The purchase did not meet the conditions of the program."),
    Kindly.LIMIT: _("You have reached the largest number of rewards in this program. Your friend keeps the offer."),
    Kindly.OUT_OF_TIME: _("It was not claimed or used in time."),
}

_TO_FRIEND: dict[Kindly, Promise | str] = {
    Kindly.OWN_PURCHASE: _("You cannot be rewarded for a recommendation of your own."),
    Kindly.ALREADY_CUSTOMER: _("You had bought there before, and this reward is for new customers."),
    Kindly.ALREADY_REFERRED: _("You were rewarded for a recommendation before."),
    Kindly.ORDER_RETURNED: _("Your order was cancelled or returned."),
    Kindly.CONDITIONS: _("Your order did not meet the conditions."),
    Kindly.LIMIT: _("The largest number of rewards was reached."),
    Kindly.OUT_OF_TIME: _("It was not claimed or used in time."),
}


def refusal(kind: Kindly, *, to_friend: bool = False) -> str:
    """One sentence to the advocate, or to the friend about their own order."""
    return str((_TO_FRIEND if to_friend else _TO_ADVOCATE)[kind])


def missing_step() -> str:
    """What has to happen before the day of a reward is known: a reward exists only once its order is paid."""
    return str(_("waiting for shipment"))
