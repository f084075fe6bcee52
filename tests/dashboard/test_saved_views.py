"""Saved views at the desk: what is kept of a list's address, how it is opened, and for whom it is there."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from advocates.actions.tags import add_tag, remove_tag
from merchants.events import SYSTEM
from merchants.models import Membership, Role, SavedView
from referral_saas.dashboard.lists.known import LISTS
from referral_saas.dashboard.lists.listed import Written
from referral_saas.dashboard.lists.shelf import public_view
from referral_saas.dashboard.reader import ForSomebody
from tests.cast import World, at_work
from tests.dashboard.desk import a_busy_world, as_role, base, owner, text_of
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

built, busy = for_a_file(a_busy_world)


def keep(client: Client, world: World, listed: str, query: str, **told: str) -> Any:
    told = {"name": f"View of {listed}", "query": query} | told
    return client.post(f"{base(world)}/views/of/{listed}", told)


def queries(world: World) -> list[str]:
    with at_work(world.merchant):
        return list(SavedView.objects.order_by("pk").values_list("query", flat=True))


def a_choice_of(fields: dict[str, forms.Field]) -> str:
    """Something that can be asked of a list, whichever filters it has."""
    for field, asked in fields.items():
        if isinstance(asked, forms.ChoiceField) and asked.choices and field not in ("sort", "code", "by"):
            return f"{field}={list(asked.choices)[-1][0]}"
    return "from=2024-02-29"


def test_every_list_keeps_what_it_is_narrowed_by(busy: World) -> None:
    with at_work(busy.merchant):
        reader = ForSomebody(Membership.objects.get(merchant=busy.merchant, role=Role.OWNER))
        for name, listing in LISTS.items():
            choice = a_choice_of(listing.filters(Written(QueryDict("")), reader).fields)
            assert listing.kept(f"{choice}&q=x&after=x~1&page=2&side=NONSENSE%00", reader) == choice, name


@pytest.mark.parametrize(("listed", "query"), [("reviews-waiting", "cause=SCORE"), ("leads", "owner=mine")])
def test_a_view_is_opened_where_its_list_is(busy: World, listed: str, query: str) -> None:
    client = owner(busy)
    opened = keep(client, busy, listed, query)["Location"]
    assert opened.startswith(f"{base(busy)}{LISTS[listed].path}?{query}&view=sav_")
    shelf = client.get(opened).context["filters"].shelf
    assert [(chip.view.name, chip.current) for chip in shelf.chips] == [(f"View of {listed}", True)]
    assert (shelf.lost, shelf.may_keep) == ([], False)


def test_places_unknown_names_and_what_was_searched_for_are_not_kept(busy: World) -> None:
    client = owner(busy)
    asked = "q=gil%40friend.example&sort=oldest&outcome=BLOCKED&after=x~1&size=2&next=https://evil.example&from=30.2."
    keep(client, busy, "orders", asked)
    assert queries(busy) == ["outcome=BLOCKED&sort=oldest"]
    for nothing in ("", "q=gil", "outcome=NONSENSE", "a=1&" * 200, "%ff=%00&state=%ed%a0%80"):
        answer = keep(client, busy, "orders", nothing, name="Nothing")
        assert (answer.status_code, "Narrow or sort the list first" in text_of(answer)) == (422, True)
    assert keep(client, busy, "orders", "outcome=BLOCKED&" * 200, name="Long").status_code == 422
    taken = keep(client, busy, "orders", "outcome=ATTRIBUTED")
    assert "There is a view of this name already" in text_of(taken)
    assert taken.context["list_query"] == "outcome=ATTRIBUTED"
    assert len(queries(busy)) == 1


def test_a_filter_that_is_gone_is_left_out_and_said(busy: World) -> None:
    client = owner(busy)
    told: dict[str, Any] = {"customer": busy.advocate.customer, "word": "regular", "by": SYSTEM}
    with at_work(busy.merchant) as now:
        add_tag(**told, now=now)
    opened = keep(client, busy, "advocates", "tag=regular&state=ACTIVE")["Location"]
    with at_work(busy.merchant) as now:
        remove_tag(**told, now=now)
    answer = client.get(opened)
    assert "Left out, because it is not there any more: Tag." in text_of(answer)
    assert answer.context["filters"].asked == {"state": "ACTIVE"}
    assert "Left out" not in text_of(client.get(f"{base(busy)}/advocates?state=ACTIVE&view=sav_nonsense"))


def test_a_view_is_renamed_shared_and_removed_by_those_who_may(busy: World) -> None:
    bob, ann, alice = as_role(busy, Role.MARKETER), as_role(busy, Role.ANALYST), owner(busy)
    keep(bob, busy, "orders", "outcome=BLOCKED", name="To check")
    with at_work(busy.merchant):
        page = f"{base(busy)}/views/{public_view(SavedView.objects.get())}"
    orders = f"{base(busy)}/orders?outcome=BLOCKED"
    assert "To check" not in text_of(alice.get(orders))
    for nobody in (alice, ann):
        assert [nobody.get(page).status_code, nobody.post(f"{page}/remove").status_code] == [404, 404]
    assert bob.post(page, {"name": "", "is_shared": "on"}).status_code == 422
    assert "Saved." in text_of(bob.post(page, {"name": "To look at", "is_shared": "on"}, follow=True))
    assert "To look at (of the team)" in text_of(ann.get(orders))
    assert "Change the view" not in ann.get(orders).content.decode()
    assert ann.post(page, {"name": "Ann's"}).status_code == 404
    assert alice.post(page, {"name": "Of us all"}).status_code == 302  # it stays the team's
    assert "Of us all (of the team)" in text_of(bob.get(orders))
    assert (
        keep(ann, busy, "orders", "outcome=BLOCKED", is_shared="on").status_code == 302
    )  # of her own: no box, no team
    with at_work(busy.merchant):
        assert list(SavedView.objects.order_by("pk").values_list("is_shared", flat=True)) == [True, False]
    assert keep(bob, busy, "payouts", "state=CLOSED").status_code == 404
    assert "is removed" in text_of(alice.post(f"{page}/remove", follow=True))
    assert bob.post(f"{page}/remove").status_code == 404


def test_many_views_ask_no_more_than_one(busy: World) -> None:
    client, costs = owner(busy), []
    for number in range(4):
        keep(client, busy, "rewards", "state=HELD", name=f"View {number}")
        with CaptureQueriesContext(connection) as caught:
            client.get(f"{base(busy)}/rewards?state=HELD")
        costs.append(len(caught))
    assert costs[1] == costs[-1] <= 20
