"""The promotion kit: ready texts, what shows that a place is live, counting end to end, and links for staff."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from advocates.models import Advocate
from engagement.actions.promotion import MOST_STAFF_LINKS, add_staff_link, note_opened
from engagement.models import Arrival, PlaceDay, PlaceWord, StaffLink
from engagement.rules.coverage import LIVE_DAYS, WORD_DAYS, Place
from engagement.selectors import By
from integrations.heartbeats import note_heartbeat
from kit.days import local_date
from kit.ids import public_id
from merchants.events import SYSTEM
from merchants.models import Event, Merchant
from programs.actions.lifecycle import pause_program
from programs.models import Program
from tests.cast import World, a_world, at_work, live_program, workspace_of
from tests.dashboard.desk import as_role, base, owner, text_of
from tests.dashboard.promoting import joins, kit, line, openings, score, visitor, way_in
from tests.once import for_a_file
from tests.portal.world import signed_in as let_in

built, world = for_a_file(a_world)


@pytest.fixture(autouse=True)
def _no_limits_left_over(live_redis: Any) -> None:
    cache.clear()


@pytest.fixture
def alice(world: World) -> Client:
    return owner(world)


# --- the page -----------------------------------------------------------------------------------------------------


def test_all_places_are_listed_by_effect_with_the_best_next(world: World, alice: Client) -> None:
    page = alice.get(f"{base(world)}/promote").content.decode()
    assert re.findall(rf'<th scope="row"><a href="{kit(world)}/([a-z-]+)">', page) == list(Place)
    assert score(alice, world) == "0 of 11 places are live"
    assert f'<a class="button button-primary" href="{kit(world)}/post-purchase">' in page


@pytest.mark.parametrize("place", list(Place))
def test_each_place_has_its_page(world: World, alice: Client, place: str) -> None:
    page = alice.get(kit(world, f"/{place}"))
    assert page.status_code == 200
    assert f"/p/{world.merchant.slug}/join/{world.program.slug}" in page.content.decode() or place == "staff"
    blocks = alice.get(kit(world, f"/{place}/preview")).status_code == 200
    assert blocks == ("How it will look" in page.content.decode() and place != "app-menu")


def test_a_hostile_name_stays_text_on_our_page_and_in_the_code_to_paste(world: World, alice: Client) -> None:
    name = '</textarea></script><script>alert(1)</script>" onload="x'
    Merchant.objects.filter(pk=world.merchant.pk).update(name=name)
    for place in ("account", "social", "phone", "poster/print"):
        page = alice.get(kit(world, f"/{place}")).content.decode()
        assert "<script>alert" not in page
        assert '" onload="' not in page
    pasted = re.findall(r"<code>(.*?)</code>", alice.get(kit(world, "/account")).content.decode(), re.S)[0]
    assert html.escape(name) in html.unescape(pasted)
    assert "<script" not in html.unescape(pasted)


def test_a_preview_may_do_nothing_and_be_framed_by_us_alone(world: World, alice: Client) -> None:
    shown = alice.get(kit(world, "/homepage/preview"))
    policy = shown["Content-Security-Policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'none'; base-uri 'none'; "
        r"frame-ancestors 'self'; sandbox",
        policy,
    )
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert "style=" not in shown.content.decode()
    around = alice.get(kit(world, "/homepage"))
    assert "frame-src 'self'" in around["Content-Security-Policy"]


def test_the_words_follow_the_live_terms_of_the_program_that_is_chosen(world: World, alice: Client) -> None:
    other = live_program(world.merchant, name="Zweites", template="services")
    page = alice.get(f"{base(world)}/promote?program={other.slug}").content.decode()
    assert f"/promote/{other.slug}/homepage" in page
    assert f"/promote/{world.program.slug}/homepage" not in page
    assert alice.get(f"{base(world)}/promote?program=nonsense").status_code == 200
    assert f"/join/{other.slug}/chat" in alice.get(f"{base(world)}/promote/{other.slug}/chat").content.decode()


def test_pages_that_are_not_there(world: World, alice: Client) -> None:
    for rest in ("/nowhere", "/chat/preview", "/staff/stf_0/qr.svg", "/nowhere/qr.svg"):
        assert alice.get(kit(world, rest)).status_code == 404, rest
    assert alice.get(f"{base(world)}/promote/unknown/chat").status_code == 404


# --- nothing to tell of -------------------------------------------------------------------------------------------


def test_without_a_live_program_the_page_teaches_and_leads_to_the_set_up(db: None) -> None:
    fresh = World(workspace_of("zoe@neu.example", "Neu"), None, None, None, None)  # type: ignore[arg-type]
    answer = owner(fresh).get(f"/w/{fresh.merchant.slug}/promote")
    assert "No live program yet" in text_of(answer)
    assert f'href="/w/{fresh.merchant.slug}/setup"' in answer.content.decode()


def test_a_program_nobody_can_join_says_so(world: World, alice: Client) -> None:
    with at_work(world.merchant):
        Program.objects.update(self_sign_up=False)
    answer = alice.get(f"{base(world)}/promote")
    assert "Nobody can join by themselves" in text_of(answer)
    assert f"/programs/{world.program.slug}/edit" in answer.content.decode()
    assert alice.get(kit(world, "/chat"))["Location"] == f"{base(world)}/promote"
    for rest in ("/chat/qr.svg", "/homepage/preview", "/poster/print"):
        assert alice.get(kit(world, rest)).status_code == 404


def test_a_paused_program_is_not_told_of(world: World, alice: Client) -> None:
    with at_work(world.merchant) as now:
        pause_program(program=world.program, by=SYSTEM, now=now)
    assert "No live program yet" in text_of(alice.get(f"{base(world)}/promote"))


def test_a_program_without_budget_is_better_not_told_of(world: World, alice: Client) -> None:
    with at_work(world.merchant) as now:
        Program.objects.update(out_of_budget_at=now)
    assert "Better not now" in text_of(alice.get(f"{base(world)}/promote"))


# --- counting -----------------------------------------------------------------------------------------------------


def test_an_opening_makes_the_place_live_and_is_nobodys(world: World, alice: Client) -> None:
    assert visitor().get(way_in(world, "chat")).status_code == 200
    assert openings(world) == [("chat", "", 1)]
    assert score(alice, world) == "1 of 11 places are live"
    assert "Live" in line(alice, world, "chat")
    assert line(alice, world, "chat").endswith("somebody came from there 1 0")
    assert {field.name for field in PlaceDay._meta.get_fields()} == {
        "id", "merchant", "program", "place", "staff_link", "day", "opened",
    }  # fmt: skip


def test_reloading_robots_heads_and_marks_of_nobody_count_nothing(world: World) -> None:
    for _time in range(3):
        assert visitor().get(way_in(world, "blog")).status_code == 200
    assert visitor("Googlebot/2.1").get(way_in(world, "blog")).status_code == 200
    assert visitor().head(way_in(world, "account")).status_code == 200
    assert visitor().get(way_in(world, "somewhere")).status_code == 200
    assert openings(world) == [("blog", "", 1)]


def test_openings_of_several_days_and_programs_add_up(world: World, alice: Client) -> None:
    other = live_program(world.merchant, name="Zweites")
    with at_work(world.merchant) as now:
        for program, days, times in ((world.program, 0, 2), (other, 3, 3), (world.program, LIVE_DAYS + 2, 5)):
            for _time in range(times):
                note_opened(program=program, by=By(Place.BLOG), now=now - timedelta(days=days))
    assert line(alice, world, "blog").endswith(" 5 0")


def test_a_join_by_the_address_is_counted_once_the_mailed_link_was_used(world: World, alice: Client) -> None:
    told = {"email": "nora@advocate.example", "name": "Nora Neu", "accept": "on"}
    assert visitor().post(way_in(world, "newsletter"), told).status_code == 303
    assert "Not yet" in line(alice, world, "newsletter")
    with at_work(world.merchant):
        nora = Advocate.objects.get(customer__email="nora@advocate.example")
        assert Arrival.objects.get().place == "newsletter"
    let_in(world, nora)
    assert line(alice, world, "newsletter").endswith("somebody joined from there 0 1")


def test_the_first_place_stays_and_who_was_there_before_came_from_nowhere(world: World) -> None:
    joins(world, "chat")
    joins(world, "blog")
    told = {"email": "dana@advocate.example", "name": "Dana", "accept": "on"}
    assert visitor().post(way_in(world, "blog"), told).status_code == 303
    with at_work(world.merchant):
        assert list(Arrival.objects.values_list("place", flat=True)) == ["chat"]


def test_a_form_with_a_mistake_keeps_where_it_came_from(world: World) -> None:
    answer = visitor().post(way_in(world, "chat"), {"email": "nora", "name": "Nora"})
    assert answer.status_code == 400
    assert f'action="{way_in(world, "chat")}"' in answer.content.decode()


def test_a_block_that_the_snippet_saw_is_live_for_thirty_days(world: World, alice: Client) -> None:
    with at_work(world.merchant) as now:
        note_heartbeat(placement="homepage", page_host="shop.example", now=now - timedelta(days=LIVE_DAYS))
        note_heartbeat(placement="account", page_host="shop.example", now=now - timedelta(days=LIVE_DAYS + 2))
        note_heartbeat(placement="site", page_host="shop.example", now=now)
        note_heartbeat(placement="chat", page_host="shop.example", now=now)
    assert score(alice, world) == "1 of 11 places are live"
    assert "the snippet saw it on your page" in line(alice, world, "homepage")
    assert "Quiet" in line(alice, world, "account")


def test_an_opening_of_long_ago_is_quiet(world: World, alice: Client) -> None:
    with at_work(world.merchant) as now:
        day = local_date(now, world.zone) - timedelta(days=LIVE_DAYS + 1)
        PlaceDay.objects.create(program=world.program, place="social", day=day, opened=4)
    assert "Quiet" in line(alice, world, "social")
    assert line(alice, world, "social").endswith(" 0 0")


def test_what_comes_to_another_merchant_is_theirs(world: World, alice: Client) -> None:
    halcyon = a_world(owner="charlie@halcyon.example", name="Halcyon")
    assert visitor().get(way_in(halcyon, "chat")).status_code == 200
    assert score(alice, world) == "0 of 11 places are live"
    assert score(owner(halcyon), halcyon) == "1 of 11 places are live"
    assert alice.get(kit(halcyon, "/chat")).status_code == 404
    with at_work(halcyon.merchant) as now:
        link = add_staff_link(program=halcyon.program, name="Till", by=SYSTEM, now=now)
    assert visitor().get(way_in(world, link.mark)).status_code == 200
    assert openings(world) == []


# --- the merchant's word ------------------------------------------------------------------------------------------


def said(client: Client, world: World, place: str, says: str) -> Any:
    return client.post(kit(world, f"/{place}/say"), {"says": says})


def test_what_cannot_be_seen_counts_by_the_merchants_word_until_taken_back(world: World, alice: Client) -> None:
    assert said(alice, world, "phone", "DONE")["Location"] == kit(world, "/phone")
    assert score(alice, world) == "1 of 11 places are live"
    assert "you said so" in line(alice, world, "phone")
    said(alice, world, "phone", "")
    assert score(alice, world) == "0 of 11 places are live"
    with at_work(world.merchant):
        told = Event.objects.filter(code="place.said").order_by("seq").values_list("data", flat=True)
        assert list(told) == [{"place": "phone", "says": "DONE"}, {"place": "phone", "says": ""}]


def test_a_word_that_has_grown_old_is_asked_for_again(world: World, alice: Client) -> None:
    said(alice, world, "phone", "DONE")
    assert "We do this" not in text_of(alice.get(kit(world, "/phone")))
    with at_work(world.merchant) as now:
        PlaceWord.objects.update(said_at=now - timedelta(days=WORD_DAYS + 2))
    assert "We do this" in text_of(alice.get(kit(world, "/phone")))
    said(alice, world, "phone", "DONE")
    assert score(alice, world) == "1 of 11 places are live"


def test_a_word_on_a_place_that_can_be_seen_is_refused(world: World, alice: Client) -> None:
    answer = alice.post(kit(world, "/blog/say"), {"says": "DONE"}, follow=True)
    assert "shows by itself whether it is live" in text_of(answer)
    assert said(alice, world, "blog", "PERHAPS").status_code == 404
    assert said(alice, world, "nowhere", "DONE").status_code == 404
    said(alice, world, "blog", "")
    with at_work(world.merchant):
        assert Event.objects.filter(code="place.said").count() == 0
        assert PlaceWord.objects.exclude(says="").count() == 0


def test_a_place_the_shop_does_not_have_is_left_out(world: World, alice: Client) -> None:
    said(alice, world, "app-menu", "NOT_OURS")
    assert score(alice, world) == "0 of 10 places are live"
    assert "Not for us" in line(alice, world, "app-menu")


# --- links for staff ----------------------------------------------------------------------------------------------


def a_staff_link(client: Client, world: World, name: str = "Till 2") -> StaffLink:
    made = client.post(kit(world, "/staff/add"), {"name": name})
    assert (made.status_code, made["Location"]) == (302, kit(world, "/staff"))
    with at_work(world.merchant):
        found: StaffLink = StaffLink.objects.get(name=name)
    return found


def test_a_staff_link_is_counted_for_its_owner_and_for_the_place(world: World, alice: Client) -> None:
    till, maria = a_staff_link(alice, world), a_staff_link(alice, world, "Maria")
    assert visitor().get(way_in(world, till.mark)).status_code == 200
    joins(world, maria.mark)
    assert openings(world) == [("staff", "Till 2", 1)]
    assert line(alice, world, "staff").endswith("somebody joined from there 1 1")
    page = text_of(alice.get(kit(world, "/staff")))
    assert "Till 2 opened 1 time, 0 joined" in page
    assert "Maria opened 0 times, 1 joined" in page
    with at_work(world.merchant):
        assert Event.objects.filter(code="staff.link_added").count() == 2


def test_an_address_typed_from_a_card_counts_in_small_letters_too(world: World, alice: Client) -> None:
    till = a_staff_link(alice, world)
    visitor().get(way_in(world, till.mark.lower()))
    visitor().get(way_in(world, "Poster"))
    assert openings(world) == [("poster", "", 1), ("staff", "Till 2", 1)]


def test_its_code_and_cards_lead_to_its_address(world: World, alice: Client) -> None:
    till = a_staff_link(alice, world)
    there = kit(world, f"/staff/{public_id('stf', till.pk)}")
    image = alice.get(f"{there}/qr.svg?download")
    assert (image["Content-Type"], image["Content-Disposition"]) == (
        "image/svg+xml",
        f'attachment; filename="qr-{till.mark.lower()}.svg"',
    )
    cards = alice.get(f"{there}/print").content.decode()
    assert cards.count("print-card-words") == 8
    assert f"/join/{world.program.slug}/{till.mark}" in cards
    assert alice.get(f"{there}/print?cards=2").content.decode().count("print-card-words") == 2
    assert alice.get(kit(world, "/poster/print")).content.decode().count("print-card-words") == 1


def test_a_link_out_of_use_leads_on_and_counts_no_more(world: World, alice: Client) -> None:
    till = a_staff_link(alice, world)
    there = kit(world, f"/staff/{public_id('stf', till.pk)}/retire")
    for _time in range(2):
        assert alice.post(there)["Location"] == kit(world, "/staff")
    assert visitor().get(way_in(world, till.mark)).status_code == 200
    joins(world, till.mark)
    assert openings(world) == []
    assert "No links for staff yet" in text_of(alice.get(kit(world, "/staff")))
    with at_work(world.merchant):
        assert Arrival.objects.count() == 0
        assert Event.objects.filter(code="staff.link_retired").count() == 1


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "This field is required."),
        ("\u202e \u0007", "Say whose link it is, for example Till 2 or Maria."),
        ("Till 2", "There is a link of this name already."),
    ],
)
def test_names_of_staff_links_that_are_refused(world: World, alice: Client, name: str, why: str) -> None:
    a_staff_link(alice, world)
    answer = alice.post(kit(world, "/staff/add"), {"name": name})
    assert (answer.status_code, why in text_of(answer)) == (422, True)
    with at_work(world.merchant):
        assert StaffLink.objects.count() == 1


def test_staff_links_have_an_end(world: World, alice: Client) -> None:
    with at_work(world.merchant) as now:
        links = [
            StaffLink(program=world.program, name=f"Till {n}", mark=f"M{n}", created_at=now)
            for n in range(MOST_STAFF_LINKS)
        ]
        StaffLink.objects.bulk_create(links)
    answer = alice.post(kit(world, "/staff/add"), {"name": "One more"})
    assert (answer.status_code, "These are too many links" in text_of(answer)) == (422, True)


# --- who may, and how much is asked -------------------------------------------------------------------------------


def test_who_may_only_look_sees_all_and_changes_nothing(world: World, alice: Client) -> None:
    till = a_staff_link(alice, world)
    bob = as_role(world, "ANALYST")
    page = bob.get(kit(world, "/phone"))
    assert (page.status_code, "We do this" in text_of(page)) == (200, False)
    assert "A new link" not in text_of(bob.get(kit(world, "/staff")))
    assert said(bob, world, "phone", "DONE").status_code == 404
    assert bob.post(kit(world, "/staff/add"), {"name": "Bob"}).status_code == 404
    assert bob.post(kit(world, f"/staff/{public_id('stf', till.pk)}/retire")).status_code == 404
    with at_work(world.merchant):
        assert (PlaceWord.objects.count(), StaffLink.objects.filter(retired_at=None).count()) == (0, 1)


def test_the_pages_ask_as_often_for_many_rows(world: World, alice: Client) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert alice.get(path).status_code == 200
        return len(queries)

    paths = [f"{base(world)}/promote", *(kit(world, f"/{place}") for place in ("staff", "homepage", "phone"))]
    a_staff_link(alice, world)
    few = [asked(path) for path in paths]
    with at_work(world.merchant) as now:
        for number in range(30):
            link = add_staff_link(program=world.program, name=f"Till {number}b", by=SYSTEM, now=now)
            note_opened(program=world.program, by=By(Place.STAFF, link), now=now - timedelta(days=number))
            note_heartbeat(placement="homepage", page_host=f"{number}.shop.example", now=now)
    assert [asked(path) for path in paths] == few
    assert max(few) <= 20
