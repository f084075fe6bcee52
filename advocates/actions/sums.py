"""How many customers and advocates there are: kept by the database in shares, folded and set right here.

Every statement sees one moment: a person and their share are committed together (as rewards.actions.sums).
"""

from __future__ import annotations

from django.db import connection

from advocates.models import PeopleSum
from kit.tenancy import current_merchant_id, transaction_required
from merchants.locks import workspace_for_update

#: Rows of one merchant beyond which they are folded.
FEW = 200

#: Rows that come in meanwhile are not seen and stay; two at once wait for each other and the second finds nothing.
FOLD = """
WITH gone AS (
    DELETE FROM advocates_peoplesum WHERE merchant_id = %(merchant)s RETURNING kind, state, people
)
INSERT INTO advocates_peoplesum (id, merchant_id, kind, state, people)
SELECT gen_random_uuid(), %(merchant)s, kind, state, sum(people) FROM gone GROUP BY kind, state HAVING sum(people) <> 0
"""

#: What is missing is one more share, so nobody who works meanwhile has to wait.
REBUILD = """
INSERT INTO advocates_peoplesum (id, merchant_id, kind, state, people)
SELECT gen_random_uuid(), %(merchant)s, kind, state, sum(said)
FROM (
    SELECT 'CUSTOMERS' AS kind, '' AS state, count(*) AS said FROM advocates_customer WHERE merchant_id = %(merchant)s
    UNION ALL
    SELECT 'ADVOCATES', state, count(*) FROM advocates_advocate WHERE merchant_id = %(merchant)s GROUP BY state
    UNION ALL
    SELECT kind, state, -people FROM advocates_peoplesum WHERE merchant_id = %(merchant)s
) both_sides
GROUP BY kind, state HAVING sum(said) <> 0
"""


@transaction_required
def fold_people_sums(*, few: int = FEW) -> int:
    """Leave one row for each number, where there are many. Gives how many are left, 0 for not needed."""
    if PeopleSum.objects.order_by()[: few + 1].count() <= few:
        return 0
    return _changed(FOLD)


@transaction_required
def rebuild_people_sums() -> int:
    """Make the numbers what the rows say; gives how many were wrong. Two of these follow each other."""
    workspace_for_update()
    return _changed(REBUILD)


def _changed(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"merchant": current_merchant_id()})
        return int(cursor.rowcount)
