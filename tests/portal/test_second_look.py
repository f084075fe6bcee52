"""What an advocate sees of a review: that it is looked at, that it was declined, and one chance to ask again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kit.ids import public_id
from merchants.models import ApiKey
from rewards.actions.reviews import decide
from rewards.models import Reward
from tests.api.conftest import key_of
from tests.cast import World, at_work, enrolled
from tests.dashboard.cases import HER_OWN, HER_TAG, buys, odd_world, review_of_order
from tests.dashboard.desk import text_of
from tests.once import for_a_file
from tests.portal.world import portal, signed_in
from tracking import fraud_wording
from tracking.models import Review
from tracking.rules.fraud import Signal

TEXT = "She is my sister in law and lives upstairs."
#: Words of the desk's pages about reviews: none of them is for an advocate.
DESK = (
    "score",
    "signal",
    "points",
    "fraud",
    "suspicious",
    "review",
    "throw-away",
    "similar",
    "rule",
    "blocked",
    "list",
)


def looked_at() -> World:
    world = odd_world()
    buys(world, "1", HER_OWN)
    buys(world, "2", HER_TAG)
    return world


built, world = for_a_file(looked_at)


@pytest.fixture
def client(world: World) -> Client:
    return signed_in(world)


def refuse(world: World, number: str) -> Review:
    review = review_of_order(world, number)
    with at_work(world.merchant) as now:
        return decide(review=review, advocate_ok=False, friend_ok=False, note="Same flat.", by="user:x", now=now)


def path_of(world: World, number: str) -> str:
    return portal(world, f"second-look/{public_id('ref', review_of_order(world, number).referral_id)}")


def main_of(answer: Any) -> str:
    """What stands in the page itself, as read and as written, without the frame around it."""
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_what_is_in_review_is_being_checked_and_nothing_more(client: Client, world: World) -> None:
    for page in ("friends", "rewards"):
        answer = client.get(portal(world, page))
        assert "Being checked" in text_of(answer)
        assert "The shop is looking at it, so it comes later than planned." in text_of(answer)
        assert "second look" not in text_of(answer)


def test_a_declined_one_can_be_asked_about_once(client: Client, world: World) -> None:
    refuse(world, "1")
    path = path_of(world, "1")
    for page in ("friends", "rewards"):
        body = client.get(portal(world, page)).content.decode()
        assert f'href="{path}"' in body, page
        assert "The purchase did not meet the conditions of the program." in body
    assert client.post(path, {"text": "  "}).status_code == 400
    answer = client.post(path, {"text": TEXT}, follow=True)
    assert "The shop looks at it again and answers by" in text_of(answer)
    assert "You asked for a second look on" in text_of(answer)
    found = review_of_order(world, "1")
    assert (found.state, found.cause, found.appeal_text) == ("OPEN", "APPEAL", TEXT)
    with at_work(world.merchant):
        assert set(Reward.objects.filter(referral=found.referral_id).values_list("state", flat=True)) == {"CANCELLED"}
    assert client.get(path).status_code == 404
    assert client.post(path, {"text": "Again"}).status_code == 404
    assert review_of_order(world, "1").appeal_text == TEXT


@pytest.mark.parametrize(
    ("ok", "words", "state"),
    [
        (True, "The shop has looked at it again: it counts.", "HELD"),
        (False, "The shop has looked at it again and stays with its answer.", "CANCELLED"),
    ],
)
def test_the_answer_stands_in_the_portal(client: Client, world: World, ok: bool, words: str, state: str) -> None:
    refuse(world, "1")
    client.post(path_of(world, "1"), {"text": TEXT})
    review = review_of_order(world, "1")
    with at_work(world.merchant) as now:
        decide(review=review, advocate_ok=ok, friend_ok=ok, by="user:x", now=now)
    assert words in text_of(client.get(portal(world, "friends")))
    with at_work(world.merchant):
        assert set(Reward.objects.filter(referral=review.referral_id).values_list("state", flat=True)) == {state}


def test_only_ones_own_and_only_what_is_declined(client: Client, world: World) -> None:
    assert client.get(path_of(world, "2")).status_code == 404
    refuse(world, "1")
    other = signed_in(world, enrolled(world.merchant, world.program, email="otto@advocate.example", name="Otto"))
    assert other.get(path_of(world, "1")).status_code == 404
    assert other.post(path_of(world, "1"), {"text": TEXT}).status_code == 404
    assert review_of_order(world, "1").state == "REFUSED"


def test_an_advocate_learns_nothing_about_the_rules(client: Client, world: World) -> None:
    """No code, no sentence, no word of the desk: not in the portal's pages, nor in what is told to the software."""
    refuse(world, "2")
    review = review_of_order(world, "1")
    with at_work(world.merchant):
        seen = [fraud_wording.signal_text(signal) for signal in review.referral.assessment["signals"]]
    assert seen
    client.post(path_of(world, "2"), {"text": TEXT})
    api = Client(headers={"Authorization": f"Bearer {key_of(world.merchant, ApiKey.Kind.SECRET)}"})
    advocate = public_id("adv", world.advocate.pk)
    bodies = [main_of(client.get(portal(world, page))) for page in ("", "friends", "rewards", "settings")]
    bodies.append(api.get(f"/api/v1/advocates/{advocate}").content.decode())
    for body in bodies:
        assert len(body) > 100
        for code in Signal:
            assert code.value not in body
            assert code.value.lower() not in body
        for sentence in (*seen, "Same flat.", str(review.score) + " "):
            assert sentence not in body
    for word in DESK:
        for body in bodies[1:3]:
            assert word not in body.lower(), word
