"""Every rule of a program by the merchant's form: what is typed is stored, published and shown, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from merchants.models import Event, Merchant
from programs.actions.kinds import create_kind
from programs.models import Program, RewardKind, TermsVersion
from programs.rules import (
    CapPeriod,
    Choice,
    CodeSource,
    Form,
    Fulfilment,
    Gives,
    HoldOverride,
    Holiday,
    Offer,
    RewardRule,
    Terms,
    Tier,
    TierMetric,
    Value,
)
from referral_saas.dashboard.forms.program import ProgramForm
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import base, owner, text_of
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

SPACE = Gives("", "Space", Form.CUSTOM_UNIT, "MB", Fulfilment.BALANCE)
CREDIT = Gives("", "Credit", Form.STORE_CREDIT, "EUR", Fulfilment.BALANCE)
MUG = Gives("", "Mug of the house", Form.GIFT, "PIECES", Fulfilment.SHIPMENT, 900)
FOREST = Gives("", "Forest", Form.DONATION, "EUR", Fulfilment.MANUAL, None, None, {"charity": "The forest"})


built, world = for_a_file(a_world)


@pytest.fixture
def alice(world: World) -> Client:
    return owner(world)


def kind_of(world: World, gives: Gives) -> RewardKind:
    with at_work(world.merchant) as now:
        return create_kind(gives=gives, sizes={"": 5} if gives is MUG else None, by="t", now=now)


def pick(kind: RewardKind) -> str:
    return f"kind:{kind.pk}"


def typed(program: Program, **changes: object) -> dict[str, object]:
    """The editor's fields as a browser would send them."""
    values = ProgramForm(program=program).typed | changes
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def page(world: World) -> str:
    return f"{base(world)}/programs/{world.program.slug}"


def again(world: World) -> None:
    """The draft as it stands now is what the next form starts from."""
    with at_work(world.merchant):
        world.program = Program.objects.select_related("merchant", "terms").get(pk=world.program.pk)


def saved(world: World, client: Client, **changes: object) -> Terms:
    answer = client.post(f"{page(world)}/edit", typed(world.program, **changes))
    assert answer.status_code == 302, text_of(answer)
    with at_work(world.merchant):
        return Program.objects.get(pk=world.program.pk).draft_terms


def published(world: World, client: Client) -> str:
    """Publishes, and gives the terms page as people read it."""
    preview = client.get(f"{page(world)}/publish")
    assert preview.status_code == 200
    answer = client.post(f"{page(world)}/publish")
    assert answer.status_code == 302, text_of(answer)
    with at_work(world.merchant):
        number = TermsVersion.objects.filter(program=world.program).count()
    return text_of(client.get(f"{page(world)}/terms?version={number}"))


# --- what a side gets ---------------------------------------------------------------------------------------------


def test_something_of_the_catalogue_is_frozen_with_its_unit_and_who_delivers_it(world, alice):
    space, mug = kind_of(world, SPACE), kind_of(world, MUG)
    terms = saved(
        world,
        alice,
        advocate_reward_fulfilment=pick(space),
        advocate_reward_kind="FIXED",
        advocate_reward_value="500 MB",
        friend_side="reward",
        friend_reward_fulfilment=pick(mug),
        friend_reward_kind="FIXED",
        friend_reward_value="1",
    )
    assert terms.advocate_reward.gives == space.as_gives()
    assert (terms.advocate_reward.value, terms.advocate_reward.fulfilment) == (500, Fulfilment.BALANCE)
    assert terms.friend_reward == RewardRule(Value.FIXED, 1, fulfilment=Fulfilment.SHIPMENT, gives=mug.as_gives())
    shown = published(world, alice)
    assert "You get 500 MB for each friend whose order counts." in shown
    assert "Your friend gets Mug of the house after their order" in shown


def test_a_kind_that_was_put_away_stays_chosen_and_stands_against_publishing(world, alice):
    space = kind_of(world, SPACE)
    chosen = {"advocate_reward_fulfilment": pick(space), "advocate_reward_kind": "FIXED", "advocate_reward_value": "5"}
    saved(world, alice, **chosen)
    kind_of(world, CREDIT)
    with at_work(world.merchant) as now:
        RewardKind.objects.filter(pk=space.pk).update(archived_at=now)
    assert "Space (put away)" in text_of(alice.get(f"{page(world)}/edit"))
    assert "This reward was put away" in text_of(alice.post(f"{page(world)}/publish"))


def test_every_nth_and_further_orders(world, alice):
    terms = saved(world, alice, advocate_reward_every="3", advocate_reward_recurring_months="12")
    assert (terms.advocate_reward.every, terms.advocate_reward.recurring_months) == (3, 12)
    shown = published(world, alice)
    assert "Each time the orders of 3 more friends have counted, you get 10% of the last order's value." in shown
    assert "in the 12 months after their first one" in shown


def test_levels_are_added_changed_and_removed_by_their_names(world, alice):
    space = kind_of(world, SPACE)
    first = {"tier_1_name": "Gold", "tier_1_threshold": "5", "tier_1_gives": "COUPON_POOL", "tier_1_value": "15%"}
    terms = saved(world, alice, **first, tier_1_cap="40", tier_1_offer="20%", tier_1_code="GOLD20")
    gold = replace(terms.advocate_reward, value=1500, cap_minor=4000)
    offer = Offer(Value.PERCENT, 2000, CodeSource.SHOP_CODE, "GOLD20")
    assert terms.tiers == (Tier("Gold", 5, gold, offer),)
    again(world)
    second = {"tier_2_name": "Space", "tier_2_threshold": "9", "tier_2_gives": pick(space), "tier_2_value": "700"}
    terms = saved(world, alice, **second)
    assert [(tier.name, tier.threshold, tier.advocate_reward.value) for tier in terms.tiers] == [
        ("Gold", 5, 1500),
        ("Space", 9, 700),
    ]
    assert "Level “Gold”, once 5 friends have counted: 15% of the order's value, €40.00 at most, and 20% off" in (
        shown := published(world, alice)
    )
    assert "Level “Space”, once 9 friends have counted: 700 MB (Space)." in shown
    again(world)
    assert [tier.name for tier in saved(world, alice, tier_1_name="").tiers] == ["Space"]


def test_levels_by_revenue_are_money(world, alice):
    level = {"tier_1_name": "Gold", "tier_1_threshold": "1000", "tier_1_gives": "MANUAL", "tier_1_value": "25"}
    terms = saved(world, alice, tier_metric="REVENUE", **level)
    assert (terms.tier_metric, terms.tiers[0].threshold) == (TierMetric.REVENUE, 100_000)
    assert "once your friends have ordered for €1,000.00: €25.00." in published(world, alice)


def test_limits_by_count_and_value_and_period(world, alice):
    terms = saved(world, alice, advocate_cap="4", advocate_cap_minor="120,50", cap_period="MONTH")
    assert (terms.advocate_cap, terms.advocate_cap_minor, terms.cap_period) == (4, 12050, CapPeriod.MONTH)
    shown = published(world, alice)
    assert "rewarded for 4 friends in a calendar month" in shown
    assert "You can get €120.50 in a calendar month" in shown


def test_choices_of_the_advocate(world, alice):
    credit, forest = kind_of(world, CREDIT), kind_of(world, FOREST)
    first = {"choice_1_gives": pick(credit), "choice_1_value": "15%", "choice_1_to": "SELF"}
    terms = saved(world, alice, **first)
    assert terms.advocate_reward.choices == (
        Choice(f"{credit.pk}-1500", Value.PERCENT, 1500, credit.as_gives(), Fulfilment.BALANCE),
    )
    again(world)
    saved(world, alice, choice_2_gives="SAME", choice_2_to="FRIEND")
    again(world)
    terms = saved(world, alice, choice_3_gives=pick(forest))
    kept = terms.advocate_reward.choices
    assert [(one.key, one.to_friend, one.value) for one in kept] == [
        (f"{credit.pk}-1500", False, 1500),
        ("coupon_pool-friend", True, 0),
        (str(forest.pk), False, 0),
    ]
    assert (
        "Instead you may choose: 15% of the order's value, the same for your friend, or 10% of the order's value as a "
        "donation to The forest."
    ) in published(world, alice)


def test_tax_and_shipping_may_count(world, alice):
    terms = saved(world, alice, count_tax="on", count_shipping="on")
    assert (terms.count_tax, terms.count_shipping) == (True, True)
    assert "products and shipping after all discounts, with tax but without tips" in published(world, alice)


def test_holds_of_products_holidays_and_trust(world, alice):
    terms = saved(
        world,
        alice,
        hold_1_ids="p1\np2, p3",
        hold_1_days="60",
        holiday_from="2026-11-15",
        holiday_to="2026-12-24",
        holiday_until="2027-01-31",
        trust_1="14",
        trust_2="7",
    )
    assert terms.hold_overrides == (HoldOverride(("p1", "p2", "p3"), 60),)
    assert terms.holiday == Holiday("2026-11-15", "2026-12-24", "2027-01-31")
    assert terms.trust_hold_days == (14, 7)
    shown = published(world, alice)
    assert "For some products the time is longer: up to 60 days." in shown
    assert "What is delivered from 15 November 2026 to 24 December 2026 can be returned until 31 January 2027" in shown
    again(world)
    assert saved(world, alice, hold_1_ids="").hold_overrides == ()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"advocate_reward_fulfilment": "kind:none"}, "advocate_reward_fulfilment"),
        ({"advocate_reward_every": "0"}, "advocate_reward_every"),
        ({"advocate_reward_recurring_months": "121"}, "advocate_reward_recurring_months"),
        ({"advocate_cap_minor": "much"}, "advocate_cap_minor"),
        ({"cap_period": "WEEK"}, "cap_period"),
        ({"tier_1_name": "Gold"}, "tier_1_threshold"),
        ({"tier_1_name": "Gold", "tier_1_threshold": "many", "tier_1_value": "5"}, "tier_1_threshold"),
        ({"tier_1_name": "Gold", "tier_1_threshold": "5"}, "tier_1_value"),
        ({"tier_1_name": "Gold", "tier_1_threshold": "5", "tier_1_value": "5 MB"}, "tier_1_value"),
        ({"tier_1_threshold": "5"}, "tier_1_name"),
        ({"tier_1_name": "G", "tier_1_threshold": "5", "tier_1_value": "5", "tier_1_offer": "20%"}, "tier_1_code"),
        ({"tier_1_name": "G", "tier_1_threshold": "5", "tier_1_value": "5", "tier_2_name": "H",
          "tier_2_threshold": "5", "tier_2_value": "6"}, "tier_2_threshold"),
        ({"choice_1_gives": "SAME"}, "choice_1_value"),
        ({"choice_1_gives": "MANUAL", "choice_1_value": "1", "choice_2_gives": "MANUAL", "choice_2_value": "1"},
         "choice_2_gives"),
        ({"choice_1_gives": "kind:none"}, "choice_1_gives"),
        ({"hold_1_ids": "p1"}, "hold_1_days"),
        ({"hold_1_ids": "p1", "hold_1_days": "366"}, "hold_1_days"),
        ({"hold_1_days": "9"}, "hold_1_ids"),
        ({"holiday_from": "2026-12-01"}, "holiday_to"),
        ({"holiday_from": "2026-12-24", "holiday_to": "2026-12-01", "holiday_until": "2027-01-31"}, "holiday_until"),
        ({"trust_2": "5"}, "trust_1"),
        ({"trust_1": "366"}, "trust_1"),
    ],
)  # fmt: skip
def test_what_cannot_be_stands_beside_its_field_and_changes_nothing(world, alice, wrong, field):
    with at_work(world.merchant):
        before = Event.objects.count()
    answer = alice.post(f"{page(world)}/edit", typed(world.program, **wrong))
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    with at_work(world.merchant):
        assert (Program.objects.get().draft, Event.objects.count()) == (world.program.draft, before)


@pytest.mark.parametrize("changes", [{"advocate_reward_kind": "PERCENT"}, {"advocate_reward_value": "5 GB"}])
def test_units_are_whole_and_no_share_of_an_order(world, alice, changes):
    space = kind_of(world, SPACE)
    chosen = {"advocate_reward_fulfilment": pick(space), "advocate_reward_kind": "FIXED", "advocate_reward_value": "5"}
    answer = alice.post(f"{page(world)}/edit", typed(world.program, **(chosen | changes)))
    assert answer.status_code == 422
    assert f'id="id_{next(iter(changes))}_error"' in answer.content.decode()


def test_a_limit_by_value_over_two_units_stands_beside_its_field(world, alice):
    space = kind_of(world, SPACE)
    choice = {"choice_1_gives": pick(space), "choice_1_value": "500", "choice_1_to": "SELF"}
    saved(world, alice, **choice, advocate_cap_minor="50")
    refused = alice.post(f"{page(world)}/publish")
    assert refused.status_code == 422
    assert "Limit the number of rewards instead" in text_of(refused)
    checked = alice.get(f"{page(world)}/edit?check=1").content.decode()
    assert 'id="id_advocate_cap_minor_error"' in checked


def test_the_editor_asks_as_often_for_many_kinds_and_levels(world, alice):
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert alice.get(f"{page(world)}/edit").status_code == 200
        return len(queries)

    asked()
    few = asked()
    kinds = [kind_of(world, replace(SPACE, name=f"Space {n}")) for n in range(4)]
    for number, kind in enumerate(kinds, 1):
        level = {"name": f"L{number}", "threshold": str(number), "gives": pick(kind), "value": "5"}
        saved(world, alice, **{f"tier_{number}_{field}": value for field, value in level.items()})
        again(world)
    assert asked() == few


# --- both ways without loss ---------------------------------------------------------------------------------------

gives = st.sampled_from(
    [None, *(replace(one, id=f"0199a0a0-0000-7000-8000-00000000000{n}") for n, one in enumerate([SPACE, CREDIT, MUG]))]
)
plain = st.sampled_from([Fulfilment.COUPON_POOL, Fulfilment.COUPON_WEBHOOK, Fulfilment.WEBHOOK, Fulfilment.MANUAL])
days = st.integers(0, 365)


@st.composite
def rules(draw: Any, **more: Any) -> RewardRule:
    given_kind = draw(gives)
    is_share = draw(st.booleans()) and (given_kind is None or given_kind.unit == "EUR")
    return RewardRule(
        kind=Value.PERCENT if is_share else Value.FIXED,
        value=draw(st.integers(1, 10_000)),
        cap_minor=draw(st.none() | st.integers(1, 10**6)) if is_share else None,
        fulfilment=given_kind.fulfilment if given_kind else draw(plain),
        gives=given_kind,
        **more,
    )


@st.composite
def choices_for(draw: Any, rule: RewardRule) -> tuple[Choice, ...]:
    if rule.gives:
        return (Choice("friend", fulfilment=rule.fulfilment, to_friend=True),) if draw(st.booleans()) else ()
    found = draw(st.lists(st.tuples(gives, st.integers(1, 999), st.booleans()), max_size=4, unique_by=repr))
    return tuple(
        Choice(f"k{n}", Value.FIXED, value, kind, kind.fulfilment if kind else rule.fulfilment, to_friend)
        for n, (kind, value, to_friend) in enumerate(found)
    )


@st.composite
def any_terms(draw: Any) -> Terms:
    ground = draw(rules(every=draw(st.integers(1, 1000)), recurring_months=draw(st.integers(0, 120))))
    ground = replace(ground, choices=draw(choices_for(ground)))
    offer = Offer(Value.FIXED, 500, CodeSource.SHOP_CODE, "X", draw(st.integers(1, 365)))
    tiers = []
    for number, threshold in enumerate(sorted(draw(st.sets(st.integers(1, 10**6), max_size=5))), 1):
        rule = draw(rules(every=ground.every, recurring_months=ground.recurring_months, choices=ground.choices))
        own = draw(st.none() | st.integers(1, 10_000).map(lambda value: replace(offer, value=value, shop_code="L")))
        tiers.append(Tier(f"Level {number}", threshold, rule, own))
    ids = st.lists(st.sampled_from(["p1", "p2", "c-3"]), min_size=1, unique=True).map(tuple)
    return Terms(
        currency="EUR",
        advocate_reward=ground,
        offer=offer,
        friend_reward=draw(st.none() | rules()),
        count_tax=draw(st.booleans()),
        count_shipping=draw(st.booleans()),
        hold_overrides=tuple(draw(st.lists(st.builds(HoldOverride, ids, days), max_size=8))),
        holiday=draw(st.none() | st.just(Holiday("2026-11-01", "2026-12-24", "2027-01-31"))),
        trust_hold_days=tuple(draw(st.lists(days, max_size=5))),
        advocate_cap=draw(st.none() | st.integers(1, 1000)),
        advocate_cap_minor=draw(st.none() | st.integers(1, 10**6)),
        cap_period=draw(st.sampled_from(CapPeriod)),
        tiers=tuple(tiers),
        tier_metric=draw(st.sampled_from(TierMetric)),
    )


@settings(max_examples=60, deadline=None)
@given(any_terms())
def test_terms_go_through_the_form_without_loss(terms):
    program = Program(merchant=Merchant(), name="P", slug="p", draft=terms.to_json(), auto_enrol="OFF")
    form = ProgramForm(typed(program), program=program)
    assert form.is_valid(), form.errors
    assert form.terms() == terms
