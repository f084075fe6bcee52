"""A tenth of the demo world: its counts, its books, and that it stands still once it is built.

All of it, in some minutes: WORLD_SCALE=1 ./run test tests/demo/test_world.py
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Count, F, Sum

from advocates.models import Advocate, Channel, Customer, Share
from demo.world.build import HalfBuilt, build_world
from demo.world.counts import Block, Counts, Fate
from demo.world.neighbours import NEIGHBOURS
from demo.world.nordlicht import NAME as NORDLICHT
from demo.world.people import ARABIC, CHINESE, COLLEAGUES, LONG_NAME, NEU, OWNER, PASSWORD
from demo.world.pipeline import TALKS
from demo.world.plot import plan
from demo.world.sandbox import ADVOCATES, CHOOSING, shop_codes
from demo.world.sandbox import NAME as SANDBOX
from integrations.models import Connection, InboundEvent
from kit.clock import database_now
from leads.models import Lead
from merchants.models import Event, Membership, Merchant, Outbox, User, WakeUp
from programs.models import KindStock, PoolCode, Program, RewardKind
from rewards.actions.audit import look_at_books
from rewards.actions.release import release_due
from rewards.actions.settle import settle_order
from rewards.models import (
    Allowance,
    BonusCampaign,
    Budget,
    DeliveryAddress,
    FulfilmentAttempt,
    LedgerEntry,
    Payout,
    PayoutLine,
    Reward,
    RewardBlock,
    Surprise,
    TaxForm,
    Withdrawal,
)  # fmt: skip
from tests.demo.doubts import (  # noqa: F401  collected here: one building of the world serves all
    test_an_order_in_another_currency_waits_for_somebody_to_say_its_worth,
    test_decided_reviews_stand_and_some_were_undone,
    test_lists_of_the_team_fit_nobody_of_the_story,
    test_open_reviews_are_at_every_point_of_their_time,
    test_open_reviews_come_from_what_was_played_and_hold_their_money,
    test_open_reviews_show_every_signal_there_is,
    test_programs_that_opened_links_left_nothing,
    test_some_said_afterwards_who_sent_them,
)
from tests.demo.looking import COUNTS, SCALE, inside, moment_of, new_customers, rows, states, what_stands
from tests.once import undone
from tracking.models import (
    Claim,
    Click,
    Order,
    OrderFact,
    Referral,
)  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Built once for all tests of this file, in a transaction that is rolled back after the last."""
    with django_db_blocker.unblock(), undone():
        assert build_world(tell=lambda _text: None, scale=SCALE)
        yield


@pytest.fixture
def nordlicht(world: None) -> Iterator[Merchant]:
    with inside(NORDLICHT) as merchant:
        yield merchant


def test_whole_world_is_planned_as_told() -> None:
    """Planning is quick, so it is looked at in full size every time."""
    whole, plot = Counts(), plan(datetime(2026, 7, 14, 9, 30, tzinfo=UTC), Counts())
    assert (whole.converted, whole.blocked, whole.pool_claims) == (217, 21, 477)
    assert len(plot.redeemed) == whole.expired == 8
    assert len(plot.tales) == whole.converted + whole.blocked
    assert len(plot.tales) + len(plot.redeemed) + len(plot.purchases) == whole.orders == 2_600
    assert len(plot.sharers) + len(plot.others) == whole.advocates == 480
    everybody = [*plot.old, *plot.subscribers, *plot.friends, *plot.new]
    assert len({person.email for person in everybody}) == whole.customers == 2_400
    by_month = Counter(each.placed_at.strftime("%Y-%m") for each in [*plot.tales, *plot.purchases])
    assert by_month.most_common(1)[0][0] == "2025-12"


@pytest.mark.parametrize("day", ["2026-01-09", "2026-01-20", "2026-03-29", "2026-12-31", "2028-02-29"])
def test_a_world_can_be_planned_on_any_day(day: str) -> None:
    base = datetime.fromisoformat(f"{day}T22:30:00+00:00")
    plot = plan(base, Counts())
    assert all(tale.clicked_at < tale.placed_at <= base for tale in plot.tales)
    assert all(tale.who.is_about(tale.clicked_at) or tale.ending in Block for tale in plot.tales)


def test_people_of_nordlicht(nordlicht: Merchant) -> None:
    assert Customer.objects.count() == COUNTS.customers
    assert Advocate.objects.count() == COUNTS.advocates
    assert Share.objects.values("advocate").distinct().count() == COUNTS.sharers
    assert Share.objects.count() == COUNTS.shares
    assert set(Share.objects.values_list("channel", flat=True)) <= set(Channel.values)
    assert new_customers().count() == COUNTS.new_customers


def test_funnel_of_nordlicht(nordlicht: Merchant) -> None:
    assert Click.objects.count() == COUNTS.clicks
    assert Claim.objects.count() == COUNTS.claims
    assert not Claim.objects.exclude(state__in=[Claim.State.ISSUED, Claim.State.USED]).exists()
    assert Order.objects.count() == COUNTS.orders
    assert Order.objects.filter(outcome=Order.Outcome.ATTRIBUTED).count() == COUNTS.converted
    assert Order.objects.filter(outcome=Order.Outcome.BLOCKED).count() == COUNTS.blocked
    left = PoolCode.objects.filter(pool__program__slug="freunde", pool__purpose="OFFER", taken_for=None).count()
    assert left == COUNTS.codes - COUNTS.pool_claims


def test_rewards_end_as_told(nordlicht: Merchant) -> None:
    fates = COUNTS.fates
    assert states() == {
        "FULFILLED": fates[Fate.FULFILLED],
        "EXPIRED": fates[Fate.EXPIRED],
        "HELD": fates[Fate.HELD] + fates[Fate.DUE_TOMORROW] + fates[Fate.REVIEW],
        "RELEASED": fates[Fate.RELEASED],
        "FULFILLING": fates[Fate.FULFILLING],
        "FAILED": fates[Fate.FAILED],
        "CANCELLED": fates[Fate.REFUNDED] + fates[Fate.CANCELLED] + fates[Fate.UNDER_MINIMUM],
        "REVERSED": fates[Fate.REVERSED],
    }
    cancelled = Reward.objects.filter(state="CANCELLED").values_list("reason").annotate(number=Count("id"))
    assert dict(cancelled) == {
        "order_refunded": fates[Fate.REFUNDED],
        "order_cancelled": fates[Fate.CANCELLED],
        "below_minimum_after_refund": fates[Fate.UNDER_MINIMUM],
    }


def test_three_are_due_on_the_next_day(nordlicht: Merchant) -> None:
    now = database_now()
    soon = Reward.objects.filter(state="HELD", release_at__gt=now, release_at__lt=now + timedelta(hours=48))
    assert soon.count() >= COUNTS.due_tomorrow


def test_blocked_orders_say_why(nordlicht: Merchant) -> None:
    reasons = Counter(
        reasons[0] for reasons in Referral.objects.filter(state="BLOCKED").values_list("reasons", flat=True)
    )
    assert reasons == {
        "own_purchase": COUNTS.own_purchase,
        "existing_customer": COUNTS.existing_customer,
        "already_referred": COUNTS.second_advocate,
    }


def test_partial_refunds_before_and_after_release(nordlicht: Merchant) -> None:
    wholly = COUNTS.refunded + COUNTS.reversed - COUNTS.lost_disputes
    refunded = OrderFact.objects.filter(kind="REFUND").values("order").annotate(times=Count("id"))
    assert len(refunded) - wholly == COUNTS.partial_before + COUNTS.partial_after + COUNTS.under_minimum
    assert sum(each["times"] == 2 for each in refunded) == 2
    in_part = Reward.objects.filter(state="FULFILLED", clawed_back_minor__gt=0)
    assert in_part.count() == COUNTS.partial_after


def test_disputes_were_lost_won_and_one_is_open(nordlicht: Merchant) -> None:
    told = OrderFact.objects.filter(kind="DISPUTE").values_list("order_id", "data__status")
    ends = Counter(tuple(sorted(status for order, status in told if order == one)) for one in {row[0] for row in told})
    assert ends == {
        ("lost", "opened"): COUNTS.lost_disputes,
        ("opened", "won"): COUNTS.won_disputes,
        ("opened",): COUNTS.open_disputes,
    }
    reversed_ = Reward.objects.filter(state="REVERSED", side="ADVOCATE")
    assert reversed_.filter(reason="dispute_lost").count() == COUNTS.lost_disputes


def test_winter_vouchers_were_used_or_ended(nordlicht: Merchant) -> None:
    vouchers = Reward.objects.filter(kind__name="Wintergutschein")
    ended = vouchers.filter(state="EXPIRED")
    assert ended.count() == COUNTS.expired
    assert set(vouchers.exclude(state="EXPIRED").values_list("state", flat=True)) == {"FULFILLED"}
    assert vouchers.filter(used_at__isnull=False).count() == COUNTS.expired
    assert vouchers.count() == 2 * COUNTS.expired
    told = Event.objects.filter(code="reward.expiring", subject_id__in=ended.values("pk"))
    assert told.count() == COUNTS.expired


def test_payouts_are_closed_and_one_waits_for_a_second_person(nordlicht: Merchant) -> None:
    made = list(Payout.objects.order_by("number").values_list("state", flat=True))
    assert made == ["CLOSED", "CLOSED", "CLOSED", "AWAITING_APPROVAL"]
    assert PayoutLine.objects.filter(state="FAILED", reason="account_closed").count() == 1
    paid = Reward.objects.filter(fulfilment="PAYOUT", state__in=["FULFILLED", "REVERSED"])
    assert paid.count() == COUNTS.office_claims - COUNTS.released
    assert not Payout.objects.filter(confirmed_by=F("asked_by")).exclude(confirmed_by="").exists()
    waiting = PayoutLine.objects.filter(payout__state="AWAITING_APPROVAL")
    assert waiting.get(reason="owes_more").amount_minor < 0
    assert waiting.filter(state="INCLUDED").count() == COUNTS.released - 1


def test_catalogue_stock_and_a_present(nordlicht: Merchant) -> None:
    names = set(RewardKind.objects.values_list("name", flat=True))
    assert names == {"Nordlicht-Becher", "Wunschgutschein", "Gratisversand", "Wintergutschein"}
    assert KindStock.objects.get().left == 3
    present = Surprise.objects.select_related("reward").get()
    assert (present.reward.state, present.reward.order) == ("RELEASED", None)
    assert DeliveryAddress.objects.get().reward == present.reward
    assert Allowance.objects.count() == 4


def test_budget_and_bonus_of_the_main_program(nordlicht: Merchant) -> None:
    budget = Budget.objects.get()
    assert budget.program.name == "Freunde"
    assert 82 <= 100 * budget.reserved_minor / budget.limit_minor < 88
    typed = Event.objects.filter(code="budget.set").values_list("data__limit_minor", flat=True)
    assert [limit % 500 for limit in typed] == [0, 0]
    bonus = BonusCampaign.objects.get()
    assert bonus.ends_at < database_now()
    assert bonus.starts_at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%d.%m.") == "01.12."
    doubled = Reward.objects.filter(side="ADVOCATE", referral__granted__bonus_id=str(bonus.pk))
    assert doubled.exists()


def test_a_gift_card_is_due_on_the_next_day(nordlicht: Merchant) -> None:
    now = database_now()
    cards = Reward.objects.filter(fulfilment="GIFT_CARD", state="HELD")
    assert cards.filter(release_at__gt=now, release_at__lt=now + timedelta(hours=48)).exists()


def test_kumo_gives_months_by_stripe(world: None) -> None:
    with inside("Studio Kumo"):
        assert set(Reward.objects.values_list("unit", "fulfilment")) == {("MONTHS", "STRIPE_BALANCE")}
        assert Connection.objects.get().kind == "STRIPE"
        assert set(Withdrawal.objects.values_list("state", flat=True)) == {"DISABLED"}


def test_halcyon_waits_for_a_tax_form_and_has_a_preview(world: None) -> None:
    with inside("Halcyon"):
        block = RewardBlock.objects.get(kind=RewardBlock.Kind.TAX_FORM, lifted_at=None)
        assert TaxForm.objects.get(collected_at=None).customer == block.reward.recipient
        preview = Payout.objects.get(state="PREVIEW")
        assert PayoutLine.objects.get(payout=preview).state == "INCLUDED"
        assert Payout.objects.filter(state="CLOSED").exists()


def test_halcyon_talks_to_companies(world: None) -> None:
    with inside("Halcyon"):
        found = Counter(Lead.objects.exclude(advocate=None).values_list("stage", flat=True))
        assert found == Counter(talks.stage for talks in TALKS)
        assert Lead.objects.filter(stage="WON", order__outcome="ATTRIBUTED").count() == 2
        assert Lead.objects.filter(due_date__lt=database_now().date()).exclude(stage__in=("WON", "LOST")).count() == 2


def test_programs_and_their_versions(nordlicht: Merchant) -> None:
    found = {
        name: (state, number) for name, state, number in Program.objects.values_list("name", "state", "terms__number")
    }
    assert found == {
        "Freunde": ("ACTIVE", 3),
        "Winterbonus": ("ENDED", 1),
        "Büro": ("PAUSED", 1),
        "Lieblingscafé": ("DRAFT", None),
    }


def test_cap_ban_and_names(nordlicht: Merchant) -> None:
    counting = Reward.objects.filter(state__in=["HELD", "RELEASED", "FULFILLING", "FULFILLED", "FAILED"])
    most = counting.values("advocate").annotate(number=Count("id")).order_by("-number")[0]["number"]
    assert most == COUNTS.cap
    assert not Referral.objects.filter(over_cap=True).exists()
    assert Event.objects.filter(code="advocate.cap_reached").exists()
    assert Advocate.objects.filter(state=Advocate.State.BANNED).count() == 1
    assert sum(letter.isalpha() for letter in LONG_NAME.name) == 40
    told = Customer.objects.filter(name__in=[LONG_NAME.name, CHINESE.name, ARABIC.name])
    assert told.values("name").distinct().count() == 3
    assert Customer.objects.filter(name="Katharina Vogel").count() >= 2


def test_connections_tell_of_trouble(nordlicht: Merchant) -> None:
    health = dict(Connection.objects.values_list("kind", "health"))
    well = dict.fromkeys(("SHOPIFY", "WOOCOMMERCE", "STRIPE", "GIFT_CARDS"), "GOOD")
    assert health == {**well, "WEBHOOK": "FAILING"}
    assert InboundEvent.objects.filter(state="SET_ASIDE").count() == COUNTS.set_aside
    assert Referral.objects.filter(matched_by="MANUAL").count() == COUNTS.by_hand
    reasons = set(Reward.objects.filter(state="FAILED").values_list("reason", flat=True))
    assert len(reasons) == COUNTS.failed
    assert not FulfilmentAttempt.objects.filter(state="CLAIMED", lease_until__lt=database_now()).exists()


def test_books_balance_everywhere(world: None) -> None:
    for merchant in Merchant.objects.all():
        with inside(merchant.name):
            sums = LedgerEntry.objects.values("unit").annotate(total=Sum("amount_minor"))
            assert {each["total"] for each in sums} <= {0}
            assert look_at_books().differences == []


def test_nothing_lies_in_the_future_and_nobody_is_mailed(world: None) -> None:
    now = database_now()
    for merchant in Merchant.objects.all():
        with inside(merchant.name):
            assert not Event.objects.filter(at__gt=now).exists()
            assert not Outbox.objects.exists()
    swept_at = Merchant.objects.get(name="Neu").created_at
    assert not WakeUp.objects.filter(due_at__lte=swept_at).exists()


def test_settling_and_releasing_once_more_changes_nothing(world: None) -> None:
    for merchant in Merchant.objects.all():
        with inside(merchant.name):
            before, now = what_stands(), database_now()
            for order in Order.objects.filter(pk__in=Referral.objects.values("order")):
                settle_order(order=order, now=now, by="system")
            assert release_due(now=now) == 0
            *stands, told = what_stands()
            assert told - before[-1] == Counter()
            assert stands == [*before[:-1]]


def test_building_again_does_nothing(world: None) -> None:
    before = rows()
    assert build_world(tell=lambda _text: None, scale=SCALE) is False
    assert rows() == before


def test_world_without_its_last_act_is_refused(world: None) -> None:
    User.objects.filter(email=NEU.email).update(email="somebody@else.example")
    try:
        with pytest.raises(HalfBuilt):
            build_world(tell=lambda _text: None, scale=SCALE)
    finally:
        User.objects.filter(email="somebody@else.example").update(email=NEU.email)


def test_neighbours_and_their_counts(world: None) -> None:
    for place in (neighbour.scaled(SCALE) for neighbour in NEIGHBOURS):
        with inside(place.name):
            assert Advocate.objects.count() == place.advocates
            assert Claim.objects.count() == place.claims
            attributed = Order.objects.filter(outcome=Order.Outcome.ATTRIBUTED)
            assert attributed.exclude(platform="lead").count() == place.referred
            assert attributed.filter(platform="lead").count() == (2 if place.has_talks else 0)
    with inside("Neu"):
        assert not Customer.objects.exists()


def test_sandbox_is_ready_for_the_shop(world: None) -> None:
    with inside(SANDBOX) as merchant:
        assert merchant.is_sandbox
        assert Customer.objects.count() == len(ADVOCATES)
        assert Advocate.objects.count() == len(ADVOCATES) + 1
        assert set(Program.objects.values_list("name", "state")) == {
            ("Freunde", Program.State.ACTIVE),
            (CHOOSING, Program.State.ACTIVE),
        }
        assert Connection.objects.count() == 4
        pool = set(PoolCode.objects.values_list("code", flat=True))
        assert pool == {code.code for code in shop_codes()}


def test_everybody_of_the_team_gets_in(world: None) -> None:
    from allauth.account.models import EmailAddress

    for login in (OWNER, *COLLEAGUES):
        user = User.objects.get(email=login.email)
        assert user.check_password(PASSWORD)
        assert EmailAddress.objects.get(user=user).verified
        seats = {
            seat.merchant.name: seat.role for seat in Membership.objects.filter(user=user).select_related("merchant")
        }
        assert seats == {NORDLICHT: login.role, SANDBOX: login.role}


def test_orders_of_the_outage_came_late(nordlicht: Merchant) -> None:
    """Those of a day are told together; only what was placed while no hook came is older than that."""
    late = [order for order in Order.objects.all() if order.received_at - order.placed_at > timedelta(days=1)]
    assert len({moment_of(order).date() for order in late}) <= 2
