"""Files that the owner brought: one in every state."""

from __future__ import annotations

from imports.actions import Upload, ask_for_check, bring_file, drop, give_up, start_writing
from imports.models import Import
from imports.rules import Reading
from kit.ids import public_id
from merchants.events import by_user
from merchants.models import Membership, Role
from referral_saas.dashboard.importing.kinds import KINDS, Customers
from tests.cast import World, at_work

RIGHT = b"email,name\nrita@visitor.example,Rita Right\n"
CODES = b"ROBOT-CODE-1\n"
WRONG = b"email,name\nnobody,Norbert\n"


def imports_of(world: World) -> dict[str, str]:
    """Its id by the kind: of the one whose columns are to be looked at, so that whoever follows can do everything."""
    looked_at = _brought(world, "customers", RIGHT)
    _checked(world, _brought(world, "customers", WRONG), WRONG)
    _checked(world, _brought(world, "customers", RIGHT), RIGHT)
    dropped, failed, long = [_brought(world, "customers", RIGHT) for _one in range(3)]
    with at_work(world.merchant) as now:
        drop(one=dropped, by=dropped.by, now=now)
        give_up(one=failed, problem="broke", now=now)
        told = {"kind": Customers(at_once=0), "language": "en", "by": long.by, "now": now}
        ask_for_check(one=long, data=RIGHT, reading=Reading.of(long.reading), **told)
    assert _done(world).state == Import.State.DONE
    return {"import": public_id("imp", looked_at.pk)}


def _done(world: World) -> Import:
    one = _brought(world, "codes", CODES, target=f"pool:{world.program.pk}:REWARD")
    _checked(world, one, CODES)
    with at_work(world.merchant) as now:
        start_writing(one=one, kind=KINDS["codes"], language="en", by=one.by, now=now)
    return one


def _brought(world: World, kind: str, data: bytes, target: str = "") -> Import:
    with at_work(world.merchant) as now:
        seat = Membership.objects.filter(merchant=world.merchant, role=Role.OWNER).order_by("joined_at", "pk")[0]
        upload, by = Upload(kind, target, f"{kind}.csv", data), by_user(seat.user_id)
        return bring_file(upload=upload, kind=KINDS[kind], user=seat.user, language="en", by=by, now=now)


def _checked(world: World, one: Import, data: bytes) -> Import:
    with at_work(world.merchant) as now:
        told = {"kind": KINDS[one.kind], "language": "en", "by": one.by, "now": now}
        ask_for_check(one=one, data=data, reading=Reading.of(one.reading), **told)
    return one
