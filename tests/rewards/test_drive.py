"""A test drive: the loop played in a workspace of its own, each step once, in its order, and nothing of it at home."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from advocates.models import Advocate
from kit.tenancy import TenantRef
from merchants.models import Event, Membership, Merchant, WakeUp
from programs.actions.drives import MOST_A_DAY, NotDrivable
from programs.models import Drive, PoolCode, Program
from programs.rules import CodeSource, Fulfilment, Offer, RewardRule
from programs.rules.drive import LOOP, Step
from programs.selectors import driven_drafts, terms_digest
from programs.steps.drives import begin
from rewards.models import LedgerEntry, Reward
from rewards.steps.drive import NotYet, play
from tests.cast import at_work, live_program, user, workspace_of
from tracking.models import Claim, Click, Order

pytestmark = pytest.mark.django_db

USUAL = 6000


@dataclass
class Home:
    """Alice's workspace with a published program, and a drive of it."""

    merchant: Merchant
    program: Program
    by: str

    @property
    def ref(self) -> TenantRef:
        return self.merchant.tenant_ref()

    def begin(self, after: int = 0) -> Drive:
        return begin(self.ref, program_id=self.program.pk, after=after, by=self.by)

    def play(self, drive: Drive, *steps: Step) -> None:
        for step in steps:
            play(self.ref, drive_id=drive.pk, step=step, usual_minor=USUAL, by=self.by)

    def drive(self) -> Drive:
        with at_work(self.merchant):
            found: Drive = Drive.objects.select_related("stage").order_by("-number")[0]
            return found


def home_of(**changes: Any) -> Home:
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht", sandbox=False)
    return Home(merchant, live_program(merchant, **changes), f"user:{user('alice@nordlicht.example').pk}")


def was_driven(program: Program) -> bool:
    return terms_digest(program.draft_terms) in driven_drafts(program)


def states(stage: Merchant) -> dict[str, tuple[str, int]]:
    with at_work(stage):
        return {reward.side: (reward.state, reward.amount_minor) for reward in Reward.objects.all()}


def balance(stage: Merchant) -> dict[str, int]:
    found: dict[str, int] = {}
    with at_work(stage):
        for account, minor in LedgerEntry.objects.values_list("account", "amount_minor"):
            found[account] = found.get(account, 0) + minor
    return {account: minor for account, minor in found.items() if minor}


def test_the_loop_is_played_step_by_step_with_the_products_own_rows() -> None:
    home = home_of()
    drive = home.begin()
    stage = drive.stage
    home.play(drive, Step.JOIN, Step.VISIT)
    with at_work(stage):
        claim = Claim.objects.get()
        assert (Click.objects.count(), claim.state, claim.code[:12]) == (1, Claim.State.ISSUED, "TEST-FRIEND-")
    home.play(drive, Step.ORDER)
    with at_work(stage):
        order = Order.objects.get()
        assert (order.outcome, order.base_minor) == (Order.Outcome.ATTRIBUTED, 5400)
        reward = Reward.objects.get()
        assert (reward.state, reward.amount_minor, reward.release_at) == (Reward.State.HELD, 540, None)
    home.play(drive, Step.DELIVERY)
    with at_work(stage):
        delivered, due = Order.objects.get().delivered_at, Reward.objects.get().release_at
        assert timedelta(days=29) < due - delivered <= timedelta(days=31)
    home.play(drive, Step.HOLD)
    assert not WakeUp.objects.filter(merchant=stage).exists(), "what is due waits for its step"
    assert states(stage) == {"ADVOCATE": ("HELD", 540)}
    home.play(drive, Step.RELEASE)
    assert states(stage) == {"ADVOCATE": ("RELEASED", 540)}
    home.play(drive, Step.GIFT)
    assert states(stage) == {"ADVOCATE": ("FULFILLED", 540)}
    assert balance(stage) == {"REWARD_COST": 540, "FULFILLED": -540, "OFFER_COST": 600, "DISCOUNT_GRANTED": -600}
    drive = home.drive()
    assert (drive.reached, drive.comes_back, drive.course.next) == ("gift", False, None)
    assert drive.attributed_at is not None
    nothing_is_at_home(home, stage)


def nothing_is_at_home(home: Home, stage: Merchant) -> None:
    home.merchant.refresh_from_db()
    assert home.merchant.clock_offset == timedelta(0)
    with at_work(home.merchant):
        counts = [model.objects.count() for model in (Advocate, Click, Claim, Order, Reward, LedgerEntry)]
        assert counts == [0] * 6
        assert PoolCode.objects.filter(taken_for__isnull=False).count() == 0
        assert was_driven(home.program)
    assert not Membership.objects.filter(merchant=stage).exists()
    assert stage.is_sandbox


def test_pressed_twice_every_step_is_done_once() -> None:
    home = home_of()
    drive = home.begin()
    for step in LOOP:
        home.play(drive, step)
        with at_work(drive.stage):
            before = Event.objects.count(), LedgerEntry.objects.count(), Click.objects.count()
        drive.stage.refresh_from_db()
        at = drive.stage.clock_offset
        home.play(drive, step)
        # and with the note lost, as after a crash between the two workspaces
        with at_work(home.merchant):
            Drive.objects.update(reached=LOOP[LOOP.index(step) - 1] if step != Step.JOIN else "")
        home.play(drive, step)
        drive.stage.refresh_from_db()
        with at_work(drive.stage):
            after = Event.objects.count(), LedgerEntry.objects.count(), Click.objects.count()
        assert (after, drive.stage.clock_offset) == (before, at), step


def test_a_step_out_of_order_is_refused_and_nothing_changes() -> None:
    home = home_of()
    drive = home.begin()
    home.play(drive, Step.JOIN)
    for step in (Step.ORDER, Step.GIFT, Step.RETURN):
        with pytest.raises(NotYet) as refused:
            home.play(drive, step)
        assert refused.value.next == Step.VISIT
    with at_work(drive.stage):
        assert (Click.objects.count(), Order.objects.count()) == (0, 0)
    assert home.drive().reached == "join"


def test_begun_twice_there_is_one_and_begun_again_the_stage_before_is_closed() -> None:
    home = home_of()
    first = home.begin()
    assert home.begin(after=0).pk == first.pk
    home.play(first, Step.JOIN)
    second = home.begin(after=first.number)
    assert (second.number, second.course.reached) == (2, None)
    first.stage.refresh_from_db()
    assert (first.stage.status, second.stage.status) == (Merchant.Status.CLOSED, Merchant.Status.ACTIVE)
    with at_work(second.stage):
        assert Advocate.objects.count() == 0


def test_an_order_that_comes_back_while_it_is_held_costs_nothing() -> None:
    home = home_of()
    drive = home.begin()
    home.play(drive, Step.JOIN, Step.VISIT, Step.ORDER, Step.DELIVERY, Step.RETURN)
    assert states(drive.stage) == {"ADVOCATE": ("CANCELLED", 0)}
    assert balance(drive.stage) == {"OFFER_COST": 600, "DISCOUNT_GRANTED": -600}
    course = home.drive().course
    assert course.played == (Step.JOIN, Step.VISIT, Step.ORDER, Step.DELIVERY, Step.RETURN)
    with pytest.raises(NotYet):
        home.play(drive, Step.HOLD)


def test_an_order_that_comes_back_after_the_reward_was_given_is_taken_back() -> None:
    home = home_of()
    drive = home.begin()
    home.play(drive, *LOOP, Step.RETURN)
    assert states(drive.stage)["ADVOCATE"][0] == "REVERSED"


def test_no_service_is_asked_and_what_people_give_is_marked_as_given() -> None:
    rule = RewardRule(kind="FIXED", value=1500, fulfilment=Fulfilment.PAYOUT)  # type: ignore[arg-type]
    home = home_of(offer=None, friend_reward=replace(rule, fulfilment=Fulfilment.MANUAL), advocate_reward=rule)
    drive = home.begin()
    home.play(drive, *LOOP)
    assert states(drive.stage) == {"ADVOCATE": ("FULFILLED", 1500), "FRIEND": ("FULFILLED", 1500)}
    with at_work(drive.stage):
        assert set(Reward.objects.values_list("fulfilment", flat=True)) == {"MANUAL"}


def test_rules_that_cannot_be_published_are_mended_first() -> None:
    home = home_of()
    with at_work(home.merchant):
        offer = Offer(source=CodeSource.SHOP_CODE, shop_code="")
        wrong = replace(home.program.draft_terms, offer=offer, currency="CHF")
        Program.objects.filter(pk=home.program.pk).update(draft=wrong.to_json())
    with pytest.raises(NotDrivable) as refused:
        home.begin()
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [
        ("offer_shop_code", "required"),
        ("currency", "not_workspace_currency"),
    ]
    with at_work(home.merchant):
        assert Drive.objects.count() == 0
    assert Merchant.objects.count() == 1


def test_other_rules_ask_for_another_drive() -> None:
    home = home_of()
    home.play(home.begin(), *LOOP[:3])
    with at_work(home.merchant):
        home.program.refresh_from_db()
        assert was_driven(home.program)
        home.program.draft = replace(home.program.draft_terms, return_window_days=14).to_json()
        assert not was_driven(home.program)


def test_after_twenty_in_a_day_the_last_one_stays() -> None:
    home = home_of()
    stages = [Merchant(slug=f"stage-{number}", name="Stage", is_sandbox=True) for number in range(MOST_A_DAY)]
    Merchant.objects.bulk_create(stages)
    with at_work(home.merchant) as now:
        drives = [
            Drive(program=home.program, number=number, stage=stage, started_at=now)
            for number, stage in enumerate(stages, start=1)
        ]
        Drive.objects.bulk_create(drives)
    with pytest.raises(NotDrivable) as refused:
        home.begin(after=MOST_A_DAY)
    assert refused.value.problems == []
    assert home.drive().number == MOST_A_DAY
    stages[-1].refresh_from_db()
    assert stages[-1].status == Merchant.Status.ACTIVE
