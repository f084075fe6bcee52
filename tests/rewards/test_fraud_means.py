"""The hostile cases of fraud by the same means or from the same place: kept as hashes, judged and held."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.apps import apps

from advocates.actions.customers import know_customer
from advocates.models import Customer
from merchants.events import SYSTEM
from merchants.models import TenantModel
from rewards.actions.payouts.accounts import Details, give_payout_account
from rewards.actions.reviews import ask_second_look, decide
from rewards.actions.settle import take_in
from rewards.models import Reward, RewardBlock
from rewards.steps import reviews
from tests.cast import World, a_world, at_work
from tests.facts import DAY, snapshot
from tests.rewards.doubted import (
    FIREFOX,
    HOME,
    MINUTE,
    advocate_with_link,
    forward,
    in_review,
    order,
    seen,
    verdict,
    verdict_now,
)
from tracking.actions.checks import add_entry
from tracking.actions.traces import keep_advocate_trace
from tracking.facts import OrderKey, PersonIn, TraceIn
from tracking.models import (
    AdvocateTrace,
    OrderTrace,
    Reassessment,
    Referral,
    Review,
    Salt,
)
from tracking.salts import EPOCH, LASTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


class TestSameMeans:
    def test_the_advocates_own_card_blocks(self, world):  # hostile 58
        order(world, "own", email="dana@advocate.example", referred=False, payment_fingerprint="card_1")
        settled = order(world, "1", payment_fingerprint="card_1")
        assert verdict(settled) == ("BLOCKED", ["same_means_of_payment"])
        assert settled.rewards == []
        assert verdict(order(world, "2", email="ann@friend.example", payment_fingerprint="card_2"))[0] == "QUALIFIED"

    def test_a_card_that_becomes_known_later_blocks_too(self, world):  # hostile 58
        order(world, "own", email="dana@advocate.example", referred=False, payment_fingerprint="card_1")
        assert verdict(order(world, "1"))[0] == "QUALIFIED"
        with at_work(world.merchant):
            settled = take_in(
                key=OrderKey("api", "1"),
                facts=[],
                person=None,
                trace=TraceIn(payment_fingerprint="card_1"),
                now=world.now,
                by=SYSTEM,
            )
            assert list(Reward.objects.values_list("state", "amount_minor")) == [("CANCELLED", 0)]
        assert verdict(settled) == ("BLOCKED", ["same_means_of_payment"])

    def test_the_advocates_own_payout_account_blocks(self, world):  # hostile 58
        with at_work(world.merchant):
            eve = know_customer(email="eve@friend.example", name="Eve", source=Customer.Source.IMPORT, now=world.now)
            for person in (eve, world.advocate.customer):
                details = Details("IBAN", "Somebody", "DE89 3704 0044 0532 0130 00")
                give_payout_account(customer=person, details=details, by=SYSTEM, now=world.now)
        assert verdict(order(world)) == ("BLOCKED", ["same_payout_account"])

    def test_an_account_given_after_the_order_blocks_too(self, world):
        settled = order(world)
        with at_work(world.merchant):
            for person in (settled.order.customer, world.advocate.customer):
                details = Details("IBAN", "Somebody", "DE89 3704 0044 0532 0130 00")
                give_payout_account(customer=person, details=details, by=SYSTEM, now=world.now)
            assert Reward.objects.get().state == "HELD"
            assert Reassessment.objects.get().referral_id == settled.referral.pk
        reviews.sweep(world.merchant.tenant_ref())
        with at_work(world.merchant):
            assert verdict_now("1") == ("BLOCKED", ["same_payout_account"])
            assert list(Reward.objects.values_list("state", "amount_minor")) == [("CANCELLED", 0)]
            assert Reassessment.objects.count() == 0

    def test_an_account_of_ones_own_asks_nothing_again(self, world):
        settled = order(world)
        with at_work(world.merchant):
            details = Details("IBAN", "Somebody", "DE89 3704 0044 0532 0130 00")
            give_payout_account(customer=settled.order.customer, details=details, by=SYSTEM, now=world.now)
            assert Reassessment.objects.count() == 0

    def test_a_person_may_forgive_a_card_that_a_family_shares(self, world):
        order(world, "own", email="dana@advocate.example", referred=False, payment_fingerprint="card_1")
        referral = order(world, "1", payment_fingerprint="card_1").referral
        with at_work(world.merchant):
            review = ask_second_look(referral=referral, text="My daughter", now=world.now, by="advocate:1")
            decide(review=review, advocate_ok=True, friend_ok=None, now=world.now, by="user:bob")
            assert list(Reward.objects.values_list("state", "amount_minor")) == [("HELD", 2000)]
            assert Referral.objects.get(pk=referral.pk).state == "QUALIFIED"
            assert RewardBlock.objects.filter(lifted_at=None).count() == 0

    def test_what_was_forgiven_one_advocate_is_forgiven_no_other(self, world):
        for number, email in (("own", "dana@advocate.example"), ("his", "gus@advocate.example")):
            order(world, number, email=email, referred=False, payment_fingerprint="card_1")
        other = advocate_with_link(world, "gus@advocate.example")[1]
        token = world.click(at=world.now - DAY)
        earlier = world.click(other, at=world.now - 2 * DAY)
        card = TraceIn(payment_fingerprint="card_1")
        with at_work(world.merchant) as now:
            told = {"key": OrderKey("api", "1"), "person": PersonIn("eve@friend.example"), "trace": card, "by": SYSTEM}
            referral = take_in(facts=[snapshot(now, token=token)], now=now, **told).referral
            review = ask_second_look(referral=referral, text="My daughter", now=now, by="advocate:1")
            decide(review=review, advocate_ok=True, friend_ok=None, now=now, by="user:bob")
            assert Reward.objects.get().state == "HELD"
            news = snapshot(now, tokens=[token, earlier], as_of=now + MINUTE)
            settled = take_in(facts=[news], now=now, **told)
            assert settled.referral.advocate_id == other.advocate_id
            assert list(Reward.objects.values_list("state", "amount_minor")) == [("CANCELLED", 0)]
        assert verdict(settled) == ("BLOCKED", ["same_means_of_payment"])

    def test_what_a_list_said_of_one_advocate_is_forgiven_no_other(self, world):
        other = advocate_with_link(world, "gus@advocate.example")[1]
        token = world.click(at=world.now - DAY)
        earlier = world.click(other, at=world.now - 2 * DAY)
        with at_work(world.merchant) as now:
            add_entry(to="BLOCK", field="EMAIL", pattern="eve@friend.example", note="", now=now, by=SYSTEM)
            told = {"key": OrderKey("api", "1"), "person": PersonIn("eve@friend.example"), "by": SYSTEM}
            referral = take_in(facts=[snapshot(now, token=token)], now=now, **told).referral
            review = ask_second_look(referral=referral, text="My daughter", now=now, by="advocate:1")
            decide(review=review, advocate_ok=True, friend_ok=None, now=now, by="user:bob")
            settled = take_in(facts=[snapshot(now, tokens=[token, earlier], as_of=now + MINUTE)], now=now, **told)
            assert settled.referral.advocate_id == other.advocate_id
        assert verdict(settled) == ("BLOCKED", ["on_block_list"])


class TestPlaces:
    def sign_in(self, world: World, ip: str = HOME, at: datetime | None = None) -> None:
        with at_work(world.merchant):
            trace = TraceIn(ip=ip, user_agent=FIREFOX)
            keep_advocate_trace(advocate=world.advocate, trace=trace, now=at or world.now - 3 * DAY)

    def test_one_address_alone_is_a_dormitory(self, world):  # hostile 59
        self.sign_in(world)
        order(world, ip=HOME, user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1")
        assert seen(world) == ("PASS", {"SAME_ADDRESS": 15})
        assert in_review(world) == set()

    def test_the_address_in_haste_with_the_same_browser_is_looked_at(self, world):  # hostile 60
        self.sign_in(world)
        order(world, ip=HOME, user_agent=FIREFOX, clicked=9 * MINUTE)
        assert seen(world) == ("MEDIUM", {"SAME_ADDRESS": 15, "SAME_BROWSER": 5, "ADDRESS_AND_HASTE": 40})
        assert in_review(world) == {"1"}

    def test_an_address_is_known_again_weeks_later_under_another_salt(self, world):
        self.sign_in(world, at=world.now - 15 * DAY)
        order(world, ip=HOME)
        with at_work(world.merchant):
            assert Salt.objects.count() == 2
        assert seen(world) == ("PASS", {"SAME_ADDRESS": 15})

    def test_the_advocates_own_purchases_tell_their_place_too(self, world):
        order(world, "own", email="dana@advocate.example", referred=False, ip=HOME, at=world.now - DAY)
        order(world, ip="203.0.113.99")
        assert seen(world) == ("PASS", {"SAME_ADDRESS": 5})

    def test_addresses_of_inner_networks_say_nothing(self, world):
        self.sign_in(world, ip="10.0.0.7")
        order(world, ip="10.0.0.7", user_agent=FIREFOX, clicked=MINUTE)
        with at_work(world.merchant):
            assert AdvocateTrace.objects.count() == 0
            found = Referral.objects.get().assessment
        assert (found["signals"], "SAME_ADDRESS" in found["missing"]) == ([], True)

    def test_neither_address_nor_browser_nor_card_is_kept_anywhere(self, world):
        self.sign_in(world)
        told = {"payment_fingerprint": "fp_SECRET", "referrer": "https://blog.example/secret-path?q=1"}
        order(world, ip=HOME, user_agent=FIREFOX, **told)
        models = [model for model in apps.get_models() if issubclass(model, TenantModel)]
        with at_work(world.merchant):
            rows = [str(list(model.objects.values())) for model in models]
            kept = OrderTrace.objects.get()
        assert len(rows) > 40
        for secret in (HOME, "Gecko", "fp_SECRET", "secret-path"):
            assert [text[:200] for text in rows if secret in text] == []
        assert (kept.agent, kept.referrer, len(kept.address), len(kept.fingerprint)) == (
            "firefox/linux", "blog.example", 22, 64,
        )  # fmt: skip
        assert kept.address != kept.network

    def test_what_a_trace_tells_is_not_shown_when_it_is_printed(self):
        trace = TraceIn(ip=HOME, user_agent=FIREFOX, payment_fingerprint="fp", referrer="https://x.example")
        assert repr(trace) == "TraceIn()"

    def test_what_cannot_be_hashed_means_a_review_that_is_never_released(self, world):  # hostile 66
        with at_work(world.merchant):
            times = {"from_at": world.now, "until_at": world.now + DAY, "destroy_at": world.now + 90 * DAY}
            number = (world.now - EPOCH) // LASTS
            Salt.objects.create(number=number, secret="sealed with a key that is gone", **times)
        self.sign_in(world, at=world.now)
        order(world, ip=HOME, user_agent=FIREFOX)
        assert seen(world) == ("HIGH", {"EVALUATION_FAILED": 0})
        with at_work(world.merchant):
            assert (Review.objects.get().cause, OrderTrace.objects.get().address) == ("ERROR", "")
            assert AdvocateTrace.objects.count() == 0
        states = set()
        for _month in range(3):
            forward(world, 31)
            with at_work(world.merchant):
                states.add(Reward.objects.get().state)
        assert states == {"HELD", "CANCELLED"}
        with at_work(world.merchant):
            assert Review.objects.get().state == "VOIDED"
