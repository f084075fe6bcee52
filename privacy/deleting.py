"""In which order the rows of a workspace go: whatever points at others before them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from django.apps import apps

from kit.rls import tenant_keys
from merchants.models import Door, TenantModel


@cache
def groups_in_order() -> list[list[str]]:
    """Tables, those first that nothing left points at. Tables whose keys lead around in a circle go as one group."""
    points_at = {table: set(targets) for table, targets in _pointing()}
    groups, left = [[Door._meta.db_table]], set(points_at)
    while left:
        free = sorted(one for one in left if not any(one in points_at[other] for other in left - {one}))
        found = [[one] for one in free] or [_circle(points_at, left)]
        groups += found
        left -= {one for group in found for one in group}
    return groups


def _pointing() -> Iterable[tuple[str, list[str]]]:
    for model in apps.get_models():
        if issubclass(model, TenantModel):
            table = model._meta.db_table
            yield table, [target for _, target in tenant_keys(model) if target != table]


def _circle(points_at: dict[str, set[str]], left: set[str]) -> list[str]:
    """The tables of one circle that nothing outside of it points at."""

    def reached_from(table: str) -> set[str]:
        seen: set[str] = set()
        waiting = [table]
        while waiting:
            new = (points_at[waiting.pop()] & left) - seen
            seen |= new
            waiting += new
        return seen

    reach = {one: reached_from(one) for one in left}
    circles = [{other for other in left if other in reach[one] and one in reach[other]} for one in left]
    for circle in sorted((one for one in circles if one), key=len):
        if not any(points_at[other] & circle for other in left - circle):
            return sorted(circle)
    raise AssertionError("keys that lead around in a circle have one that comes first")
