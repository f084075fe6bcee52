"""What differs between two versions, in the merchant's words: every rule is told apart, and nothing twice."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchants.models import Merchant
from programs.models import Program
from programs.rules import (
    CapPeriod,
    Choice,
    CodeRule,
    CodeSource,
    Form,
    Fulfilment,
    Gives,
    HoldOverride,
    Holiday,
    Offer,
    RewardRule,
    Scope,
    Terms,
    Tier,
    TierMetric,
    TouchRule,
    Value,
)
from programs.wording.changes import RULES, Difference, Section, differences
from referral_saas.dashboard.forms.program import ProgramForm
from tests.programs.test_wording import terms_of_any_kind

CREDIT = Gives("k1", "Credit", Form.STORE_CREDIT, "EUR", Fulfilment.BALANCE)
MUG = Gives("k2", "Mug", Form.GIFT, "PIECES", Fulfilment.SHIPMENT, 900)
TEN = RewardRule(Value.FIXED, 1000, fulfilment=Fulfilment.MANUAL)
BEFORE = Terms(currency="EUR", advocate_reward=TEN)
PROGRAM = Program(merchant=Merchant(name="Nordlicht Kaffee"), name="Freunde", slug="freunde", draft=BEFORE.to_json())


def changed(before: Terms = BEFORE, language: str = "en", **changes: Any) -> list[tuple[str, str, str]]:
    found = differences(before, replace(before, **changes), PROGRAM, language)
    return [(one.label, one.before.replace("\xa0", " "), one.after.replace("\xa0", " ")) for one in found]


CASES: list[tuple[dict[str, Any], list[tuple[str, str, str]]]] = [
    ({"advocate_reward": replace(TEN, value=1500)}, [("Advocates get", "€10.00", "€15.00")]),
    (
        {"advocate_reward": replace(TEN, kind=Value.PERCENT, value=1250, cap_minor=2000)},
        [("Advocates get", "€10.00", "12.5% of the order's value, €20.00 at most")],
    ),
    (
        {"advocate_reward": replace(TEN, gives=CREDIT)},
        [
            ("Advocates get", "€10.00", "€10.00 (Credit)"),
            ("How advocates get it", "By hand", "An account kept here"),
        ],
    ),
    (
        {"advocate_reward": replace(TEN, fulfilment=Fulfilment.COUPON_POOL)},
        [("How advocates get it", "By hand", "Codes that you upload")],
    ),
    ({"advocate_reward": replace(TEN, every=3)}, [("Advocates get it for", "each friend", "every 3 friends")]),
    (
        {"advocate_reward": replace(TEN, recurring_months=12)},
        [("Further orders of the same friend", "no", "for 12 months")],
    ),
    (
        {"advocate_reward": replace(TEN, choices=(Choice("a", Value.FIXED, 1, MUG),))},
        [("Choices of the advocate", "none", "Instead you may choose: Mug.")],
    ),
    ({"offer": None}, [
        ("Friends get before they buy", "10% off", "nothing"),
        ("Where codes come from", "single-use codes that you upload", "none"),
        ("A code is valid for", "30 days", "none"),
    ]),
    (
        {"offer": Offer(Value.FIXED, 500)},
        [("Friends get before they buy", "10% off", "€5.00 off")],
    ),
    (
        {"offer": Offer(source=CodeSource.SHOP_CODE, shop_code="FREUND")},
        [("Where codes come from", "single-use codes that you upload", "one code for everybody: FREUND")],
    ),
    ({"offer": Offer(valid_days=1)}, [("A code is valid for", "30 days", "1 day")]),
    (
        {"friend_reward": TEN},
        [("Friends get after they bought", "nothing", "€10.00"), ("How friends get it", "none", "By hand")],
    ),
    (
        {"tiers": (Tier("Gold", 5, replace(TEN, value=2000)),)},
        [("Levels", "none", "Level “Gold”, once 5 friends have counted: €20.00.")],
    ),
    (
        {"tier_metric": TierMetric.REVENUE},
        [("Levels are reached by", "friends whose order counted", "what those friends ordered")],
    ),
    ({"advocate_cap": 12}, [("Most rewards per advocate", "none", "12")]),
    ({"advocate_cap_minor": 50_000}, [("Most value per advocate", "none", "€500.00")]),
    ({"cap_period": CapPeriod.YEAR}, [("These limits count", "for ever", "per calendar year")]),
    ({"new_customers_only": False}, [("Only for new customers", "yes", "no")]),
    ({"min_order_minor": 4990}, [("Smallest order that counts", "none", "€49.90")]),
    ({"count_tax": True}, [("Tax counts", "no", "yes")]),
    ({"count_shipping": True}, [("Shipping counts", "no", "yes")]),
    ({"attribution_window_days": 60}, [("Time from click to order", "30 days", "60 days")]),
    ({"qualification_window_days": 180}, [("Time from click to payment", "90 days", "180 days")]),
    (
        {"touch_rule": TouchRule.LAST},
        [("Of several who recommended, the reward goes to", "the first one", "the last one")],
    ),
    (
        {"code_rule": CodeRule.TOUCH},
        [("A code typed at the checkout", "always wins", "counts like a link opened then")],
    ),
    ({"starts_on": "2027-01-31"}, [("First day", "open", "31 January 2027")]),
    ({"ends_on": "2027-12-31"}, [("Last day", "open", "31 December 2027")]),
    (
        {"scope": Scope.PRODUCTS, "scope_ids": ("p1", "p2")},
        [("Which products count", "the whole shop", "certain products: p1, p2")],
    ),
    ({"countries": ("DE", "AT")}, [("Countries", "everywhere", "Austria and Germany")]),
    ({"return_window_days": 14}, [("Rewards are held for", "30 days", "14 days")]),
    ({"hold_overrides": (HoldOverride(("p1",), 60),)}, [("Hold of certain products", "none", "p1: 60 days")]),
    (
        {"holiday": Holiday("2026-11-15", "2026-12-24", "2027-01-31")},
        [("Holidays", "none", "delivered 15 November 2026 to 24 December 2026, returns until 31 January 2027")],
    ),
    (
        {"trust_hold_days": (14, 7)},
        [("Longest hold of trusted advocates", "none", "level 1: 14 days; level 2: 7 days")],
    ),
    ({"advocates_must_be_customers": True}, [("Advocates must have bought before", "no", "yes")]),
    ({"advocate_min_orders": 2}, [("Orders an advocate must have", "0", "2")]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "told"), CASES, ids=["+".join(changes) for changes, _told in CASES])
def test_each_rule_is_told_by_itself_and_back(changes: dict[str, Any], told: list[tuple[str, str, str]]) -> None:
    assert changed(**changes) == told
    back = differences(replace(BEFORE, **changes), BEFORE, PROGRAM, "en")
    assert [(one.label, one.after.replace("\xa0", " ")) for one in back] == [(label, was) for label, was, _is in told]


def test_every_field_of_the_terms_has_a_case() -> None:
    covered = {name for changes, _told in CASES for name in changes}
    assert {field.name for field in fields(Terms)} - covered == {"currency"}
    assert ("Currency", "EUR", "USD") in changed(currency="USD")


def test_equal_terms_differ_in_nothing() -> None:
    assert changed() == []


def test_several_changes_come_in_the_order_of_the_editor() -> None:
    told = changed(ends_on="2027-12-31", advocate_reward=replace(TEN, value=1500), offer=Offer(value=2000))
    assert [label for label, _before, _after in told] == ["Friends get before they buy", "Advocates get", "Last day"]


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        (replace(BEFORE, friend_reward=TEN), {"friend_reward": replace(TEN, every=2)}),
        (BEFORE, {"advocate_reward": replace(TEN, cap_minor=5)}),  # a fixed amount has no cap
        (BEFORE, {"scope_ids": ("p1",)}),  # the whole shop counts all the same
        (
            replace(BEFORE, scope=Scope.PRODUCTS, scope_ids=tuple(f"p{n}" for n in range(20))),
            {"scope_ids": (*(f"p{n}" for n in range(19)), "x")},  # beyond what is written out
        ),
    ],
)
def test_what_no_rule_tells_apart_is_said_all_the_same(before: Terms, changes: dict[str, Any]) -> None:
    assert changed(before, **changes) == [("Details that people do not read", "as they were", "changed")]


def test_many_ids_are_not_written_out() -> None:
    [(_label, before, after)] = changed(scope=Scope.COLLECTIONS, scope_ids=tuple(f"c{n}" for n in range(500)))
    assert before == "the whole shop"
    assert after.startswith("certain collections: c0, c1, ")
    assert after.endswith("c11, and 488 more")


def test_amounts_are_written_as_the_language_writes_them() -> None:
    assert changed(language="de", min_order_minor=4990)[0][2] == "49,90 €"


def test_every_rule_leads_to_a_field_of_the_editor() -> None:
    """Groups are drawn as often as there are some: their first fields stand for them."""
    form = ProgramForm(program=PROGRAM)
    missing = [rule.field for rule in RULES if rule.field and rule.field not in form.fields]
    assert missing == []
    assert {rule.section for rule in RULES} == set(Section)


@settings(max_examples=80, deadline=None)
@given(terms_of_any_kind, terms_of_any_kind, st.sampled_from(["en", "de"]))
def test_versions_that_differ_never_look_alike(one: Terms, other: Terms, language: str) -> None:
    found: list[Difference] = differences(one, other, PROGRAM, language)
    assert bool(found) == (one != other)
    assert all(each.before != each.after and each.before and each.after for each in found)
    assert not [text for each in found for text in (each.before, each.after) if "%(" in text or "None" in text]
