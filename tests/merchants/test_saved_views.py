"""Views of lists, kept: whose they are, what is refused, and what stays when somebody leaves."""

from __future__ import annotations

from typing import Any

import pytest

from merchants.actions.saved import MOST, ViewGone, ViewRefused, change_view, drop_view, keep_view
from merchants.actions.team import remove_member
from merchants.models import Event, Membership, Merchant, Role, SavedView
from merchants.selectors import all_views, views_of
from tests.cast import at_work, user, workspace_of
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

built, merchant = for_a_file(lambda: workspace_of("alice@nordlicht.example", "Nordlicht Kaffee"))


def seat(merchant: Merchant, role: Role = Role.OWNER) -> Membership:
    if role == Role.OWNER:
        return Membership.objects.get(merchant=merchant, role=role)
    return Membership.objects.create(merchant=merchant, user=user(f"{role.lower()}@nordlicht.example"), role=role)


def kept(member: Membership, now: Any, **told: Any) -> SavedView:
    usual = {"list": "orders", "name": "To check", "query": "outcome=BLOCKED", "is_shared": False}
    return keep_view(**(usual | told), seat=member, now=now)


def rows() -> list[tuple[Any, ...]]:
    names = ("list", "name", "query", "owner__email", "is_shared")
    return list(SavedView.objects.order_by("pk").values_list(*names))


def codes() -> list[str]:
    return list(Event.objects.filter(code__startswith="view.").order_by("pk").values_list("code", flat=True))


def test_a_second_press_keeps_it_once_and_a_name_stands_for_one_view(merchant: Merchant) -> None:
    with at_work(merchant) as now:
        alice = seat(merchant)
        assert kept(alice, now) == kept(alice, now, name=" To \u202e  CHECK ")
        for wrong, field in (
            ({"query": "outcome=ATTRIBUTED"}, "name"),
            ({"name": "\u202e "}, "name"),
            ({"name": "x" * 61}, "name"),
            ({"name": "New", "query": ""}, "query"),
        ):
            with pytest.raises(ViewRefused) as refused:
                kept(alice, now, **wrong)
            assert refused.value.field == field
        kept(alice, now, is_shared=True)
        kept(alice, now, list="customers", query="source=API")
        assert [row[0:2] for row in rows()] == [("orders", "To check")] * 2 + [("customers", "To check")]
        assert codes() == ["view.shared"]
        assert Event.objects.get(code="view.shared").data == {"list": "orders"}


def test_there_are_so_many_of_one_list(merchant: Merchant) -> None:
    with at_work(merchant) as now:
        alice = seat(merchant)
        for number in range(MOST):
            kept(alice, now, name=f"View {number}")
        with pytest.raises(ViewRefused):
            kept(alice, now, name="One more")
        kept(alice, now, name="One more", is_shared=True)
        kept(alice, now, name="One more", list="rewards")
        assert len(rows()) == MOST + 2


def test_ones_own_is_nobody_elses_and_the_teams_is_seen_by_all(merchant: Merchant) -> None:
    with at_work(merchant) as now:
        alice, bob, ann = seat(merchant), seat(merchant, Role.MARKETER), seat(merchant, Role.ANALYST)
        own, ours = kept(bob, now, name="Bob's"), kept(bob, now, name="Ours", is_shared=True)
        assert (views_of("orders", bob), views_of("orders", alice), all_views(ann)) == ([own, ours], [ours], [ours])
        with pytest.raises(ViewRefused):
            kept(ann, now, is_shared=True)
        for view, actor in ((own, alice), (ours, ann)):
            with pytest.raises(ViewGone):
                change_view(view=view, name="Mine", is_shared=view.is_shared, seat=actor, now=now)
            with pytest.raises(ViewGone):
                drop_view(view=view, seat=actor, now=now)
        with pytest.raises(ViewRefused) as refused:  # an owner may call it otherwise or remove it, not take it over
            change_view(view=ours, name="Ours", is_shared=False, seat=alice, now=now)
        assert refused.value.field == "is_shared"
        change_view(view=ours, name="Everybody's", is_shared=True, seat=alice, now=now)
        change_view(view=ours, name="Bob's", is_shared=True, seat=bob, now=now)
        with pytest.raises(ViewRefused):  # there is one of his own of this name
            change_view(view=ours, name="Bob's", is_shared=False, seat=bob, now=now)
        change_view(view=own, name="Shared now", is_shared=True, seat=bob, now=now)
        drop_view(view=own, seat=alice, now=now)
        assert rows() == [("orders", "Bob's", "outcome=BLOCKED", bob.user.email, True)]
        assert codes() == ["view.shared", "view.renamed", "view.renamed", "view.shared", "view.removed"]


def test_who_leaves_takes_their_own_along_and_leaves_the_teams(merchant: Merchant) -> None:
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    with at_work(other) as now:
        elsewhere = Membership.objects.create(merchant=other, user=user("marketer@nordlicht.example"), role=Role.ADMIN)
        kept(elsewhere, now)
    with at_work(merchant) as now:
        alice, bob = seat(merchant), seat(merchant, Role.MARKETER)
        kept(alice, now)
        kept(bob, now, name="Bob's")
        ours = kept(bob, now, name="Ours", is_shared=True)
        remove_member(membership=bob, by=bob, now=now)
        with pytest.raises(ViewGone):
            kept(bob, now, name="Too late")
        assert [(name, email) for _list, name, _query, email, _shared in rows()] == [
            ("To check", "alice@nordlicht.example"),
            ("Ours", None),
        ]
        drop_view(view=ours, seat=alice, now=now)
    with at_work(other):
        assert len(rows()) == 1
