"""Two workers come by at once: a file is written once, each row in its place."""

from __future__ import annotations

import pytest

from exports import steps
from exports.models import PART, Export, ExportPart
from merchants.models import Event, WakeUp
from tests.cast import a_world, at_work
from tests.dashboard.desk import base, owner
from tests.dashboard.files import asked, download, many_customers, shown_ids
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_workers_write_one_file() -> None:
    world = a_world()
    many_customers(world, 3 * PART + 1)
    client, ref = owner(world), world.merchant.tenant_ref()
    page = asked(client, world.merchant, "customers")
    at_once(lambda: steps.sweep(ref), lambda: steps.sweep(ref))
    text = b"".join(download(client, page).streaming_content).decode()
    told = [line.partition(",")[0] for line in text.splitlines()[1:]]
    assert told == shown_ids(client, f"{base(world)}/customers?size=200")
    with at_work(world.merchant):
        export = Export.objects.get()
        assert (export.state, export.attempts, export.lines) == ("READY", 0, len(told))
        assert ExportPart.objects.count() == 5
        assert Event.objects.filter(code="export.ready").count() == 1


def test_two_presses_at_once_ask_once() -> None:
    world = a_world()
    pages = at_once(*[lambda: asked(owner(world), world.merchant, "orders", "outcome=BLOCKED")] * 2)
    assert pages[0] == pages[1]
    with at_work(world.merchant):
        assert Event.objects.filter(code="export.asked").count() == 1
        assert WakeUp.objects.filter(kind="exports").count() == 1
