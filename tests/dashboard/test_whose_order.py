"""Whose an order is, decided by people: with a reason, undone while nothing was released; and other currencies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory

from advocates.actions.standing import pause_advocate
from kit.ids import public_id
from merchants.models import Event, User
from rewards.actions.worth import NotValued, state_worth
from rewards.models import Reward
from rewards.steps import release
from tests.cast import World, at_work, enrolled
from tests.dashboard.desk import a_busy_world, as_role, base, owner, text_of
from tests.facts import DAY, delivery, refund, snapshot
from tests.once import undone
from tracking.models import Assignment, Order, Referral

pytestmark = pytest.mark.django_db

WHY = "She told us on the phone."


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), undone():
        yield a_busy_world()


@pytest.fixture
def world(built: World) -> Iterator[World]:
    with undone():
        yield built


def path_of(world: World, number: str) -> str:
    with at_work(world.merchant):
        return f"{base(world)}/orders/{public_id('ord', Order.objects.get(external_id=number).pk)}"


def give(client: Client, world: World, number: str, advocate: str, **more: Any) -> Any:
    given = {"advocate": advocate, "reason": WHY, "with_rewards": "on"} | more
    return client.post(f"{path_of(world, number)}/attribute", given)


def referral_of(world: World, number: str) -> tuple[str, str, list[str], bool]:
    with at_work(world.merchant):
        found = Referral.objects.get(order__external_id=number)
        return found.matched_by, found.state, found.reasons, found.without_rewards


def rewards_of(world: World, number: str) -> list[tuple[str, str, int]]:
    with at_work(world.merchant):
        rows = Reward.objects.filter(order__external_id=number).order_by("side")
        return list(rows.values_list("side", "state", "amount_minor"))


# --- giving -------------------------------------------------------------------------------------------------------


def test_given_by_code_with_a_reason_it_is_settled_and_told(world: World) -> None:
    client = owner(world)
    answer = give(client, world, "4", world.link.code)
    assert answer["Location"] == path_of(world, "4")
    assert referral_of(world, "4") == ("MANUAL", "QUALIFIED", ["qualifies"], False)
    assert rewards_of(world, "4") == [("ADVOCATE", "HELD", 2000)]
    with at_work(world.merchant):
        made = Assignment.objects.get()
        event = Event.objects.get(code="referral.assigned")
        page = f"{base(world)}/referrals/{public_id('ref', Referral.objects.get(order__external_id='4').pk)}"
    assert (made.reason, made.with_rewards, made.by, made.undone_at) == (WHY, True, event.by, None)
    assert event.data == {
        "advocate_id": str(world.advocate.pk),
        "assignment_id": str(made.pk),
        "with_rewards": True,
    }
    shown = text_of(client.get(page))
    assert WHY in shown
    assert "Somebody of the team assigned the order to this advocate." in shown


def test_a_search_finds_whom_to_choose(world: World) -> None:
    client, path = owner(world), path_of(world, "4")
    found = text_of(client.get(f"{path}/attribute", {"q": "dana"}))
    assert "Dana Muster · dana@advocate.example · Freunde" in found
    by_code = text_of(client.get(f"{path}/attribute", {"q": world.link.code.lower()}))
    assert "Dana Muster · dana@advocate.example · Freunde" in by_code
    nobody = text_of(client.get(f"{path}/attribute", {"q": "zoe"}))
    assert "Nobody was found" in nobody
    chosen = {"advocate": public_id("adv", world.advocate.pk), "reason": WHY}
    assert client.post(f"{path}/attribute?q=dana", chosen)["Location"] == path
    assert referral_of(world, "4")[3] is True  # the box was not ticked


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"advocate": "NOBODY"}, 422, "No advocate has this code."),
        ({"reason": ""}, 422, "Say why: whoever looks at it later"),
        ({"reason": "   "}, 422, "Say why: whoever looks at it later"),
        ({"advocate": "gil@friend.example"}, 422, "No advocate has this e-mail address."),
    ],
)
def test_what_cannot_be_given_changes_nothing(world: World, given: dict[str, str], status: int, words: str) -> None:
    answer = give(owner(world), world, "4", **({"advocate": world.link.code} | given))
    assert (answer.status_code, words in text_of(answer)) == (status, True)
    with at_work(world.merchant):
        assert not Assignment.objects.exists()
        assert not Referral.objects.filter(order__external_id="4").exists()


def test_own_purchases_stay_blocked_and_the_unseen_is_awaited(world: World) -> None:
    client = owner(world)
    assert give(client, world, "3", "dana@advocate.example").status_code == 302
    assert referral_of(world, "3")[1:3] == ("BLOCKED", ["own_purchase"])
    assert rewards_of(world, "3") == []
    assert give(client, world, "5", world.link.code).status_code == 409


def test_it_takes_the_order_from_somebody_else_but_not_from_the_same(world: World) -> None:
    client = owner(world)
    again = give(client, world, "2", world.link.code)
    assert (again.status_code, "this advocate's already" in text_of(again)) == (409, True)
    second = enrolled(world.merchant, world.program, "dora@advocate.example", "Dora Zwei")
    assert give(client, world, "2", "dora@advocate.example").status_code == 302
    with at_work(world.merchant):
        found = Referral.objects.get(order__external_id="2")
        order = Order.objects.get(external_id="2")
    assert (found.advocate_id, found.matched_by) == (second.pk, "MANUAL")
    assert {line["by"]: line["reason"] for line in order.decision["considered"]} == {
        "TOKEN": "other_touch_won",
        "MANUAL": "by_hand",
    }


def test_a_paused_advocate_is_given_nothing(world: World) -> None:
    with at_work(world.merchant) as now:
        pause_advocate(advocate=world.advocate, by="t", now=now)
    answer = give(owner(world), world, "4", world.link.code)
    assert (answer.status_code, "The advocate is not active" in text_of(answer)) == (409, True)


@pytest.mark.parametrize(("role", "status"), [("SUPPORT", 302), ("ANALYST", 404), ("FINANCE", 404)])
def test_who_may(world: World, role: str, status: int) -> None:
    assert give(as_role(world, role), world, "4", world.link.code).status_code == status


def test_an_old_order_has_the_terms_of_its_day(world: World) -> None:
    """Longer ago than any window, and before the program's first version."""
    world.take(snapshot(world.now - 300 * DAY), number="9", email="old@friend.example")
    give(owner(world), world, "9", world.link.code)
    with at_work(world.merchant):
        assert Referral.objects.get(order__external_id="9").terms.number == 1
    assert rewards_of(world, "9") == [("ADVOCATE", "HELD", 2000)]


# --- without rewards, and back ------------------------------------------------------------------------------------


def test_without_rewards_it_counts_and_gives_nothing(world: World) -> None:
    give(owner(world), world, "4", world.link.code, with_rewards="")
    assert referral_of(world, "4") == ("MANUAL", "QUALIFIED", ["without_rewards"], True)
    assert rewards_of(world, "4") == []
    world.take(delivery(world.now), number="4")
    assert rewards_of(world, "4") == []


def test_taken_back_the_evidence_decides_again(world: World) -> None:
    client = owner(world)
    give(client, world, "4", world.link.code)
    answer = client.post(f"{path_of(world, '4')}/attribute/undo", follow=True)
    assert "Taken back." in text_of(answer)
    assert referral_of(world, "4")[1:3] == ("BLOCKED", ["no_evidence"])
    assert rewards_of(world, "4") == [("ADVOCATE", "CANCELLED", 0)]
    with at_work(world.merchant):
        made = Assignment.objects.get()
        assert (made.undone_at is not None, made.undone_by) == (True, made.by)
    world.take(delivery(world.now), number="4")
    assert referral_of(world, "4")[1] == "BLOCKED"  # it stays taken back
    assert "by hand, or somebody has taken it back" in text_of(
        client.post(f"{path_of(world, '4')}/attribute/undo", follow=True)
    )


def test_taken_back_an_order_of_a_link_is_its_advocates_again(world: World) -> None:
    enrolled(world.merchant, world.program, "dora@advocate.example", "Dora Zwei")
    client = owner(world)
    give(client, world, "2", "dora@advocate.example", with_rewards="")
    assert rewards_of(world, "2") == [("ADVOCATE", "CANCELLED", 0)]
    client.post(f"{path_of(world, '2')}/attribute/undo")
    with at_work(world.merchant):
        assert Referral.objects.get(order__external_id="2").advocate_id == world.advocate.pk
    assert referral_of(world, "2") == ("TOKEN", "QUALIFIED", ["qualifies"], False)
    assert rewards_of(world, "2") == [("ADVOCATE", "HELD", 2000)]


def test_once_a_reward_was_released_the_advocate_stays(world: World) -> None:
    client, past = owner(world), world.now - 40 * DAY
    world.take(snapshot(past), delivery(past), number="9", email="old@friend.example")
    give(client, world, "9", world.link.code)
    release.sweep(world.merchant.tenant_ref())
    undo = client.post(f"{path_of(world, '9')}/attribute/undo", follow=True)
    assert "released already" in text_of(undo)
    with at_work(world.merchant):
        assert Assignment.objects.get().undone_at is None
    assert rewards_of(world, "9")[0][1] != "CANCELLED"


# --- another currency (hostile 38) --------------------------------------------------------------------------------


def in_dollars(world: World, number: str = "9", **more: Any) -> Any:
    token = world.click()
    return world.take(
        snapshot(world.now, token=token, currency="USD", **more), number=number, email="usa@friend.example"
    )


def test_an_order_in_another_currency_waits_for_a_person(world: World) -> None:  # hostile 38
    settled = in_dollars(world)
    assert (settled.referral.state, settled.referral.reasons) == ("NOT_QUALIFIED", ["currency_differs"])
    assert (rewards_of(world, "9"), settled.referral.needs_worth) == ([], True)
    client = owner(world)
    assert "1 referral is in another currency" in text_of(client.get(base(world)))
    listed = text_of(client.get(f"{base(world)}/referrals", {"state": "NEEDS_WORTH"}))
    assert "usa@friend.example" in listed or "Eve Friend" in listed
    assert "In USD" in text_of(client.get(path_of(world, "9")))


def test_what_somebody_says_it_is_worth_counts_and_shrinks_with_returns(world: World) -> None:  # hostile 38
    in_dollars(world)
    client = owner(world)
    assert client.post(f"{path_of(world, '9')}/worth", {"worth": "184.01"})["Location"] == path_of(world, "9")
    assert rewards_of(world, "9") == [("ADVOCATE", "HELD", 1840)]
    with at_work(world.merchant):
        event = Event.objects.get(code="referral.valued")
        assert not Referral.objects.get(order__external_id="9").needs_worth
    assert event.data == {"worth_minor": 18401, "unit": "EUR", "order_minor": 20000, "order_unit": "USD"}
    world.take(refund(world.now + DAY, amount=5000), number="9")
    assert rewards_of(world, "9") == [("ADVOCATE", "HELD", 1380)]  # 10 % of 138.01
    client.post(f"{path_of(world, '9')}/worth", {"worth": "100"})
    assert rewards_of(world, "9") == [("ADVOCATE", "HELD", 750)]


def test_nothing_is_an_answer_too(world: World) -> None:
    in_dollars(world)
    owner(world).post(f"{path_of(world, '9')}/worth", {"worth": "0"})
    assert rewards_of(world, "9") == []
    assert referral_of(world, "9")[1:3] == ("NOT_QUALIFIED", ["nothing_counts"])
    with at_work(world.merchant):
        assert not Referral.objects.get(order__external_id="9").needs_worth


@pytest.mark.parametrize("worth", ["-1", "12.345", "many", "1e9"])
def test_what_is_no_amount_changes_nothing(world: World, worth: str) -> None:
    in_dollars(world)
    owner(world).post(f"{path_of(world, '9')}/worth", {"worth": worth})
    with at_work(world.merchant):
        assert Referral.objects.get(order__external_id="9").worth_minor is None


def test_an_order_in_the_programs_currency_is_worth_what_it_is(world: World) -> None:
    with at_work(world.merchant) as now, pytest.raises(NotValued, match="not_in_another_currency"):
        state_worth(order=Order.objects.get(external_id="2"), worth_minor=1, by="t", now=now)
    assert referral_of(world, "2")[1] == "QUALIFIED"


# --- two changes that wait for each other -------------------------------------------------------------------------


def test_a_change_that_postgres_ends_is_done_again(world: World) -> None:
    from referral_saas.dashboard.frame import change

    tries: list[int] = []

    @change("order.record")
    def view(request: Any) -> HttpResponse:
        tries.append(1)
        Order.objects.filter(external_id="4").update(number=f"try {len(tries)}")
        if len(tries) < 3:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")
        return HttpResponse("done")

    request = RequestFactory().post("/")
    request.user = User.objects.get(email="alice@nordlicht.example")
    assert (view(request, world.merchant.slug).content, len(tries)) == (b"done", 3)
    with at_work(world.merchant):
        assert Order.objects.get(external_id="4").number == "try 3"
