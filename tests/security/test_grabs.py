"""Grabbing what one was not given: roles, invitations, fields that are on no form, other people's keys and tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from engagement import addresses
from kit.ids import uuid7
from kit.signing import sign_value
from merchants.actions.keys import create_key
from merchants.actions.team import invite_member
from merchants.events import SYSTEM
from merchants.models import ApiKey, Invitation, Membership, Merchant, Role, User
from programs.models import Program
from tests.cast import World, a_world, at_work, enrolled, member, user
from tests.portal.world import token_for
from tests.security.stage import BROWSER, browser_of, seat
from tracking.models import Claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def other() -> World:
    return a_world(owner="charlie@halcyon.example", name="Halcyon")


def role_of(merchant: Merchant, who: User) -> str:
    return str(Membership.objects.get(merchant=merchant, user=who).role)


def seat_of(merchant: Merchant, who: User) -> str:
    return str(Membership.objects.get(merchant=merchant, user=who).pk)


def invitation_for(merchant: Merchant, email: str, role: Role) -> Invitation:
    with at_work(merchant) as now:
        boss = Membership.objects.get(merchant=merchant, role=Role.OWNER)
        return invite_member(email=email, role=role, by=boss, now=now)


def path_of(invitation: Invitation) -> str:
    return urlsplit(addresses.invitation(invitation.pk)).path


# --- roles ----------------------------------------------------------------------------------------------------------


def test_an_admin_makes_no_owner_and_touches_none(world: World) -> None:
    adam = member(world.merchant, "adam@nordlicht.example", Role.ADMIN)
    alice, base, client = seat(world.merchant, Role.OWNER), f"/w/{world.merchant.slug}/team", browser_of(adam)
    client.post(f"{base}/invite", {"email": "mine@evil.example", "role": "OWNER"})
    client.post(f"{base}/{seat_of(world.merchant, adam)}/role", {"role": "OWNER"})
    client.post(f"{base}/{seat_of(world.merchant, alice)}/role", {"role": "ANALYST"})
    client.post(f"{base}/{seat_of(world.merchant, alice)}/remove")
    assert (role_of(world.merchant, alice), role_of(world.merchant, adam)) == (Role.OWNER, Role.ADMIN)
    assert not Invitation.objects.filter(merchant=world.merchant).exists()


def test_an_admin_takes_no_owners_invitation_away(world: World) -> None:
    """Inviting the same address again with a lower role would be withdrawing the owner's invitation by a detour."""
    adam = member(world.merchant, "adam@nordlicht.example", Role.ADMIN)
    invitation = invitation_for(world.merchant, "next@nordlicht.example", Role.OWNER)
    told = {"email": "next@nordlicht.example", "role": "ANALYST"}
    answer = browser_of(adam).post(f"/w/{world.merchant.slug}/team/invite", told)
    assert answer.status_code == 422
    assert Invitation.objects.get(pk=invitation.pk).role == Role.OWNER


def test_nobody_floods_strangers_with_invitations(world: World) -> None:
    """They are mails of ours to anybody, with a workspace's name that its owner chose."""
    alice = browser_of(seat(world.merchant, Role.OWNER))
    for n in range(48):  # as if pressed: the limit counts invitations, not requests
        invitation_for(world.merchant, f"stranger{n}@evil.example", Role.ANALYST)
    for n in range(48, 53):
        alice.post(f"/w/{world.merchant.slug}/team/invite", {"email": f"stranger{n}@evil.example", "role": "ANALYST"})
    assert Invitation.objects.filter(merchant=world.merchant).count() == 50


def test_a_low_role_raises_nobody_and_nothing(world: World) -> None:
    finn = member(world.merchant, "finn@nordlicht.example", Role.FINANCE)
    client, base = browser_of(finn), f"/w/{world.merchant.slug}"
    assert client.post(f"{base}/team/invite", {"email": "f@evil.example", "role": "ANALYST"}).status_code == 404
    path = f"{base}/team/{seat_of(world.merchant, finn)}/role"
    assert client.post(path, {"role": "ADMIN"}).status_code == 404
    assert client.post(f"{base}/settings/keys/new", {"kind": "SECRET", "name": "mine"}).status_code == 404
    assert client.post(f"{base}/settings/edit", {"name": "Mine"}).status_code == 404
    assert role_of(world.merchant, finn) == Role.FINANCE


def test_a_role_taken_away_is_gone_with_the_next_request(world: World) -> None:
    adam = member(world.merchant, "adam@nordlicht.example", Role.ADMIN)
    client, path = browser_of(adam), f"/w/{world.merchant.slug}/settings/keys"
    assert client.get(path).status_code == 200
    Membership.objects.filter(user=adam).update(role=Role.ANALYST)
    assert client.get(path).status_code == 404
    Membership.objects.filter(user=adam).delete()
    assert client.get(f"/w/{world.merchant.slug}").status_code == 404


def test_the_last_owner_neither_leaves_nor_steps_down(world: World) -> None:
    alice = seat(world.merchant, Role.OWNER)
    client, base = browser_of(alice), f"/w/{world.merchant.slug}/team"
    client.post(f"{base}/leave")
    client.post(f"{base}/{seat_of(world.merchant, alice)}/role", {"role": "ANALYST"})
    client.post(f"{base}/{seat_of(world.merchant, alice)}/remove")
    assert role_of(world.merchant, alice) == Role.OWNER


# --- invitations ----------------------------------------------------------------------------------------------------


def test_somebody_elses_invitation_admits_nobody(world: World, other: World) -> None:
    path = path_of(invitation_for(world.merchant, "guest@nordlicht.example", Role.ADMIN))
    charlie = seat(other.merchant, Role.OWNER)
    assert browser_of(charlie).post(path).status_code == 409
    assert Client().post(path).status_code == 200
    assert not Membership.objects.filter(merchant=world.merchant, user=charlie).exists()


@pytest.mark.parametrize(
    "email", ["guest@nordlicht.example.evil.example", "gue\u017ft@nordlicht.example", "guest@nordlicht.examp\u217ce"]
)
def test_an_address_that_only_looks_alike_is_another(world: World, email: str) -> None:
    path = path_of(invitation_for(world.merchant, "guest@nordlicht.example", Role.ADMIN))
    assert browser_of(User.objects.create_user(email, "x" * 12)).post(path).status_code == 409


def test_an_invitation_is_used_up_and_ends_when_withdrawn(world: World) -> None:
    guest = user("guest@nordlicht.example")
    path = path_of(invitation_for(world.merchant, guest.email, Role.ANALYST))
    assert browser_of(guest).post(path).status_code == 302
    Membership.objects.filter(user=guest).delete()
    assert browser_of(guest).post(path).status_code == 410
    assert not Membership.objects.filter(user=guest).exists()


def test_accepting_gives_the_invited_role_whatever_is_sent_along(world: World) -> None:
    guest = user("guest@nordlicht.example")
    path = path_of(invitation_for(world.merchant, guest.email, Role.ANALYST))
    browser_of(guest).post(path, {"role": "OWNER", "merchant": "0", "user": "0"})
    assert role_of(world.merchant, guest) == Role.ANALYST


# --- fields that are on no form -------------------------------------------------------------------------------------


def test_fields_that_are_on_no_form_are_not_read(world: World) -> None:
    alice, base = browser_of(seat(world.merchant, Role.OWNER)), f"/w/{world.merchant.slug}"
    told = {"name": "Renamed", "template": "shop", "state": "ACTIVE", "slug": "stolen", "merchant_id": "0", "id": "0"}
    alice.post(f"{base}/programs/new", told)
    with at_work(world.merchant):
        made = Program.objects.get(name="Renamed")
        assert (made.state, made.slug, made.merchant_id) == ("DRAFT", "renamed", world.merchant.pk)


def test_the_friend_cannot_choose_the_code_the_state_or_the_advocate(world: World) -> None:
    client = Client(headers={"User-Agent": BROWSER})
    token = client.get(f"/r/{world.link.code}").context["token"]
    told = {"token": token, "code": "MINE", "state": "USED", "advocate": str(uuid7()), "expires_at": "2199-01-01"}
    assert client.post(f"/r/{world.link.code}", told).status_code == 303
    with at_work(world.merchant):
        claim = Claim.objects.get()
        assert (claim.state, claim.advocate_id) == ("ISSUED", world.advocate.pk)
        assert claim.code.startswith("FREUNDE-OFFER-")


# --- keys and tokens ------------------------------------------------------------------------------------------------


def test_a_key_opens_its_own_merchant_alone(world: World, other: World) -> None:
    with at_work(other.merchant) as now:
        secret = create_key(kind=ApiKey.Kind.SECRET, name="s", by=SYSTEM, now=now).value
        public = create_key(kind=ApiKey.Kind.PUBLISHABLE, name="p", by=SYSTEM, now=now).value
    told = {"order_id": "1", "idempotency": "x"}
    for key in (public, secret[:-1], secret.upper(), "sk_live_", "sk_test_' OR 1=1"):
        answer = Client().get("/api/v1/advocates", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 401
    mine = Client().get("/api/v1/advocates", headers={"Authorization": f"Bearer {secret}"}).json()
    with at_work(world.merchant):
        assert str(world.advocate.pk) not in str(mine)
    beat = Client().post("/api/v1/heartbeat", {**told, "key": secret}, content_type="application/json")
    assert beat.status_code in {400, 401, 422}


def test_an_idempotency_key_is_each_merchants_own(world: World, other: World) -> None:
    """The same key at another merchant neither answers with a stranger's stored answer nor is refused."""
    answers = []
    for each in (world, other):
        with at_work(each.merchant) as now:
            secret = create_key(kind=ApiKey.Kind.SECRET, name="s", by=SYSTEM, now=now).value
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "the-same"}
        told = {"program": each.program.slug, "email": "n@advocate.example"}
        answers.append(Client().post("/api/v1/advocates", told, content_type="application/json", headers=headers))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert "Idempotent-Replayed" not in answers[1].headers
    assert answers[0].json()["id"] != answers[1].json()["id"]


def tokens_of(world: World) -> dict[str, str]:
    """One of each kind, all signed with the same key."""
    client = Client(headers={"User-Agent": BROWSER})
    click = client.get(f"/r/{world.link.code}").context["token"]
    offer = client.post(f"/r/{world.link.code}", {"token": click})["Location"].rpartition("/")[2]
    invitation = invitation_for(world.merchant, "guest@nordlicht.example", Role.ANALYST)
    session = Client(headers={"User-Agent": BROWSER})
    session.post(f"/p/{world.merchant.slug}/enter/{token_for(world)}")
    with at_work(world.merchant):
        way_out = addresses.unsubscribe(world.merchant.pk, world.advocate.customer_id).rpartition("/")[2]
    return {
        "click": click,
        "offer": offer,
        "invitation": path_of(invitation).rpartition("/")[2],
        "magic": token_for(world),
        "unsubscribe": way_out,
        "session": session.cookies[f"advocate_{world.merchant.slug}"].value,
        "plain": sign_value(str(world.advocate.pk), salt="django.core.signing", key=settings.SECRET_KEY),
    }


def test_a_token_of_one_purpose_is_nothing_for_another(world: World) -> None:
    slug, code, tokens = world.merchant.slug, world.link.code, tokens_of(world)
    addresses_by_kind = {
        "offer": ("GET", f"/r/{code}/offer/{{}}", {404}),
        "invitation": ("POST", "/join/{}", {410}),
        "magic": ("POST", f"/p/{slug}/enter/{{}}", {410}),
        "unsubscribe": ("POST", "/mail/unsubscribe/{}", {404}),
    }
    for kind, (method, path, refusals) in addresses_by_kind.items():
        for name, token in tokens.items():
            if name != kind:
                answer = Client().generic(method, path.format(token))
                assert answer.status_code in refusals, (kind, name)
    for name in tokens.keys() - {"session"}:
        client = Client()
        client.cookies[f"advocate_{slug}"] = tokens[name]
        assert client.get(f"/p/{slug}/rewards").status_code == 303, name


def test_a_token_of_one_merchant_is_nothing_at_another(world: World, other: World) -> None:
    tokens, slug = tokens_of(world), other.merchant.slug
    assert Client().get(f"/r/{other.link.code}/offer/{tokens['offer']}").status_code == 404
    assert Client().get(f"/r/{slug}/{world.link.code}").status_code == 404
    assert Client().post(f"/p/{slug}/enter/{tokens['magic']}").status_code == 410
    client = Client()
    client.cookies[f"advocate_{slug}"] = tokens["session"]
    assert client.get(f"/p/{slug}/rewards").status_code == 303
    answer = Client(headers={"User-Agent": BROWSER}).post(f"/r/{other.link.code}", {"token": tokens["click"]})
    assert answer.status_code == 200
    with at_work(other.merchant):
        assert Claim.objects.count() == 0


def test_a_magic_link_works_once_and_not_after_a_ban(world: World) -> None:
    token, slug = token_for(world), world.merchant.slug
    assert Client().post(f"/p/{slug}/enter/{token}").status_code == 303
    assert Client().post(f"/p/{slug}/enter/{token}").status_code == 410


def test_a_stolen_session_ends_when_signed_out_everywhere(world: World) -> None:
    slug = world.merchant.slug
    here = Client()
    here.post(f"/p/{slug}/enter/{token_for(world)}")
    stolen = Client()
    stolen.cookies[f"advocate_{slug}"] = here.cookies[f"advocate_{slug}"].value
    assert stolen.get(f"/p/{slug}/rewards").status_code == 200
    here.post(f"/p/{slug}/sign-out-everywhere")
    assert stolen.get(f"/p/{slug}/rewards").status_code == 303


def test_the_portals_cookie_is_closed_to_scripts_and_other_sites(world: World) -> None:
    client = Client()
    client.post(f"/p/{world.merchant.slug}/enter/{token_for(world)}")
    cookie: Any = client.cookies[f"advocate_{world.merchant.slug}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


def test_the_friends_pages_set_no_cookie_and_are_kept_by_nobody(world: World) -> None:
    client = Client(headers={"User-Agent": BROWSER})
    tokens = tokens_of(world)
    for path in (f"/r/{world.link.code}", f"/r/{world.link.code}/offer/{tokens['offer']}", "/r/NOTHING1"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert not answer.cookies


def test_an_advocate_reaches_no_other_advocates_seat(world: World) -> None:
    victim = enrolled(world.merchant, world.program, "vera@advocate.example", "Vera")
    client = Client()
    client.post(f"/p/{world.merchant.slug}/enter/{token_for(world)}")
    assert client.post(f"/p/{world.merchant.slug}/switch/{victim.pk}").status_code == 404
