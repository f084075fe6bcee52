"""Somebody else's ids, at every address there is, with every method: nothing is there and nothing changes."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client, TestCase

from kit.ids import public_id, uuid7
from merchants.models import Role
from merchants.permissions import can
from tests.cast import a_world
from tests.crawl.world import full_world
from tests.security.stage import BROWSER, Route, browser_of, ids_for, routes, rows_of, seat

DASHBOARD = routes("w/<slug:slug>")
#: Addresses with an id of a thing, which exist in every workspace for its own things alone.
OF_A_THING = [route for route in DASHBOARD if set(route.names) - {"slug", "purpose", "step", "list_name"}]
#: Roles that may only look: what they may not open is 404 for them, as it is for strangers.
LOW = (Role.ANALYST, Role.SUPPORT)


def answers(client: Client, path: str) -> dict[str, int]:
    headers = {"User-Agent": BROWSER}
    return {
        "GET": client.get(path, headers=headers).status_code,
        "POST": client.post(path, {"role": "OWNER", "email": "eve@friend.example"}, headers=headers).status_code,
    }


#: What our own pages show within a frame: a mail, and what a program will look like.
FRAMED = re.compile(r"/body$|/setup/preview/|/promote/.*/preview$")


class TestForeignIds(TestCase):
    nordlicht: Any
    halcyon: Any

    @classmethod
    def setUpTestData(cls) -> None:
        cls.nordlicht = full_world()
        cls.halcyon = a_world(owner="charlie@halcyon.example", name="Halcyon").merchant

    def test_every_page_of_a_foreign_workspace_is_absent(self) -> None:  # hostile 101
        merchant = self.nordlicht.world.merchant
        charlie, before = browser_of(seat(self.halcyon, Role.OWNER)), rows_of(merchant)
        for route in DASHBOARD:
            path = route.with_ids(ids_for(route, self.nordlicht, slug=merchant.slug))
            assert set(answers(charlie, path).values()) <= {404, 405}, path
        assert rows_of(merchant) == before

    def test_foreign_ids_in_the_own_workspace_are_absent(self) -> None:  # hostile 101, 104
        merchant = self.nordlicht.world.merchant
        charlie, before = browser_of(seat(self.halcyon, Role.OWNER)), rows_of(merchant)
        assert len(OF_A_THING) > 25
        for route in OF_A_THING:
            if "program_slug" in route.names:  # slugs are the own workspace's: another merchant's has none of its own
                continue
            path = route.with_ids(ids_for(route, self.nordlicht, slug=self.halcyon.slug))
            assert set(answers(charlie, path).values()) <= {404, 405}, path
        assert rows_of(merchant) == before

    def test_what_a_role_may_not_do_is_absent_for_it(self) -> None:
        merchant = self.nordlicht.world.merchant
        before = rows_of(merchant)
        for role in LOW:
            client = browser_of(seat(merchant, role))
            for route in DASHBOARD:
                if not can(role, route.view.needs):
                    path = route.with_ids(ids_for(route, self.nordlicht, slug=merchant.slug))
                    assert set(answers(client, path).values()) <= {404, 405}, (role, path)
        assert rows_of(merchant) == before

    def test_every_address_of_a_workspace_says_what_it_needs(self) -> None:
        assert [route.path for route in DASHBOARD if not hasattr(route.view, "needs")] == []

    def test_strangers_are_led_to_the_door(self) -> None:
        merchant = self.nordlicht.world.merchant
        before = rows_of(merchant)
        for route in DASHBOARD:
            path = route.with_ids(ids_for(route, self.nordlicht, slug=merchant.slug))
            assert set(answers(Client(), path).values()) == {302}, path
        assert rows_of(merchant) == before

    def test_no_form_is_taken_from_another_site(self) -> None:  # hostile 119
        merchant = self.nordlicht.world.merchant
        alice, before = browser_of(seat(merchant, Role.OWNER), enforce_csrf_checks=True), rows_of(merchant)
        for route in DASHBOARD:
            path = route.with_ids(ids_for(route, self.nordlicht, slug=merchant.slug))
            assert alice.post(path, {"name": "Owned"}).status_code in {403, 405}, path
        assert rows_of(merchant) == before

    def test_no_page_may_be_kept_or_framed(self) -> None:
        """What is behind the door stays there: after logging out no cache shows it again, no other site frames it."""
        merchant = self.nordlicht.world.merchant
        alice = browser_of(seat(merchant, Role.OWNER))
        for route in DASHBOARD:
            answer = alice.get(route.with_ids(ids_for(route, self.nordlicht, slug=merchant.slug)))
            if answer.status_code != 405:
                assert "no-store" in answer.headers.get("Cache-Control", ""), route.path
                assert is_safe(answer, frames="self" if FRAMED.search(route.path) else "none"), route.path

    def test_ids_of_another_kind_or_of_nobody_are_absent(self) -> None:
        merchant = self.nordlicht.world.merchant
        alice = browser_of(seat(merchant, Role.OWNER))
        for route in OF_A_THING:
            for wrong in wrong_ids(route, self.nordlicht.world.advocate.pk):
                path = route.with_ids(ids_for(route, self.nordlicht, slug=merchant.slug) | wrong)
                assert set(answers(alice, path).values()) <= {404, 405}, path


def is_safe(answer: Any, *, frames: str) -> bool:
    policy, sniffing = answer.headers["Content-Security-Policy"], answer.headers["X-Content-Type-Options"]
    return f"frame-ancestors '{frames}'" in policy and "default-src 'none'" in policy and sniffing == "nosniff"


def wrong_ids(route: Route, advocate_id: Any) -> list[dict[str, str]]:
    """A UUID where a public id belongs, the id of a thing of another kind, one that nobody has."""
    public = {name for name in route.names if name.startswith("public")}
    if public:
        kinds = [str(advocate_id), public_id("clm", advocate_id), public_id("adv", uuid7())]
        return [dict.fromkeys(public, each) for each in kinds]
    others = {name for name in route.names if name.endswith("_id")}
    return [dict.fromkeys(others, str(advocate_id))] if others else []
