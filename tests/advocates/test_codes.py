"""Codes that people choose, codes that were changed, and codes that are gone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from advocates.actions.codes import MOST_LINKS, BadLink, add_link, change_way, choose_code, renew_code, retire_link
from advocates.actions.links import NotSharing, link_for
from advocates.actions.standing import pause_advocate
from advocates.models import Advocate, Link
from advocates.rules import BadSpelling, clean_code
from advocates.selectors import advocate_by_link_code, all_links_of, links_of, main_link
from engagement.addresses import link_home
from merchants.models import Door, Event
from programs.actions.edit import save_draft
from programs.destinations import BadWay
from programs.rules import CodeSource, Offer
from tests.cast import World, a_world, at_work, enrolled
from tests.facts import snapshot
from tests.once import for_a_file

pytestmark = pytest.mark.django_db
BY = "system"


built, world = for_a_file(a_world)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("anna", "ANNA"), (" anna-10 ", "ANNA-10"), ("Jörg Groß", "JOERG-GROSS"), ("émile", "EMILE"),
        ("ＡＮＮＡ10", "ANNA10"), ("essex2026", "ESSEX2026"), ("Dickens", "DICKENS"), ("team_7", "TEAM_7"),
        ("Scunthorpe", "SCUNTHORPE"), ("CLASSIC", "CLASSIC"), ("hellas", "HELLAS"),
    ],
)  # fmt: skip
def test_a_code_is_spelled_one_way(typed: str, code: str) -> None:
    assert clean_code(typed) == code == clean_code(code)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "short"), ("ann", "short"), ("a" * 25, "long"), ("anna!", "characters"), ("-anna", "characters"),
        ("anna--10", "characters"), ("аnna", "characters"), ("anna/..", "characters"), ("安娜安娜", "characters"),
        ("anna\r\nx", "characters"), ("1234567", "number"), ("0176-1234567", "number"), ("4711", "number"),
        ("api", "short"), ("login", "reserved"), ("LOG-IN", "reserved"), ("static", "reserved"),
        ("Nordlicht-Support", "reserved"), ("official_7", "reserved"), ("PayPal", "reserved"),
        ("fuck-yes", "rude"), ("FVCK", ""), ("f-u-c-k-1", "rude"), ("n4zi88", "rude"), ("sh1t", "rude"),
        ("ass-10", "rude"),
        ("ASS10", "rude"), ("5ex-shop", "rude"), ("wichser", "rude"), ("scheisse", "rude"), ("Scheiße", "rude"),
    ],
)  # fmt: skip
def test_codes_nobody_can_have(typed: str, reason: str) -> None:
    if not reason:  # not every way of writing a word is known
        assert clean_code(typed) == typed
        return
    with pytest.raises(BadSpelling) as refused:
        clean_code(typed)
    assert refused.value.reason == reason


class TestChoosing:
    def test_the_code_before_goes_on_and_attributes(self, world: World) -> None:
        with at_work(world.merchant) as now:
            chosen = choose_code(link=world.link, code="dana-10", by=BY, now=now)
            assert (chosen.code, chosen.is_vanity, chosen.channel, chosen.placement) == ("DANA-10", True, "LINK", "")
            assert main_link(world.advocate) == chosen
            assert list(links_of(world.advocate)) == [chosen]
            assert Link.objects.get(pk=world.link.pk).replaced_by_id == chosen.pk
            assert advocate_by_link_code(world.link.code) == world.advocate == advocate_by_link_code("Dana-10 ")
            event = Event.objects.get(code="link.changed")
            assert event.data == {
                "link": str(chosen.pk), "channel": "LINK", "fields": ["code"], "before": str(world.link.pk),
            }  # fmt: skip
            assert not Door.objects.filter(object_id=chosen.pk).exists()
        for number, code in (("1", world.link.code), ("2", "dana-10")):
            email = f"f{number}@friend.example"
            taken = world.take(snapshot(world.now, codes=[(code, 0)], number=f"#{number}"), number=number, email=email)
            assert taken.order.outcome == "ATTRIBUTED"

    def test_an_earlier_code_comes_back(self, world: World) -> None:
        with at_work(world.merchant) as now:
            first = choose_code(link=world.link, code="DANA-10", by=BY, now=now)
            second = choose_code(link=first, code="DANA-20", by=BY, now=now)
            back = choose_code(link=second, code=world.link.code, by=BY, now=now)
            assert back.pk == world.link.pk
            assert choose_code(link=back, code=back.code, by=BY, now=now) == back
            shown = {link.code: link.replaced_by_id for link in all_links_of(world.advocate.pk)}
            assert shown == {world.link.code: None, "DANA-10": second.pk, "DANA-20": back.pk}
            assert Event.objects.filter(code="link.changed").count() == 3

    def test_a_new_generated_code_keeps_where_the_link_leads(self, world: World) -> None:
        with at_work(world.merchant) as now:
            way = {"destination": "https://shop.example/tea", "utm": {"source": "x"}}
            change_way(link=world.link, **way, by=BY, now=now)
            made = renew_code(link=world.link, by=BY, now=now)
            assert (made.is_vanity, made.destination, made.utm) == (False, way["destination"], way["utm"])
            assert Door.objects.filter(key=f"shared/{made.code}", object_id=made.pk).exists()
            assert Door.objects.filter(key=f"shared/{world.link.code}").exists()

    @pytest.mark.parametrize("code", ["x", "support", "freunde-offer-1", "SHOPWIDE", "{other}"])
    def test_what_is_taken_or_cannot_be_changes_nothing(self, world: World, code: str) -> None:
        other = enrolled(world.merchant, world.program, email="other@advocate.example")
        with at_work(world.merchant) as now:
            terms = world.program.draft_terms
            offer = Offer(source=CodeSource.SHOP_CODE, shop_code="ShopWide")
            ways = {"name": "Freunde", "auto_enrol": "OFF", "self_sign_up": True}
            save_draft(program=world.program, terms=replace(terms, offer=offer), **ways, by=BY, now=now)
            typed = code.format(other=main_link(other).code)
            before = Link.objects.count(), Event.objects.count()
            with pytest.raises(BadLink) as refused:
                choose_code(link=world.link, code=typed, by=BY, now=now)
            assert refused.value.field == "code"
            assert (Link.objects.count(), Event.objects.count()) == before
            assert main_link(world.advocate) == world.link

    def test_the_same_code_is_another_persons_at_another_merchant(self, world: World) -> None:
        other = a_world(owner="charlie@halcyon.example", name="Halcyon")
        for each in (world, other):
            with at_work(each.merchant) as now:
                assert choose_code(link=each.link, code="ANNA", by=BY, now=now).code == "ANNA"

    def test_a_link_that_was_changed_meanwhile_is_left(self, world: World) -> None:
        with at_work(world.merchant) as now:
            choose_code(link=world.link, code="DANA-10", by=BY, now=now)
            for again in (choose_code, renew_code):
                more: dict[str, Any] = {"code": "DANA-30"} if again is choose_code else {}
                with pytest.raises(BadLink):
                    again(link=world.link, **more, by=BY, now=now)
            assert Link.objects.count() == 2

    def test_who_does_not_share_gets_none(self, world: World) -> None:
        with at_work(world.merchant) as now:
            pause_advocate(advocate=world.advocate, by=BY, now=now)
            world.link.advocate = Advocate.objects.get(pk=world.advocate.pk)
            with pytest.raises(NotSharing):
                choose_code(link=world.link, code="DANA-10", by=BY, now=now)
            with pytest.raises(NotSharing):
                add_link(advocate=world.advocate, channel="LINK", placement="podcast", by=BY, now=now)
            assert Link.objects.count() == 1


class TestPlaces:
    def test_each_place_has_one_link(self, world: World) -> None:
        with at_work(world.merchant) as now:
            made = add_link(advocate=world.advocate, channel="LINK", placement="  my \n podcast ", by=BY, now=now)
            assert (made.placement, made.is_vanity, len(made.code)) == ("my podcast", False, 8)
            assert link_for(advocate=world.advocate, channel="LINK", placement="my podcast", now=now) == made
            for placement in ("my podcast", "", "   "):
                with pytest.raises(BadLink):
                    add_link(advocate=world.advocate, channel="LINK", placement=placement, by=BY, now=now)
            with pytest.raises(BadLink):
                add_link(advocate=world.advocate, channel="FAX", placement="x", by=BY, now=now)
            assert Link.objects.count() == 2

    def test_there_is_an_end_to_it(self, world: World) -> None:
        with at_work(world.merchant) as now:
            Link.objects.bulk_create(
                Link(advocate=world.advocate, placement=f"p{n}", code=f"PLACE{n:03}", created_at=now)
                for n in range(MOST_LINKS - 1)
            )
            with pytest.raises(BadLink):
                add_link(advocate=world.advocate, channel="LINK", placement="one more", by=BY, now=now)

    def test_addresses_by_name_by_host_and_by_the_shared_one(self, world: World, settings: Any) -> None:
        settings.PUBLIC_URL, settings.SHARED_LINK_HOST = "https://app.refer.example", "r.refer.example"
        with at_work(world.merchant) as now:
            named = add_link(
                advocate=world.advocate, channel="LINK", placement="podcast", code="DANA-10", by=BY, now=now
            )
            home = link_home(world.merchant.slug)
            assert home.address(world.link) == f"https://r.refer.example/r/{world.link.code}"
            assert home.address(named) == f"https://r.refer.example/r/{world.merchant.slug}/DANA-10"
        from tests.friend.test_own_host import give_host

        give_host(world)
        with at_work(world.merchant):
            home = link_home(world.merchant.slug)
            assert home.address(named) == "https://friends.nordlicht.example/DANA-10"
            assert home.spoken(world.link) == f"friends.nordlicht.example/{world.link.code}"


class TestRetiring:
    def test_a_place_of_ones_own_is_empty_afterwards(self, world: World) -> None:
        with at_work(world.merchant) as now:
            made = add_link(advocate=world.advocate, channel="LINK", placement="podcast", by=BY, now=now)
            assert retire_link(link=made, why="hand", by=BY, now=now) is None
            assert retire_link(link=made, why="leak", by=BY, now=now) is None
            gone = Link.objects.get(pk=made.pk)
            assert (gone.retired_at, gone.retired_for, gone.replaced_by_id) == (now, "hand", None)
            assert advocate_by_link_code(made.code) is None
            assert Event.objects.filter(code="link.retired").count() == 1
            again = add_link(advocate=world.advocate, channel="LINK", placement="podcast", by=BY, now=now)
            assert again.code != made.code
            with pytest.raises(BadLink):  # a code is its owner's for ever, even retired
                choose_code(link=world.link, code=made.code, by=BY, now=now)

    def test_an_earlier_code_is_retired_beside_the_one_that_is_shown(self, world: World) -> None:
        with at_work(world.merchant) as now:
            chosen = choose_code(link=world.link, code="DANA-10", by=BY, now=now)
            assert retire_link(link=world.link, why="leak", by=BY, now=now) == chosen
            assert advocate_by_link_code(world.link.code) is None
            assert advocate_by_link_code("DANA-10") == world.advocate

    def test_a_visit_from_before_still_counts(self, world: World) -> None:
        token = world.click()
        with at_work(world.merchant) as now:
            retire_link(link=world.link, why="leak", by=BY, now=now)
        taken = world.take(snapshot(world.now, token=token, number="#1"), number="1")
        assert taken.order.outcome == "ATTRIBUTED"
        with at_work(world.merchant) as later:
            pass
        late = world.take(
            snapshot(later, codes=[(world.link.code, 0)], number="#2"),
            number="2",
            email="late@friend.example",
            now=later,
        )
        assert late.order.outcome == "NOT_REFERRED"


@pytest.mark.parametrize(
    ("destination", "utm", "field"),
    [
        ("https://evil.example/", {}, "destination"),
        ("https://shop.example@evil.com", {}, "destination"),
        ("https://evil.com\\@shop.example", {}, "destination"),
        ("javascript:alert(1)", {}, "destination"),
        ("//evil.example", {}, "destination"),
        ("https://shop.example/?rt=v1.x", {}, "destination"),
        ("https://shop.example/?a=1&r%74=x", {}, "destination"),
        ("https://shop.example/?rc=FREE", {}, "destination"),
        ("", {"source": "eve@friend.example"}, "utm_source"),
        ("", {"content": "+49 176 1234 5678"}, "utm_content"),
        ("", {"campaign": "a\r\nSet-Cookie: x=y"}, "utm_campaign"),
        ("", {"campaign": "<b>"}, "utm_campaign"),
        ("", {"term": "x" * 101}, "utm_term"),
        ("", {"medium": 5}, "utm_medium"),
        ("", {"who": "x"}, "utm_who"),
    ],
)
def test_a_way_that_cannot_be_changes_nothing(world: World, destination: str, utm: Any, field: str) -> None:  # 49, 52
    with at_work(world.merchant) as now:
        with pytest.raises(BadWay) as refused:
            change_way(link=world.link, destination=destination, utm=utm, by=BY, now=now)
        assert refused.value.field == field
        kept = Link.objects.get(pk=world.link.pk)
        assert (kept.destination, kept.utm) == ("", {})
        assert not Event.objects.filter(code="link.changed").exists()
