"""How much of a kind there is, in words: pieces on the shelf, or codes in its pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.programs import NO_STOCK, Stock
from programs.actions.kinds import is_low
from programs.actions.stock import pool_is_low
from programs.models import KindStock, PoolCode, RewardKind
from programs.rules import Fulfilment


@dataclass(frozen=True, slots=True)
class Supply:
    """``tone`` as everywhere: good, warn, bad."""

    tone: str
    text: str
    left: int

    @property
    def is_short(self) -> bool:
        return self.tone != "good"


def supplies(found: Iterable[RewardKind], codes: Mapping[UUID, Stock] | None = None) -> dict[UUID, Supply]:
    """By kind; what needs neither shelf nor pool is absent. Two queries; one where the codes are known already."""
    rows = list(found)
    shelves: dict[UUID, list[KindStock]] = {}
    for row in KindStock.objects.filter(kind__in=rows).order_by("pk"):
        shelves.setdefault(row.kind_id, []).append(row)
    known = codes_of(rows) if codes is None else codes
    told = {kind.pk: _on_shelf(shelves[kind.pk]) for kind in rows if kind.pk in shelves}
    pools = [kind for kind in rows if kind.fulfilment == Fulfilment.COUPON_POOL]
    return told | {kind.pk: _in_pool(known.get(kind.pk, NO_STOCK)) for kind in pools}


def codes_of(kinds: list[RewardKind]) -> dict[UUID, Stock]:
    """Of their pools; one that never had a code is absent."""
    counted = PoolCode.objects.filter(pool__kind__in=kinds).values("pool__kind_id")
    rows = counted.annotate(left=Count("id", filter=Q(taken_for=None)), total=Count("id")).order_by()
    return {row["pool__kind_id"]: Stock(row["left"], row["total"]) for row in rows}


def supply_of(kind: RewardKind) -> Supply | None:
    return supplies([kind]).get(kind.pk)


def _on_shelf(rows: list[KindStock]) -> Supply:
    left = sum(row.left for row in rows)
    if not left:
        return Supply("bad", _("none left"), 0)
    short = [row for row in rows if is_low(row)]
    text = ngettext("%(count)s piece left", "%(count)s pieces left", left) % {"count": left}
    if not short:
        return Supply("good", text, left)
    sizes = ", ".join(f"{row.size}: {row.left}" for row in short if row.size)
    return Supply("warn", f"{text} ({sizes})" if sizes else text, left)


def _in_pool(stock: Stock) -> Supply:
    left, total = stock.left, stock.total
    if not left:
        return Supply("bad", _("no codes left"), 0)
    text = ngettext("%(count)s code left", "%(count)s codes left", left) % {"count": left}
    return Supply("warn" if pool_is_low(left, total) else "good", text, left)
