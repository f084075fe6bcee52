"""Where a program starts: terms that work for a kind of business, in the merchant's own currency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programs.amounts import about_ten as about_ten
from programs.presets import PRESETS
from programs.rules import CodeSource, Fulfilment, Offer, RewardRule, Terms, Value


@dataclass(frozen=True, slots=True)
class Template:
    """``terms_in`` gives the template's terms in a currency. What they give of the catalogue has no id yet: making a
    program from the template puts it into the merchant's catalogue (programs.actions.preset_kinds)."""

    key: str
    name: str | Promise
    description: str | Promise
    terms_in: Callable[[str], Terms]
    #: They buy after talking: the page behind a link asks for their details.
    takes_leads: bool = False


def _shop(currency: str) -> Terms:
    return Terms(
        currency=currency,
        offer=Offer(kind=Value.PERCENT, value=1000, source=CodeSource.POOL),
        advocate_reward=RewardRule(kind=Value.PERCENT, value=1000, cap_minor=5 * about_ten(currency)),
    )


def _fixed(currency: str) -> Terms:
    """Ten for both, from an order of fifty on: small orders would cost more than they bring."""
    return Terms(
        currency=currency,
        offer=Offer(kind=Value.FIXED, value=about_ten(currency), source=CodeSource.POOL),
        advocate_reward=RewardRule(kind=Value.FIXED, value=about_ten(currency)),
        min_order_minor=5 * about_ten(currency),
    )


def _subscription(currency: str) -> Terms:
    """The first payment counts; a trial may lie between click and payment, so the attribution window is longer."""
    return Terms(
        currency=currency,
        offer=Offer(kind=Value.PERCENT, value=2000, source=CodeSource.SHOP_CODE, shop_code="", valid_days=30),
        advocate_reward=RewardRule(kind=Value.FIXED, value=2 * about_ten(currency)),
        attribution_window_days=60,
        return_window_days=30,
        advocates_must_be_customers=True,
    )


def _services(currency: str) -> Terms:
    """Booked and done by people: no code in a till, so the friend is rewarded afterwards too."""
    return Terms(
        currency=currency,
        offer=None,
        friend_reward=RewardRule(kind=Value.FIXED, value=2 * about_ten(currency)),
        advocate_reward=RewardRule(kind=Value.FIXED, value=2 * about_ten(currency)),
        attribution_window_days=60,
        return_window_days=14,
    )


def _b2b(currency: str) -> Terms:
    """Long decisions, few and large orders: half a year to qualify, rewards by hand, each advocate limited."""
    return Terms(
        currency=currency,
        offer=Offer(kind=Value.PERCENT, value=500, source=CodeSource.SHOP_CODE, shop_code="", valid_days=90),
        advocate_reward=RewardRule(
            kind=Value.PERCENT, value=500, cap_minor=50 * about_ten(currency), fulfilment=Fulfilment.MANUAL
        ),
        attribution_window_days=90,
        qualification_window_days=180,
        advocates_must_be_customers=True,
        advocate_cap=20,
    )


def _of_preset(key: str, value: int, currency: str) -> RewardRule:
    """So much of something that many give."""
    gives = PRESETS[key].gives_in(currency)
    return RewardRule(kind=Value.FIXED, value=value, fulfilment=gives.fulfilment, gives=gives)


def _gift_card(currency: str) -> Terms:
    """A card of ten for each friend who became a customer; ten off for the friend."""
    return Terms(
        currency=currency,
        offer=Offer(kind=Value.FIXED, value=about_ten(currency), source=CodeSource.POOL),
        advocate_reward=_of_preset("gift_card", about_ten(currency), currency),
        min_order_minor=3 * about_ten(currency),
    )


def _space(currency: str) -> Terms:
    """As Dropbox did: 500 MB for both, up to 16 GB, and nothing to hand over at a till."""
    return Terms(
        currency=currency,
        offer=None,
        friend_reward=_of_preset("megabytes", 500, currency),
        advocate_reward=_of_preset("megabytes", 500, currency),
        advocate_cap_minor=16_000,
        attribution_window_days=60,
        return_window_days=0,
    )


def _local(currency: str) -> Terms:
    """A code that is said at the counter; the advocate's thanks wait there too."""
    return Terms(
        currency=currency,
        offer=Offer(kind=Value.FIXED, value=about_ten(currency), source=CodeSource.SHOP_CODE, valid_days=60),
        advocate_reward=_of_preset("store_credit", about_ten(currency), currency),
        attribution_window_days=60,
        return_window_days=0,
    )


def _free_month(currency: str) -> Terms:
    """A month for both after the first payment; it waits until that can no longer be taken back."""
    return Terms(
        currency=currency,
        offer=None,
        friend_reward=_of_preset("free_month", 1, currency),
        advocate_reward=_of_preset("free_month", 1, currency),
        attribution_window_days=60,
        return_window_days=14,
        advocates_must_be_customers=True,
    )


TEMPLATES: dict[str, Template] = {
    template.key: template
    for template in [
        Template(
            "shop",
            _("Online shop"),
            _("Friends get 10% off their first order, advocates 10% of it up to a limit."),
            _shop,
        ),
        Template(
            "fixed",
            _("The same amount for both"),
            _("One round amount off for the friend and the same for the advocate, from a minimum order on."),
            _fixed,
        ),
        Template(
            "subscription",
            _("Subscription"),
            _("20% off the first payment for the friend, a fixed reward for the advocate."),
            _subscription,
        ),
        Template(
            "free_month",
            _("Subscription with a free month"),
            _("A free month for both after the friend's first payment. Given by hand until you connect your billing."),
            _free_month,
        ),
        Template(
            "gift_card",
            _("Gift card for each new customer"),
            _("A gift card of a round amount for the advocate, as much off for the friend. Needs a gift card account."),
            _gift_card,
        ),
        Template(
            "space",
            _("More space, as Dropbox did"),
            _("500 MB for both sides and up to 16 GB: your product counts it, nothing is paid."),
            _space,
        ),
        Template(
            "local",
            _("Local business"),
            _("A code to say at the counter for the friend, credit for the next visit for the advocate."),
            _local,
        ),
        Template(
            "services",
            _("Services"),
            _("No code needed: both get a fixed reward after the friend's first paid booking."),
            _services,
        ),
        Template(
            "b2b",
            _("Business customers"),
            _("5% of the first contract for both sides, half a year to decide, and a limit per advocate."),
            _b2b,
            takes_leads=True,
        ),
    ]
}
