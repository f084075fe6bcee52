"""The catalogue of what a merchant gives, and the stock of its things. A kind never changes but for its name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from kit.clock import database_now
from kit.locks import Rank, note
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants import events
from merchants.selectors import workspace
from merchants.wakeups import wake
from programs.locks import kind_for_update
from programs.models import KindStock, RewardKind
from programs.rules import Gives, KindProblem, Mechanism, kind_problems

LONGEST_NAME = 80
LONGEST_SIZE = 20
MOST_PIECES = 1_000_000
#: Few: this many pieces left of a size, or less than a tenth of what the last filling made it.
LOW = 3


class BadKind(ValueError):
    """Refused, nothing changed: ``problems`` say which field and why (programs.kind_wording.kind_problem_text)."""

    def __init__(self, problems: list[KindProblem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = problems


@transaction_required
def create_kind(*, gives: Gives, sizes: Mapping[str, int] | None = None, by: str, now: datetime) -> RewardKind:
    """A new kind (``gives.id`` is not looked at). ``sizes``: pieces of a thing there are, by size ("": it has none)."""
    name = _name(gives.name)
    if wrong := kind_problems(gives, currency=workspace().currency):
        raise BadKind(wrong)
    row = RewardKind(
        name=name,
        form=gives.form,
        fulfilment=gives.fulfilment,
        unit=gives.unit,
        fair_minor=gives.fair_minor,
        valid_days=gives.valid_days,
        setting=dict(gives.setting),
        created_at=now,
    )
    _save(row)
    events.record("kind.created", subject=row, by=by, now=now, data={"form": row.form, "fulfilment": row.fulfilment})
    if gives.mechanism == Mechanism.THING:
        for size, pieces in (sizes or {"": 0}).items():
            KindStock.objects.create(kind=row, size=_size(size), left=_pieces(pieces), filled=_pieces(pieces))
    return row


@transaction_required
def rename_kind(*, kind: RewardKind, name: str, by: str, now: datetime) -> RewardKind:
    """Terms that were frozen with the old name keep it."""
    found = kind_for_update(kind.pk)
    wanted = _name(name)
    if wanted != found.name:
        found.name = wanted
        _save(found)
        events.record("kind.renamed", subject=found, by=by, now=now)
    return found


@transaction_required
def archive_kind(*, kind: RewardKind, by: str, now: datetime) -> RewardKind:
    """Out of the catalogue. What was promised with it is given all the same."""
    found = kind_for_update(kind.pk)
    if found.archived_at is None:
        found.archived_at = now
        found.save(update_fields=["archived_at"])
        events.record("kind.archived", subject=found, by=by, now=now)
    return found


@transaction_required
def restore_kind(*, kind: RewardKind, by: str, now: datetime) -> RewardKind:
    found = kind_for_update(kind.pk)
    if found.archived_at is not None:
        found.archived_at = None
        _save(found)
        events.record("kind.restored", subject=found, by=by, now=now)
    return found


# --- stock --------------------------------------------------------------------------------------------------------


@transaction_required
def set_stock(*, kind: RewardKind, size: str, left: int, by: str, now: datetime) -> KindStock:
    """What somebody counted on the shelf. A size not known yet is added."""
    found = kind_for_update(kind.pk)
    if found.as_gives().mechanism != Mechanism.THING:
        raise BadKind([KindProblem("size", "has_no_stock")])
    counted, named = _pieces(left), _size(size)
    note(Rank.COUPON)
    row: KindStock
    row, _is_new = KindStock.objects.select_for_update().get_or_create(
        kind=found, size=named, defaults={"left": counted, "filled": counted}
    )
    row.left, row.filled, row.low_told_at = counted, counted, None
    row.save(update_fields=["left", "filled", "low_told_at"])
    events.record("stock.filled", subject=found, by=by, now=now, data={"size": named, "left": counted})
    wake("release", due_at=database_now())
    return row


@transaction_required
def take_pieces(*, kind_id: UUID, size: str, pieces: int, now: datetime) -> bool:
    """Take from the shelf by one conditional UPDATE: the last piece is given once. False: there are not enough."""
    note(Rank.COUPON)
    rows = KindStock.objects.filter(kind_id=kind_id, size=size)
    if not rows.filter(left__gte=pieces).update(left=F("left") - pieces):
        return False
    _tell_if_low(rows.get(), now)
    return True


@transaction_required
def put_back(*, kind_id: UUID, size: str, pieces: int) -> None:
    note(Rank.COUPON)
    KindStock.objects.filter(kind_id=kind_id, size=size).update(left=F("left") + pieces)


def is_low(row: KindStock) -> bool:
    return bool(row.left <= LOW or row.left * 10 <= row.filled)


def _tell_if_low(row: KindStock, now: datetime) -> None:
    """Once per filling; the row is ours since the UPDATE, so nobody tells it beside us."""
    if row.low_told_at is None and is_low(row):
        KindStock.objects.filter(pk=row.pk).update(low_told_at=now)
        data = {"kind_id": str(row.kind_id), "size": row.size, "left": row.left}
        events.record("stock.low", subject=row, by=events.SYSTEM, now=now, data=data)


# --- words and numbers that came from people ----------------------------------------------------------------------


def _save(row: RewardKind) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise BadKind([KindProblem("name", "name_taken")]) from error


def _name(text: str) -> str:
    name = clean_text(text).replace("\n", " ").strip()
    if not name:
        raise BadKind([KindProblem("name", "required")])
    if len(name) > LONGEST_NAME:
        raise BadKind([KindProblem("name", "name_too_long")])
    return name


def _size(text: str) -> str:
    size = clean_text(text).replace("\n", " ").strip()
    if len(size) > LONGEST_SIZE:
        raise BadKind([KindProblem("sizes", "size_too_long")])
    return size


def _pieces(count: int) -> int:
    if not 0 <= count <= MOST_PIECES:
        raise BadKind([KindProblem("sizes", "too_many_pieces")])
    return count
