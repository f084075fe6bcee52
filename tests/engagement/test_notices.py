"""Which mails people of the team want: on by their role, off by their word, and off by the link in a mail."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement import addresses
from engagement.models import SwitchedOff
from engagement.notices import SWITCHES, kinds_for
from engagement.readers import TOLD
from merchants.events import SYSTEM, record
from merchants.models import Event, Membership, Role, User
from merchants.permissions import can
from programs.models import Program
from referral_saas.dashboard.forms.notifications import TITLES, WORDS
from tests.cast import World, at_work, member, user, workspace_of
from tests.dashboard.desk import signed_in
from tests.engagement.post import a_shop, deliver, html_of, skipped
from tests.once import for_a_file
from tracking.models import Breaker

pytestmark = pytest.mark.django_db
KIND = "breaker_tripped"


def made() -> World:
    """Too many referrals came: Alice (owner), Rita (reviewer) and Milo (marketer, whose work it is not) are there."""
    world = a_shop()
    member(world.merchant, "rita@nordlicht.example", Role.REVIEWER)
    member(world.merchant, "milo@nordlicht.example", Role.MARKETER)
    return world


built, world = for_a_file(made)


def rita() -> User:
    return user("rita@nordlicht.example")


def trip(world: World) -> None:
    with at_work(world.merchant) as now:
        Breaker.objects.update_or_create(program=world.program, defaults={"tripped_at": now, "counted": 9})
        record("program.breaker_tripped", subject=Program.objects.get(pk=world.program.pk), by=SYSTEM, now=now)


def mailed(world: World) -> dict[str, Any]:
    trip(world)
    deliver(world, "program.breaker_tripped")
    return {sent.to[0]: sent for sent in deliver(world, TOLD)}


def stored(world: World) -> list[tuple[str, str]]:
    with at_work(world.merchant):
        return list(SwitchedOff.objects.order_by("user__email", "kind").values_list("user__email", "kind"))


def page(world: World) -> str:
    return f"/w/{world.merchant.slug}/settings/notifications"


def test_every_switch_has_its_words_and_everybody_those_of_their_work() -> None:
    assert set(TITLES) == set(WORDS) == set(SWITCHES)
    for role in Role:
        assert set(kinds_for(role)) == {kind for kind, need in SWITCHES.items() if can(role, need)}
    assert kinds_for(Role.ANALYST) == []


def test_at_first_everybody_hears_of_their_work(world: World) -> None:
    assert set(mailed(world)) == {"alice@nordlicht.example", "rita@nordlicht.example"}
    assert stored(world) == []


def test_what_was_switched_off_is_not_sent_and_others_are_told(world: World) -> None:
    wanted = [kind for kind in kinds_for(Role.REVIEWER) if kind != KIND]
    assert signed_in(rita()).post(page(world), {"kinds": wanted}).status_code == 302
    assert stored(world) == [("rita@nordlicht.example", KIND)]
    assert set(mailed(world)) == {"alice@nordlicht.example"}
    assert skipped(world) == [(KIND, "switched_off")]
    signed_in(rita()).post(page(world), {"kinds": kinds_for(Role.REVIEWER)})
    assert stored(world) == []


def test_a_kind_that_is_not_ones_work_cannot_be_chosen(world: World) -> None:
    for kind in ("host_lost", "magic_link", "nonsense"):
        assert signed_in(rita()).post(page(world), {"kinds": [kind]}).status_code == 422
    assert stored(world) == []


def test_it_counts_for_this_workspace_alone(world: World) -> None:
    other = workspace_of("alice@nordlicht.example", "Zweite")
    alice = signed_in(user("alice@nordlicht.example"))
    alice.post(f"/w/{other.slug}/settings/notifications", {"kinds": []})
    assert stored(world) == []
    assert "alice@nordlicht.example" in mailed(world)
    with at_work(other):
        assert SwitchedOff.objects.count() == len(kinds_for(Role.OWNER))


# --- by the link of a mail ------------------------------------------------------------------------------------------


def way_out_of(sent: Any) -> str:
    address = str(sent.extra_headers["List-Unsubscribe"]).strip("<>")
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in sent.body
    assert address in html_of(sent)
    return address.removeprefix(settings.PUBLIC_URL)


def test_the_link_of_a_mail_switches_its_kind_off_and_on_again(world: World) -> None:
    path = way_out_of(mailed(world)["rita@nordlicht.example"])
    anybody = Client(enforce_csrf_checks=True)
    assert anybody.get(path).status_code == 200
    assert stored(world) == [], "a scanner that follows links changes nothing"
    for _twice in range(2):
        assert anybody.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert stored(world) == [("rita@nordlicht.example", KIND)]
    anybody.post(path, {"do": "subscribe"})
    assert stored(world) == []


def test_a_link_that_was_bent_is_unknown(world: World) -> None:
    path = way_out_of(mailed(world)["rita@nordlicht.example"])
    for bent in (path[:-1], re.sub(r"team/.", "team/x", path), "/mail/unsubscribe/team/x"):
        assert Client().post(bent).status_code == 404
    nobodys = addresses.no_more_notices(uuid4(), rita().pk, KIND).removeprefix(settings.PUBLIC_URL)
    assert Client().post(nobodys).status_code == 404
    assert stored(world) == []


def test_whoever_has_left_changes_nothing(world: World) -> None:
    path = way_out_of(mailed(world)["rita@nordlicht.example"])
    Membership.objects.filter(merchant=world.merchant, user=rita()).delete()
    assert Client().post(path).status_code == 200
    assert stored(world) == []
    with at_work(world.merchant):
        assert not Event.objects.filter(by=f"user:{rita().pk}").exists()


def test_the_page_costs_little(world: World) -> None:
    client = signed_in(user("alice@nordlicht.example"))
    client.get(page(world))
    with CaptureQueriesContext(connection) as seen:
        assert client.get(page(world)).status_code == 200
    assert len(seen) <= 20
