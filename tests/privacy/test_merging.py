"""Two entries of one person become one: everything goes over, no amount moves, and old codes and addresses lead on."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from advocates.actions.customers import know_customer, know_many, new_customer
from advocates.actions.magic import make_magic_link
from advocates.actions.notes import add_note
from advocates.actions.standing import ban_advocate
from advocates.actions.sums import rebuild_people_sums
from advocates.actions.tags import add_tag
from advocates.models import Advocate, Customer, Link, MagicLink, MergedAdvocate, MergedCustomer, Note, Tagged
from advocates.rules.merging import Standing, standing_of_both
from advocates.selectors import customer_by_email, link_by_code
from kit.ids import public_id
from merchants.events import SYSTEM
from merchants.models import Event, Membership, Role
from privacy.actions.erasure import CannotErase, erase_person
from privacy.actions.merging import CannotMerge, merge_people
from privacy.keys import keys_to
from privacy.merging import Outlook, merge_outlook
from privacy.steps.erasure import erase
from privacy.twins import Sign, twins_of
from rewards.actions.cap import counting_under_cap
from rewards.balances import balances_of
from rewards.models import LedgerEntry, PayoutLine, Reward, Spend
from rewards.steps.audit import sweep as audit
from tests.api.conftest import Shop, key_of
from tests.cast import at_work, workspace_of
from tests.dashboard.desk import base, owner, text_of
from tests.facts import DAY, delivery, snapshot
from tests.once import for_a_file
from tests.rewards.cash import Till, a_till
from tracking.actions.claims import begin_claim
from tracking.models import Claim, Order, OrderFact, Referral

pytestmark = pytest.mark.django_db

DANA, JANE = "dana@advocate.example", "jane@advocate.example"


def two_of_one() -> Till:
    """Dana and Jane: one person. Both were paid in one payout; ten are held for Jane, a friend's order came by her."""
    till = a_till()
    till.advocate("jane")
    till.earn(2000)
    till.earn(3000, "jane")
    till.run()
    till.earn(1000, "jane", release_it=False)
    with at_work(till.world.merchant) as now:
        jane = Customer.objects.get(email=JANE)
        alice = Membership.objects.select_related("user").get(merchant=till.world.merchant, role=Role.OWNER)
        add_note(customer=jane, text="Rang from another address", member=alice, now=now)
        add_tag(customer=jane, word="loyal", by=SYSTEM, now=now)
        add_tag(customer=Customer.objects.get(email=DANA), word="loyal", by=SYSTEM, now=now)
    return till


built, till = for_a_file(two_of_one)


def looked(till: Till, goes: str = JANE, stays: str = DANA) -> Outlook:
    with at_work(till.world.merchant) as now:
        pair = [Customer.objects.get(email=email) for email in (goes, stays)]
        return merge_outlook(goes=pair[0], stays=pair[1], now=now)


def merge(till: Till, goes: str = JANE, stays: str = DANA, seen: str | None = None) -> Customer:
    outlook = looked(till, goes, stays)
    with at_work(till.world.merchant) as now:
        ids = {"goes_id": outlook.goes.customer.pk, "stays_id": outlook.stays.customer.pk}
        told = {"seen": outlook.digest if seen is None else seen, "reason": "She told us", "by": SYSTEM, "now": now}
        return merge_people(**ids, **told)


def refused(till: Till, code: str, **who: Any) -> None:
    with pytest.raises(CannotMerge) as caught:
        merge(till, **who)
    assert caught.value.code == code


def rows_of(till: Till) -> dict[str, Any]:
    """Every row that says something of a person, and what was told."""
    pointing = {model for one in (Customer, Advocate) for model, _name in keys_to(one)}
    models = {Customer, Advocate, Event, LedgerEntry, OrderFact, *pointing}
    with at_work(till.world.merchant):
        return {model._meta.db_table: list(model.objects.order_by("pk").values()) for model in models}


def entries(till: Till) -> list[Any]:
    with at_work(till.world.merchant):
        return list(LedgerEntry.objects.order_by("pk").values_list("pk", "account", "unit", "amount_minor"))


def test_everything_goes_over_and_no_amount_moves(till: Till) -> None:
    with at_work(till.world.merchant):
        jane = Advocate.objects.select_related("customer").get(customer__email=JANE)
        code = Link.objects.get(advocate=jane, channel="LINK").code
        rewards = list(Reward.objects.order_by("pk").values_list("pk", "state", "amount_minor"))
        keys = list(Order.objects.order_by("pk").values_list("evidence_key", "decision"))
    books = entries(till)
    dana = merge(till)
    assert entries(till) == books
    with at_work(till.world.merchant) as now:
        assert list(Reward.objects.order_by("pk").values_list("pk", "state", "amount_minor")) == rewards
        assert list(Order.objects.order_by("pk").values_list("evidence_key", "decision")) == keys
        of_one = Advocate.objects.get(customer=dana)
        assert set(Reward.objects.values_list("recipient", "advocate")) == {(dana.pk, of_one.pk)}
        assert set(Referral.objects.values_list("advocate", flat=True)) == {of_one.pk}
        counted = counting_under_cap(of_one.pk, till.world.terms(), zone=till.world.zone, now=now)
        assert counted.count() == 3  # the cap counts what both have had
        assert list(Note.objects.values_list("customer", flat=True)) == [dana.pk]
        assert Tagged.objects.filter(customer=dana).count() == 1
        lines = PayoutLine.objects.order_by("amount_minor").values_list("recipient", "amount_minor", "stood_for")
        assert list(lines) == [(dana.pk, 2000, None), (dana.pk, 3000, jane.customer_id)]
        former = Link.objects.get(code=code)
        assert (former.advocate_id, former.replaced_by.code) == (of_one.pk, till.world.link.code)
        assert link_by_code(code) == former
        merged = MergedCustomer.objects.get()
        assert (merged.pk, merged.into_id, merged.email, merged.reason) == (
            jane.customer_id,
            dana.pk,
            JANE,
            "She told us",
        )
        assert list(MergedAdvocate.objects.values_list("pk", "into")) == [(jane.pk, of_one.pk)]
        assert not Customer.objects.filter(pk=jane.customer_id).exists()
        told = Event.objects.get(code="advocate.merged")
        assert (told.subject_id, told.data["gone"], told.data["after"]) == (of_one.pk, str(jane.pk), "ACTIVE")
        assert told.data["moved"]["reward"] == 2
        assert Event.objects.get(code="customer.merged").subject_id == dana.pk
        assert JANE not in str(list(Event.objects.values_list("data", flat=True)))
        assert rebuild_people_sums() == 0
    audit(till.world.merchant.tenant_ref())
    with at_work(till.world.merchant):
        assert not Event.objects.filter(code="ledger.differs").exists()


def test_old_code_and_old_address_lead_to_who_stays(till: Till) -> None:
    with at_work(till.world.merchant):
        code = Link.objects.get(advocate__customer__email=JANE, channel="LINK").code
    dana = merge(till)
    world = till.world
    settled = world.take(snapshot(world.now, codes=[(code, 0)]), number="new", email="nora@friend.example")
    own = world.take(snapshot(world.now, token=world.click()), number="own", email="JANE@advocate.example")
    assert {reward.recipient_id for reward in settled.rewards if reward.side == "ADVOCATE"} == {dana.pk}
    assert (own.order.customer_id, own.order.outcome) == (dana.pk, "BLOCKED")  # their own link
    with at_work(world.merchant) as now:
        assert customer_by_email("Jane@Advocate.example") == dana
        told = [new_customer(email=one, source="HOOK", now=now) for one in (JANE, "new@x.example")]
        assert set(know_many(told)) == {"new@x.example"}  # two of a batch may be one person
        assert know_customer(email=JANE, country="DE", source="HOOK", now=now).pk == dana.pk
        assert Customer.objects.get(pk=dana.pk).country == "DE"
        assert not Customer.objects.filter(email=JANE).exists()


def test_a_return_after_merging_is_kept_back_from_who_stays(till: Till) -> None:
    """Dana is owed 50, Jane 10, and of Jane's 30 that were paid all come back."""
    till.earn(5000, release_it=False)
    merge(till)
    till.give_back("2", 3000)
    till.release()
    payout = till.make()
    assert till.told(payout) == [("dana", 5000 + 1000 - 3000, "INCLUDED", "")]
    assert till.confirm(payout)


def test_what_had_run_out_on_one_account_does_not_come_back_by_uses_of_the_other(till: Till) -> None:
    """Dana's credit ran out unused; Jane used some of hers while Dana's still stood: as one person's it would be gone
    first, and Jane's would be whole again."""
    with at_work(till.world.merchant) as now:
        given = Reward.objects.filter(state="FULFILLED")
        given.update(fulfilment="BALANCE", fulfilled_at=now - 10 * DAY)
        jane = Customer.objects.get(email=JANE)
        use = Spend.objects.create(customer=jane, unit="EUR", amount_minor=1000, at=now - 5 * DAY, by=SYSTEM)
        of_both = [Customer.objects.get(email=DANA), jane]
        assert [each.left for each in balances_of(*of_both, now=now)] == [2000 + 3000 - 1000]
    assert looked(till).obstacles == []
    with at_work(till.world.merchant) as now:
        given.filter(recipient=of_both[0]).update(valid_until=now - DAY)
    assert looked(till).obstacles == ["balances"]
    with at_work(till.world.merchant):
        use.delete()
    assert looked(till).obstacles == []


def test_twice_or_changed_meanwhile_changes_nothing(till: Till) -> None:
    whole = rows_of(till)
    refused(till, "changed", seen="something else")
    refused(till, "same", goes=DANA)
    assert rows_of(till) == whole
    with at_work(till.world.merchant) as now:
        ids = [Customer.objects.get(email=email).pk for email in (JANE, DANA)]
    merge(till)
    before = rows_of(till)
    for goes, stays in (ids, ids[::-1]):
        with at_work(till.world.merchant) as now, pytest.raises(CannotMerge, match="gone"):
            merge_people(goes_id=goes, stays_id=stays, seen="", reason="x", by=SYSTEM, now=now)
    assert rows_of(till) == before


def test_chains_are_flat_and_a_ban_survives(till: Till) -> None:
    till.advocate("june")
    with at_work(till.world.merchant) as now:
        jane = Advocate.objects.get(customer__email=JANE)
        ban_advocate(advocate=jane, by=SYSTEM, now=now)
    merge(till, goes=JANE, stays="june@advocate.example")
    dana = merge(till, goes="june@advocate.example", stays=DANA)
    with at_work(till.world.merchant):
        assert set(MergedCustomer.objects.values_list("into", flat=True)) == {dana.pk}
        assert Advocate.objects.get(customer=dana).state == "BANNED"
        assert set(MergedAdvocate.objects.values_list("into__customer", flat=True)) == {dana.pk}


def test_what_only_who_goes_takes_part_in_goes_over_as_it_is(till: Till) -> None:
    with at_work(till.world.merchant) as now:
        jane = Advocate.objects.get(customer__email=JANE)
        make_magic_link(advocate=jane, now=now)
    stays = merge(till, stays="friend1@friend.example")
    with at_work(till.world.merchant):
        moved = Advocate.objects.get(pk=jane.pk)
        assert (moved.customer_id, moved.state, moved.session_epoch) == (stays.pk, "ACTIVE", jane.session_epoch + 1)
        assert not MagicLink.objects.exists()
        assert not MergedAdvocate.objects.exists()


def test_an_open_payout_or_another_account_stands_in_the_way(till: Till) -> None:
    till.release()
    payout = till.make()
    refused(till, "payout")
    assert till.confirm(payout)
    assert looked(till).obstacles == ["payout", "delivery"]
    for line in till.lines(payout):
        till.paid(line)
    till.account("jane", "jane@paypal.example", "PAYPAL")
    refused(till, "accounts")


def test_what_one_referred_the_other_stands_in_the_way_until_it_is_given_and_then_stays(till: Till) -> None:
    world, other = till.world, "dana.muster@work.example"
    token, at = world.click(at=world.now - 41 * DAY), world.now - 40 * DAY
    world.take(snapshot(at, token=token, lines=[10000]), delivery(at + DAY), number="self", email=other)
    refused(till, "own_rewards", goes=other)
    till.release()
    till.run()
    assert looked(till, other).own_released == 1
    dana = merge(till, goes=other)
    world.take(delivery(at + 2 * DAY, as_of=at + 3 * DAY), number="self", email="")
    with at_work(world.merchant):
        order = Order.objects.get(external_id="self")
        assert (order.customer_id, order.outcome) == (dana.pk, "ATTRIBUTED")
        assert Reward.objects.get(order=order, side="ADVOCATE").state == "FULFILLED"


def test_what_is_decided_of_others_stays_and_own_orders_without_reward_are_judged_anew(till: Till) -> None:
    """Jane's customer was referred by Dana too and has not paid: it would be a reward for herself."""
    world, other = till.world, "dana.muster@work.example"
    token = world.click()
    unpaid = snapshot(world.now, token=token, paid=False)
    world.take(unpaid, number="self", email=other)
    merge(till, goes=other)
    paid = snapshot(world.now, token=token, as_of=world.now + DAY)
    settled = world.take(paid, number="self", email="")
    assert (settled.order.outcome, settled.rewards) == ("BLOCKED", [])


def test_who_came_twice_stays_two_and_a_second_claim_keeps_its_code(till: Till) -> None:
    friends = [f"friend{number}@friend.example" for number in (1, 2)]
    refused(till, "both_referred", goes=friends[0], stays=friends[1])
    with at_work(till.world.merchant) as now:
        pair = [know_customer(email=f"claim{n}@x.example", source="CLAIM", now=now) for n in (1, 2)]
        for one in pair:
            begin_claim(link=till.world.link, friend=one, click_id=None, name_shown=False, now=now)
    merge(till, goes=pair[1].email, stays=pair[0].email)
    with at_work(till.world.merchant):
        rows = Claim.objects.order_by("pk").values_list("friend", flat=True)
        assert list(rows) == [pair[0].pk, None]


def test_ids_of_another_merchant_are_nobodys(till: Till) -> None:
    with at_work(workspace_of("charlie@halcyon.example", "Halcyon")) as now:
        theirs = know_customer(email=DANA, source="HOOK", now=now)
    with at_work(till.world.merchant):
        dana = Customer.objects.get(email=DANA)
    before = rows_of(till)
    client, mine = owner(till.world), public_id("cus", dana.pk)
    told = {"with": public_id("cus", theirs.pk), "stays": mine, "reason": "x", "sure": "on", "seen": ""}
    assert client.post(f"{base(till.world)}/customers/{mine}/merge/now", told).status_code == 404
    assert client.get(f"{base(till.world)}/customers/{mine}/merge?with={told['with']}").status_code == 404
    assert rows_of(till) == before


def test_the_pages_say_what_it_means_and_lead_on(till: Till) -> None:
    with at_work(till.world.merchant):
        jane, dana = (Advocate.objects.get(customer__email=email) for email in (JANE, DANA))
    mine, theirs = (public_id("cus", one.customer_id) for one in (dana, jane))
    page, client = f"{base(till.world)}/customers/{mine}/merge", owner(till.world)
    assert JANE in text_of(client.get(page))
    assert JANE in text_of(client.get(f"{page}?q={JANE}"))
    answer = client.get(f"{page}?with={theirs}")
    said = text_of(answer)
    assert f"{JANE} becomes {DANA}" in said
    assert [words for words in ("€30.00", "2 rewards", "both take part") if words not in said] == []
    swap = f"{page}?with={theirs}&amp;stays={theirs}"
    assert f'href="{swap}"' in answer.content.decode()  # a way to a page of its own: no choice is shown but not meant
    assert f"{DANA} becomes {JANE}" in text_of(client.get(swap.replace("&amp;", "&")))
    told = {"with": theirs, "stays": mine, "seen": answer.context["seen"]}
    unsaid = client.post(f"{page}/now", told)
    assert unsaid.status_code == 422
    assert "Say how you know that they are one person." in text_of(unsaid)
    done = client.post(f"{page}/now", told | {"reason": "She told us", "sure": "on"}, follow=True)
    assert "The two are one person now." in text_of(done)
    assert "She told us" in text_of(done)
    old = f"{base(till.world)}/advocates/{public_id('adv', jane.pk)}"
    assert client.get(old).headers["Location"] == f"{base(till.world)}/advocates/{public_id('adv', dana.pk)}"
    assert client.get(f"{base(till.world)}/customers/{theirs}").headers["Location"].endswith(mine)
    assert "Became one with another advocate" in text_of(client.get(old, follow=True))
    shop = Shop(key_of(till.world.merchant))
    found = shop.get(f"advocates/{public_id('adv', jane.pk)}").json()
    assert (found["id"], found["customer"]) == (public_id("adv", dana.pk), mine)
    assert shop.get(f"customers/{theirs}/balances").json()["customer"] == mine


def test_who_is_erased_later_is_forgotten_under_every_address(till: Till) -> None:
    with at_work(till.world.merchant) as now:
        Reward.objects.filter(state="HELD").update(state="CANCELLED", cancelled_at=now, amount_minor=0)
    dana = merge(till)
    with at_work(till.world.merchant) as now:
        erase_person(customer=dana, by=SYSTEM, now=now)
    assert "jane@advocate" not in str(rows_of(till)).lower()
    with at_work(till.world.merchant):
        assert customer_by_email(JANE) is None


def test_erasing_who_was_merged_meanwhile_erases_nobody(till: Till) -> None:
    jane = looked(till).goes.customer
    merge(till)
    before = rows_of(till)
    with pytest.raises(CannotErase, match="merged"):
        erase(till.world.merchant.tenant_ref(), customer_id=jane.pk, gives_up=True, by=SYSTEM)
    assert rows_of(till) == before


def test_who_may_be_the_same(till: Till) -> None:
    with at_work(till.world.merchant) as now:
        know_customer(email="dana+shop@advocate.example", name="", source="HOOK", now=now)
        know_customer(email="muster@x.example", name="Dana MUSTER", source="HOOK", now=now)
        found = {one.customer.email: one.sign for one in twins_of(Customer.objects.get(email=DANA))}
    assert found == {JANE: Sign.ACCOUNT, "dana+shop@advocate.example": Sign.ADDRESS, "muster@x.example": Sign.NAME}


def test_every_key_to_a_person_is_known() -> None:
    """A new one goes over by itself; where one person has one row only, say in privacy.keys which of two is kept."""
    names = {f"{model.__name__}.{name}" for one in (Customer, Advocate) for model, name in keys_to(one)}
    assert {"Reward.recipient", "Reward.advocate", "Share.advocate", "Message.customer", "Lead.customer"} <= names


def test_the_stricter_word_counts(till: Till) -> None:
    one = Standing("ACTIVE", till.world.now, 1, None, 2)
    for state, other in product(("BANNED", "PAUSED", "ACTIVE"), ("ACTIVE", "INVITED")):
        both = standing_of_both(replace(one, state=state), replace(one, state=other, tier=3, trust=1))
        assert (both.state, both.tier, both.trust) == (state, 3, 1)
