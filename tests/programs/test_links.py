"""What a program's links answer with, where they lead and what they carry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from merchants.models import Event
from programs.actions.edit import save_draft
from programs.actions.lifecycle import publish_program, publishing_warnings
from programs.actions.links import change_links
from programs.destinations import BadWay
from programs.models import Program
from programs.rules import CodeSource, Offer, RewardRule, Terms, Tier
from programs.rules.campaign import BadCampaign, clean_campaign, merged
from programs.rules.landing import leads_straight, needs_page
from tests.cast import World, a_world, at_work

SHOP_WIDE = Offer(source=CodeSource.SHOP_CODE, shop_code="FRIENDS")
PLAIN = {"destination": "", "utm": {}, "own_codes": False, "by": "system"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, {}),
        ({"source": "  friends ", "medium": ""}, {"source": "friends"}),
        ({"campaign": "Früh & spät, 2026", "source": "x"}, {"source": "x", "campaign": "Früh & spät, 2026"}),
        ({"content": "20261124-001", "id": "12345678901"}, {"content": "20261124-001", "id": "12345678901"}),
        ({"id": "安|安"}, {"id": "安|安"}),
    ],
)
def test_campaign_parameters_are_kept_in_one_order(given: dict[str, object], kept: dict[str, str]) -> None:
    assert clean_campaign(given) == kept
    assert list(clean_campaign(given)) == list(kept)


@pytest.mark.parametrize(
    ("given", "parameter", "reason"),
    [
        ({"who": "x"}, "who", "unknown"),
        ({"utm_source": "x"}, "utm_source", "unknown"),
        ({"source": 5}, "source", "not_text"),
        ({"source": None}, "source", "not_text"),
        ({"term": "x" * 101}, "term", "too_long"),
        ({"content": "eve@friend.example"}, "content", "personal"),
        ({"content": "eve%40friend.example"}, "content", "personal"),
        ({"content": "+49 (176) 123-4567"}, "content", "personal"),
        ({"content": "0176 1234567"}, "content", "personal"),
        ({"content": "DE89370400440532013000"}, "content", "personal"),
        ({"content": "DE89 3704 0044 0532 0130 00"}, "content", "personal"),
        ({"medium": "a\r\nb"}, "medium", "characters"),
        ({"medium": "<script>"}, "medium", "characters"),
        ({"medium": "a=b"}, "medium", "characters"),
        ({"medium": "a\u202eb"}, "medium", "characters"),
    ],
)
def test_campaign_parameters_that_cannot_be(given: dict[str, object], parameter: str, reason: str) -> None:
    with pytest.raises(BadCampaign) as refused:
        clean_campaign(given)
    assert (refused.value.parameter, refused.value.reason) == (parameter, reason)


def test_the_links_own_parameters_go_over_the_programs() -> None:
    both = merged({"source": "friends", "campaign": "autumn"}, {"source": "podcast", "term": "tea"})
    assert both == {"source": "podcast", "campaign": "autumn", "term": "tea"}


def test_only_a_code_for_the_whole_shop_goes_along_by_itself() -> None:
    terms = Terms("EUR", offer=None)
    assert not needs_page(terms)
    assert needs_page(replace(terms, offer=Offer()))
    assert not needs_page(replace(terms, offer=SHOP_WIDE))
    level = Tier(name="Gold", threshold=5, advocate_reward=RewardRule(), offer=Offer(source=CodeSource.WEBHOOK))
    assert needs_page(replace(terms, tiers=(level,)))
    assert leads_straight("REDIRECT", terms)
    assert not leads_straight("PAGE", terms)
    assert not leads_straight("REDIRECT", replace(terms, offer=Offer()))


@pytest.fixture
def world(db: None) -> World:
    return a_world(offer=SHOP_WIDE)


def test_terms_published_later_bring_the_page_back_and_are_warned_of(world: World) -> None:
    with at_work(world.merchant) as now:
        program = change_links(program=world.program, landing="REDIRECT", **PLAIN, now=now)
        assert program.leads_straight
        assert publishing_warnings(program) == []
        terms = replace(program.draft_terms, offer=Offer(value=2000))
        ways = {"name": "Freunde", "auto_enrol": "OFF", "self_sign_up": True}
        program = save_draft(program=program, terms=terms, **ways, by="system", now=now)
        assert [(each.field, each.code) for each in publishing_warnings(program)] == [("landing", "needs_page")]
        assert program.leads_straight
        published = publish_program(program=program, by="system", now=now)
        assert (published.landing, published.leads_straight) == ("REDIRECT", False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"landing": "POPUP"}, "landing"),
        ({"destination": "https://evil.example"}, "destination"),
        ({"utm": {"source": "eve@friend.example"}}, "utm_source"),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(world: World, changes: dict[str, object], field: str) -> None:
    wanted = {"landing": "REDIRECT", **PLAIN, **changes}
    with at_work(world.merchant) as now:
        with pytest.raises(BadWay) as refused:
            change_links(program=world.program, **wanted, now=now)  # type: ignore[arg-type]
        assert refused.value.field == field
        assert Program.objects.get(pk=world.program.pk).landing == "PAGE"
        assert not Event.objects.filter(code="program.links_changed").exists()
