"""Orders that may be odd, told as a shop does, and what the checks made of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from advocates.models import Advocate, Link
from merchants.events import SYSTEM
from rewards.actions.settle import Settled, take_in
from rewards.steps import release, reviews
from tests.cast import World, at_work, enrolled
from tests.facts import delivery, snapshot
from tracking.facts import OrderKey, PersonIn, TraceIn
from tracking.models import (
    Referral,
    Review,
)

HOME, AWAY = "203.0.113.7", "198.51.100.9"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
MINUTE = timedelta(minutes=1)


def order(
    world: World,
    number: str = "1",
    *,
    email: str = "eve@friend.example",
    name: str = "Eve Freund",
    at: datetime | None = None,
    clicked: timedelta = timedelta(hours=1),
    link: Link | None = None,
    code: str = "",
    country: str = "",
    referred: bool = True,
    now: datetime | None = None,
    **trace: Any,
) -> Settled:
    at = at or world.now
    evidence: dict[str, Any] = {}
    if referred:
        evidence = {"codes": [(code, 0)]} if code else {"token": world.click(link, at=at - clicked)}
    with at_work(world.merchant):
        return take_in(
            key=OrderKey("api", number),
            facts=[snapshot(at, **evidence), delivery(at)],
            person=PersonIn(email=email, name=name, country=country),
            trace=TraceIn(**trace) if trace else None,
            now=now or at,
            by=SYSTEM,
        )


def verdict(settled: Settled) -> tuple[str, list[str]]:
    assert settled.referral is not None
    return settled.referral.state, settled.referral.reasons


def verdict_now(number: str) -> tuple[str, list[str]]:
    referral = Referral.objects.get(order__external_id=number)
    return referral.state, referral.reasons


def seen(world: World, number: str = "1") -> tuple[str, dict[str, int]]:
    with at_work(world.merchant):
        found = Referral.objects.get(order__external_id=number).assessment
    return found["level"], {signal["code"]: signal["points"] for signal in found["signals"]}


def in_review(world: World) -> set[str]:
    with at_work(world.merchant):
        return set(Review.objects.filter(state="OPEN").values_list("referral__order__external_id", flat=True))


def forward(world: World, days: int) -> None:
    with at_work(world.merchant):
        world.merchant.clock_offset += timedelta(days=days)
        world.merchant.save(update_fields=["clock_offset"])
    ref = world.merchant.tenant_ref()
    reviews.sweep(ref)
    release.sweep(ref)


def advocate_with_link(world: World, email: str) -> tuple[Advocate, Link]:
    person = enrolled(world.merchant, world.program, email, email.partition("@")[0].title() + " Ring")
    with at_work(world.merchant):
        return person, Link.objects.get(advocate=person, channel="LINK")
