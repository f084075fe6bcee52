"""The hostile cases of fraud through the whole intake: what is told, judged and held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.models import Link
from kit.ids import uuid7
from merchants.events import SYSTEM
from merchants.models import Event
from programs.rules import Fulfilment, RewardRule
from rewards.actions.breaker import NotTripped, reset
from rewards.actions.reviews import decide
from rewards.actions.settle import take_in
from rewards.actions.trust import renew_trust
from rewards.models import Reward
from rewards.steps import reviews
from tests.cast import World, a_world, at_work, enrolled
from tests.facts import DAY, snapshot
from tests.rewards.doubted import (
    AWAY,
    FIREFOX,
    MINUTE,
    advocate_with_link,
    forward,
    in_review,
    order,
    seen,
    verdict,
)
from tracking.actions.checks import BadEntry, add_entry
from tracking.actions.clicks import token_of
from tracking.actions.leaks import dismiss_leak, reopen_leak
from tracking.facts import OrderKey, PersonIn
from tracking.models import (
    Breaker,
    Click,
    FraudPolicy,
    Leak,
    ListEntry,
    Reassessment,
    Review,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


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


def test_a_ring_of_three_is_looked_at_as_a_whole(world):  # hostile 61
    links = {name: advocate_with_link(world, f"{name}@ring.example")[1] for name in ("anna", "boris", "carla")}
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
    links = {name: advocate_with_link(world, f"{name}@ring.example")[1] for name in ("anna", "boris")}
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
        forward(world, 40)
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
