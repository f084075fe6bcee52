"""The board of leads, their list and the page of one, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kit.days import local_date
from leads.actions.care import Plan, plan_lead
from leads.actions.moves import lose_lead, move_lead
from leads.models import Lead
from merchants.events import SYSTEM
from merchants.selectors import team
from referral_saas.dashboard.paths import public
from tests.cast import World, at_work
from tests.dashboard.desk import owner
from tests.leads.world import a_b2b_world, a_lead, won
from tests.looks import LONG, onlooker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COMPANIES = (
    LONG,
    "Hafenbäckerei Nord",
    "Kontor 12",
    "Elbe Optik",
    "Fischer & Kollegen",
    "Druckerei Albers",
    "Nordwind",
)


@pytest.fixture
def world() -> World:
    world = a_b2b_world()
    words = "We are moving offices in March and need coffee for fifty people."
    leads = [
        a_lead(world, f"b{n}@buyer.example", company=name, value_minor=(n + 1) * 350_000, message=words).lead
        for n, name in enumerate(COMPANIES)
    ]
    stages = ("MEETING", "QUALIFIED", "NEGOTIATION", "MEETING")
    with at_work(world.merchant) as now:
        for lead, stage in zip(leads, stages, strict=False):
            move_lead(lead=lead, expected="NEW", to=stage, by=SYSTEM, now=now)
        for n, lead in enumerate(leads[:3]):
            due = local_date(now, world.zone) + timedelta(days=n + 1)
            plan_lead(lead=lead, plan=Plan(team().first(), due, lead.value_minor), by=SYSTEM, now=now)
        Lead.objects.filter(pk=leads[0].pk).update(due_date=local_date(now, world.zone) - timedelta(days=2))
        lose_lead(lead=leads[4], expected="NEW", reason="RIVAL", by=SYSTEM, now=now)
    won(world, leads[5], amount=1_250_000)
    return world


def test_every_page_is_readable(chromium: Any, live_server: Any, world: World) -> None:
    with at_work(world.merchant):
        open_one = public(Lead.objects.get(company=LONG))
        won_one = public(Lead.objects.get(stage="WON"))
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        eyes.look("leads-board", "leads")
        eyes.look("leads-list", "leads/list")
        eyes.look("leads-new", "leads/new")
        eyes.look("leads-friend", f"/r/{world.link.code}")
        eyes.look("leads-won", f"leads/{won_one}")
        eyes.go(f"leads/{open_one}")
        eyes.page.get_by_text("Lost", exact=True).click()
        eyes.press("It did not work out")
        eyes.inspect("leads-one")
