"""Claims asked for twice, at once, or again after the terms changed; clicks that several people claimed from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from advocates.actions.customers import know_customer
from advocates.models import Customer
from kit.ids import uuid7
from kit.signing import make_click_token
from programs.actions.edit import save_draft
from programs.actions.lifecycle import publish_program
from programs.offers import NoCode
from programs.rules import Offer
from tests.cast import World, a_world, at_work
from tests.concurrency.conftest import together
from tests.facts import DAY, snapshot
from tracking.actions.claims import Refusal, begin_claim, finish_claim, refuse_claim
from tracking.models import Claim
from tracking.steps.claims import claim_offer


def publish_offer(world: World, offer: Offer) -> None:
    with at_work(world.merchant) as now:
        terms = replace(world.program.live_terms, offer=offer)
        save_draft(
            program=world.program, terms=terms, name="Freunde", auto_enrol="OFF", self_sign_up=True, by="t", now=now
        )
        world.program.refresh_from_db()
        publish_program(program=world.program, by="t", now=now)


@pytest.mark.django_db(transaction=True)
def test_one_visit_that_asks_twice_at_once_gets_one_claim_and_one_code():
    world = a_world()
    visit = uuid7()

    def ask() -> Claim:
        return claim_offer(
            world.merchant.tenant_ref(), link_id=world.link.pk, email="", name="", click_id=visit, name_shown=False
        )

    for outcome in together(ask, ask, ask, ask):
        assert isinstance(outcome, Claim), outcome
    with at_work(world.merchant):
        assert Claim.objects.count() == 1


@pytest.mark.django_db
class TestAskedAgain:
    def test_after_new_terms_a_claim_without_a_code_is_under_the_new_ones(self):
        world = a_world()
        with at_work(world.merchant):
            friend = know_customer(email="eve@friend.example", source=Customer.Source.CLAIM, now=world.now)
            begun = begin_claim(link=world.link, friend=friend, click_id=None, name_shown=False, now=world.now)
            refuse_claim(claim=begun.claim, reason="code_pool_empty", now=world.now)
        publish_offer(world, Offer(value=2500, valid_days=10))
        claim = claim_offer(
            world.merchant.tenant_ref(),
            link_id=world.link.pk,
            email="eve@friend.example",
            name="",
            click_id=None,
            name_shown=False,
        )
        with at_work(world.merchant):
            claim = Claim.objects.get(pk=claim.pk)
            assert (claim.terms.number, claim.state) == (2, "ISSUED")
            assert claim.expires_at < world.now + timedelta(days=11)

    def test_a_claim_with_its_code_keeps_its_terms(self):
        world = a_world()
        with at_work(world.merchant):
            friend = know_customer(email="eve@friend.example", source=Customer.Source.CLAIM, now=world.now)
            begun = begin_claim(link=world.link, friend=friend, click_id=None, name_shown=False, now=world.now)
            finish_claim(claim=begun.claim, code="EVE-1", is_own=True, now=world.now)
        publish_offer(world, Offer(value=2500, valid_days=10))
        with at_work(world.merchant):
            again = begin_claim(link=world.link, friend=friend, click_id=None, name_shown=False, now=world.now)
            assert (again.request, again.claim.terms.number) == (None, 1)


@pytest.mark.django_db
def test_a_code_that_another_claim_has_is_not_given_again():
    """A source that answers two friends with one code: the second is refused, kindly, and the first keeps it."""
    world = a_world()
    with at_work(world.merchant):
        for n, name in enumerate(("eve", "finn")):
            friend = know_customer(email=f"{name}@friend.example", source=Customer.Source.CLAIM, now=world.now)
            begun = begin_claim(link=world.link, friend=friend, click_id=None, name_shown=False, now=world.now)
            if n == 0:
                finish_claim(claim=begun.claim, code="SAME", is_own=True, now=world.now)
            else:
                with pytest.raises((NoCode, Refusal)):
                    finish_claim(claim=begun.claim, code="SAME", is_own=True, now=world.now)
        assert list(Claim.objects.order_by("pk").values_list("code", flat=True)) == ["SAME", ""]


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["eve", "finn"])
def test_of_several_claims_from_one_visit_the_buyers_own_counts(first):
    world = a_world()
    visit = uuid7()
    second = "finn" if first == "eve" else "eve"
    claims = {}
    with at_work(world.merchant):
        from django.conf import settings

        for name in (first, second):
            friend = know_customer(email=f"{name}@friend.example", source=Customer.Source.CLAIM, now=world.now)
            at = world.now - DAY
            claims[name] = begin_claim(link=world.link, friend=friend, click_id=visit, name_shown=False, now=at).claim
        token = make_click_token(
            click_id=visit, link_id=world.link.pk, at=world.now - DAY, key=settings.CLICK_TOKEN_KEYS[0]
        )
    settled = world.take(snapshot(world.now, token=token), email="eve@friend.example")
    assert (settled.referral.matched_by, settled.referral.claim_id) == ("TOKEN", claims["eve"].pk)
