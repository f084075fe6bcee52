"""Where a program starts: terms that work for a kind of business, in the merchant's own currency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit.money import exponent
from programs.rules import CodeSource, Fulfilment, Offer, RewardRule, Terms, Value

#: A round amount of about ten euros, in major units. Ten where a currency is not listed and has a minor unit.
_TEN = {
    "AED": 40, "ARS": 10_000, "BRL": 50, "CLP": 10_000, "CNY": 80, "COP": 40_000, "CZK": 250, "DKK": 75, "HKD": 80,
    "HUF": 4_000, "IDR": 150_000, "ILS": 40, "INR": 800, "ISK": 1_500, "JPY": 1_500, "KRW": 15_000, "KWD": 3,
    "MXN": 200, "NOK": 100, "PHP": 600, "PLN": 40, "RON": 50, "RSD": 1_200, "SEK": 100, "THB": 400, "TRY": 400,
    "TWD": 300, "UAH": 400, "VND": 250_000, "ZAR": 200, "BHD": 4, "JOD": 7, "OMR": 4,
}  # fmt: skip


def about_ten(currency: str) -> int:
    """Minor units of a round amount near ten euros."""
    digits = exponent(currency)
    return int(_TEN.get(currency, 10 if digits else 1_000) * 10**digits)


@dataclass(frozen=True, slots=True)
class Template:
    """``terms_in`` gives the template's terms in a currency."""

    key: str
    name: str | Promise
    description: str | Promise
    terms_in: Callable[[str], Terms]


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
            "services",
            _("Services"),
            _("No code needed: both get a fixed reward after the friend's first paid booking."),
            _services,
        ),
        Template(
            "b2b",
            _("Business customers"),
            _("5% for both sides, half a year for the friend to decide, and a limit per advocate."),
            _b2b,
        ),
    ]
}
