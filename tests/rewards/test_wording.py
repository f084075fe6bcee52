"""Every reason has a sentence, and a waiting reward says what it waits for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from programs.rules import Fulfilment
from rewards.fulfilment import BROKE
from rewards.models import Reward, RewardBlock
from rewards.rules import Why
from rewards.wording import block_text, missing_for, reason_text
from tracking.rules import Reason


@pytest.mark.parametrize("code", [*Why, *Reason])
def test_every_reason_code_has_a_sentence(code: str) -> None:
    assert reason_text(code).endswith(".")


@pytest.mark.parametrize("code", [BROKE, "other_was_first", "did_not_arrive", "lease_over", "no_answer", "http_422"])
def test_what_we_write_beside_a_try_has_a_sentence(code: str) -> None:
    assert reason_text(code).endswith(".")
    assert code.replace("_", " ") not in reason_text(code)


def test_unknown_code_stays_readable() -> None:
    assert reason_text("made_up_later") == "made up later"


@pytest.mark.parametrize("kind", RewardBlock.Kind.values)
def test_every_block_has_a_sentence(kind: str) -> None:
    assert block_text(kind).endswith(".")


@pytest.mark.parametrize(
    ("state", "has_date", "fulfilment", "expected"),
    [
        ("HELD", False, Fulfilment.MANUAL, ["shipment"]),
        ("HELD", True, Fulfilment.MANUAL, ["hold"]),
        ("RELEASED", True, Fulfilment.MANUAL, ["hand"]),
        ("RELEASED", True, Fulfilment.COUPON_POOL, ["delivery"]),
        ("FAILED", True, Fulfilment.WEBHOOK, ["retry"]),
        ("FULFILLED", True, Fulfilment.MANUAL, []),
        ("CANCELLED", False, Fulfilment.MANUAL, []),
    ],
)
def test_what_a_reward_waits_for(state: str, has_date: bool, fulfilment: str, expected: list[str]) -> None:
    release_at = datetime(2026, 6, 30, 22, 30, tzinfo=UTC) if has_date else None
    reward = Reward(merchant_id=None, state=state, release_at=release_at, fulfilment=fulfilment)
    missing = missing_for(reward, [], zone="Europe/Berlin", language="en")
    assert [step.code for step in missing] == expected
    if expected == ["hold"]:
        assert "1 July 2026" in missing[0].text


def test_open_block_is_named_first() -> None:
    reward = Reward(merchant_id=None, state="HELD", fulfilment=Fulfilment.MANUAL)
    block = RewardBlock(merchant_id=None, kind=RewardBlock.Kind.REVIEW)
    assert [step.code for step in missing_for(reward, [block], zone="UTC", language="en")] == ["review", "shipment"]
