from __future__ import annotations

import pytest

from kit.money import EXPONENTS, exponent
from programs.rules import Offer, Terms, Value, problems
from programs.templates import TEMPLATES, about_ten


@pytest.mark.parametrize("key", TEMPLATES)
def test_every_template_is_sound_in_every_currency(key):
    for currency in EXPONENTS:
        terms = TEMPLATES[key].terms_in(currency)
        assert terms.currency == currency
        assert Terms.from_json(terms.to_json()) == terms
        # Only what the merchant alone can know is missing: the code that exists in the shop.
        assert {problem.field for problem in problems(terms)} <= {"offer_shop_code"}


def test_about_ten_is_a_whole_round_amount_in_each_currency():
    assert {code: about_ten(code) for code in ("EUR", "USD", "JPY", "KRW", "KWD", "SEK", "CLF")} == {
        "EUR": 1000, "USD": 1000, "JPY": 1500, "KRW": 15_000, "KWD": 3000, "SEK": 10_000, "CLF": 100_000,
    }  # fmt: skip
    for currency in EXPONENTS:
        assert about_ten(currency) % 10 ** exponent(currency) == 0
        assert about_ten(currency) > 0


def test_the_defaults_are_those_the_field_supports():
    shop = TEMPLATES["shop"].terms_in("EUR")
    assert shop.offer == Offer(kind=Value.PERCENT, value=1000)
    assert (shop.advocate_reward.value, shop.advocate_reward.cap_minor) == (1000, 5000)
    assert (shop.attribution_window_days, shop.qualification_window_days, shop.return_window_days) == (30, 90, 30)
    assert shop.new_customers_only
    assert TEMPLATES["b2b"].terms_in("EUR").qualification_window_days == 180
    fixed = TEMPLATES["fixed"].terms_in("EUR")
    assert (fixed.offer.value if fixed.offer else None, fixed.advocate_reward.value) == (1000, 1000)
