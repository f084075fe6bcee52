"""Pools of single-use codes that exist in the merchant's shop: fill them, take from them, tell when they run low."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Max, QuerySet

from kit.clock import database_now
from kit.ids import uuid7
from kit.many import any_of, columns, insert_many
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants import events
from merchants.models import Event
from merchants.wakeups import wake
from programs.locks import (
    all_free_codes,
    lock_holder,
    next_free_code,
    pool_for_update,
    pool_if_free,
    wait_for_free_code,
)
from programs.models import CodePool, PoolCode, Program, RewardKind
from programs.selectors import pool_of

LONGEST_CODE = 80
BATCH = 2_000
MOST_FAULTS = 20
#: Low: this many codes left, or less than a tenth of all ever uploaded.
LOW = 20
_CODE = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """``known`` were in a pool of this merchant before, or stood in the list twice."""

    added: int
    known: int


@dataclass(frozen=True, slots=True)
class Fault:
    """``row`` counts from 1; the code is one of: too_long, has_spaces."""

    row: int
    code: str


class BadCodes(ValueError):
    """Some lines cannot be codes; none was added. ``faults`` tells the first ones."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(", ".join(f"{fault.row}: {fault.code}" for fault in faults))
        self.faults = faults


@transaction_required
def pool_for(*, program: Program | None, purpose: str, now: datetime, kind: RewardKind | None = None) -> CodePool:
    """The program's pool for this purpose, or the kind's own, made at first use. Two at once get the same."""
    if pool := pool_of(program, purpose, kind):
        return pool
    whose = {"program": None, "kind": kind} if kind else {"program": program}
    CodePool.objects.bulk_create(
        [CodePool(**whose, purpose=CodePool.Purpose(purpose), created_at=now)], ignore_conflicts=True
    )
    made = pool_of(program, purpose, kind)
    assert made is not None, "just made, here or by somebody else"
    return made


@transaction_required
def upload_codes(
    *,
    program: Program | None = None,
    purpose: str = CodePool.Purpose.REWARD,
    codes: Sequence[str],
    by: str,
    now: datetime,
    kind: RewardKind | None = None,
) -> Uploaded:
    """Add codes to a program's pool or to a kind's, all or none: raises BadCodes for lines that cannot be codes. Empty
    lines are skipped.

    Uploading a list again adds only what is new. A code lies in one pool of a merchant at most. Rewards that waited for
    codes are delivered at once.
    """
    wanted = _cleaned(codes)
    pool = pool_for_update(pool_for(program=program, purpose=purpose, now=now, kind=kind).pk)
    added = _insert(pool, list(dict.fromkeys(wanted)))
    if added:
        data = _facts_of(pool) | {"added": added}
        events.record("codes.uploaded", subject=pool, by=by, now=now, data=data)
        wake("fulfil", due_at=database_now())
    return Uploaded(added=added, known=len(wanted) - added)


@transaction_required
def take_code(
    *, program: Program | None, purpose: str, holder: UUID, now: datetime, kind: RewardKind | None = None
) -> str | None:
    """A code for ``holder`` (a claim or a reward), the same one whenever it asks again; None when the pool is empty.

    Nobody waits for anybody else's code, except for the very last ones: those may come back when their taker fails.
    """
    pool = pool_of(program, purpose, kind)
    if pool is None:
        return None
    lock_holder(pool.pk, holder)
    own: PoolCode | None = _codes_in(pool).filter(taken_for=holder).first()
    taken = own or _take(pool, holder, now)
    if own is None:
        _tell_if_low(pool, taken, now)
    return taken.code if taken else None


@transaction_required
def set_codes_aside(*, most: int | None, by: str, now: datetime) -> int:
    """After a restore: codes that may have been given since the backup are given to nobody. Returns how many.

    They are given in order, so the next ``most`` of each pool are those; None: all that are free. Such a code counts
    as taken for itself. Uploading it again does not free it.
    """
    return sum(_set_aside(pool, most, by, now) for pool in CodePool.objects.order_by("pk"))


def _set_aside(pool: CodePool, most: int | None, by: str, now: datetime) -> int:
    pool = pool_for_update(pool.pk)
    free = all_free_codes(_codes_in(pool).filter(taken_for=None))[:most]
    if not free:
        return 0
    PoolCode.objects.filter(any_of("pk", [row.pk for row in free])).update(taken_for=F("pk"), taken_at=now)
    events.record("codes.set_aside", subject=pool, by=by, now=now, data=_facts_of(pool) | {"codes": len(free)})
    return len(free)


def _take(pool: CodePool, holder: UUID, now: datetime) -> PoolCode | None:
    free = _codes_in(pool).filter(taken_for=None)
    row = next_free_code(free)
    while row is None and free.exists():
        row = wait_for_free_code(free)
    if row is not None:
        row.taken_for, row.taken_at = holder, now
        row.save(update_fields=["taken_for", "taken_at"])
    return row


def _tell_if_low(pool: CodePool, taken: PoolCode | None, now: datetime) -> None:
    """Once per filling. While others hold the pool they are telling it; the next taker would tell it otherwise."""
    code = "codes.low" if taken else "codes.empty"
    if taken and not _seems_low(pool, taken):
        return
    if _told_since_upload(pool, code) or pool_if_free(pool.pk) is None or _told_since_upload(pool, code):
        return
    left, total = _codes_in(pool).filter(taken_for=None).count(), _codes_in(pool).count()
    if taken is None or pool_is_low(left, total):
        data = _facts_of(pool) | {"left": left}
        events.record(code, subject=pool, by=events.SYSTEM, now=now, data=data)


def _facts_of(pool: CodePool) -> dict[str, object]:
    whose = {"kind_id": str(pool.kind_id)} if pool.kind_id else {"program": str(pool.program_id)}
    return {"purpose": pool.purpose, **whose}


def pool_is_low(left: int, total: int) -> bool:
    """``total``: of all ever uploaded."""
    return left <= LOW or left * 10 < total


def _seems_low(pool: CodePool, taken: PoolCode) -> bool:
    """Cheap, from positions: codes go in order, so counting the whole pool can wait until it matters."""
    last = _codes_in(pool).filter(taken_for=None).aggregate(last=Max("position"))["last"]
    return last is None or pool_is_low(last - taken.position, last)


def _told_since_upload(pool: CodePool, code: str) -> bool:
    for said in Event.objects.filter(subject_id=pool.pk).order_by("-seq").values_list("code", flat=True)[:5]:
        if said == "codes.uploaded":
            return False
        if said == code or said == "codes.empty":
            return True
    return False


def _insert(pool: CodePool, codes: list[str]) -> int:
    """How many of them were new."""
    start = (_codes_in(pool).aggregate(last=Max("position"))["last"] or 0) + 1
    rows = [(uuid7(), code, start + index) for index, code in enumerate(codes)]
    added = 0
    for first in range(0, len(rows), BATCH):
        batch = columns(("id", "code", "position"), rows[first : first + BATCH])
        added += len(insert_many(PoolCode, same={"pool_id": pool.pk}, each=batch, new_only=True, returning="id"))
    return added


def _cleaned(codes: Sequence[str]) -> list[str]:
    """Trimmed, empty lines left out. What a shop's till could not read is refused."""
    lines = [(row, clean_text(code).strip()) for row, code in enumerate(codes, start=1)]
    faults = [Fault(row, fault) for row, code in lines if (fault := fault_of(code))]
    if faults:
        raise BadCodes(faults[:MOST_FAULTS])
    return [code for _row, code in lines if code]


def fault_of(code: str) -> str:
    """Why it cannot be a code, as in Fault; "" for what can be one, and for nothing at all."""
    if len(code) > LONGEST_CODE:
        return "too_long"
    return "has_spaces" if code and not _CODE.fullmatch(code) else ""


def _codes_in(pool: CodePool) -> QuerySet[PoolCode]:
    codes: QuerySet[PoolCode] = PoolCode.objects.filter(pool=pool)
    return codes
