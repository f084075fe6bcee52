"""A program for companies, its advocate, and leads that come by them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from leads.actions.arrive import Arrived, LeadIn, take_lead
from leads.actions.moves import win_lead
from leads.models import Lead
from merchants.events import SYSTEM
from programs.rules import CodeSource, Fulfilment, Offer, RewardRule, Value
from tests.cast import World, a_world, at_work

ADDRESS = "gwen@buyer.example"
#: Five percent for whoever recommends, paid by hand.
FIVE_PERCENT = RewardRule(kind=Value.PERCENT, value=500, cap_minor=100_000, fulfilment=Fulfilment.MANUAL)

WELCOME = Offer(kind=Value.PERCENT, value=500, source=CodeSource.SHOP_CODE, shop_code="WELCOME5", valid_days=90)


def a_b2b_world(**changes: Any) -> World:
    own = {"attribution_window_days": 90, "qualification_window_days": 180, "advocates_must_be_customers": False}
    terms: dict[str, Any] = {"advocate_reward": FIVE_PERCENT, "offer": WELCOME, **own}
    return a_world(template="b2b", **(terms | changes))


def a_lead(world: World, email: str = ADDRESS, *, days: int = 0, **told: Any) -> Arrived:
    """By the advocate's code, unless told otherwise."""
    known: dict[str, Any] = {"source": Lead.Source.TEAM, "name": "Gwen Kaufmann", "code": world.link.code}
    with at_work(world.merchant):
        lead = LeadIn(email=email, **(known | told))
        return take_lead(program=world.program, told=lead, by=SYSTEM, now=world.now + timedelta(days=days))


def won(
    world: World, lead: Lead, *, expected: str = "NEW", amount: int = 1_000_000, days: int = 0, **told: Any
) -> Lead:
    """``days``: when the money came, which is the moment it is told as well."""
    with at_work(world.merchant):
        at = world.now + timedelta(days=days)
        known: dict[str, Any] = {"amount_minor": amount, "won_at": at, "by": SYSTEM, "now": at}
        return win_lead(lead=lead, expected=expected, **(known | told))
