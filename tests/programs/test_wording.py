from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.money import EXPONENTS
from merchants.models import Merchant
from programs import wording
from programs.models import Program
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
    Problem,
    RewardRule,
    Scope,
    Terms,
    Tier,
    TierMetric,
    TouchRule,
    Value,
)
from programs.templates import TEMPLATES

SHOP = TEMPLATES["shop"].terms_in("EUR")


def of(terms: Terms) -> Program:
    """A program that is in no database: wording reads nothing but names and terms."""
    merchant = Merchant(name="Nordlicht Kaffee", slug="nordlicht")
    return Program(merchant=merchant, name="Freunde", draft=terms.to_json())


def summary(**changes: Any) -> str:
    terms = replace(SHOP, **changes)
    return "\n".join(wording.plain_summary(terms, of(terms), "en"))


def test_summary_of_the_shop_template_word_for_word():
    assert summary().split("\n") == [
        "You can take part as soon as you have joined; you need not have bought from Nordlicht Kaffee before.",
        "Your friend gets 10% off with a code that works once and is valid for 30 days after they ask for it. "
        "This is for people who have not bought from Nordlicht Kaffee before.",
        "For each friend whose order counts, you get 10% of the order's value, €50.00 at most. "
        "Nordlicht Kaffee sends it to you.",
        "Your friend must order within 30 days of opening your link or receiving their code. "
        "The order must be paid within 90 days of that. "
        "The value of an order is what your friend pays for products after all discounts, without tax, shipping, tips "
        "and gift cards. "
        "If several people recommend Nordlicht Kaffee to the same friend, the first one gets the reward, unless the "
        "friend enters the code of another one at checkout. "
        "Your own orders do not count, and each friend counts once.",
        "Your reward is held until 30 days after your friend's whole order was delivered, because it can be returned "
        "until then. "
        "Where no delivery is reported, the time is counted from dispatch or payment with a few days added. "
        "If part of the order is returned, the reward becomes smaller in proportion; if the order is cancelled or "
        "returned as a whole, there is no reward.",
        "Say openly that you get a reward from Nordlicht Kaffee when you recommend it. "
        "Recommend it only to people you know, and send nobody messages they did not ask for.",
        "Nordlicht Kaffee can change, pause or end this program for the future. "
        "Referrals made before keep the conditions they were made under, and rewards already earned still come.",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"advocate_min_orders": 1}, "once you have paid for 1 order at"),
        ({"advocate_min_orders": 3}, "once you have paid for 3 orders at"),
        ({"advocates_must_be_customers": True}, "You can take part if you have bought from Nordlicht Kaffee before."),
        ({"starts_on": "2026-03-01", "ends_on": "2026-03-31"}, "runs from 1 March 2026 to 31 March 2026."),
        ({"starts_on": "2026-03-01"}, "The program starts on 1 March 2026."),
        ({"ends_on": "2026-03-31"}, "The program ends on 31 March 2026."),
        ({"min_order_minor": 5000}, "The order must be worth at least €50.00."),
        ({"countries": ("DE", "AT")}, "Only orders from these countries count: Austria and Germany."),
        ({"scope": Scope.PRODUCTS, "scope_ids": ("1",)}, "Only certain products count"),
        ({"scope": Scope.COLLECTIONS, "scope_ids": ("1",)}, "Only products of certain collections count"),
        ({"touch_rule": TouchRule.LAST}, "the last one gets the reward"),
        ({"advocate_cap": 1}, "rewarded for 1 friend in total"),
        ({"advocate_cap": 20}, "rewarded for 20 friends in total"),
        ({"return_window_days": 0}, "Your reward comes when your friend's whole order was delivered."),
        ({"return_window_days": 1}, "held until 1 day after"),
        ({"attribution_window_days": 1}, "must order within 1 day of"),
        ({"offer": Offer(source=CodeSource.SHOP_CODE, shop_code="X")}, "10% off with a code that is valid for 30 days"),
        ({"offer": Offer(kind=Value.FIXED, value=1250)}, "Your friend gets €12.50 off with a code that works once"),
        (
            {"offer": None, "friend_reward": RewardRule(kind=Value.FIXED, value=2000)},
            "Your friend gets a reward of €20.00 after their order, at the same time as you.",
        ),
        ({"friend_reward": RewardRule(value=500)}, "a reward of 5% of their order's value, at the same time as you."),
        ({"friend_reward": RewardRule(value=500, cap_minor=900)}, "5% of their order's value, €9.00 at most, at the"),
        (
            {"advocate_reward": RewardRule(kind=Value.FIXED, value=1000, fulfilment=Fulfilment.COUPON_POOL)},
            "You get €10.00 for each friend whose order counts. It comes as a voucher code for Nordlicht Kaffee.",
        ),
        ({"advocate_reward": RewardRule(value=1225)}, "you get 12.25% of the order's value."),
        ({"offer": None}, "Nothing is promised to your friend yet."),
        ({"advocate_reward": RewardRule(value=1250)}, "you get 12.5% of the order's value. Nordlicht Kaffee sends"),
    ],
)
def test_every_rule_is_told(changes, sentence):
    assert sentence in summary(**changes)


SPACE = Gives("k1", "Space", Form.CUSTOM_UNIT, "MB", Fulfilment.BALANCE, None, 365)
MUG = Gives("k2", "Mug of the house", Form.GIFT, "PIECES", Fulfilment.SHIPMENT)
MONTH = Gives("k3", "A free month", Form.FREE_TIME, "MONTHS", Fulfilment.MANUAL)
CREDIT = Gives("k4", "Credit", Form.STORE_CREDIT, "EUR", Fulfilment.BALANCE)
FOREST = Gives("k5", "Forest", Form.DONATION, "EUR", Fulfilment.MANUAL, None, None, {"charity": "The forest"})
CARD = Gives("k6", "Gift card", Form.GIFT_CARD, "EUR", Fulfilment.GIFT_CARD)
TEN = RewardRule(kind=Value.FIXED, value=1000)


def giving(gives: Gives, value: int, **more: Any) -> RewardRule:
    return RewardRule(kind=Value.FIXED, value=value, fulfilment=gives.fulfilment, gives=gives, **more)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"advocate_reward": giving(SPACE, 500)},
            "You get 500\xa0MB for each friend whose order counts. It is added to "
            "your account with Nordlicht Kaffee (Space). You can use it for 365 days after you get it.",
        ),
        (
            {"advocate_reward": giving(MUG, 1)},
            "You get Mug of the house for each friend whose order counts. It is sent to you by post",
        ),
        ({"advocate_reward": giving(MUG, 3)}, "You get 3 × Mug of the house for each friend"),
        ({"advocate_reward": giving(MONTH, 2)}, "You get 2 months for each friend whose order counts."),
        ({"advocate_reward": giving(FOREST, 500)}, "Nordlicht Kaffee donates it in your name to The forest."),
        ({"advocate_reward": giving(CARD, 1000)}, "It comes as a gift card (Gift card)."),
        (
            {"friend_reward": giving(SPACE, 500)},
            "Your friend gets 500\xa0MB (Space) after their order, at the same time",
        ),
        (
            {"advocate_reward": replace(TEN, every=3)},
            "You get €10.00 each time the orders of 3 more friends have counted.",
        ),
        (
            {"advocate_reward": RewardRule(every=2, cap_minor=900)},
            "Each time the orders of 2 more friends have counted, "
            "you get 10% of the last order's value, €9.00 at most.",
        ),
        (
            {"advocate_reward": replace(TEN, recurring_months=12)},
            "Further orders of the same friend in the 12 months after their first one bring you the same again.",
        ),
        (
            {"tiers": (Tier("Gold", 5, replace(TEN, value=2500), Offer(value=2000)),)},
            "Level “Gold”, once 5 friends have "
            "counted: €25.00, and 20% off for your friends. You keep a level once you have reached it",
        ),
        (
            {"tiers": (Tier("Gold", 100_000, RewardRule(value=1500)),), "tier_metric": TierMetric.REVENUE},
            "Level “Gold”, once your friends have ordered for €1,000.00: 15% of the order's value.",
        ),
        (
            {
                "advocate_reward": replace(
                    TEN,
                    choices=(
                        Choice("a", Value.FIXED, 1200, CREDIT),
                        Choice("b", to_friend=True),
                        Choice("c", gives=FOREST),
                    ),
                )
            },
            "Instead you may choose: €12.00 (Credit), the same for your friend, or €10.00 as a donation to The forest.",
        ),
        ({"advocate_cap": 5, "cap_period": CapPeriod.YEAR}, "rewarded for 5 friends in a calendar year"),
        ({"advocate_cap": 5, "cap_period": CapPeriod.ROLLING_30}, "rewarded for 5 friends within 30 days"),
        ({"advocate_reward": giving(SPACE, 500), "advocate_cap_minor": 16_000}, "You can get 16,000\xa0MB in total"),
        ({"advocate_cap_minor": 9000, "cap_period": CapPeriod.ROLLING_365}, "You can get €90.00 within 365 days"),
        ({"count_tax": True}, "after all discounts, with tax but without shipping, tips and gift cards."),
        ({"count_shipping": True}, "for products and shipping after all discounts, without tax, tips and gift cards."),
        (
            {"hold_overrides": (HoldOverride(("p1",), 60), HoldOverride(("p2",), 7))},
            "For some products the time is longer: up to 60 days. For some products the time is shorter.",
        ),
        ({"trust_hold_days": (7,)}, "whom Nordlicht Kaffee has come to trust the time may be shorter."),
        (
            {"holiday": Holiday("2026-11-15", "2026-12-24", "2027-01-31")},
            "What is delivered from 15 November 2026 to 24 "
            "December 2026 can be returned until 31 January 2027; rewards for it are held at least until then.",
        ),
    ],
)
def test_every_rule_across_orders_is_told(changes, sentence):
    assert sentence in summary(**changes)


def test_what_does_not_hold_is_not_told():
    plain = summary()
    for words in ("at least", "countries count", "certain products", "in total", "The program"):
        assert words not in plain
    assert "not bought" not in summary(new_customers_only=False, advocates_must_be_customers=True)


@pytest.mark.parametrize(
    ("rule", "promise"),
    [
        (RewardRule(kind=Value.FIXED, value=1000), "Get €10.00 for each friend who buys."),
        (RewardRule(value=1000), "Get 10% of each friend's order."),
        (RewardRule(value=1000, cap_minor=5000), "Get 10% of each friend's order, up to €50.00."),
        (RewardRule(kind=Value.FIXED, value=1000, every=3), "Get €10.00 for every 3 friends who buy."),
        (RewardRule(value=1000, every=3), "Get 10% of one order for every 3 friends who buy."),
        (giving(SPACE, 500), "Get 500\xa0MB for each friend who buys."),
        (giving(MUG, 1), "Get Mug of the house for each friend who buys."),
    ],
)
def test_advocate_promise(rule, promise):
    terms = replace(SHOP, advocate_reward=rule)
    assert wording.advocate_promise(terms, of(terms), "en") == promise


@pytest.mark.parametrize(
    ("changes", "advocate", "headline"),
    [
        ({}, "Dana", "Dana gives you 10% off at Nordlicht Kaffee"),
        ({}, "", "A friend gives you 10% off at Nordlicht Kaffee"),
        (
            {"offer": None, "friend_reward": RewardRule(kind=Value.FIXED, value=2000)},
            "Dana",
            "Dana recommends Nordlicht Kaffee: you get a reward of €20.00 after your order",
        ),
        (
            {"offer": None, "friend_reward": RewardRule(value=500)},
            "",
            "A friend recommends Nordlicht Kaffee: you get 5% of your order back as a reward",
        ),
        ({"offer": None}, "Dana", "A friend recommends Nordlicht Kaffee"),
        (
            {"offer": None, "friend_reward": giving(SPACE, 500)},
            "Dana",
            "Dana recommends Nordlicht Kaffee: you get 500\xa0MB after your order",
        ),
    ],
)
def test_friend_headline(changes, advocate, headline):
    terms = replace(SHOP, **changes)
    assert wording.friend_headline(terms, of(terms), "en", advocate=advocate) == headline


def test_friend_conditions():
    terms = replace(
        SHOP,
        min_order_minor=5000,
        countries=("DE",),
        scope=Scope.PRODUCTS,
        scope_ids=("1",),
        friend_reward=RewardRule(kind=Value.FIXED, value=500),
    )
    assert wording.friend_conditions(terms, of(terms), "en") == [
        "For people who have not bought from Nordlicht Kaffee before.",
        "From an order of €50.00 on, without tax and shipping.",
        "For certain products only.",
        "For orders from: Germany.",
        "Your code works once and is valid for 30 days.",
        "Your reward comes 30 days after your order was delivered, unless you return it.",
    ]


def test_disclosure_names_who_is_rewarded_and_by_whom():
    program = of(SHOP)
    assert wording.disclosure(SHOP, program, "en", advocate="Dana") == (
        "Advertisement: Dana gets a reward from Nordlicht Kaffee if you buy."
    )
    assert wording.disclosure(SHOP, program, "en") == (
        "Advertisement: whoever sent you this link gets a reward from Nordlicht Kaffee if you buy."
    )
    assert wording.share_disclosure(SHOP, program, "en") == (
        "Advertisement: I get a reward from Nordlicht Kaffee if you buy."
    )


def test_terms_page_is_the_summary_with_headings():
    program = of(SHOP)
    clauses = wording.terms_page(SHOP, program, "en")
    assert [str(clause) for clause in clauses] == wording.plain_summary(SHOP, program, "en")
    assert clauses[0].heading == "Who can take part"
    assert all(clause.sentences for clause in clauses)


def test_problem_text_of_an_unknown_code_still_says_something():
    assert wording.problem_text(Problem("offer", "never_heard")) == "Check this setting."


def test_percent_signs_and_braces_in_names_stay_as_they_are():
    program = of(SHOP)
    program.merchant.name = "100% {shop} <b>"
    assert "100% {shop} <b>" in "\n".join(wording.plain_summary(SHOP, program, "en"))
    assert wording.friend_headline(SHOP, program, "en", advocate="50% %(name)s").startswith("50% %(name)s gives you")


rules = st.builds(
    RewardRule,
    kind=st.sampled_from(Value),
    value=st.integers(1, 10_000),
    cap_minor=st.none() | st.integers(1, 10**9),
    fulfilment=st.sampled_from(Fulfilment),
    gives=st.sampled_from([None, SPACE, MUG, MONTH, CREDIT, FOREST, CARD]),
    every=st.integers(1, 9),
    recurring_months=st.integers(0, 24),
    choices=st.sampled_from(
        [(), (Choice("a", Value.FIXED, 5, MUG), Choice("b", to_friend=True), Choice("c", gives=FOREST))]
    ),
)
offers = st.builds(
    Offer,
    kind=st.sampled_from(Value),
    value=st.integers(1, 10_000),
    source=st.sampled_from(CodeSource),
    valid_days=st.integers(1, 365),
)
days = st.none() | st.dates().map(lambda day: day.isoformat())
terms_of_any_kind = st.builds(
    Terms,
    currency=st.sampled_from(sorted(EXPONENTS)),
    advocate_reward=rules,
    offer=st.none() | offers,
    friend_reward=st.none() | rules,
    new_customers_only=st.booleans(),
    min_order_minor=st.integers(0, 10**9),
    advocates_must_be_customers=st.booleans(),
    advocate_min_orders=st.integers(0, 5),
    countries=st.lists(st.sampled_from(["DE", "AT", "US", "ZZ"]), unique=True).map(tuple),
    scope=st.sampled_from(Scope),
    touch_rule=st.sampled_from(TouchRule),
    attribution_window_days=st.integers(1, 365),
    qualification_window_days=st.integers(1, 365),
    return_window_days=st.integers(0, 365),
    advocate_cap=st.none() | st.integers(1, 1000),
    starts_on=days,
    ends_on=days,
    count_tax=st.booleans(),
    count_shipping=st.booleans(),
    advocate_cap_minor=st.none() | st.integers(1, 10**6),
    cap_period=st.sampled_from(CapPeriod),
    tiers=st.lists(st.builds(Tier, st.just("Gold"), st.integers(1, 99), rules, st.none() | offers), max_size=3).map(
        tuple
    ),
    tier_metric=st.sampled_from(TierMetric),
    hold_overrides=st.lists(st.builds(HoldOverride, st.just(("p1",)), st.integers(0, 99)), max_size=3).map(tuple),
    holiday=st.none() | st.just(Holiday("2026-11-15", "2026-12-24", "2027-01-31")),
    trust_hold_days=st.sampled_from([(), (7,), (14, 7)]),
)


@settings(max_examples=80, deadline=None)
@given(terms_of_any_kind, st.sampled_from(["en", "de"]))
def test_any_terms_make_whole_sentences(terms, language):
    program = of(terms)
    texts = [*wording.plain_summary(terms, program, language), *wording.friend_conditions(terms, program, language)]
    texts += [wording.advocate_promise(terms, program, language), wording.disclosure(terms, program, language)]
    for text in texts:
        assert text.endswith(".")
        assert "%(" not in text
        assert "None" not in text
    assert wording.friend_headline(terms, program, language)
    assert Terms.from_json(terms.to_json()) == terms
