"""An order's facts through the database: attribution, the hold, release, delivery, refunds before and after."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.models import Advocate, Customer, Link
from kit.locks import Rank, watch
from merchants.models import Event
from programs.actions.edit import save_draft
from programs.actions.lifecycle import end_program, pause_program, publish_program
from programs.models import Program, TermsVersion
from programs.rules import Fulfilment, RewardRule
from rewards import ledger
from rewards.models import Account, FulfilmentAttempt, LedgerEntry, Reward
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work, enrolled
from tests.facts import DAY, delivery, parcel, refund, snapshot
from tests.once import for_a_file
from tracking.models import Click, Order, Referral

pytestmark = pytest.mark.django_db


built, world = for_a_file(a_world)


def standing(world: World) -> dict:
    """All that must be the same however the facts came."""
    with at_work(world.merchant):
        rewards = list(
            Reward.objects.values_list(
                "side", "state", "amount_minor", "full_minor", "clawed_back_minor", "reason", "release_at"
            )
        )
        referrals = list(Referral.objects.values_list("state", "reasons", "advocate_id", "over_cap"))
        orders = list(Order.objects.values_list("outcome", "base_minor", "net_base_minor", "paid_at", "cancelled_at"))
        accounts = {a: ledger.balance(a, unit="EUR") for a in Account}
    return {"rewards": rewards, "referrals": referrals, "orders": orders, "accounts": accounts}


def the_reward(world: World) -> Reward:
    with at_work(world.merchant):
        return Reward.objects.get(side="ADVOCATE")


def balances(world: World) -> dict[str, int]:
    with at_work(world.merchant):
        return {a: total for a in Account if (total := ledger.balance(a, unit="EUR"))}


def test_a_click_and_a_paid_order_hold_ten_percent_until_thirty_days_after_delivery(world):  # hostile 1
    token = world.click()
    settled = world.take(snapshot(world.now, token=token), delivery(world.now + 2 * DAY))
    assert settled.is_new
    reward = the_reward(world)
    assert (reward.state, reward.amount_minor, reward.unit) == ("HELD", 2000, "EUR")
    assert reward.release_at == world.now + 32 * DAY
    assert (settled.referral.matched_by, settled.referral.how) == ("TOKEN", "first_touch")
    assert balances(world) == {"REWARD_COST": 2000, "HELD": -2000}
    with at_work(world.merchant):
        assert list(Event.objects.filter(subject_kind="reward").values_list("code", flat=True)) == ["reward.held"]


def test_the_same_facts_again_change_nothing(world):
    facts = (snapshot(world.now, token=world.click()), delivery(world.now))
    world.take(*facts)
    with at_work(world.merchant):
        before = (Event.objects.count(), LedgerEntry.objects.count())
    with CaptureQueriesContext(connection) as asked:
        again = world.take(*facts)
    assert not again.is_new
    assert [query["sql"] for query in asked if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []
    with at_work(world.merchant):
        assert (Event.objects.count(), LedgerEntry.objects.count()) == before


def test_the_whole_way_of_a_reward(world):
    world.take(
        snapshot(world.now - 40 * DAY, token=world.click(at=world.now - 41 * DAY)), delivery(world.now - 31 * DAY)
    )
    ref = world.merchant.tenant_ref()
    assert release.sweep(ref) is None
    assert the_reward(world).state == "RELEASED"
    assert balances(world) == {"REWARD_COST": 2000, "PAYABLE": -2000}
    fulfil.sweep(ref)
    reward = the_reward(world)
    assert (reward.state, reward.attempts, reward.next_try_at) == ("FULFILLED", 1, None)
    assert reward.voucher.startswith("FREUNDE-REWARD-")
    assert balances(world) == {"REWARD_COST": 2000, "FULFILLED": -2000}

    world.take(refund(world.now, amount=5000))
    reward = the_reward(world)
    assert (reward.state, reward.amount_minor, reward.clawed_back_minor) == ("FULFILLED", 2000, 500)
    world.take(refund(world.now, "r2", amount=15000))
    reward = the_reward(world)
    assert (reward.state, reward.clawed_back_minor, reward.reason) == ("REVERSED", 2000, "order_refunded")
    assert balances(world) == {"CLAWED_BACK": 2000, "FULFILLED": -2000}
    with at_work(world.merchant):
        assert list(FulfilmentAttempt.objects.values_list("state", flat=True)) == ["SUCCEEDED"]


def test_a_hold_that_is_not_over_is_not_released(world):
    world.take(snapshot(world.now, token=world.click()), delivery(world.now))
    due = release.sweep(world.merchant.tenant_ref())
    assert due is not None
    assert the_reward(world).state == "HELD"


def test_a_released_reward_follows_a_refund_before_it_is_paid():
    world = a_world(advocate_reward=RewardRule(fulfilment=Fulfilment.MANUAL))
    world.take(
        snapshot(world.now - 40 * DAY, token=world.click(at=world.now - 41 * DAY)), delivery(world.now - 31 * DAY)
    )
    release.sweep(world.merchant.tenant_ref())
    world.take(refund(world.now, amount=5000))
    assert (the_reward(world).state, the_reward(world).amount_minor) == ("RELEASED", 1500)
    world.take(refund(world.now, "r2", amount=15000))
    assert (the_reward(world).state, the_reward(world).amount_minor) == ("CANCELLED", 0)
    assert balances(world) == {}


def test_a_refund_before_its_order_waits_for_it(world):  # hostile 21
    parked = world.take(refund(world.now, amount=5000), email="")
    assert parked.order.outcome == "AWAITED"
    world.take(snapshot(world.now, token=world.click()))
    assert the_reward(world).amount_minor == 1500


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_cancelled_order_ends_cancelled_in_every_order(world, order):  # hostile 22
    token = world.click()
    facts = [
        snapshot(world.now, token=token, paid=False, as_of=world.now - DAY),
        snapshot(world.now, token=token),
        snapshot(world.now, token=token, cancelled_at=world.now + DAY, as_of=world.now + DAY),
        refund(world.now + DAY, amount=20000),
    ]
    for position in order:
        world.take(facts[position])
    found = standing(world)
    assert found["rewards"] == [("ADVOCATE", "CANCELLED", 0, 2000, 0, "order_cancelled", None)]
    assert found["referrals"] == [("NOT_QUALIFIED", ["order_cancelled"], world.advocate.pk, False)]
    assert set(found["accounts"].values()) == {0}


class TestAttribution:
    def test_without_evidence_an_order_is_kept_without_a_referral(self, world):
        settled = world.take(snapshot(world.now))
        assert (settled.order.outcome, settled.referral) == ("NOT_REFERRED", None)

    def test_a_token_counts_although_its_click_row_was_lost(self, world):
        token = world.click()
        with at_work(world.merchant):
            click_rows = Click.objects.count()
        assert click_rows == 1
        assert world.take(snapshot(world.now, token=token)).referral.advocate_id == world.advocate.pk

    def test_a_forged_token_is_nothing(self, world):
        token = world.click()
        assert world.take(snapshot(world.now, token=token[:-2] + "xx")).referral is None

    def test_the_first_valid_advocate_wins_and_both_touches_are_kept(self, world):  # hostile 53
        second = enrolled(world.merchant, world.program, "dora@advocate.example", "Dora Zwei")
        with at_work(world.merchant):
            link = _link_of(second)
        early, late = world.click(at=world.now - 2 * DAY), world.click(link, at=world.now - DAY)
        settled = world.take(snapshot(world.now, tokens=[late, early]))
        assert settled.referral.advocate_id == world.advocate.pk
        reasons = [item["reason"] for item in settled.order.decision["considered"]]
        assert reasons == ["first_touch", "other_touch_won"]

    def test_a_code_typed_at_checkout_overrides_the_link(self, world):
        second = enrolled(world.merchant, world.program, "dora@advocate.example", "Dora Zwei")
        with at_work(world.merchant):
            code = _link_of(second).code
        settled = world.take(snapshot(world.now, token=world.click(at=world.now - DAY), codes=[(code.lower(), 0)]))
        assert (settled.referral.advocate_id, settled.referral.how) == (second.pk, "typed_code")

    def test_a_code_typed_before_there_was_one_is_nothing(self, world):
        past = world.now - 100 * DAY
        settled = world.take(snapshot(past, codes=[(world.link.code, 0)]))
        assert (settled.referral, settled.order.decision["reason"]) == (None, "program_closed_at_touch")

    def test_a_click_outside_the_window_does_not_count(self, world):
        settled = world.take(snapshot(world.now, token=world.click(at=world.now - 31 * DAY)))
        assert settled.referral is None
        assert settled.order.decision["reason"] == "attribution_window_over"

    def test_own_purchase_is_blocked_however_the_address_is_written(self, world):
        settled = world.take(snapshot(world.now, token=world.click()), email="DANA@advocate.example")
        assert (settled.referral.state, settled.referral.reasons) == ("BLOCKED", ["own_purchase"])
        assert (settled.rewards, balances(world)) == ([], {})

    def test_an_imported_customer_is_not_new(self, world):
        with at_work(world.merchant):
            Customer.objects.create(
                email="eve@friend.example",
                email_key="eve@friend.example",
                source="IMPORT",
                created_at=world.now,
                imported_orders=2,
                first_paid_at=world.now - 90 * DAY,
            )
        settled = world.take(snapshot(world.now, token=world.click()))
        assert (settled.referral.state, settled.referral.reasons) == ("BLOCKED", ["existing_customer"])

    def test_a_friend_of_one_advocate_is_not_anothers(self, world):
        world.take(snapshot(world.now - DAY, token=world.click(at=world.now - 2 * DAY)))
        second = enrolled(world.merchant, world.program, "dora@advocate.example", "Dora Zwei")
        with at_work(world.merchant):
            link = _link_of(second)
        settled = world.take(snapshot(world.now, token=world.click(link)), number="2")
        assert (settled.referral.state, settled.referral.reasons) == ("BLOCKED", ["already_referred"])

    def test_a_paused_program_counts_orders_from_before_and_an_ended_one_too(self, world):
        token = world.click(at=world.now - DAY)
        with at_work(world.merchant):
            pause_program(program=world.program, by="test", now=world.now)
        assert world.take(snapshot(world.now + DAY, token=token)).referral.state == "QUALIFIED"
        with at_work(world.merchant):
            end_program(program=world.program, by="test", now=world.now)
        late = world.take(
            snapshot(world.now + DAY, token=world.click(at=world.now + DAY)), number="2", email="new@friend.example"
        )
        assert late.referral is None

    def test_an_order_of_another_currency_is_kept_and_never_converted_by_one(self, world):
        settled = world.take(snapshot(world.now, token=world.click(), currency="USD"))
        assert (settled.referral.state, settled.referral.reasons) == ("NOT_QUALIFIED", ["currency_differs"])
        assert settled.rewards == []

    def test_a_test_order_makes_no_reward(self, world):  # hostile 27
        settled = world.take(snapshot(world.now, token=world.click(), test=True))
        assert (settled.referral.reasons, settled.rewards) == (["test_order"], [])


def _link_of(advocate: Advocate) -> Link:
    return Link.objects.get(advocate=advocate, channel="LINK")


def test_the_cap_refuses_the_next_one_for_good_and_tells_the_advocate():
    world = a_world(advocate_cap=2)
    for number in ("1", "2", "3"):
        world.take(snapshot(world.now, token=world.click()), number=number, email=f"f{number}@friend.example")
    with at_work(world.merchant):
        assert Reward.objects.filter(state="HELD").count() == 2
        refused = Referral.objects.get(order__external_id="3")
        assert (refused.state, refused.reasons, refused.over_cap) == ("NOT_QUALIFIED", ["advocate_cap_reached"], True)
        assert Event.objects.filter(code="advocate.cap_reached").count() == 1
    world.take(refund(world.now, amount=20000), number="1", email="")
    world.take(delivery(world.now), number="3", email="")
    with at_work(world.merchant):
        assert Reward.objects.filter(state="HELD").count() == 1


def test_old_terms_hold_for_what_was_promised_under_them(world):  # hostile 81
    world.take(snapshot(world.now, token=world.click()))
    with at_work(world.merchant):
        terms = replace(
            world.program.live_terms, advocate_reward=RewardRule(value=5000, fulfilment=Fulfilment.COUPON_POOL)
        )
        save_draft(
            program=world.program,
            terms=terms,
            name="Freunde",
            auto_enrol="OFF",
            self_sign_up=True,
            by="t",
            now=world.now,
        )
        publish_program(program=world.program, by="t", now=world.now)
    world.take(refund(world.now, amount=10000))
    assert the_reward(world).amount_minor == 1000


def test_locks_are_taken_in_the_one_order(world):
    world.take(snapshot(world.now, token=world.click()))
    with watch() as taken:
        world.take(refund(world.now, amount=5000))
    first_taken = list(dict.fromkeys(taken))
    assert first_taken == [Rank.ORDER, Rank.FRIEND, Rank.REFERRAL, Rank.REWARD]


def test_a_paid_order_makes_an_advocate_where_the_program_says_so(world):
    with at_work(world.merchant):
        Program.objects.update(auto_enrol="ON")
    for number in ("1", "2"):
        world.take(snapshot(world.now), number=number)
    with at_work(world.merchant):
        made = Advocate.objects.exclude(pk=world.advocate.pk)
        assert list(made.values_list("customer__email", "state")) == [("eve@friend.example", "ACTIVE")]


def test_a_program_that_wants_two_orders_invites_after_the_second():
    world = a_world()
    with at_work(world.merchant):
        terms = replace(world.program.live_terms, advocate_min_orders=2).to_json()
        version = world.program.terms
        world.program.terms = TermsVersion.objects.create(
            program=world.program, number=2, terms=terms, published_at=world.now, published_by=version.published_by
        )
        world.program.auto_enrol = Program.AutoEnrol.INVITE
        world.program.save()
    seen = []
    for number in ("1", "2"):
        world.take(snapshot(world.now), number=number)
        with at_work(world.merchant):
            seen.append(Advocate.objects.filter(state="INVITED").count())
    assert seen == [0, 1]


def test_a_parcel_edited_after_its_arrival_keeps_the_first_date(world):
    arrived, edited = world.now + DAY, world.now + 5 * DAY
    world.take(
        snapshot(world.now, token=world.click()),
        parcel(world.now, delivered_at=arrived),
        parcel(world.now, delivered_at=edited, as_of=edited),
    )
    assert the_reward(world).release_at == arrived + 30 * DAY
    with at_work(world.merchant):
        assert Order.objects.get().delivered_at == arrived
