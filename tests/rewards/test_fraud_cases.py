"""The hostile cases of fraud through the whole intake: what is told, kept as hashes, judged and held."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.actions.customers import know_customer
from advocates.models import Advocate, Customer, Link
from kit.ids import uuid7
from merchants.events import SYSTEM
from merchants.models import Event, TenantModel
from programs.rules import Fulfilment, RewardRule
from rewards.actions.breaker import NotTripped, reset
from rewards.actions.payouts.accounts import Details, give_payout_account
from rewards.actions.reviews import ask_second_look, decide
from rewards.actions.settle import Settled, take_in
from rewards.actions.trust import renew_trust
from rewards.models import Reward, RewardBlock
from rewards.steps import release, reviews
from tests.cast import World, a_world, at_work, enrolled
from tests.facts import DAY, delivery, snapshot
from tracking.actions.checks import BadEntry, add_entry
from tracking.actions.clicks import token_of
from tracking.actions.leaks import dismiss_leak, reopen_leak
from tracking.actions.traces import keep_advocate_trace
from tracking.facts import OrderKey, PersonIn, TraceIn
from tracking.models import (
    AdvocateTrace,
    Breaker,
    Click,
    FraudPolicy,
    Leak,
    ListEntry,
    OrderTrace,
    Reassessment,
    Referral,
    Review,
    Salt,
)
from tracking.salts import EPOCH, LASTS

pytestmark = pytest.mark.django_db

HOME, AWAY = "203.0.113.7", "198.51.100.9"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return a_world()


def order(
    world: World,
    number: str = "1",
    *,
    email: str = "eve@friend.example",
    name: str = "Eve Freund",
    at: datetime | None = None,
    clicked: timedelta = timedelta(hours=1),
    link: Link | None = None,
    code: str = "",
    country: str = "",
    referred: bool = True,
    now: datetime | None = None,
    **trace: Any,
) -> Settled:
    at = at or world.now
    evidence: dict[str, Any] = {}
    if referred:
        evidence = {"codes": [(code, 0)]} if code else {"token": world.click(link, at=at - clicked)}
    with at_work(world.merchant):
        return take_in(
            key=OrderKey("api", number),
            facts=[snapshot(at, **evidence), delivery(at)],
            person=PersonIn(email=email, name=name, country=country),
            trace=TraceIn(**trace) if trace else None,
            now=now or at,
            by=SYSTEM,
        )


def verdict(settled: Settled) -> tuple[str, list[str]]:
    assert settled.referral is not None
    return settled.referral.state, settled.referral.reasons


def verdict_now(number: str) -> tuple[str, list[str]]:
    referral = Referral.objects.get(order__external_id=number)
    return referral.state, referral.reasons


def seen(world: World, number: str = "1") -> tuple[str, dict[str, int]]:
    with at_work(world.merchant):
        found = Referral.objects.get(order__external_id=number).assessment
    return found["level"], {signal["code"]: signal["points"] for signal in found["signals"]}


def in_review(world: World) -> set[str]:
    with at_work(world.merchant):
        return set(Review.objects.filter(state="OPEN").values_list("referral__order__external_id", flat=True))


@pytest.mark.parametrize(
    ("advocate", "friend"),
    [
        ("ab@gmail.com", "a.b+x@googlemail.com"),
        ("dana@yandex.ru", "Dana@yandex.com"),
        ("dana@yahoo.com", "dana-x@yahoo.com"),
        ("dana@shop.example", "DANA@Shop.Example"),
    ],
)
def test_ones_own_purchase_is_blocked_however_the_address_is_spelled(world, advocate, friend):  # hostile 55
    person = enrolled(world.merchant, world.program, advocate, "Ada B")
    with at_work(world.merchant):
        link = Link.objects.get(advocate=person, channel="LINK")
    settled = order(world, email=friend, link=link)
    assert verdict(settled) == ("BLOCKED", ["own_purchase"])
    assert settled.rewards == []


def test_a_tag_at_an_unknown_provider_is_looked_at_and_not_blocked(world):  # hostile 56
    person = enrolled(world.merchant, world.program, "john@unknown.org", "John Doe")
    with at_work(world.merchant):
        link = Link.objects.get(advocate=person, channel="LINK")
    settled = order(world, email="john+x@unknown.org", name="Jay", link=link)
    assert verdict(settled)[0] == "QUALIFIED"
    assert seen(world) == ("MEDIUM", {"SIMILAR_EMAIL": 50})
    assert in_review(world) == {"1"}


def test_a_throw_away_address_is_looked_at(world):  # hostile 57
    order(world, email="eve@mailinator.com")
    assert seen(world) == ("MEDIUM", {"DISPOSABLE_MAIL": 45})
    assert in_review(world) == {"1"}


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
        other = _advocate(world, "gus@advocate.example")[1]
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
        other = _advocate(world, "gus@advocate.example")[1]
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
            _forward(world, 31)
            with at_work(world.merchant):
                states.add(Reward.objects.get().state)
        assert states == {"HELD", "CANCELLED"}
        with at_work(world.merchant):
            assert Review.objects.get().state == "VOIDED"


def _forward(world: World, days: int) -> None:
    with at_work(world.merchant):
        world.merchant.clock_offset += timedelta(days=days)
        world.merchant.save(update_fields=["clock_offset"])
    ref = world.merchant.tenant_ref()
    reviews.sweep(ref)
    release.sweep(ref)


def _advocate(world: World, email: str) -> tuple[Advocate, Link]:
    person = enrolled(world.merchant, world.program, email, email.partition("@")[0].title() + " Ring")
    with at_work(world.merchant):
        return person, Link.objects.get(advocate=person, channel="LINK")


def test_a_ring_of_three_is_looked_at_as_a_whole(world):  # hostile 61
    links = {name: _advocate(world, f"{name}@ring.example")[1] for name in ("anna", "boris", "carla")}
    order(world, "1", email="boris@ring.example", name="Bo", link=links["anna"])
    order(world, "2", email="carla@ring.example", name="Ca", link=links["boris"])
    assert in_review(world) == set()
    order(world, "3", email="anna@ring.example", name="An", link=links["carla"])
    assert in_review(world) == {"3"}
    with at_work(world.merchant):
        assert Reassessment.objects.count() == 2
    ref = world.merchant.tenant_ref()
    reviews.sweep(ref)
    reviews.sweep(ref)
    assert in_review(world) == {"1", "2", "3"}
    assert [seen(world, number) for number in "123"] == [("MEDIUM", {"RING": 50})] * 3
    with at_work(world.merchant):
        assert Reassessment.objects.count() == 0
        assert Event.objects.filter(code="review.opened").count() == 3


def test_looking_again_undoes_nobodys_decision(world):
    links = {name: _advocate(world, f"{name}@ring.example")[1] for name in ("anna", "boris")}
    order(world, "1", email="boris@ring.example", name="Bo", link=links["anna"])
    with at_work(world.merchant):
        FraudPolicy.objects.create(program=world.program, weights={"SIMILAR_NAME": 0})
    order(world, "2", email="anna@ring.example", name="An", link=links["boris"])
    ref = world.merchant.tenant_ref()
    reviews.sweep(ref)
    with at_work(world.merchant):
        first = Review.objects.get(referral__order__external_id="1")
        decide(review=first, advocate_ok=True, friend_ok=None, now=world.now, by="user:bob")
        Reassessment.objects.create(referral=first.referral, cause="ring", asked_at=world.now)
    reviews.sweep(ref)
    with at_work(world.merchant):
        assert Review.objects.get(pk=first.pk).state == "CLEARED"


def test_the_sixth_order_within_an_hour_is_looked_at(world):  # hostile 62
    for n in range(7):
        order(world, str(n), email=f"friend{n * 1111}@f{n}.example", at=world.now + n * 5 * MINUTE)
    assert in_review(world) == {"5", "6"}
    assert seen(world, "5") == ("MEDIUM", {"VELOCITY": 45})


def test_a_friend_from_a_coupon_site_is_looked_at(world):  # hostile 65
    order(world, referrer="https://www.retailmenot.com/view/shop.example?c=1")
    assert seen(world) == ("MEDIUM", {"COUPON_SITE": 45})
    assert in_review(world) == {"1"}


def test_who_came_by_a_link_before_it_was_known_to_have_got_out_is_looked_at(world):
    order(world, "1", at=world.now, clicked=3 * DAY)  # before it got out
    order(world, "2", email="ann@friend.example")
    assert in_review(world) == set()
    with at_work(world.merchant):
        leak = Leak.objects.create(
            link=world.link, kind="COUPON_SITE", seen={}, since=world.now - DAY, found_at=world.now,
        )  # fmt: skip
        dismiss_leak(leak=leak, by="user:bob", now=world.now)
        reopen_leak(leak=leak, by="user:bob", now=world.now)
        assert [asked.referral.order.external_id for asked in Reassessment.objects.all()] == ["2"]
    reviews.sweep(world.merchant.tenant_ref())
    assert in_review(world) == {"2"}
    assert seen(world, "2") == ("MEDIUM", {"LEAKED_CODE": 45})


def test_a_hammered_link_makes_its_next_friend_looked_at(world):  # hostile 48
    at, same = world.now - timedelta(hours=1), {"salt": 1, "address": "a" * 22}
    with at_work(world.merchant):
        clicks = [
            Click(id=uuid7(), link=world.link, program=world.program, at=at + timedelta(seconds=n % 20), **same)
            for n in range(35)
        ]
        Click.objects.bulk_create(clicks)
        token = token_of(clicks[7])
        take_in(
            key=OrderKey("api", "1"),
            facts=[snapshot(world.now, token=token)],
            person=PersonIn(email="eve@friend.example", name="Eve Freund"),
            now=world.now,
            by=SYSTEM,
        )
    assert seen(world) == ("MEDIUM", {"HAMMERED_LINK": 40})


class TestLists:
    def listed(self, world: World, to: str, field: str, pattern: str) -> None:
        with at_work(world.merchant):
            add_entry(to=to, field=field, pattern=pattern, note="", by=SYSTEM, now=world.now)

    @pytest.mark.parametrize(
        ("field", "pattern"),
        [
            ("EMAIL", "eve@*"), ("DOMAIN", "friend.example"), ("DOMAIN", "*.example"), ("NETWORK", "198.51.100.0/24"),
            ("COUNTRY", "FR"), ("REFERRER", "*.forum.example"), ("ADVOCATE", "dana@advocate.example"),
        ],
    )  # fmt: skip
    def test_what_the_merchant_blocks_is_blocked(self, world, field, pattern):
        self.listed(world, "BLOCK", field, pattern)
        more = {"ip": AWAY, "referrer": "https://www.forum.example/t/1", "country": "FR"}
        assert verdict(order(world, **more)) == ("BLOCKED", ["on_block_list"])

    @pytest.mark.parametrize("pattern", ["über.example", "xn--ber-goa.example"])
    @pytest.mark.parametrize("email", ["eve@über.example", "eve@mail.xn--ber-goa.example"])
    def test_a_domain_fits_in_either_of_its_spellings(self, world, pattern, email):
        self.listed(world, "BLOCK", "DOMAIN", pattern)
        assert verdict(order(world, email=email)) == ("BLOCKED", ["on_block_list"])

    def test_where_they_came_from_cannot_be_trusted(self, world):
        with pytest.raises(BadEntry, match="not_to_be_trusted"):
            self.listed(world, "TRUST", "REFERRER", "forum.example")
        with at_work(world.merchant):
            assert ListEntry.objects.count() == 0

    def test_what_does_not_fit_passes(self, world):
        for field, pattern in (("EMAIL", "adam@*"), ("NETWORK", "203.0.113.*"), ("COUNTRY", "DE")):
            self.listed(world, "BLOCK", field, pattern)
        assert verdict(order(world, ip=AWAY, country="FR"))[0] == "QUALIFIED"

    def test_what_is_trusted_passes_everything_but_the_certain(self, world):
        self.listed(world, "TRUST", "DOMAIN", "mailinator.com")
        order(world, email="eve@mailinator.com")
        assert seen(world) == ("PASS", {"LISTED": 0})
        self.listed(world, "TRUST", "EMAIL", "dana@advocate.example")
        own = order(world, "2", email="dana@advocate.example")
        assert verdict(own) == ("BLOCKED", ["own_purchase"])


class TestBreaker:
    def test_too_many_in_an_hour_stop_the_next_ones_until_a_person_says_so(self, world):
        with at_work(world.merchant):
            FraudPolicy.objects.create(program=world.program, breaker_per_hour=2)
        for n in range(4):
            order(world, str(n), email=f"friend{n * 1111}@f{n}.example", at=world.now + n * MINUTE)
        assert in_review(world) == {"2", "3"}
        with at_work(world.merchant):
            assert set(Review.objects.values_list("level", "cause")) == {("MEDIUM", "BREAKER")}
            assert list(Event.objects.filter(code="program.breaker_tripped").values_list("data", flat=True)) == [
                {"counted": 3}
            ]
            reset(program=world.program, by="user:bob", now=world.now + 5 * MINUTE)
            with pytest.raises(NotTripped):
                reset(program=world.program, by="user:bob", now=world.now)
        order(world, "5", email="late@f5.example", at=world.now + 6 * MINUTE)
        assert in_review(world) == {"2", "3"}
        with at_work(world.merchant):
            assert Breaker.objects.get().tripped_at is None

    def test_it_is_not_released_by_itself_even_as_medium(self, world):
        with at_work(world.merchant):
            FraudPolicy.objects.create(program=world.program, breaker_per_hour=1)
        for n in range(2):
            order(world, str(n), email=f"friend{n * 1111}@f{n}.example", at=world.now + n * MINUTE)
        _forward(world, 40)
        assert in_review(world) == {"1"}

    def test_last_months_orders_told_at_once_are_no_attack(self, world):
        with at_work(world.merchant):
            FraudPolicy.objects.create(program=world.program, breaker_per_hour=1)
        past = world.now - timedelta(hours=5)
        for n in range(4):
            order(world, str(n), email=f"friend{n * 1111}@f{n}.example", at=past + n * 2 * MINUTE, now=world.now)
        assert in_review(world) == set()


class TestTrust:
    def clean(self, world: World, count: int) -> int:
        with at_work(world.merchant):
            told = {"state": "FULFILLED", "released_at": world.now, "fulfilled_at": world.now}
            Reward.objects.filter(pk__in=Reward.objects.values("pk")[:count]).update(**told)
            return renew_trust(world.advocate.pk, now=world.now)

    def test_it_is_earned_by_clean_referrals_lost_by_a_refusal_and_earned_back(self, world):
        for n in range(3):
            order(world, str(n), email=f"friend{n * 1111}@f{n}.example", at=world.now + n * 70 * MINUTE)
        assert (self.clean(world, 2), self.clean(world, 3)) == (0, 1)
        order(world, "bad", email="eve@mailinator.com", at=world.now + DAY)
        with at_work(world.merchant):
            assert Review.objects.count() == 0  # 45 points: with some trust nobody has to look
            FraudPolicy.objects.create(program=world.program, weights={"DISPOSABLE_MAIL": 70})
        order(world, "worse", email="eva@mailinator.com", at=world.now + DAY)
        with at_work(world.merchant):
            review = Review.objects.get()
            decide(review=review, advocate_ok=False, friend_ok=None, now=world.now + 2 * DAY, by="user:bob")
            world.advocate.refresh_from_db()
            assert world.advocate.trust_level == 0
            levels = Event.objects.filter(code="advocate.trust_changed").order_by("seq").values_list("data", flat=True)
            assert [(data["before"], data["level"]) for data in levels] == [(0, 1), (1, 0)]


def test_what_is_read_does_not_grow_with_the_history(world):
    def statements(number: str, **more: Any) -> int:
        with CaptureQueriesContext(connection) as asked:
            order(world, number, email=f"friend{number}@f{number}.example", **more)
        return len(asked)

    def judged(number: str) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            order(world, number, email=f"x{number}@f{number}.example", ip=AWAY, at=world.now + 40 * DAY)
        return [query["sql"] for query in asked if "tracking_fraudpolicy" in query["sql"]]

    order(world, "0", email="first@f0.example", at=world.now - DAY)
    few = statements("1", at=world.now)
    for n in range(2, 12):
        order(world, str(n), email=f"friend{n * 111}@f{n}.example", at=world.now + n * DAY, ip=AWAY, user_agent=FIREFOX)
    assert statements("51", at=world.now + 20 * DAY) == few
    assert len(judged("60")) == 1


def test_orders_without_a_referral_are_not_judged(world):
    with CaptureQueriesContext(connection) as asked:
        order(world, referred=False)
    assert [q["sql"] for q in asked if "fraudpolicy" in q["sql"] or "listentry" in q["sql"]] == []


def test_a_further_order_is_as_genuine_as_the_first():
    world = a_world(advocate_reward=RewardRule(fulfilment=Fulfilment.COUPON_POOL, recurring_months=12))
    order(world, "1", email="eve@mailinator.com")
    order(world, "2", email="eve@mailinator.com", referred=False, at=world.now + DAY)
    assert in_review(world) == {"1", "2"}
    with at_work(world.merchant):
        for review in Review.objects.all():
            decide(review=review, advocate_ok=True, friend_ok=None, now=world.now, by="user:bob")
    order(world, "3", email="eve@mailinator.com", referred=False, at=world.now + 2 * DAY)
    assert seen(world, "3") == ("PASS", {})
