"""What the team keeps about a person, tasks, mails, and a look at a portal, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advocates.actions.notes import add_note
from advocates.actions.tags import add_tag
from advocates.actions.tasks import TaskIn, add_task
from advocates.models import Customer, Task
from kit.days import local_date
from merchants.events import SYSTEM
from merchants.models import Membership, Role
from merchants.steps import outbox
from referral_saas.dashboard.paths import public
from tests.cast import World, at_work
from tests.dashboard.desk import a_busy_world, owner
from tests.looks import LONG, onlooker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    world = a_busy_world()
    outbox.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant) as now:
        Customer.objects.filter(pk=world.advocate.customer_id).update(name=LONG)
        dana = Customer.objects.get(pk=world.advocate.customer_id)
        alice = Membership.objects.select_related("user").get(merchant=world.merchant, role=Role.OWNER)
        for n, text in enumerate(
            ("Runs the café at the harbour.", LONG, "Asked for a poster.", "Prefers to be called.")
        ):
            add_note(customer=dana, text=text, member=alice, now=now - timedelta(days=4 - n))
        for word in ("press", "loyal-guest", "empfehlungsprogrammteilnehmer"):
            add_tag(customer=dana, word=word, by=SYSTEM, now=now)
        today = local_date(now, world.zone)
        for ahead, text, whose in (
            (2, "Ask whether the poster arrived", alice),
            (9, LONG, None),
            (1, "Say thanks", alice),
        ):
            add_task(customer=dana, task=TaskIn(text, today + timedelta(days=ahead), whose), member=alice, now=now)
        Task.objects.filter(text="Say thanks").update(due_date=today - timedelta(days=3))
    return world


def test_every_page_is_readable(chromium: Any, live_server: Any, world: World) -> None:
    with at_work(world.merchant):
        dana = Customer.objects.get(pk=world.advocate.customer_id)
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        eyes.look("person-advocate", f"advocates/{public(world.advocate)}")
        eyes.look("person-mails", f"customers/{public(dana)}/mails")
        eyes.look("person-tasks", "tasks")
        eyes.go(f"customers/{public(dana)}")
        eyes.press("Add tag")
        eyes.inspect("person-customer-error")
        eyes.go(f"advocates/{public(world.advocate)}")
        eyes.press("See their portal")
        eyes.inspect("person-looking")
        eyes.go(f"/p/{world.merchant.slug}/settings")
        eyes.press("Save")
        eyes.inspect("person-looking-refused")
        eyes.press("Leave")
        eyes.page.wait_for_url("**/advocates/**")
