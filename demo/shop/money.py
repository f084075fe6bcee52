"""Money is an integer number of cents; the shop sells in euro only."""

import re

CURRENCY = "EUR"
AMOUNT = re.compile(r"\d{1,7}(?:[.,]\d{1,2})?")


def major(cents: int) -> str:
    """12.90 for 1290, the way Shopify writes amounts."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def cents_from(text: str) -> int:
    """1290 for "12.90", "12,9" or "12.9"; ValueError for what is not an amount."""
    text = text.strip()
    if not AMOUNT.fullmatch(text):
        raise ValueError(text)
    whole, _, fraction = text.replace(",", ".").partition(".")
    return int(whole) * 100 + int(fraction.ljust(2, "0") or 0)


def ratio(amount: int, numerator: int, denominator: int) -> int:
    """amount * numerator / denominator, halves to the even neighbour."""
    quotient, rest = divmod(amount * numerator, denominator)
    if rest * 2 == denominator:
        return quotient + quotient % 2
    return quotient + (rest * 2 > denominator)


def split(amount: int, weights: list[int]) -> list[int]:
    """Shares of `amount` in proportion to `weights` that add up to it exactly: largest remainder, first come first."""
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    shares = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_remainder[: amount - sum(shares)]:
        shares[i] += 1
    return shares


def slice_of(amount: int, *, start: int, count: int, parts: int) -> int:
    """What `count` of `parts` equal parts are worth after `start` of them; slices that cover all add up to `amount`."""
    return amount * (start + count) // parts - amount * start // parts
