"""Somebody of a team deletes their account: where they are needed they stay; else no name of theirs is left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from engagement.models import SwitchedOff
from kit.clock import database_now
from kit.totp import code_at, new_secret, step_of
from merchants.actions.team import LastOwner, NotYourInvitation, accept_invitation, invite_member
from merchants.models import Event, Invitation, Membership, Merchant, RecoveryCode, Role, SecondFactor, Session, User
from merchants.steps.second_factor import turn_on
from privacy.leaving import leaving_of
from privacy.steps.accounts import delete_account
from referral_saas.dashboard.event_words import names_of
from tests.cast import PASSWORD, at_work, member, user, workspace_of
from tests.dashboard.desk import text_of
from tests.once import for_a_file

pytestmark = pytest.mark.django_db
ALICE, BOB, DELETE = "alice@nordlicht.example", "bob@nordlicht.example", "/account/delete/"


def made() -> tuple[Merchant, Merchant, User]:
    """Alice owns a workspace and its sandbox, Bob is admin of the first."""
    shop, sandbox = workspace_of(ALICE, "Nordlicht", sandbox=False), workspace_of(ALICE, "Nordlicht (test)")
    member(shop, BOB, Role.ADMIN)
    return shop, sandbox, user(ALICE)


built, own = for_a_file(made)


def hand_over(shop: Merchant) -> None:
    Membership.objects.filter(merchant=shop, user__email=BOB).update(role=Role.OWNER)


def delete(person: User) -> None:
    delete_account(user=User.objects.get(pk=person.pk), now=timezone.now())


def codes(merchant: Merchant) -> list[tuple[str, str]]:
    with at_work(merchant):
        rows = Event.objects.exclude(code="workspace.opened").order_by("seq")
        return list(rows.values_list("code", "by"))


def test_nothing_of_the_person_is_left_and_the_log_names_nobody(own: Any) -> None:
    shop, sandbox, alice = own
    hand_over(shop)
    secret, now = new_secret(), timezone.now()
    turn_on(user=alice, secret=secret, code=code_at(secret, step_of(now)), keep_session="", now=now)
    with at_work(shop) as at:
        SwitchedOff.objects.create(user=alice, kind="leak_suspected", at=at)
        Invitation.objects.create(merchant=shop, email=ALICE, role="ADMIN", accepted_at=at, expires_at=at)
    Client().force_login(alice)
    assert [seat.merchant for seat in leaving_of(alice).ended] == [sandbox]
    delete(alice)
    found = User.objects.get(pk=alice.pk)
    kept = {name: getattr(found, name) for name in ("name", "email", "is_active", "last_login")}
    assert kept == {"name": "", "email": f"{alice.pk.hex}@deleted.invalid", "is_active": False, "last_login": None}
    assert (found.has_usable_password(), found.deleted_at is not None) == (False, True)
    for model in (Session, SecondFactor, RecoveryCode, EmailAddress, Membership):
        assert not model.objects.filter(user=alice).exists(), model
    assert not Invitation.objects.filter(email=ALICE).exists()
    with at_work(shop):
        assert not SwitchedOff.objects.exists()
        by = f"user:{alice.pk}"
        assert names_of([by]) == {by: f"Deleted account {alice.pk.hex[-4:]}"}
    assert codes(shop) == [("team.second_factor_on", by), ("team.removed", by)]
    assert codes(sandbox)[-2:] == [("workspace.closing", by), ("team.removed", by)]
    before = codes(shop)
    delete(alice)  # pressed twice
    assert codes(shop) == before


@pytest.mark.parametrize("is_closing", [False, True])
def test_the_last_owner_of_a_real_workspace_stays_until_it_is_gone(own: Any, is_closing: bool) -> None:
    shop, sandbox, alice = own
    if is_closing:
        Merchant.objects.filter(pk=shop.pk).update(closes_at=database_now() + timedelta(days=30))
    before = codes(shop), codes(sandbox)
    with pytest.raises(LastOwner):
        delete(alice)
    assert (codes(shop), codes(sandbox)) == before
    assert User.objects.get(pk=alice.pk).email == ALICE
    assert Membership.objects.filter(user=alice).count() == 2
    assert [seat.merchant for seat in leaving_of(alice).needed_in] == [shop]


def test_a_sandbox_that_others_work_in_needs_an_owner(own: Any) -> None:
    shop, sandbox, alice = own
    hand_over(shop)
    member(sandbox, BOB, Role.ADMIN)
    assert [seat.merchant for seat in leaving_of(alice).needed_in] == [sandbox]
    with pytest.raises(LastOwner):
        delete(alice)
    assert Merchant.objects.get(pk=sandbox.pk).closes_at is None


def test_who_is_gone_takes_no_seat_and_the_address_is_free(own: Any) -> None:
    shop, _sandbox, alice = own
    hand_over(shop)
    delete(alice)
    bob = Membership.objects.get(merchant=shop, user__email=BOB)
    with at_work(shop) as now:
        invitation = invite_member(email=ALICE, role="OWNER", by=bob, now=now)
        with pytest.raises(NotYourInvitation):  # `alice` was read before, as a request under way has her
            accept_invitation(invitation=invitation, user=alice, now=now)
        again = accept_invitation(invitation=invitation, user=user(ALICE), now=now)
    assert again.user_id != alice.pk


def test_the_page_names_where_one_is_needed_and_asks_who_it_is(own: Any, live_redis: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    shop, _sandbox, alice = own
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/account/login/", {"login": ALICE, "password": PASSWORD})
    for answer in (here.get(DELETE), here.post(DELETE, {"typed_email": ALICE})):
        assert answer["Location"].startswith("/account/reauthenticate/")
    here.post("/account/reauthenticate/", {"password": PASSWORD})
    page = text_of(here.get(DELETE))
    assert ("You are needed here Nobody else owns" in page, "Delete my account" in page) == (True, False)
    refused = here.post(DELETE, {"typed_email": ALICE})
    assert (refused.status_code, "nothing was deleted" in text_of(refused)) == (422, True)
    hand_over(shop)
    assert here.post(DELETE, {"typed_email": BOB}).status_code == 422
    assert User.objects.get(pk=alice.pk).email == ALICE
    done = here.post(DELETE, {"typed_email": f" {ALICE.upper()}"}, follow=True)
    assert "Your account is deleted." in text_of(done)
    assert [client.get("/workspaces/new").status_code for client in (here, there)] == [302, 302]
    assert [(sent.subject, sent.to) for sent in mail.outbox] == [("Your account was deleted", [ALICE])]
    assert not Client().login(username=ALICE, password=PASSWORD)
