from __future__ import annotations

from datetime import timedelta

import pytest

from kit.clock import database_now
from merchants.actions import team
from merchants.actions.saved import ViewGone, keep_view
from merchants.models import Event, Invitation, Membership, Merchant, Role, SavedView
from merchants.selectors import open_invitations
from tests.cast import at_work, user, workspace_of
from tests.races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


def seat(merchant: Merchant, email: str, role: Role | None = None) -> Membership:
    """The person's membership, made with ``role`` if given."""
    person = user(email)
    if role:
        Membership.objects.create(merchant=merchant, user=person, role=role)
    return Membership.objects.get(merchant=merchant, user=person)


def alice(merchant: Merchant) -> Membership:
    return seat(merchant, "alice@nordlicht.example")


def roles(merchant: Merchant) -> dict[str, str]:
    return dict(Membership.objects.filter(merchant=merchant).values_list("user__email", "role"))


def test_invite_and_accept(merchant):
    with at_work(merchant) as now:
        invitation = team.invite_member(email=" Bob@Nordlicht.example", role="ANALYST", by=alice(merchant), now=now)
        event = Event.objects.get(code="team.invited")
        assert list(open_invitations()) == [invitation]
    assert (invitation.email, invitation.role) == ("bob@nordlicht.example", "ANALYST")
    assert timedelta(days=6, hours=23) < invitation.expires_at - database_now() <= timedelta(days=7)
    assert event.data == {"invitation": str(invitation.pk), "role": "ANALYST"}
    with at_work(merchant) as now:
        team.accept_invitation(invitation=invitation, user=user("bob@nordlicht.example"), now=now)
        assert not open_invitations().exists()
        assert Event.objects.order_by("-seq")[0].code == "team.joined"
    assert roles(merchant) == {"alice@nordlicht.example": "OWNER", "bob@nordlicht.example": "ANALYST"}


def test_inviting_again_renews_with_the_new_role(merchant):
    with at_work(merchant) as now:
        first = team.invite_member(email="bob@nordlicht.example", role="ANALYST", by=alice(merchant), now=now)
        again = team.invite_member(email="bob@nordlicht.example", role="ADMIN", by=alice(merchant), now=now)
    assert first.pk == again.pk
    assert Invitation.objects.get().role == "ADMIN"


def test_invite_refuses_members_addresses_and_roles(merchant):
    with at_work(merchant) as now:
        with pytest.raises(team.AlreadyMember):
            team.invite_member(email="alice@nordlicht.example", role="ADMIN", by=alice(merchant), now=now)
        with pytest.raises(team.BadAddress):
            team.invite_member(email="bob", role="ADMIN", by=alice(merchant), now=now)
        with pytest.raises(team.NotAllowed):
            team.invite_member(email="bob@nordlicht.example", role="KING", by=alice(merchant), now=now)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.ADMIN)])
def test_only_leads_manage_the_team(merchant, role):
    bob = seat(merchant, "bob@nordlicht.example", role)
    before = roles(merchant)
    with at_work(merchant) as now:
        with pytest.raises(team.NotAllowed):
            team.invite_member(email="new@nordlicht.example", role="ANALYST", by=bob, now=now)
        with pytest.raises(team.NotAllowed):
            team.change_role(membership=bob, role="ADMIN", by=bob, now=now)
        with pytest.raises(team.NotAllowed):
            team.remove_member(membership=alice(merchant), by=bob, now=now)
    assert roles(merchant) == before
    assert not Invitation.objects.exists()


def test_an_admin_neither_makes_nor_touches_owners(merchant):
    admin = seat(merchant, "bob@nordlicht.example", Role.ADMIN)
    before = roles(merchant)
    with at_work(merchant) as now:
        with pytest.raises(team.NotAllowed):
            team.invite_member(email="new@nordlicht.example", role="OWNER", by=admin, now=now)
        with pytest.raises(team.NotAllowed):
            team.change_role(membership=admin, role="OWNER", by=admin, now=now)
        with pytest.raises(team.NotAllowed):
            team.change_role(membership=alice(merchant), role="ANALYST", by=admin, now=now)
        with pytest.raises(team.NotAllowed):
            team.remove_member(membership=alice(merchant), by=admin, now=now)
    assert roles(merchant) == before


def test_the_last_owner_stays(merchant):
    with at_work(merchant) as now:
        with pytest.raises(team.LastOwner):
            team.remove_member(membership=alice(merchant), by=alice(merchant), now=now)
        with pytest.raises(team.LastOwner):
            team.change_role(membership=alice(merchant), role="ADMIN", by=alice(merchant), now=now)
    assert roles(merchant) == {"alice@nordlicht.example": "OWNER"}


def test_an_owner_may_go_when_another_stays(merchant):
    bob = seat(merchant, "bob@nordlicht.example", Role.ANALYST)
    with at_work(merchant) as now:
        team.change_role(membership=bob, role="OWNER", by=alice(merchant), now=now)
        team.remove_member(membership=alice(merchant), by=alice(merchant), now=now)
        codes = list(Event.objects.order_by("seq").values_list("code", "data__before", "data__role"))
    assert roles(merchant) == {"bob@nordlicht.example": "OWNER"}
    assert codes[1:] == [("team.changed", "ANALYST", "OWNER"), ("team.removed", None, None)]


def test_everybody_may_leave(merchant):
    bob = seat(merchant, "bob@nordlicht.example", Role.ANALYST)
    with at_work(merchant) as now:
        team.remove_member(membership=bob, by=bob, now=now)
    assert roles(merchant) == {"alice@nordlicht.example": "OWNER"}


def test_a_removed_member_acts_no_more(merchant):
    bob = seat(merchant, "bob@nordlicht.example", Role.ADMIN)
    with at_work(merchant) as now:
        team.remove_member(membership=bob, by=alice(merchant), now=now)
        with pytest.raises(team.NotAllowed):
            team.invite_member(email="new@nordlicht.example", role="ANALYST", by=bob, now=now)


def test_another_merchants_member_is_nobody_here(merchant):
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    charlie = seat(other, "charlie@halcyon.example")
    with at_work(merchant) as now:
        with pytest.raises(team.NotAllowed):
            team.change_role(membership=charlie, role="ANALYST", by=alice(merchant), now=now)
        with pytest.raises(team.NotAllowed):
            team.invite_member(email="new@nordlicht.example", role="ANALYST", by=charlie, now=now)
    assert roles(other) == {"charlie@halcyon.example": "OWNER"}


def test_accept_refuses_another_person_and_closed_invitations(merchant):
    bob, eve = user("bob@nordlicht.example"), user("eve@friend.example")
    with at_work(merchant) as now:
        invitation = team.invite_member(email=bob.email, role="ANALYST", by=alice(merchant), now=now)
        with pytest.raises(team.NotYourInvitation):
            team.accept_invitation(invitation=invitation, user=eve, now=now)
        Invitation.objects.update(expires_at=database_now())
        with pytest.raises(team.InvitationClosed):
            team.accept_invitation(invitation=invitation, user=bob, now=now)
        renewed = team.invite_member(email=bob.email, role="ANALYST", by=alice(merchant), now=now)
        team.withdraw_invitation(invitation=renewed, by=alice(merchant), now=now)
        with pytest.raises(team.InvitationClosed):
            team.accept_invitation(invitation=renewed, user=bob, now=now)
    assert roles(merchant) == {"alice@nordlicht.example": "OWNER"}


def test_accept_works_once_and_keeps_the_role_of_a_member(merchant):
    bob = seat(merchant, "bob@nordlicht.example", Role.FINANCE).user
    invitation = Invitation.objects.create(
        merchant=merchant, email=bob.email, role="ADMIN", expires_at=database_now() + timedelta(days=1)
    )
    with at_work(merchant) as now:
        team.accept_invitation(invitation=invitation, user=bob, now=now)
        with pytest.raises(team.InvitationClosed):
            team.accept_invitation(invitation=invitation, user=bob, now=now)
    assert roles(merchant)["bob@nordlicht.example"] == "FINANCE"


def test_an_invitation_of_another_merchant_is_not_found(merchant):
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    with at_work(other) as now:
        invitation = team.invite_member(
            email="bob@nordlicht.example", role="ADMIN", by=seat(other, "charlie@halcyon.example"), now=now
        )
    with at_work(merchant) as now, pytest.raises(Invitation.DoesNotExist):
        team.accept_invitation(invitation=invitation, user=user("bob@nordlicht.example"), now=now)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_leave_one():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    first, second = alice(merchant), seat(merchant, "bob@nordlicht.example", Role.OWNER)

    def demote(by: Membership, whom: Membership) -> bool:
        try:
            with at_work(merchant) as now:
                team.change_role(membership=whom, role="ANALYST", by=by, now=now)
        except team.TeamError:
            return False
        return True

    outcome = at_once(lambda: demote(first, second), lambda: demote(second, first))
    assert sorted(outcome) == [False, True]
    assert sorted(roles(merchant).values()) == ["ANALYST", "OWNER"]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_for_somebody_who_leaves_meanwhile(merchant):
    bob = seat(merchant, "bob@nordlicht.example", Role.MARKETER)

    def keep() -> str:
        try:
            with at_work(merchant) as now:
                told = {"list": "orders", "name": "To check", "query": "outcome=BLOCKED", "is_shared": False}
                return str(keep_view(**told, seat=bob, now=now).pk)
        except ViewGone:
            return "gone"

    def leave() -> str:
        with at_work(merchant) as now:
            team.remove_member(membership=bob, by=bob, now=now)
        return "left"

    first, second, left = at_once(keep, keep, leave)
    assert left == "left"
    assert len({first, second} - {"gone"}) <= 1, "pressed twice it is one view"
    with at_work(merchant):
        assert not SavedView.objects.exists()
