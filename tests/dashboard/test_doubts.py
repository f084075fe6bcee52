"""What became of something taken back, in words that fit what it was."""

from __future__ import annotations

import pytest

from kit.ids import uuid7
from programs.rules import Fulfilment
from referral_saas.dashboard.doubts import withdrawal_text
from rewards.actions.withdraw import CAME_BACK
from rewards.models import Reward, Withdrawal

NOBODY = uuid7()
CREDITS = (Fulfilment.BALANCE, Fulfilment.STRIPE_BALANCE)


def told(fulfilment: str, state: str, detail: str = "", voucher: str = "CODE-1") -> str:
    reward = Reward(
        merchant_id=NOBODY, fulfilment=fulfilment, voucher="" if fulfilment == Fulfilment.BALANCE else voucher
    )
    return withdrawal_text(Withdrawal(merchant_id=NOBODY, state=state, detail=detail), reward, code=voucher)


@pytest.mark.parametrize("state", Withdrawal.State.values)
@pytest.mark.parametrize("fulfilment", CREDITS)
def test_a_credit_is_taken_back_and_never_called_a_code(fulfilment, state):
    words = told(fulfilment, state)
    assert "credit" in words
    assert "disable" not in words
    assert "CODE-1" not in words


@pytest.mark.parametrize("state", Withdrawal.State.values)
def test_a_code_is_named_whatever_became_of_it(state):
    assert "CODE-1" in told(Fulfilment.SHOPIFY_DISCOUNT, state)


def test_an_order_that_came_back_meanwhile_asks_somebody_to_look():
    assert told(Fulfilment.STRIPE_BALANCE, "IMPOSSIBLE", CAME_BACK).startswith("The order came back while the credit")
    assert told(Fulfilment.GIFT_CARD, "IMPOSSIBLE", CAME_BACK).startswith("The order came back while CODE-1")


@pytest.mark.parametrize("state", Withdrawal.State.values)
@pytest.mark.parametrize("detail", ["", CAME_BACK])
def test_a_gift_card_and_what_the_own_system_gave_are_not_looked_for_in_the_shop(state, detail):
    for fulfilment in (Fulfilment.GIFT_CARD, Fulfilment.WEBHOOK):
        assert "in your shop" not in told(fulfilment, state, detail)
    assert "CODE-1" in told(Fulfilment.GIFT_CARD, state, detail)
    assert "ystem" in told(Fulfilment.WEBHOOK, state, detail)
