"""Lists that the owner asked for as files: one that waits, one that is there, one that failed, one that was removed."""

from __future__ import annotations

from datetime import timedelta

from exports.actions import ask_for_export, give_up, remove_next
from exports.locks import open_export
from exports.models import Export
from exports.steps import sweep
from kit.ids import public_id
from merchants.models import Membership, Role
from tests.cast import World, at_work


def exports_of(world: World) -> dict[str, str]:
    """Its id by the kind."""
    removed = _asked(world, "orders", "outcome=BLOCKED")
    sweep(world.merchant.tenant_ref())
    with at_work(world.merchant) as now:
        remove_next(now=now + timedelta(days=8))
    failed = _asked(world, "claims")
    with at_work(world.merchant) as now:
        found = open_export(failed.pk)
        assert found is not None
        give_up(export=found, problem="broke", now=now)
    ready = _asked(world, "rewards", "state=HELD&unit=EUR")
    sweep(world.merchant.tenant_ref())
    _asked(world, "customers")
    assert len({removed.pk, failed.pk, ready.pk}) == 3
    return {"export": public_id("exp", ready.pk)}


def _asked(world: World, name: str, query: str = "") -> Export:
    with at_work(world.merchant) as now:
        owner = Membership.objects.filter(merchant=world.merchant, role=Role.OWNER).order_by("joined_at", "pk")[0]
        return ask_for_export(list=name, query=query, seat=owner, language="en", now=now)
