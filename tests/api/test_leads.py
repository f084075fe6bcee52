"""Leads told by the merchant's own software."""

from __future__ import annotations

from typing import Any

import pytest

from kit.ids import public_id
from leads.models import Lead
from tests.api.conftest import Shop
from tests.cast import World, at_work
from tests.rows import rows_of

GWEN = {"email": "gwen@buyer.example", "name": "Gwen Kaufmann", "company": "Kaufmann GmbH"}


def test_a_lead_with_a_code_is_the_advocates_and_told_again_the_same(shop: Shop, world: World) -> None:
    answer = shop.post("leads", GWEN | {"code": world.link.code.lower(), "value": "12000.50"})
    told = answer.json()
    assert (answer.status_code, told["stage"], told["reason"]) == (201, "NEW", "typed_code")
    assert (told["advocate"], told["value"]) == (public_id("adv", world.advocate.pk), "12000.50")
    assert "email" not in told
    before = rows_of(world.merchant)
    again = shop.post("leads", GWEN | {"program": "freunde"})
    assert (again.status_code, again.json()["id"]) == (200, told["id"])
    assert rows_of(world.merchant) == before
    with at_work(world.merchant):
        lead = Lead.objects.select_related("customer").get()
        assert (lead.source, lead.value_minor, lead.customer.source) == ("API", 1_200_050, "API")
    shown = shop.get(f"leads/{told['id']}").json()
    assert (shown["email"], shown["company"]) == ("gwen@buyer.example", "Kaufmann GmbH")
    assert [row["id"] for row in shop.get("leads?stage=NEW").json()["data"]] == [told["id"]]
    assert shop.get("leads?stage=WON").json()["data"] == []


def test_a_lead_with_a_visit_is_the_links(shop: Shop, world: World) -> None:
    told = shop.post("leads", GWEN | {"referral_token": world.click()}).json()
    assert (told["advocate"], told["program"]) == (
        public_id("adv", world.advocate.pk),
        public_id("prg", world.program.pk),
    )


def test_of_several_visits_the_first_that_is_ours_says_the_program(
    shop: Shop, world: World, other_world: World
) -> None:
    told = shop.post("leads", GWEN | {"referral_token": f"{other_world.click()},{world.click()}"})
    assert (told.status_code, told.json()["advocate"]) == (201, public_id("adv", world.advocate.pk))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"program": "nothing"}, "program"),
        ({}, "program"),
        ({"code": "NOBODYS"}, "code"),
        ({"program": "freunde", "email": "gwen"}, "email"),
        ({"program": "freunde", "value": "-1"}, "value"),
        ({"program": "freunde", "value": "1e3"}, "value"),
        ({"program": "freunde", "company": "x" * 121}, "company"),
        ({"program": "freunde", "stage": "WON"}, "stage"),
        ({"referral_token": "v1.forged"}, "program"),
    ],
)
def test_a_bad_field_makes_no_lead(changes: dict[str, Any], field: str, shop: Shop, world: World) -> None:
    before = rows_of(world.merchant)
    answer = shop.post("leads", GWEN | changes)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert rows_of(world.merchant) == before


def test_another_merchants_lead_is_not_there(shop: Shop, world: World, other_shop: Shop) -> None:
    told = shop.post("leads", GWEN | {"program": "freunde"}).json()
    assert other_shop.get(f"leads/{told['id']}").status_code == 404
    assert other_shop.get("leads").json()["data"] == []
    assert shop.get("leads?stage=NONSENSE").status_code == 400
