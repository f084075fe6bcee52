"""The review queue: who sees it, what it says, and what people decide there, one by one or several at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from merchants.models import Event
from referral_saas.dashboard.paths import public
from rewards.models import Reward, RewardBlock
from tests.cast import World, at_work, workspace_of
from tests.dashboard.cases import HER_OWN, HER_TAG, buys, odd_world, review_of_order
from tests.dashboard.desk import as_role, base, owner, text_of
from tests.once import for_a_file
from tracking.models import OrderTrace, Referral, Review


def looked_at() -> World:
    """One held until decided, one that goes by itself, one that passed."""
    world = odd_world()
    buys(world, "1", HER_OWN)
    buys(world, "2", HER_TAG)
    buys(world, "3", ("gil@friend.example", "Gil Friend"))
    return world


built, world = for_a_file(looked_at)


@pytest.fixture
def client(world: World) -> Client:
    return owner(world)


def at(world: World, rest: str = "") -> str:
    return f"{base(world)}/reviews{rest}"


def of(world: World, number: str) -> str:
    return at(world, f"/{public(review_of_order(world, number))}")


def stand(world: World, number: str) -> tuple[object, ...]:
    """State, both sides, the note, and the rewards' states with their open REVIEW blocks."""
    review = review_of_order(world, number)
    with at_work(world.merchant):
        rewards = Reward.objects.filter(referral=review.referral_id).order_by("side")
        blocks = RewardBlock.objects.filter(reward__in=rewards, kind="REVIEW", lifted_at=None).count()
        states = [reward.state for reward in rewards]
    return review.state, review.advocate_ok, review.friend_ok, review.note, states, blocks


WAITS = ("OPEN", None, None, "", ["HELD", "HELD"], 2)

# --- who sees what --------------------------------------------------------------------------------------------------


def test_who_may_only_look_sees_no_button(world: World) -> None:
    client = as_role(world, "SUPPORT")
    for path in ("", "/lists", f"/{public(review_of_order(world, '1'))}"):
        body = client.get(at(world, path)).content.decode().partition("<main")[2]
        assert body.count('method="post"') == body.count("/exports/of/"), path  # what one sees, one may take along
    page = text_of(client.get(of(world, "1")))
    assert "Owners, admins and reviewers decide." in page


def test_another_workspaces_cases_are_unknown_also_several_at_once(world: World) -> None:
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    charlie = owner(World(other, world.program, world.advocate, world.link, world.now))
    key = public(review_of_order(world, "1"))
    assert charlie.get(f"/w/{other.slug}/reviews/{key}").status_code == 404
    for verb in ("approve", "refuse", "undo"):
        answer = charlie.post(f"/w/{other.slug}/reviews/{verb}", {"review": [key]})
        assert answer.status_code == 302
    assert stand(world, "1") == WAITS


# --- the queue ------------------------------------------------------------------------------------------------------


def names(answer: Any) -> list[str]:
    return [case.review.referral.order.external_id for case in answer.context["cases"]]


def test_the_queue_names_why_and_what_happens_by_itself(client: Client, world: World) -> None:
    answer = client.get(at(world))
    page = text_of(answer)
    assert sorted(names(answer)) == ["1", "2"]
    for words in ("Similar e-mail addresses, Similar names", "High 80", "Medium 50", "€25.00", "Held back: €50.00"):
        assert words in page, words
    assert "Released when its hold ends" in page
    assert "gil@friend.example" not in page
    assert 'class="nav-badge">2<' in answer.content.decode()


def test_the_most_urgent_is_first_and_of_one_day_the_dearest(client: Client, world: World) -> None:
    buys(world, "4", ("dana+four@advocate.example", "Ann Friend"), lines=[90000])
    noon = world.now.replace(hour=11)
    answers = {"1": noon, "4": noon + timedelta(hours=2), "2": noon - timedelta(days=3)}
    with at_work(world.merchant):
        for number, answer_by in answers.items():
            Review.objects.filter(referral__order__external_id=number).update(answer_by=answer_by)
    assert names(client.get(at(world))) == ["2", "4", "1"]


def test_the_queue_costs_the_same_with_two_and_with_five_cases(client: Client, world: World) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(at(world, path))
        return len(queries)

    cost("")
    before = [cost(""), cost("/decided")]
    for number in ("5", "6", "7"):
        buys(world, number, (f"dana+{number}@advocate.example", f"Eve {number}"))
    client.post(at(world, "/approve"), {"review": [public(review_of_order(world, n)) for n in ("1", "5")]})
    after = [cost(""), cost("/decided")]
    assert after[0] == before[0]
    assert after[1] <= before[1] + 5  # with its first row a list asks what rows show, and for the views kept of it


def test_filters_and_empty_lists_say_what_to_do(client: Client, world: World) -> None:
    for query, found in (
        ("q=%231", ["1"]),
        ("q=dana%2Btwo", ["2"]),
        ("cause=ERROR", []),
        (f"program={world.program.slug}", ["1", "2"]),
    ):
        assert sorted(names(client.get(at(world, f"?{query}")))) == found, query
    assert "No samples to look at" in text_of(client.get(at(world, "/sample")))
    assert "Nothing decided yet" in text_of(client.get(at(world, "/decided")))


# --- one case -------------------------------------------------------------------------------------------------------


def test_the_page_says_why_it_is_held(client: Client, world: World) -> None:
    page = text_of(client.get(of(world, "1")))
    for words in (
        "Why it is held",
        "+50",
        "+30",
        "up to 39: passes",
        "40 to 79: somebody looks",
        "from 80: held until decided",
        "not available with this connection",
        "It stays held until somebody decides.",
        "€20.00",
        "€5.00",
        "The friend came",
        "Put in review",
    ):
        assert words in page, words
    assert "If nobody decides, it is released by itself" in text_of(client.get(of(world, "2")))


def test_cases_like_it_tell_how_one_decided_before(client: Client, world: World) -> None:
    client.post(f"{of(world, '2')}/decide", {"advocate": "refuse", "friend": "refuse", "note": "Her sister."})
    page = text_of(client.get(of(world, "1")))
    assert "Same advocate, Similar e-mail addresses" in page
    assert "Her sister." in page


def test_open_cases_from_the_same_address_are_shown(client: Client, world: World) -> None:
    first, second = (review_of_order(world, number).referral.order for number in ("1", "2"))
    with at_work(world.merchant) as now:
        OrderTrace.objects.create(order=first, at=now, salt=1, address="a" * 22, network="b" * 22)
        OrderTrace.objects.create(order=second, at=now, salt=1, address="a" * 22, network="b" * 22)
    assert SAME_ADDRESS in text_of(client.get(of(world, "1")))
    a_week_later = {"salt": 2, "address": "c" * 22, "network": "d" * 22, "earlier": {"1": ["a" * 22, "b" * 22]}}
    with at_work(world.merchant):
        OrderTrace.objects.filter(order=second).update(**a_week_later)
    assert SAME_ADDRESS in text_of(client.get(of(world, "2")))
    assert SAME_ADDRESS not in text_of(client.get(of(world, "1")))


SAME_ADDRESS = "Same internet address, Same advocate, Similar e-mail addresses"


def test_approving_lets_both_sides_go(client: Client, world: World) -> None:
    answer = client.post(f"{of(world, '1')}/decide", {"advocate": "give", "friend": "give"}, follow=True)
    assert "Approved. What it held back goes on." in text_of(answer)
    assert stand(world, "1") == ("CLEARED", True, True, "", ["HELD", "HELD"], 0)


def test_refusing_with_a_note_and_taking_it_back(client: Client, world: World) -> None:
    said = {"advocate": "refuse", "friend": "refuse", "note": "Same flat.", "tell": "on"}
    client.post(f"{of(world, '1')}/decide", said)
    assert stand(world, "1") == ("REFUSED", False, False, "Same flat.", ["CANCELLED", "CANCELLED"], 0)
    page = text_of(client.get(of(world, "1")))
    assert "Same flat." in page
    assert "They were told by mail." in page
    assert "alice@nordlicht.example" in page
    client.post(f"{of(world, '1')}/undo")
    assert stand(world, "1")[:3] == ("OPEN", None, None)
    assert stand(world, "1")[4:] == (["HELD", "HELD"], 2)
    key = review_of_order(world, "1").pk
    with at_work(world.merchant):
        told = Event.objects.filter(subject_id=key).order_by("seq")
        assert list(told.values_list("code", flat=True)) == ["review.opened", "review.refused", "review.undone"]


def test_each_side_by_itself(client: Client, world: World) -> None:
    client.post(f"{of(world, '1')}/decide", {"advocate": "refuse"})
    assert stand(world, "1")[:3] == ("OPEN", False, None)
    client.post(f"{of(world, '1')}/decide", {"friend": "give"})
    assert stand(world, "1") == ("REFUSED", False, True, "", ["CANCELLED", "HELD"], 0)


def test_the_second_of_two_people_is_told(client: Client, world: World) -> None:
    client.post(f"{of(world, '1')}/decide", {"advocate": "give", "friend": "give"})
    before = stand(world, "1")
    answer = client.post(f"{of(world, '1')}/decide", {"advocate": "refuse", "friend": "refuse"})
    assert answer.status_code == 409
    assert "Somebody decided this already." in text_of(answer)
    nothing = client.post(f"{of(world, '2')}/decide", {"note": "?"})
    assert nothing.status_code == 409
    assert "Choose for at least one side." in text_of(nothing)
    assert client.post(f"{of(world, '2')}/undo").status_code == 409
    assert stand(world, "1") == before
    assert stand(world, "2") == WAITS


# --- several at once ------------------------------------------------------------------------------------------------


def test_several_are_decided_at_one_press_and_taken_back_at_another(client: Client, world: World) -> None:
    keys = [public(review_of_order(world, number)) for number in ("1", "2")]
    answer = client.post(at(world, "/refuse"), {"review": keys, "note": "A ring.", "from": "waiting"}, follow=True)
    assert "2 cases decided." in text_of(answer)
    refused = ("REFUSED", False, False, "A ring.", ["CANCELLED", "CANCELLED"], 0)
    assert [stand(world, number) for number in ("1", "2")] == [refused, refused]
    assert names(client.get(at(world, "/decided"))) != []
    again = client.post(at(world, "/approve"), {"review": keys}, follow=True)
    assert "2 cases stay as they are" in text_of(again)
    assert [stand(world, number) for number in ("1", "2")] == [refused, refused]
    answer = client.post(at(world, "/undo"), {"review": keys}, follow=True)
    assert "2 cases wait again." in text_of(answer)
    assert stand(world, "1")[4:] == (["HELD", "HELD"], 2)


def test_several_are_shown_before_they_are_decided(client: Client, world: World) -> None:
    """Of three ticked ones somebody decided one meanwhile, and one is blocked for certain."""
    reviews = {number: review_of_order(world, number) for number in ("1", "2")}
    buys(world, "4", ("dana+four@advocate.example", "Ann Friend"))
    reviews["4"] = review_of_order(world, "4")
    keys = [public(reviews[number]) for number in ("1", "2", "4")]
    client.post(f"{of(world, '1')}/decide", {"advocate": "refuse", "friend": "refuse"})
    with at_work(world.merchant):
        Referral.objects.filter(pk=reviews["4"].referral_id).update(state="BLOCKED", reasons=["existing_customer"])
    stands = [stand(world, number) for number in ("1", "2", "4")]
    page = client.post(at(world, "/several"), {"review": keys, "do": "approve", "tell": "on"})
    said = text_of(page)
    assert "1 of 3 can be approved" in said
    assert "2 cases stay as they are" in said
    assert "Somebody decided this already." in said
    assert "This is blocked for certain" in said
    assert page.content.decode().count('name="review"') == 1
    assert [stand(world, number) for number in ("1", "2", "4")] == stands
    told = text_of(client.post(at(world, "/several"), {"review": keys, "do": "refuse", "note": "A ring."}))
    assert "2 of 3 can be refused" in told
    assert "Note: A ring." in told
    assert [stand(world, number) for number in ("1", "2", "4")] == stands


def test_what_is_shown_is_what_pressing_does(client: Client, world: World) -> None:
    keys = [public(review_of_order(world, number)) for number in ("1", "2")]
    page = client.post(at(world, "/several"), {"review": keys, "do": "approve", "tell": "on", "from": "waiting"})
    assert "2 of 2 can be approved" in text_of(page)
    assert [stand(world, number) for number in ("1", "2")] == [WAITS, WAITS]
    forms = BeautifulSoup(page.content, "html.parser").select('form[action$="/reviews/approve"]')
    told: dict[str, list[str]] = {}
    for field in forms[0].select("input[name]"):
        told.setdefault(str(field["name"]), []).append(str(field.get("value", "")))
    client.post(str(forms[0]["action"]), told)
    assert [stand(world, number)[:3] for number in ("1", "2")] == [("CLEARED", True, True)] * 2
    assert "None of the ticked cases" in text_of(client.post(at(world, "/several"), {"review": keys, "do": "approve"}))


def test_a_single_case_is_decided_at_once(client: Client, world: World) -> None:
    key = public(review_of_order(world, "1"))
    answer = client.post(at(world, "/several"), {"review": [key], "do": "refuse", "note": "A ring."}, follow=True)
    assert "1 case decided." in text_of(answer)
    assert stand(world, "1")[:4] == ("REFUSED", False, False, "A ring.")


def test_nothing_ticked_decides_nothing(client: Client, world: World) -> None:
    answer = client.post(at(world, "/approve"), {"review": ["rev_nonsense"]}, follow=True)
    assert "Tick at least one case." in text_of(answer)
    assert [stand(world, number) for number in ("1", "2")] == [WAITS, WAITS]


def test_what_else_there_is_leads_to_the_review(client: Client, world: World) -> None:
    review = review_of_order(world, "1")
    link = f'href="{at(world)}/{public(review)}"'
    with at_work(world.merchant):
        reward = Reward.objects.filter(referral=review.referral_id)[0]
        pages = [
            f"referrals/{public(review.referral)}",
            f"orders/{public(review.referral.order)}",
            f"rewards/{public(reward)}",
        ]
    for page in pages:
        assert link in client.get(f"{base(world)}/{page}").content.decode(), page
    advocate = client.get(f"{base(world)}/advocates/{public(world.advocate)}").content.decode()
    assert f"/reviews?advocate={public(world.advocate)}" in advocate
    assert "2 wait" in advocate


def test_a_reward_put_in_review_by_hand_waits_in_the_queue(client: Client, world: World) -> None:
    with at_work(world.merchant):
        reward = Reward.objects.filter(order__external_id="3", side="ADVOCATE")[0]
    path = f"{base(world)}/rewards/{public(reward)}"
    client.post(f"{path}/review", {"reason": "Somebody called."})
    assert stand(world, "3") == ("OPEN", None, None, "Somebody called.", ["HELD", "HELD"], 2)
    assert sorted(names(client.get(at(world)))) == ["1", "2", "3"]
    client.post(f"{path}/end-review")
    assert stand(world, "3")[1:3] == (True, None)
