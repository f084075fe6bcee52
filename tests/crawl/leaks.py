"""Links that got out in every state they can be in."""

from __future__ import annotations

from datetime import datetime

from advocates.actions.codes import add_link
from kit.ids import public_id
from merchants.events import SYSTEM
from tests.cast import World, at_work
from tracking.actions.leaks import dismiss_leak, rotate_leak
from tracking.models import Leak


def leaks_of(world: World) -> dict[str, str]:
    """One to decide, one replaced, one left as it is; the id of the first."""
    with at_work(world.merchant) as now:
        to_decide, replaced, left = (a_leak(world, place, now) for place in ("Podcast", "Newsletter", "Forum"))
        rotate_leak(leak=replaced, by=SYSTEM, now=now)
        dismiss_leak(leak=left, by=SYSTEM, now=now)
        return {"leak": public_id("lek", to_decide.pk)}


def a_leak(world: World, placement: str, now: datetime) -> Leak:
    """As the rule writes it down, with every sign there is."""
    link = add_link(advocate=world.advocate, channel="LINK", placement=placement, by=SYSTEM, now=now)
    since = now.isoformat()
    site = {"site": "retailmenot.com", "sites": ["retailmenot.com", "coupons.com"], "visits": 14, "hosts": 9}
    signs = [
        {"kind": "COUPON_SITE", "since": since, **site},
        {"kind": "TYPED", "since": since, "orders": 12, "usual": 0.4},
        {"kind": "NETWORKS", "since": since, "networks": 61, "usual": 2.5},
        {"kind": "VELOCITY", "since": since, "visits": 1240, "usual": 2.5, "busiest": 9},
    ]
    found: Leak = Leak.objects.create(
        link=link, kind=Leak.Kind.COUPON_SITE, seen={"signs": signs}, since=now, found_at=now
    )
    return found
