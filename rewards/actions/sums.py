"""The sums that the database keeps beside rewards: folded so that few rows have to be added up, compared, set right.

Every statement here sees one moment: a reward and its share of the sums are committed together, so whatever else
happens meanwhile, both are in it or neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from kit.tenancy import current_merchant_id, transaction_required
from merchants.locks import workspace_for_update
from rewards.models import RewardSum

#: Rows of one merchant beyond which they are folded. A few dozen are as quick to add up as one.
FEW = 200

#: Rows that come in meanwhile are not seen and stay; two at once wait for each other and the second finds nothing.
FOLD = """
WITH gone AS (
    DELETE FROM rewards_rewardsum WHERE merchant_id = %(merchant)s
    RETURNING program_id, side, unit, state, rewards, amount_minor, clawed_back_minor
)
INSERT INTO rewards_rewardsum
    (id, merchant_id, program_id, side, unit, state, rewards, amount_minor, clawed_back_minor)
SELECT gen_random_uuid(), %(merchant)s, program_id, side, unit, state,
    sum(rewards), sum(amount_minor), sum(clawed_back_minor)
FROM gone GROUP BY program_id, side, unit, state
HAVING sum(rewards) <> 0 OR sum(amount_minor) <> 0 OR sum(clawed_back_minor) <> 0
"""

#: What the rewards say beside what is kept, where the two differ.
COMPARED = """
SELECT program_id, side, unit, state, sum(said) AS said, sum(kept) AS kept, sum(said_minor) AS said_minor,
    sum(kept_minor) AS kept_minor, sum(said_back) AS said_back, sum(kept_back) AS kept_back
FROM (
    SELECT program_id, side, unit, state, count(*) AS said, 0 AS kept,
        sum(amount_minor) AS said_minor, 0 AS kept_minor, sum(clawed_back_minor) AS said_back, 0 AS kept_back
    FROM rewards_reward WHERE merchant_id = %(merchant)s GROUP BY program_id, side, unit, state
    UNION ALL
    SELECT program_id, side, unit, state, 0, sum(rewards), 0, sum(amount_minor), 0, sum(clawed_back_minor)
    FROM rewards_rewardsum WHERE merchant_id = %(merchant)s GROUP BY program_id, side, unit, state
) both_sides
GROUP BY program_id, side, unit, state
HAVING sum(said) <> sum(kept) OR sum(said_minor) <> sum(kept_minor) OR sum(said_back) <> sum(kept_back)
"""
#: What is missing is one more share, so nobody who works meanwhile has to wait.
ADD_WHAT_IS_MISSING = """
INSERT INTO rewards_rewardsum
    (id, merchant_id, program_id, side, unit, state, rewards, amount_minor, clawed_back_minor)
SELECT gen_random_uuid(), %(merchant)s, program_id, side, unit, state,
    said - kept, said_minor - kept_minor, said_back - kept_back
FROM ("""
REBUILD = "".join([ADD_WHAT_IS_MISSING, COMPARED, ") differs"])


@dataclass(frozen=True, slots=True)
class WrongSum:
    """One sum that is not what its rewards say. ``*_minor``: what stands of it, less what was taken back."""

    program_id: UUID
    side: str
    unit: str
    state: str
    said: int
    kept: int
    said_minor: int
    kept_minor: int


def wrong_sums() -> list[WrongSum]:
    """Reads every reward of the merchant: for nightly checks, never for pages."""
    return sorted(_compared(), key=lambda one: (str(one.program_id), one.side, one.unit, one.state))


def _compared() -> Iterator[WrongSum]:
    with connection.cursor() as cursor:
        cursor.execute(COMPARED, _merchant())
        for program_id, side, unit, state, *sums in cursor.fetchall():
            said, kept, said_minor, kept_minor, said_back, kept_back = map(int, sums)
            amounts = (said_minor - said_back, kept_minor - kept_back)
            yield WrongSum(program_id, side, unit, state, said, kept, *amounts)


@transaction_required
def rebuild_sums() -> int:
    """Make the sums what the rewards say; gives how many were wrong. Two of these follow each other."""
    workspace_for_update()
    return _changed(REBUILD)


@transaction_required
def fold_sums(*, few: int = FEW) -> int:
    """Leave one row for each sum of the merchant, where there are many. Gives how many are left, 0 for not needed."""
    if RewardSum.objects.order_by()[: few + 1].count() <= few:
        return 0
    return _changed(FOLD)


def _changed(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, _merchant())
        return int(cursor.rowcount)


def _merchant() -> dict[str, Any]:
    return {"merchant": current_merchant_id()}
