"""What rewards sum to, kept beside them so that no page has to add up all there ever were."""

from __future__ import annotations

from django.db import models

from kit.units import LONGEST_UNIT
from merchants.models import TenantForeignKey, TenantModel
from programs.models import Program
from rewards.models.reward import Reward


class RewardSum(TenantModel):
    """A share of the sums of one program, side, unit and state; all shares together are the sum.

    The database itself writes them: every statement that changes rewards leaves one row per sum it moved (triggers of
    rewards.migrations). Nobody waits for anybody, since no row is ever changed; rewards.actions.sums folds many
    into one.
    """

    by_triggers = True

    program = TenantForeignKey(Program, db_index=False)
    side = models.CharField(max_length=10, choices=Reward.Side.choices)
    unit = models.CharField(max_length=LONGEST_UNIT)
    state = models.CharField(max_length=12, choices=Reward.State.choices)
    #: All three may be below zero: what left a state is a share like any other.
    rewards = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    clawed_back_minor = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(name="reward_sum_program", fields=["merchant", "program"])]
