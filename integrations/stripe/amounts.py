"""Our minor units in Stripe's: the same for most currencies, not for all (docs.stripe.com/currencies).

Stripe counts the Icelandic króna and the Uganda shilling in hundredths that must be whole, the Malagasy ariary in whole
pieces, and wants the last digit of three-decimal currencies to be 0. Hungary's forint and Taiwan's dollar have
hundredths here (whole ones only in Stripe's own payouts to its merchants, which are none of ours).
"""

from __future__ import annotations

from kit.money import exponent

WITHOUT_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
#: Amounts at Stripe must be multiples of this.
STEPS = {"ISK": 100, "UGX": 100, **dict.fromkeys(THREE_DECIMALS, 10)}


class NotAtStripe(ValueError):
    """Stripe has no way to say this amount; nothing is rounded."""


def digits_at_stripe(currency: str) -> int:
    if currency in WITHOUT_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def to_stripe(amount_minor: int, currency: str) -> int:
    """Raises NotAtStripe for an amount that lies between Stripe's steps."""
    shift = digits_at_stripe(currency) - exponent(currency)
    amount, rest = (amount_minor * 10**shift, 0) if shift >= 0 else divmod(amount_minor, 10**-shift)
    if rest or amount % STEPS.get(currency, 1):
        raise NotAtStripe(f"{amount_minor} {currency}")
    return amount


def from_stripe(amount: int, currency: str) -> int:
    """The way back. Raises NotAtStripe for what our minor units cannot say."""
    shift = exponent(currency) - digits_at_stripe(currency)
    minor, rest = (amount * 10**shift, 0) if shift >= 0 else divmod(amount, 10**-shift)
    if rest:
        raise NotAtStripe(f"{amount} {currency} at Stripe")
    return minor
