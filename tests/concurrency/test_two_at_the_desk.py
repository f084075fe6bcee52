"""Two people press the same button at the same moment."""

from __future__ import annotations

import pytest

from merchants.models import Event
from referral_saas.dashboard.paths import public
from rewards.models import LedgerEntry, Reward, RewardBlock
from tests.cast import at_work
from tests.dashboard.desk import BY_HAND, a_released_world, as_role, base, only_reward, owner

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_mark_a_reward_sent_and_one_is_told(together):
    world = a_released_world(advocate_reward=BY_HAND)
    page = f"{base(world)}/rewards/{public(only_reward(world))}"
    alice, fay = owner(world), as_role(world, "FINANCE")
    answers = together(
        lambda: alice.post(f"{page}/sent", {"reference": "by Alice"}),
        lambda: fay.post(f"{page}/sent", {"reference": "by Fay"}),
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    with at_work(world.merchant):
        reward = Reward.objects.get()
        assert reward.state == "FULFILLED"
        assert LedgerEntry.objects.filter(account="FULFILLED").count() == 1
        assert Event.objects.filter(code="reward.fulfilled").count() == 1
    winner = next(index for index, answer in enumerate(answers) if answer.status_code == 302)
    assert reward.voucher == ("by Alice", "by Fay")[winner]


def test_two_stop_a_reward_and_one_is_told(together):
    world = a_released_world(advocate_reward=BY_HAND)
    page = f"{base(world)}/rewards/{public(only_reward(world))}"
    alice, fay = owner(world), as_role(world, "FINANCE")
    answers = together(
        lambda: alice.post(f"{page}/stop", {"reason": "a"}), lambda: fay.post(f"{page}/stop", {"reason": "b"})
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    with at_work(world.merchant):
        assert RewardBlock.objects.count() == 1
