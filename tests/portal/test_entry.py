"""In and out: magic links, sessions, joining; never data for an address that somebody typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from advocates.actions.customers import know_customer
from advocates.actions.enrol import enrol_advocate
from advocates.actions.standing import ban_advocate
from advocates.models import Advocate, Customer, Link, MagicLink
from engagement.desk import House
from engagement.people_mail import invited
from kit.clock import database_now
from merchants.events import SYSTEM
from merchants.models import Event
from merchants.selectors import workspace
from referral_saas.advocate_session import cookie_name
from tests.cast import World, a_world, at_work, enrolled, live_program
from tests.portal.world import portal, signed_in, token_for

pytestmark = pytest.mark.django_db


def events(world: World, code: str) -> int:
    with at_work(world.merchant):
        return int(Event.objects.filter(code=code).count())


def test_portal_without_a_session_asks_for_an_address(world: World) -> None:
    page = Client().get(portal(world))
    assert page.status_code == 200
    assert "Send me the link" in page.content.decode()
    assert "Dana" not in page.content.decode()


@pytest.mark.parametrize("rest", ["friends", "rewards", "terms", "settings", "qr", "qr.svg"])
def test_pages_of_advocates_lead_strangers_to_the_door(world: World, rest: str) -> None:
    answer = Client().get(portal(world, rest))
    assert (answer.status_code, answer["Location"]) == (303, portal(world))


def test_unknown_merchant_is_404(world: World) -> None:
    assert Client().get("/p/nobody/").status_code == 404
    assert Client().post("/p/nobody/sign-in", {"email": "a@b.example"}).status_code == 404


def test_known_and_unknown_addresses_get_the_same_answer(world: World) -> None:
    answers = [
        Client().post(portal(world, "sign-in"), {"email": email})
        for email in ("dana@advocate.example", "DANA@advocate.example", "nobody@advocate.example")
    ]
    assert {(answer.status_code, answer["Location"], answer.content) for answer in answers} == {
        (303, portal(world, "sent"), b"")
    }
    assert all(not answer.cookies for answer in answers)
    assert events(world, "advocate.magic_link") == 1


def test_banned_advocate_gets_the_same_answer_and_no_mail(world: World) -> None:
    with at_work(world.merchant) as now:
        ban_advocate(advocate=world.advocate, by=SYSTEM, now=now)
    assert Client().post(portal(world, "sign-in"), {"email": "dana@advocate.example"}).status_code == 303
    assert events(world, "advocate.magic_link") == 0


def test_bad_address_is_said_at_the_field(world: World) -> None:
    answer = Client().post(portal(world, "sign-in"), {"email": "dana"})
    assert (answer.status_code, "Write a complete e-mail address" in answer.content.decode()) == (400, True)


def test_opening_the_mailed_address_burns_nothing(world: World) -> None:
    address = portal(world, f"enter/{token_for(world)}")
    for _ in range(3):
        assert Client().get(address).status_code == 200
        assert Client().head(address).status_code == 200
    with at_work(world.merchant):
        assert MagicLink.objects.get().used_at is None
    assert Client().post(address).status_code == 303


def test_mailed_link_lets_in_once(world: World) -> None:
    address = portal(world, f"enter/{token_for(world)}")
    first, second = Client().post(address), Client().post(address)
    assert (first.status_code, second.status_code) == (303, 410)
    assert cookie_name(world.merchant) not in second.cookies
    cookie = first.cookies[cookie_name(world.merchant)]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 30 * 86400)


def test_link_that_is_too_old_or_forged_lets_nobody_in(world: World) -> None:
    token = token_for(world)
    with at_work(world.merchant):
        MagicLink.objects.update(expires_at=database_now() - timedelta(seconds=1))
    for wrong in (token, token[:-2] + "xx", "nonsense"):
        answer = Client().post(portal(world, f"enter/{wrong}"))
        assert (answer.status_code, bool(answer.cookies.get(cookie_name(world.merchant)))) == (410, False)


def test_link_of_one_merchant_is_worth_nothing_at_another(world: World) -> None:
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    assert Client().post(portal(other, f"enter/{token_for(world)}")).status_code == 410


def test_advocate_of_one_merchant_is_nobody_at_another(world: World) -> None:
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    client = signed_in(world)
    assert "Send me the link" in client.get(portal(other)).content.decode()
    assert client.get(portal(other, "rewards")).status_code == 303
    client.cookies[cookie_name(other.merchant)] = client.cookies[cookie_name(world.merchant)].value
    assert client.get(portal(other, "rewards")).status_code == 303
    assert client.get(portal(world, "rewards")).status_code == 200


@pytest.mark.parametrize("value", ["", "x", "WyJhIl0:1:2", "null"])
def test_forged_session_is_nobody(world: World, value: str) -> None:
    client = Client()
    client.cookies[cookie_name(world.merchant)] = value
    assert client.get(portal(world, "friends")).status_code == 303


def test_sign_out_ends_this_device_only(world: World) -> None:
    here, there = signed_in(world), Client()
    there.cookies[cookie_name(world.merchant)] = here.cookies[cookie_name(world.merchant)].value
    here.post(portal(world, "sign-out"))
    assert here.get(portal(world, "friends")).status_code == 303
    assert there.get(portal(world, "friends")).status_code == 200


def test_sign_out_everywhere_ends_all(world: World) -> None:
    here, there = signed_in(world), Client()
    there.cookies[cookie_name(world.merchant)] = here.cookies[cookie_name(world.merchant)].value
    assert here.post(portal(world, "sign-out-everywhere")).status_code == 303
    assert there.get(portal(world, "friends")).status_code == 303


def test_banned_advocate_is_out_at_once(world: World) -> None:
    client = signed_in(world)
    with at_work(world.merchant) as now:
        ban_advocate(advocate=world.advocate, by=SYSTEM, now=now)
    assert client.get(portal(world, "friends")).status_code == 303


def test_posts_of_other_sites_are_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(portal(world, f"enter/{token_for(world)}")).status_code == 403
    assert client.post(portal(world, "sign-in"), {"email": "dana@advocate.example"}).status_code == 403


# --- joining ------------------------------------------------------------------------------------------------------


def joined(world: World, email: str, name: str = "Nora Neu") -> int:
    told = {"email": email, "name": name, "accept": "on"}
    return Client().post(portal(world, f"join/{world.program.slug}"), told).status_code


def test_joining_waits_for_the_mailed_link(world: World) -> None:
    assert joined(world, "nora@advocate.example") == 303
    with at_work(world.merchant) as now:
        nora = Advocate.objects.get(customer__email="nora@advocate.example")
        assert (nora.state, nora.accepted_terms_id) == (Advocate.State.INVITED, None)
        assert now is not None
    page = signed_in(world, nora).get(portal(world))
    assert "Your link" in page.content.decode()
    with at_work(world.merchant):
        nora.refresh_from_db()
        assert (nora.state, nora.accepted_terms_id) == (Advocate.State.ACTIVE, world.program.terms_id)


def test_joining_with_a_strangers_address_changes_nothing_about_them(world: World) -> None:
    assert joined(world, "dana@advocate.example", "Somebody Else") == 303
    with at_work(world.merchant):
        assert Customer.objects.get(email="dana@advocate.example").name == "Dana Muster"
        assert Advocate.objects.count() == 1


def test_joining_needs_the_terms_accepted(world: World) -> None:
    told = {"email": "nora@advocate.example", "name": "Nora"}
    answer = Client().post(portal(world, f"join/{world.program.slug}"), told)
    assert answer.status_code == 400
    with at_work(world.merchant):
        assert not Customer.objects.filter(email="nora@advocate.example").exists()


def test_customers_only_gives_strangers_the_same_answer_and_no_mail() -> None:
    world = a_world(advocates_must_be_customers=False)
    strict = live_program(world.merchant, name="Nur Kunden", advocates_must_be_customers=True)
    told = {"email": "nora@advocate.example", "name": "Nora", "accept": "on"}
    answer = Client().post(portal(world, f"join/{strict.slug}"), told)
    assert (answer.status_code, answer["Location"]) == (303, portal(world, "sent"))
    assert events(world, "advocate.magic_link") == 0


def test_program_that_is_closed_to_sign_up_cannot_be_joined(world: World) -> None:
    with at_work(world.merchant):
        world.program.self_sign_up = False
        world.program.save()
    assert Client().get(portal(world, f"join/{world.program.slug}")).status_code == 404
    assert joined(world, "nora@advocate.example") == 404


def test_mails_asked_for_from_one_address_are_limited(world: World) -> None:
    for number in range(12):
        assert joined(world, f"n{number}@advocate.example") == 303
    with at_work(world.merchant):
        assert MagicLink.objects.count() == 10


# --- several programs ---------------------------------------------------------------------------------------------


def test_person_in_two_programs_can_switch(world: World) -> None:
    second = enrolled(world.merchant, live_program(world.merchant, name="Büro"))
    client = signed_in(world)
    assert "Büro" in client.get(portal(world)).content.decode()
    assert client.post(portal(world, f"switch/{second.pk}")).status_code == 303
    with at_work(world.merchant):
        code = Link.objects.get(advocate=second, channel="COPY").code
    assert code in client.get(portal(world)).content.decode()


def test_nobody_switches_to_somebody_else(world: World) -> None:
    olga = enrolled(world.merchant, world.program, "olga@advocate.example", "Olga")
    client = signed_in(world)
    assert client.post(portal(world, f"switch/{olga.pk}")).status_code == 404
    assert "Olga" not in client.get(portal(world)).content.decode()


def test_invited_advocate_accepts_and_gets_the_link(world: World) -> None:
    with at_work(world.merchant) as now:
        customer = know_customer(email="ina@advocate.example", name="Ina", source="IMPORT", now=now)
        ina = enrol_advocate(program=world.program, customer=customer, by=SYSTEM, now=now, state="INVITED").advocate
    client = signed_in(world, ina)
    assert "You are invited" in client.get(portal(world)).content.decode()
    assert client.post(portal(world, "terms/accept"), {"version": world.program.terms_id}).status_code == 303
    assert "Your link" in client.get(portal(world)).content.decode()


def test_joining_sends_one_mail_not_two(world: World) -> None:
    joined(world, "nora@advocate.example")
    with at_work(world.merchant):
        event = Event.objects.get(code="advocate.invited")
        house = House(world.merchant, workspace())
        assert invited(event, house) is None
    assert events(world, "advocate.magic_link") == 1
