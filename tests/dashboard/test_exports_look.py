"""How far a file is, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from exports.models import Export
from exports.steps import sweep
from kit.ids import public_id
from tests.cast import at_work, workspace_of
from tests.crawl.exports import exports_of
from tests.dashboard.desk import a_busy_world, owner
from tests.looks import onlooker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_list_becomes_a_file(chromium: Any, live_server: Any) -> None:
    world = a_busy_world()
    exports_of(world)
    bare = workspace_of("alice@nordlicht.example", "Leer GmbH")
    with at_work(world.merchant) as now:
        pages = {one.state: public_id("exp", one.pk) for one in Export.objects.all()}
        told = {"rows": 48_210, "rows_done": 31_000, "state": "WRITING", "listed_at": now}
        Export.objects.filter(state="WAITING").update(**told)
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        eyes.look("exports", "exports")
        eyes.look("exports-empty", f"/w/{bare.slug}/exports")
        eyes.look("export-ready", f"exports/{pages['READY']}")
        eyes.look("export-writing", f"exports/{pages['WAITING']}")
        with at_work(world.merchant):
            Export.objects.filter(state="WRITING").update(rows=0, rows_done=0, state="WAITING")
        sweep(world.merchant.tenant_ref())
        eyes.page.get_by_role("heading", name="Your file is ready").wait_for()  # the page looks again by itself
        assert eyes.page.inner_text("#export-said") == "Your file is ready"
        eyes.look("export-removed", f"exports/{pages['REMOVED']}")
        eyes.look("export-failed", f"exports/{pages['FAILED']}")
