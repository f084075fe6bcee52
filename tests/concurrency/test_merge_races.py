"""Two entries of one person are merged at the moment something happens to either."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from advocates.models import Advocate, Customer, Link, MergedCustomer
from kit.locks import watch
from kit.tenancy import in_tenant_transaction
from merchants.events import SYSTEM
from privacy.actions.merging import CannotMerge, merge_people
from privacy.merging import merge_outlook
from rewards.actions.audit import look_at_books
from rewards.actions.release import release_due
from rewards.actions.settle import take_in
from rewards.models import Reward
from tests.cast import at_work
from tests.facts import DAY, delivery, snapshot
from tests.races import Rival, at_once
from tests.rewards.cash import Till, a_till
from tracking.facts import OrderKey, PersonIn

pytestmark = pytest.mark.django_db(transaction=True)

DANA, JANE = "dana@advocate.example", "jane@advocate.example"


def a_pair() -> Till:
    till = a_till()
    till.advocate("jane")
    till.earn(1000, "jane", release_it=False)
    return till


def merging(till: Till, goes: str, stays: str) -> Callable[[], str]:
    """Looked at now, merged when called. Gives what became of it."""
    with at_work(till.world.merchant) as now:
        pair = [Customer.objects.get(email=email) for email in (goes, stays)]
        seen = merge_outlook(goes=pair[0], stays=pair[1], now=now).digest
    told = {"goes_id": pair[0].pk, "stays_id": pair[1].pk, "seen": seen, "reason": "x", "by": SYSTEM, "now": now}

    def merge() -> str:
        try:
            in_tenant_transaction(till.world.merchant.tenant_ref(), lambda: merge_people(**told))
        except CannotMerge as error:
            return error.code
        return ""

    return merge


def buying(till: Till, token: str, number: str) -> Callable[[], None]:
    """By a friend, long enough ago that its reward is due."""
    at = till.world.now - 40 * DAY
    facts = [snapshot(at, token=token, lines=[10000], number=number), delivery(at + 2 * DAY)]
    person = PersonIn(email=f"nora{number}@friend.example")
    told = {"key": OrderKey("api", number), "facts": facts, "person": person, "now": till.world.now, "by": SYSTEM}
    return lambda: in_tenant_transaction(till.world.merchant.tenant_ref(), lambda: take_in(**told) and None)


def click_of_jane(till: Till) -> str:
    with at_work(till.world.merchant):
        link = Link.objects.get(advocate__customer__email=JANE, channel="LINK")
    return till.world.click(link, at=till.world.now - 41 * DAY)


def all_is_danas(till: Till, rewards: int) -> None:
    with at_work(till.world.merchant):
        dana = Advocate.objects.get(customer__email=DANA)
        owners = list(Reward.objects.filter(side="ADVOCATE").values_list("recipient", "advocate"))
        assert owners == [(dana.customer_id, dana.pk)] * rewards
        assert look_at_books().differences == []


def test_of_merges_that_cross_one_is_done() -> None:
    till = a_pair()
    cross = at_once(merging(till, JANE, DANA), merging(till, DANA, JANE))
    assert sorted(cross) == ["", "gone"]
    with at_work(till.world.merchant):
        last = Customer.objects.get(email__in=[DANA, JANE])
        assert set(MergedCustomer.objects.values_list("into", flat=True)) == {last.pk}
        assert set(Reward.objects.filter(side="ADVOCATE").values_list("recipient", flat=True)) == {last.pk}


def test_an_order_on_the_old_code_that_comes_while_they_are_merged_is_of_who_stays() -> None:
    till = a_pair()
    token, merge = click_of_jane(till), merging(till, JANE, DANA)
    order = buying(till, token, "71")
    with at_work(till.world.merchant) as now:
        goes, stays = (Customer.objects.get(email=email) for email in (JANE, DANA))
        seen = merge_outlook(goes=goes, stays=stays, now=now).digest
        with watch() as taken:
            merge_people(goes_id=goes.pk, stays_id=stays.pk, seen=seen, reason="x", by=SYSTEM, now=now)
        rival = Rival(order)
        assert rival.waits_for_us()
    rival.result()
    assert taken == sorted(taken)
    assert merge() == "gone"
    all_is_danas(till, 2)


def test_merging_waits_for_what_is_settled_and_released_just_now_and_takes_it_along() -> None:
    till = a_pair()
    token, merge = click_of_jane(till), merging(till, JANE, DANA)
    at = till.world.now - 40 * DAY
    with at_work(till.world.merchant) as now:
        facts, person = [snapshot(at, token=token, lines=[10000], number="71")], PersonIn(email="nora@friend.example")
        release_due(now=now)
        take_in(key=OrderKey("api", "71"), facts=facts, person=person, now=now, by=SYSTEM)
        rival = Rival(merge)
        assert rival.waits_for_us()
    assert rival.result() == "changed"  # what was looked at is not so any more
    assert merging(till, JANE, DANA)() == ""
    all_is_danas(till, 2)
    assert {state for state, *_ in till.rewards()} == {"RELEASED", "HELD"}
