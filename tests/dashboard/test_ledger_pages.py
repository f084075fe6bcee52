"""The ledger, its files and its check; the calendar; and what people find out about doubtful deliveries."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit.days import local_date
from kit.ids import public_id
from merchants.models import Event
from programs.rules import Fulfilment, RewardRule
from rewards import ledger
from rewards.fulfilment import Delivered, FulfilmentOrder, Unknown
from rewards.models import FulfilmentAttempt, LedgerEntry, Reward, Withdrawal
from rewards.steps import fulfil
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import a_busy_world, a_released_world, as_role, base, only_reward, owner, rwd, text_of
from tests.dashboard.files import rows_of_file
from tests.facts import DAY, delivery, refund, snapshot
from tests.once import for_a_file

pytestmark = pytest.mark.django_db


built, busy = for_a_file(a_busy_world)


def lines_of(answer: Any) -> list[dict[str, str]]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(body.decode().removeprefix("\ufeff"))))


def test_both_columns_of_every_unit_are_equal(busy):
    answer = owner(busy).get(f"{base(busy)}/ledger")
    [sheet] = answer.context["sheets"]
    assert (sheet.unit, sheet.debit_minor, sheet.credit_minor) == ("EUR", 3500, 3500)
    said = text_of(answer)
    assert "Held Earned, and waiting until the return period ends. You will owe it." in said
    assert "Cost of rewards" in said


def test_a_posting_leads_to_its_reward(busy):
    answer = owner(busy).get(f"{base(busy)}/ledger?kind=reward.follows")
    with at_work(busy.merchant):
        reward = Reward.objects.get(order__external_id="1")
    [row] = answer.context["rows"]
    assert row.url == f"{base(busy)}/rewards/{rwd(reward.pk)}"
    assert [(side.account, side.amount_minor) for side in (*row.debits, *row.credits)] == [
        ("Held", 500),
        ("Cost of rewards", 500),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [("", 3), ("account=HELD", 3), ("account=PAYABLE", 0), ("unit=EUR&kind=reward.held", 2), ("program=freunde", 3),
     ("to=2001-01-01", 0), ("account=NOPE", 3)],
)  # fmt: skip
def test_postings_are_found_by_what_they_are(busy, query, found):
    answer = owner(busy).get(f"{base(busy)}/ledger?{query}")
    assert answer.status_code == 200
    assert len(answer.context["rows"]) == found


def test_pages_of_postings_are_read_from_place_to_place(busy):
    client = owner(busy)
    first = client.get(f"{base(busy)}/ledger?size=2")
    second = client.get(first.context["page"].next_url)
    assert [len(each.context["rows"]) for each in (first, second)] == [2, 1]


def test_the_page_asks_as_often_for_many_postings_as_for_few(busy):
    client = owner(busy)
    client.get(f"{base(busy)}/ledger")
    with CaptureQueriesContext(connection) as few:
        client.get(f"{base(busy)}/ledger?size=1")
    with CaptureQueriesContext(connection) as many:
        client.get(f"{base(busy)}/ledger?size=2")
    with CaptureQueriesContext(connection) as everything:
        client.get(f"{base(busy)}/ledger")
    # A page that holds the whole list need not count it.
    assert len(few) == len(many) == len(everything) + 1


def test_the_file_has_every_entry_and_nothing_of_people(busy):
    lines = rows_of_file(owner(busy), busy.merchant, "ledger")
    with at_work(busy.merchant):
        assert len(lines) == LedgerEntry.objects.count() == 6
        reward = Reward.objects.get(order__external_id="1")
    held = next(each for each in lines if each["code"] == "reward.held" and each["order"] == order_id(reward))
    assert held["account_code"] in ("REWARD_COST", "HELD")
    assert held["reward"] == rwd(reward.pk)
    assert held["recipient"] == public_id("cus", reward.recipient_id)
    assert held["date"] == local_date(busy.now, busy.zone).isoformat()
    debits, credits = (sum(int(each[side].replace(".", "") or 0) for each in lines) for side in ("debit", "credit"))
    assert debits == credits == 4500
    assert "@" not in str(lines)


def order_id(reward: Reward) -> str:
    assert reward.order_id is not None
    return public_id("ord", reward.order_id)


def test_the_file_follows_the_filters(busy):
    lines = rows_of_file(owner(busy), busy.merchant, "ledger", "account=HELD")
    assert {each["account_code"] for each in lines} == {"HELD"}


def test_the_file_is_safe_to_open(busy):
    with at_work(busy.merchant):
        busy.program.name = "=1+1"
        busy.program.save(update_fields=["name"])
    [name] = {each["program"] for each in rows_of_file(owner(busy), busy.merchant, "ledger")}
    assert name == "'=1+1"


def test_a_month_opens_where_the_one_before_closed(busy):
    client, today = owner(busy), local_date(busy.now, busy.zone)
    last_month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    with at_work(busy.merchant) as now:
        ledger.post(
            "test",
            moves=[ledger.hold(700)],
            unit="EUR",
            program_id=busy.program.pk,
            now=now - timedelta(days=today.day + 1),
        )
    before = month(client, busy, f"{last_month:%Y-%m}")
    assert before["HELD"] == ("0.00", "0.00", "7.00", "-7.00")
    assert month(client, busy, f"{today:%Y-%m}")["HELD"] == ("-7.00", "5.00", "40.00", "-42.00")
    assert month(client, busy, "")["REWARD_COST"] == ("7.00", "40.00", "5.00", "42.00")


def month(client: Any, world: World, code: str) -> dict[str, tuple[str, ...]]:
    lines = lines_of(client.get(f"{base(world)}/ledger/summary?month={code}"))
    return {each["account_code"]: (each["opening"], each["debit"], each["credit"], each["closing"]) for each in lines}


@pytest.mark.parametrize("code", ["2026-13", "x", "1999-01", "2999-01", "2026-01-01"])
def test_a_month_that_is_none_is_not_found(busy, code):
    assert owner(busy).get(f"{base(busy)}/ledger/summary?month={code}").status_code == 404


def test_the_books_are_checked_at_the_press_of_a_button(busy):
    client = owner(busy)
    answer = client.post(f"{base(busy)}/ledger/check", follow=True)
    assert "The books are right" in text_of(answer)
    assert "Everything agrees" in text_of(answer)
    with at_work(busy.merchant):
        assert Event.objects.filter(code="ledger.checked").count() == 1
        assert not Event.objects.filter(code="ledger.differs").exists()
    assert "The books differ" not in text_of(client.get(base(busy)))


def test_differences_are_named_on_the_page_and_on_home(busy):
    with at_work(busy.merchant) as now:
        reward = Reward.objects.get(order__external_id="1")
        ledger.post("test", moves=[ledger.hold(1)], unit="EUR", program_id=reward.program_id, now=now, reward=reward)
    client = owner(busy)
    said = text_of(client.post(f"{base(busy)}/ledger/check", follow=True))
    assert "2 differences were found." in said
    assert f"Reward {rwd(reward.pk)}: Held should be -€15.00 by the reward itself, and the entries say -€15.01." in said
    assert "The books differ in 2 places." in text_of(client.get(base(busy)))


def test_who_may_not_see_the_audit_may_not_check(busy):
    client = as_role(busy, "SUPPORT")
    assert "Check the books now" not in text_of(client.get(f"{base(busy)}/ledger"))
    assert client.post(f"{base(busy)}/ledger/check").status_code == 404


# --- the calendar ---------------------------------------------------------------------------------------------------


def test_every_number_of_the_calendar_opens_its_rows(busy):
    at = busy.now - 20 * DAY
    busy.take(snapshot(at, token=busy.click(at=at)), delivery(at + DAY), number="20", email="hal@friend.example")
    client = owner(busy)
    [unit] = client.get(f"{base(busy)}/calendar").context["units"]
    [day] = unit.days
    cells = [(unit.unshipped, 2), (day.due, 1)]
    for cell, count in cells:
        rows = client.get(cell.url).context["page"].rows
        assert (len(rows), sum(row.amount_minor for row in rows)) == (count, cell.minor) == (cell.count, cell.minor)


def test_cash_opens_the_rewards_that_need_it():
    world = a_released_world(advocate_reward=RewardRule(fulfilment=Fulfilment.PAYOUT))
    client = owner(world)
    [unit] = client.get(f"{base(world)}/calendar").context["units"]
    assert (unit.cash_soon.minor, unit.cash_later.minor) == (2000, 2000)
    [row] = client.get(unit.cash_soon.url).context["page"].rows
    assert row.pk == only_reward(world).pk


def test_an_empty_calendar_says_what_will_be_there():
    world = a_world()
    assert "Nothing ahead" in text_of(owner(world).get(f"{base(world)}/calendar"))
    assert "Nothing posted yet" in text_of(owner(world).get(f"{base(world)}/ledger"))


# --- what people find out -------------------------------------------------------------------------------------------


class Silent:
    timeout = 5.0

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        raise Unknown("timeout")

    def look_up(self, order: FulfilmentOrder) -> Delivered | None:
        return None


@pytest.fixture
def in_doubt(settings: Any) -> World:
    """A delivery that failed without an answer, whose order was refunded in part meanwhile."""
    settings.REWARD_FULFILLERS = settings.REWARD_FULFILLERS | {"COUPON_POOL": f"{__name__}.Silent"}
    world = a_released_world()
    fulfil.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant) as now:
        FulfilmentAttempt.objects.update(state="UNKNOWN", ended_at=now)
        Reward.objects.update(state="FAILED", failed_at=now, reason="timeout", next_try_at=None)
    world.take(refund(world.now, amount=5000), email="")
    assert only_reward(world).amount_minor == 2000
    return world


def test_it_did_arrive(in_doubt):
    client, reward = owner(in_doubt), only_reward(in_doubt)
    page = f"{base(in_doubt)}/rewards/{rwd(reward.pk)}"
    assert "Did it arrive?" in text_of(client.get(page))
    client.post(f"{page}/arrived", {"arrived_code": "GIFT-7"})
    paid = only_reward(in_doubt)
    assert (paid.state, paid.voucher, paid.amount_minor, paid.clawed_back_minor) == ("FULFILLED", "GIFT-7", 2000, 500)
    assert client.post(f"{page}/arrived", {"arrived_code": "GIFT-8"}).status_code == 409
    assert only_reward(in_doubt).voucher == "GIFT-7"


def test_it_did_not_arrive(in_doubt):
    client, reward = owner(in_doubt), only_reward(in_doubt)
    client.post(f"{base(in_doubt)}/rewards/{rwd(reward.pk)}/not-arrived")
    failed = only_reward(in_doubt)
    assert (failed.state, failed.amount_minor, failed.clawed_back_minor) == ("FAILED", 1500, 0)
    assert "Did it arrive?" not in text_of(client.get(f"{base(in_doubt)}/rewards/{rwd(reward.pk)}"))
    assert client.post(f"{base(in_doubt)}/rewards/{rwd(reward.pk)}/not-arrived").status_code == 409


@pytest.fixture
def to_disable() -> World:
    """A code of an uploaded pool was delivered, and then all of its order came back."""
    world = a_released_world()
    fulfil.sweep(world.merchant.tenant_ref())
    world.take(refund(world.now, amount=20000), email="")
    return world


@pytest.mark.parametrize(("verb", "state"), [("disabled", "DISABLED"), ("used", "USED")])
def test_somebody_says_what_became_of_a_code(to_disable, verb, state):
    client, reward = owner(to_disable), only_reward(to_disable)
    page = f"{base(to_disable)}/rewards/{rwd(reward.pk)}"
    assert "1 code is to be disabled." in text_of(client.get(base(to_disable)))
    assert [row.pk for row in client.get(f"{base(to_disable)}/rewards?state=TO_DISABLE").context["page"].rows] == [
        reward.pk
    ]
    assert f"We cannot disable {reward.voucher}." in text_of(client.get(page))
    client.post(f"{page}/{verb}")
    with at_work(to_disable.merchant):
        assert Withdrawal.objects.get().state == state
    assert "is to be disabled" not in text_of(client.get(base(to_disable)))
    assert client.post(f"{page}/{verb}").status_code == 409


def test_a_disabled_code_is_replaced_when_its_order_comes_back(to_disable):
    client, reward = owner(to_disable), only_reward(to_disable)
    page = f"{base(to_disable)}/rewards/{rwd(reward.pk)}"
    client.post(f"{page}/disabled")
    to_disable.take(refund(to_disable.now + DAY, amount=0), email="")
    assert "1 code has to be replaced." in text_of(client.get(base(to_disable)))
    assert client.post(f"{page}/anew", {"new_code": ""}).status_code == 422
    client.post(f"{page}/anew", {"new_code": "NEW-1"})
    assert only_reward(to_disable).voucher == "NEW-1"
    assert "has to be replaced" not in text_of(client.get(base(to_disable)))
