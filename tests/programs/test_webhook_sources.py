"""Publishing a program whose codes and rewards come from the merchant's own software."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.actions.connections import add_webhook_connection
from programs.actions.edit import create_program, save_draft
from programs.actions.lifecycle import NotPossible, publish_program
from programs.rules import CodeSource, Fulfilment, Offer, RewardRule
from tests.cast import at_work, workspace_of

pytestmark = pytest.mark.django_db

NO_CODES = ("offer_source", "not_connected")
NO_COUPONS = ("advocate_reward_fulfilment", "not_connected")
NO_REWARDS = ("friend_reward_fulfilment", "not_connected")


@pytest.mark.parametrize(
    ("purposes", "missing"),
    [
        ([], [NO_CODES, NO_COUPONS, NO_REWARDS]),
        (["CODES"], [NO_COUPONS, NO_REWARDS]),
        (["COUPON", "REWARD"], [NO_CODES]),
        (["CODES", "COUPON", "REWARD"], []),
    ],
)
def test_a_webhook_must_be_connected_before_publishing(purposes, missing):
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    with at_work(merchant) as now:
        if purposes:
            add_webhook_connection(url="https://one.example/", purposes=purposes, by="system", now=now)
        program = create_program(name="Freunde", template="shop", by="system", now=now)
        terms = replace(
            program.draft_terms,
            offer=Offer(source=CodeSource.WEBHOOK),
            advocate_reward=RewardRule(fulfilment=Fulfilment.COUPON_WEBHOOK),
            friend_reward=RewardRule(fulfilment=Fulfilment.WEBHOOK),
        )
        save_draft(program=program, terms=terms, name="A", auto_enrol="OFF", self_sign_up=True, by="system", now=now)
        if not missing:
            assert publish_program(program=program, by="system", now=now).state == "ACTIVE"
            return
        with pytest.raises(NotPossible) as refused:
            publish_program(program=program, by="system", now=now)
        assert [(problem.field, problem.code) for problem in refused.value.problems] == missing
