"""Where a file goes, where there are several places: a program, or a pool of codes. Written as text beside the file."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from imports.kinds import TargetGone
from kit.ids import public_id
from programs.models import CodePool, Program, RewardKind
from programs.rules import Fulfilment


@dataclass(frozen=True)
class Pool:
    """Of a program for a purpose, or of a kind of reward."""

    program: Program | None
    kind: RewardKind | None
    purpose: str

    @property
    def path(self) -> str:
        if self.kind:
            return f"/kinds/{public_id('knd', self.kind.pk)}"
        return f"/programs/{self.program.slug}" if self.program else ""

    @property
    def text(self) -> str:
        if self.kind:
            return self.kind.name
        return f"{self.program.name}: {CodePool.Purpose(self.purpose).label}" if self.program else ""


def of_program(program: Program) -> str:
    return f"program:{program.pk}"


def of_pool(program: Program, purpose: str) -> str:
    return f"pool:{program.pk}:{purpose}"


def of_kind(kind: RewardKind) -> str:
    return f"kind:{kind.pk}"


def program_told(target: str) -> Program:
    """Raises TargetGone."""
    return _program(target.split(":")[1])


def pool_told(target: str) -> Pool:
    """Raises TargetGone."""
    whose, key, *purpose = target.split(":")
    if whose == "pool":
        return Pool(_program(key), None, purpose[0])
    kind = RewardKind.objects.filter(pk=UUID(key), archived_at=None, fulfilment=Fulfilment.COUPON_POOL).first()
    if kind is None:
        raise TargetGone
    return Pool(None, kind, CodePool.Purpose.REWARD)


def _program(key: str) -> Program:
    found: Program | None = Program.objects.select_related("terms").filter(pk=UUID(key), archived_at=None).first()
    if found is None:
        raise TargetGone
    return found
