"""Row locks of this app. A program or pool is locked before anything it leads to; codes come last (kit.locks.Rank)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from kit.asked import asked_often, the_one
from kit.locks import Rank, lock_named, note
from programs.models import CodePool, Drive, KindStock, PoolCode, Program, RewardKind, Setup


def program_for_update(program_id: UUID) -> Program:
    """The program as it is now. Guards its state, its draft and its event numbers.

    Its terms are asked for afterwards: joined, they would be those from before the wait for somebody who published.
    """
    program: Program = the_one(_program(program_id), Program)
    return program


@asked_often
def _program(program_id: UUID) -> QuerySet[Program]:
    rows: QuerySet[Program] = Program.objects.select_related("merchant").filter(pk=program_id)
    return rows.select_for_update(of=("self",), no_key=True)


def kind_for_update(kind_id: UUID) -> RewardKind:
    """Guards its name, whether it is put away, and its event numbers."""
    kind: RewardKind = RewardKind.objects.select_for_update(no_key=True).get(pk=kind_id)
    return kind


def lock_stock(kind_id: UUID) -> None:
    """All sizes of a thing, in one order: whoever exchanges one size for another takes both."""
    note(Rank.COUPON)
    list(KindStock.objects.filter(kind_id=kind_id).order_by("pk").select_for_update().values_list("pk"))


def pool_for_update(pool_id: UUID) -> CodePool:
    """Guards the positions in a pool and its event numbers."""
    pool: CodePool = the_one(_pool(pool_id), CodePool)
    return pool


@asked_often
def _pool(pool_id: UUID) -> QuerySet[CodePool]:
    rows: QuerySet[CodePool] = CodePool.objects.filter(pk=pool_id)
    return rows.select_for_update(no_key=True)


def pool_if_free(pool_id: UUID) -> CodePool | None:
    """The locked pool, or None while somebody else holds it: for what they will then do themselves."""
    pool: CodePool | None = CodePool.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pool_id).first()
    return pool


def lock_holder(pool_id: UUID, holder: UUID) -> None:
    """One holder asks once at a time: two at the same moment would take two codes."""
    lock_named(Rank.COUPON, pool_id, holder)


def next_free_code(free: QuerySet[PoolCode]) -> PoolCode | None:
    """The first of ``free`` nobody else is taking right now."""
    note(Rank.COUPON)
    return free.order_by("position").select_for_update(of=("self",), skip_locked=True).first()


def wait_for_free_code(free: QuerySet[PoolCode]) -> PoolCode | None:
    """Wait for whoever takes the first free one. None: they took it, or there is none."""
    return free.order_by("position").select_for_update(of=("self",)).first()


def all_free_codes(free: QuerySet[PoolCode]) -> list[PoolCode]:
    """Every one of ``free``, in their order, whoever has to be waited for."""
    note(Rank.COUPON)
    return list(free.order_by("position").select_for_update(of=("self",)))


def setup_for_update() -> Setup:
    """How far this merchant's set-up has come. Comes before its program."""
    setup: Setup = Setup.objects.select_for_update(no_key=True).get()
    return setup


def drive_for_update(drive_id: UUID) -> Drive:
    """How far a test drive is. Guards its event numbers."""
    drive: Drive = Drive.objects.select_for_update(no_key=True).get(pk=drive_id)
    return drive
