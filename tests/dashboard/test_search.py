"""Search from everywhere: what letters find, what a role is offered, and what it asks of the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from advocates.models import Customer
from merchants.actions.saved import keep_view
from merchants.models import Membership, Role
from merchants.permissions import PERMISSIONS
from referral_saas.dashboard.palette import ACTIONS, BEHIND, Option, fitting, needed
from referral_saas.dashboard.paths import public
from rewards.models import Reward
from tests.cast import World, at_work
from tests.dashboard.desk import a_busy_world, as_role, base, owner
from tests.once import for_a_file
from tracking.models import Order, Referral

HOSTILE = "<script>alert(1)</script>"

built, busy = for_a_file(a_busy_world)


def test_every_typed_word_is_in_the_label_and_beginnings_come_first() -> None:
    options = [
        Option(label, "/", "gift", also="tills" if label == "Payouts" else "")
        for label in ("New program", "Programs", "Prämien", "Payouts")
    ]

    def fit(text: str) -> list[str]:
        return [option.label for option in fitting(options, text)]

    assert fit("PROG") == ["Programs", "New program"]
    assert fit("prog ne") == ["New program"]
    assert (fit("pramien"), fit("PRÄ")) == (["Prämien"], ["Prämien"])
    assert (fit("till"), fit("x")) == (["Payouts"], [])
    assert len(fit("  ")) == 4


def test_each_way_is_a_page_that_says_who_may_open_it() -> None:
    assert {needed(way.path) for way in (*ACTIONS, *BEHIND)} <= set(PERMISSIONS)


def offered(client: Client, world: World, text: str = "", **headers: str) -> dict[str, list[tuple[str, str]]]:
    """Of each group the labels, with the address below the workspace's."""
    answer: Any = client.get(f"{base(world)}/search", {"q": text}, headers=headers)
    assert answer.status_code == 200
    return {
        group.label: [(option.label, option.url.removeprefix(base(world))) for option in group.options]
        for group in answer.context["groups"]
    }


@pytest.mark.django_db
def test_what_a_role_may_not_open_is_absent(busy: World) -> None:
    clients = {role: as_role(busy, role) for role in (Role.OWNER, Role.FINANCE, Role.MARKETER, Role.ANALYST)}
    begun = {role: [path for _label, path in offered(one, busy).get("Begin", [])] for role, one in clients.items()}
    assert begun[Role.ANALYST] == []
    assert begun[Role.FINANCE] == ["/surprises/new"]
    assert len(begun[Role.OWNER]) == len(ACTIONS)
    assert [role for role, one in clients.items() if offered(one, busy, "payouts")] == [Role.OWNER, Role.FINANCE]


@pytest.mark.django_db
def test_things_are_found_by_whatever_is_in_hand(busy: World) -> None:
    client = owner(busy)
    with at_work(busy.merchant) as now:
        order = Order.objects.get(external_id="2")
        referral = Referral.objects.get(order=order)
        reward = Reward.objects.filter(order=order)[0]
        eve = Customer.objects.get(email="eve@friend.example")
        Customer.objects.filter(pk=eve.pk).update(name=HOSTILE)
        seat = Membership.objects.get(merchant=busy.merchant, role=Role.OWNER)
        told = {"list": "orders", "query": "outcome=BLOCKED", "is_shared": False}
        keep_view(name="Dana's orders", **told, seat=seat, now=now)
    assert ("Order #1001", f"/orders/{public(order)}") in offered(client, busy, "#1001")["Orders"]
    assert ("Order #1001", f"/referrals/{public(referral)}") in offered(client, busy, "1001")["Referrals"]
    assert offered(client, busy, public(reward))["Rewards"][0][1] == f"/rewards/{public(reward)}"
    assert offered(client, busy, busy.link.code.lower())["Codes"][0][0] == busy.link.code
    assert offered(client, busy, "freund-1")["Codes"][0][0] == "FREUND-1"
    assert offered(client, busy, "eve@fr")["Customers"] == [(HOSTILE, f"/customers/{public(eve)}")]
    dana = offered(client, busy, "dana")
    assert dana["Advocates"] == [("Dana Muster", f"/advocates/{public(busy.advocate)}")]
    assert [label for label, _path in dana["Saved views"]] == ["Dana's orders"]
    assert offered(client, busy, busy.program.name[:3])["Programs"][0][1] == f"/programs/{busy.program.slug}"
    assert offered(client, busy, public(busy.advocate))["Advocates"] == dana["Advocates"]
    assert offered(as_role(busy, Role.MARKETER), busy, "Nobody-77") == {}


@pytest.mark.django_db
def test_the_dialog_gets_the_options_alone(busy: World) -> None:
    client = owner(busy)
    told: dict[str, Any] = {"headers": {"X-Requested-With": "fetch"}}
    drawn = client.get(f"{base(busy)}/search", {"q": f"{HOSTILE}"}, **told).content.decode()
    assert "Nothing fits" in drawn
    drawn = client.get(f"{base(busy)}/search", {"q": "eve@friend.example"}, **told).content.decode()
    assert drawn.startswith("<div")
    assert drawn.count('role="option"') == 1
    assert 'data-said="1 found"' in drawn


@pytest.mark.django_db
def test_the_search_asks_as_little_for_a_hit_as_it_may(busy: World) -> None:
    client, costs = owner(busy), {}
    for text in ("", "Nobody-77", "#1001", "dana", "eve@friend.example"):
        client.get(f"{base(busy)}/search", {"q": text})
        with CaptureQueriesContext(connection) as caught:
            client.get(f"{base(busy)}/search", {"q": text})
        costs[text] = len(caught)
    assert max(costs.values()) <= 20, costs
