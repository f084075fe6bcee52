"""What the buttons and forms store, and that a refusal stores nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from advocates.models import Advocate, Customer, MagicLink
from kit.days import add_days, local_date
from merchants.models import Event
from referral_saas.dashboard.paths import public
from rewards.actions.release import release_due
from rewards.models import LedgerEntry, Reward, RewardBlock
from tests.cast import a_world, at_work, live_program
from tests.dashboard.desk import BY_HAND, a_busy_world, a_released_world, as_role, base, only_reward, owner, text_of
from tests.facts import snapshot
from tracking.models import Order, OrderFact, Referral

pytestmark = pytest.mark.django_db


def sale(**changes: str) -> dict[str, str]:
    return {"number": "K-77", "email": "Ida@Friend.example", "name": "Ida", "amount": "49,90", **changes}


def today(world) -> str:
    return local_date(world.now, "Europe/Berlin").isoformat()


# --- advocates ------------------------------------------------------------------------------------------------------


def test_enrolling_by_hand_makes_customer_advocate_link_and_event():
    world = a_world()
    form = {"program": "freunde", "email": "Otto@Shop.example", "name": "Otto", "kind": "EMPLOYEE", "place": "Kiel"}
    answer = owner(world).post(f"{base(world)}/advocates/new", form)
    with at_work(world.merchant):
        made = Advocate.objects.get(customer__email="otto@shop.example")
        assert answer["Location"] == f"{base(world)}/advocates/{public(made)}"
        assert (made.state, made.kind, made.place, made.customer.source) == ("ACTIVE", "EMPLOYEE", "Kiel", "HAND")
        assert Event.objects.filter(subject_id=made.pk, code="advocate.enrolled").count() == 1


def test_enrolling_with_something_missing_changes_nothing():
    world = a_world()
    client = owner(world)
    for form in (
        {"email": "otto@shop.example"},
        {"program": "nobody", "email": "o@shop.example"},
        {"program": "freunde"},
    ):
        assert client.post(f"{base(world)}/advocates/new", form).status_code == 422
    with at_work(world.merchant):
        assert (Advocate.objects.count(), Customer.objects.count()) == (1, 1)


def test_whom_the_terms_do_not_admit_is_refused_and_not_kept():
    strict = a_world()
    live_program(strict.merchant, name="Treue", advocate_min_orders=2)
    client = owner(strict)
    form = {"program": "treue", "email": "otto@shop.example", "kind": "CUSTOMER"}
    few = client.post(f"{base(strict)}/advocates/new", form)
    assert (few.status_code, "fewer orders than the program asks for" in text_of(few)) == (422, True)
    client.post(f"{base(strict)}/advocates/{public(strict.advocate)}/ban")
    answer = client.post(
        f"{base(strict)}/advocates/new", {"program": "freunde", "email": "dana@advocate.example", "kind": "PARTNER"}
    )
    assert answer.status_code == 422
    assert "was banned from the program" in text_of(answer)
    with at_work(strict.merchant):
        assert (Advocate.objects.get().state, Customer.objects.count()) == ("BANNED", 1)


def test_pause_resume_ban_and_let_back_in():
    world = a_world()
    client, page = owner(world), f"{base(world)}/advocates/{public(world.advocate)}"
    for verb, state in (("pause", "PAUSED"), ("resume", "ACTIVE"), ("ban", "BANNED"), ("unban", "ACTIVE")):
        assert client.post(f"{page}/{verb}")["Location"] == page
        with at_work(world.merchant):
            assert Advocate.objects.get().state == state
    again = client.post(f"{page}/unban")
    assert again.status_code == 409
    assert "somebody changed this advocate meanwhile" in text_of(again)


def test_a_portal_link_is_made_once_a_minute_and_never_for_the_banned():
    world = a_world()
    client, page = owner(world), f"{base(world)}/advocates/{public(world.advocate)}"
    client.post(f"{page}/send-link")
    client.post(f"{page}/send-link")
    client.post(f"{page}/ban")
    client.post(f"{page}/send-link")
    with at_work(world.merchant):
        assert MagicLink.objects.count() == 1
        assert Event.objects.filter(code="advocate.magic_link").count() == 1


# --- orders ---------------------------------------------------------------------------------------------------------


def test_a_sale_by_hand_with_the_advocates_code():
    world = a_world()
    answer = owner(world).post(
        f"{base(world)}/orders/new", sale(placed_on=today(world), advocate=world.link.code.lower())
    )
    with at_work(world.merchant):
        order, reward = Order.objects.get(), Reward.objects.get()
        assert answer["Location"] == f"{base(world)}/orders/{public(order)}"
        assert (order.platform, order.external_id, order.number) == ("hand", "K-77", "K-77")
        assert (order.base_minor, order.currency, order.outcome) == (4990, "EUR", "ATTRIBUTED")
        assert (order.customer.email, order.customer.source) == ("ida@friend.example", "HAND")
        assert (reward.amount_minor, reward.state) == (499, "HELD")
        assert reward.release_at == add_days(order.paid_at, 7 + 30, "Europe/Berlin")
        assert Referral.objects.get().matched_by == "CODE"


def test_a_sale_by_hand_with_the_advocates_address_is_attributed_by_hand():
    world = a_world()
    owner(world).post(f"{base(world)}/orders/new", sale(placed_on=today(world), advocate="dana@advocate.example"))
    with at_work(world.merchant):
        assert Referral.objects.get().matched_by == "MANUAL"
        assert Reward.objects.get().amount_minor == 499


WRONG_SALES = [
    ({"amount": "0"}, "nothing to refer"),
    ({"amount": "12,345"}, "decimal"),
    ({"email": "ida"}, "e-mail address"),
    ({"placed_on": "2199-01-01"}, "future"),
    ({"placed_on": "1999-99-99"}, "date"),
    ({"number": ""}, "required"),
    ({"advocate": "nobody@shop.example"}, "No advocate has this e-mail address"),
    ({"number": "#1001"}, "known already"),
]


def test_a_sale_that_cannot_be_is_told_beside_its_field_and_not_kept():
    world = a_world()
    world.take(snapshot(world.now))
    client = owner(world)
    for wrong, told in WRONG_SALES:
        answer = client.post(f"{base(world)}/orders/new", sale(placed_on=today(world)) | wrong)
        assert (answer.status_code, told in text_of(answer)) == (422, True), wrong
        assert 'aria-invalid="true"' in answer.content.decode()
    with at_work(world.merchant):
        assert (Order.objects.count(), OrderFact.objects.count(), Customer.objects.count()) == (1, 1, 2)


def test_delivered_moves_the_hold_and_taking_it_back_moves_it_again():
    world = a_busy_world()
    with at_work(world.merchant):
        order = Order.objects.get(external_id="2")
    client, page = owner(world), f"{base(world)}/orders/{public(order)}"
    assert client.post(f"{page}/delivered", {"delivered_on": today(world)})["Location"] == page
    with at_work(world.merchant):
        order.refresh_from_db()
        assert order.delivered_at is not None
        assert Reward.objects.get(order=order).release_at == add_days(order.delivered_at, 30, "Europe/Berlin")
    assert client.post(f"{page}/undelivered")["Location"] == page
    with at_work(world.merchant):
        order.refresh_from_db()
        assert (order.delivered_at, Reward.objects.get(order=order).release_at) == (None, None)
        assert OrderFact.objects.filter(order=order, kind="DELIVERY").count() == 2
    assert client.post(f"{page}/undelivered").status_code == 409
    before = (world.now - timedelta(days=3)).date().isoformat()
    early = client.post(f"{page}/delivered", {"delivered_on": before})
    assert (early.status_code, "placed after that day" in text_of(early)) == (409, True)


def test_a_sale_by_hand_can_be_cancelled_once_and_others_not_here():
    world = a_busy_world()
    client = owner(world)
    client.post(f"{base(world)}/orders/new", sale(placed_on=today(world), advocate=world.link.code))
    with at_work(world.merchant):
        mine, theirs = Order.objects.get(platform="hand"), Order.objects.get(external_id="2")
    assert client.post(f"{base(world)}/orders/{public(mine)}/cancel").status_code == 302
    assert client.post(f"{base(world)}/orders/{public(mine)}/cancel").status_code == 409
    assert client.post(f"{base(world)}/orders/{public(theirs)}/cancel").status_code == 409
    with at_work(world.merchant):
        mine.refresh_from_db()
        assert mine.cancelled_at is not None
        assert Reward.objects.get(order=mine).state == "CANCELLED"
        assert Reward.objects.get(order=theirs).state == "HELD"


# --- rewards --------------------------------------------------------------------------------------------------------


def test_stop_and_let_go():
    world = a_busy_world()
    with at_work(world.merchant):
        reward = Reward.objects.get(order__external_id="2")
    page = f"{base(world)}/rewards/{public(reward)}"
    client = as_role(world, "FINANCE")
    assert client.post(f"{page}/stop", {"reason": ""}).status_code == 422
    assert client.post(f"{page}/stop", {"reason": "Looks odd"})["Location"] == page
    second = client.post(f"{page}/stop", {"reason": "Again"})
    assert (second.status_code, "stopped this reward already" in text_of(second)) == (409, True)
    assert "Looks odd" in text_of(client.get(page))
    with at_work(world.merchant):
        block = RewardBlock.objects.get()
        assert (block.kind, block.reason, block.lifted_at) == ("MANUAL", "Looks odd", None)
    rows = client.get(f"{base(world)}/rewards?state=STOPPED").context["page"].rows
    assert [row.pk for row in rows] == [reward.pk]
    assert client.post(f"{page}/let-go").status_code == 302
    assert client.post(f"{page}/let-go").status_code == 409
    with at_work(world.merchant):
        assert RewardBlock.objects.get().lifted_at is not None


def test_review_is_another_permission_than_paying():
    world = a_busy_world()
    page = f"{base(world)}/rewards/{public(reward_of(world, '2'))}"
    finance, reviewer = as_role(world, "FINANCE"), as_role(world, "REVIEWER")
    assert finance.post(f"{page}/review", {"reason": "x"}).status_code == 404
    assert reviewer.post(f"{page}/stop", {"reason": "x"}).status_code == 404
    assert reviewer.post(f"{page}/review", {"reason": "Same street"}).status_code == 302
    assert finance.post(f"{page}/let-go").status_code == 409
    assert reviewer.post(f"{page}/end-review").status_code == 302
    with at_work(world.merchant):
        assert RewardBlock.objects.get().kind == "REVIEW"


def reward_of(world, number: str) -> Reward:
    with at_work(world.merchant):
        return Reward.objects.get(order__external_id=number)


def test_a_reward_by_hand_is_marked_sent_with_its_reference_once():
    world = a_released_world(advocate_reward=BY_HAND)
    reward = only_reward(world)
    client, page = as_role(world, "FINANCE"), f"{base(world)}/rewards/{public(reward)}"
    assert [row.pk for row in client.get(f"{base(world)}/rewards?state=TO_SEND").context["page"].rows] == [reward.pk]
    assert client.post(f"{page}/sent", {"reference": "SEPA 4711"})["Location"] == page
    second = client.post(f"{page}/sent", {"reference": "twice"})
    assert (second.status_code, "not waiting to be sent" in text_of(second)) == (409, True)
    with at_work(world.merchant):
        reward.refresh_from_db()
        assert (reward.state, reward.voucher) == ("FULFILLED", "SEPA 4711")
        assert LedgerEntry.objects.filter(account="FULFILLED").count() == 1
    [sums] = client.get(f"{base(world)}/rewards").context["sums"]
    assert (sums.held_minor, sums.due_minor, sums.paid_minor) == (0, 0, 2000)


def test_a_failed_reward_is_tried_again():
    world = a_released_world()
    reward = only_reward(world)
    with at_work(world.merchant) as now:
        Reward.objects.filter(pk=reward.pk).update(state="FAILED", failed_at=now, reason="refused", next_try_at=None)
    client, page = as_role(world, "FINANCE"), f"{base(world)}/rewards/{public(reward)}"
    assert "Try again now" in text_of(client.get(page))
    assert client.post(f"{page}/again").status_code == 302
    assert client.post(f"{page}/again").status_code == 409
    with at_work(world.merchant):
        reward.refresh_from_db()
        assert (reward.state, reward.failed_at) == ("RELEASED", None)


def test_a_stopped_reward_is_not_released():
    world = a_released_world(advocate_reward=BY_HAND)
    client, page = owner(world), f"{base(world)}/rewards/{public(only_reward(world))}"
    client.post(f"{page}/stop", {"reason": "x"})
    stopped = client.post(f"{page}/sent", {"reference": "y"})
    assert (stopped.status_code, "Let it go first" in text_of(stopped)) == (409, True)
    with at_work(world.merchant) as now:
        assert release_due(now=now) == 0
        assert Reward.objects.get().state == "RELEASED"
