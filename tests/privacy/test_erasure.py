"""Somebody is erased: nothing says who it was, and the books add up as before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Sum

from advocates.actions.notes import add_note
from advocates.actions.standing import AdvocateStateError, unban_advocate
from advocates.actions.tags import add_tag
from advocates.marks import was_here
from advocates.models import Advocate, Customer, ErasedMark, Link, Note, Tag
from advocates.selectors import customer_by_email, link_by_code
from integrations.models import Connection, InboundEvent
from merchants.events import SYSTEM
from merchants.models import Event, Membership, Role, TenantModel
from privacy.actions.erasure import CannotErase, erase_person
from privacy.steps.erasure import erase, sweep
from referral_saas.dashboard.paths import public
from rewards.models import LedgerEntry, PayoutAccount, Reward
from rewards.steps.audit import sweep as audit
from tests.cast import at_work, member
from tests.dashboard.desk import base, owner, signed_in, text_of
from tests.facts import DAY, snapshot
from tests.once import for_a_file
from tests.rewards.cash import Till, a_till
from tracking.models import Order, Referral

pytestmark = pytest.mark.django_db

DANA, FRIEND = "dana@advocate.example", "friend1@friend.example"


def a_till_with_people() -> Till:
    """Dana has earned twenty, which is due, and keeps an account; the team has noted things about her."""
    till = a_till()
    till.earn(2000)
    with at_work(till.world.merchant) as now:
        dana = Customer.objects.get(email=DANA)
        alice = Membership.objects.select_related("user").get(merchant=till.world.merchant, role=Role.OWNER)
        add_note(customer=dana, text="Dana Muster rang", member=alice, now=now)
        add_tag(customer=dana, word="loyal-dana", by=SYSTEM, now=now)
        connection_ = Connection.objects.create(kind="SHOPIFY", name="x", address="x", hook_token="x", created_at=now)
        for key, body in (("1", b'{"email": "DANA@advocate.example"}'), ("2", b'{"email": "other@x.example"}')):
            InboundEvent.objects.create(
                connection=connection_, topic="t", delivery_id=key, received_at=now, next_try_at=now,
                body=body, state="HANDLED", handled_at=now,
            )  # fmt: skip
    return till


built, till = for_a_file(a_till_with_people)


def erase_(till: Till, email: str = DANA, *, gives_up: bool = True) -> Customer:
    with at_work(till.world.merchant):
        found = Customer.objects.get(email=email)
    erase(till.world.merchant.tenant_ref(), customer_id=found.pk, gives_up=gives_up, by=SYSTEM)
    return found


def everything(till: Till) -> str:
    """Every column of every row of the merchant, as text."""
    told = []
    with at_work(till.world.merchant), connection.cursor() as cursor:
        for model in apps.get_models():
            if issubclass(model, TenantModel):
                cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
                rows = [[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()]
                told.append(json.dumps(rows, default=repr))
    return "\n".join(told).lower()


def sums(till: Till) -> dict[str, Any]:
    with at_work(till.world.merchant):
        entries = LedgerEntry.objects.values_list("account", "unit").annotate(s=Sum("amount_minor")).order_by()
        return {
            "ledger": sum(amount for *_, amount in entries),
            "people": Customer.objects.count(),
            "referrals": Referral.objects.count(),
            "orders": list(Order.objects.order_by("pk").values_list("pk", "customer_id", "net_base_minor")),
        }


def test_nothing_says_who_it_was_and_everything_adds_up(till):  # hostile 121
    before, was = sums(till), everything(till)
    assert all(word in was for word in ("dana@advocate", "muster", "loyal-dana"))
    gone = erase_(till)
    now_told = everything(till)
    assert [word for word in ("dana@advocate", "muster", "loyal-dana", "dana") if word in now_told] == []
    assert sums(till) == before
    with at_work(till.world.merchant):
        row = Customer.objects.get(pk=gone.pk)
        assert (row.name, row.email, row.country, row.external_id) == ("Erased person", "", "", "")
        assert row.erased_at is not None
        assert customer_by_email(DANA) is None
        assert link_by_code(till.world.link.code) is None
        assert not PayoutAccount.objects.filter(customer=gone).exists()
        assert (Note.objects.count(), Tag.objects.count()) == (0, 0)
        bodies = InboundEvent.objects.order_by("delivery_id").values_list("body", flat=True)
        assert [body and bytes(body) for body in bodies] == [None, b'{"email": "other@x.example"}']
        [event] = Event.objects.filter(code="customer.erased")
        assert (event.subject_id, event.data) == (gone.pk, {})
    audit(till.world.merchant.tenant_ref())
    with at_work(till.world.merchant):
        assert not Event.objects.filter(code="ledger.differs").exists()


def test_what_was_due_is_given_up_only_if_that_is_said(till):
    with pytest.raises(CannotErase) as refused:
        erase_(till, gives_up=False)
    assert refused.value.code == "open_rewards"
    assert till.rewards() == [("RELEASED", 2000, 0)]
    erase_(till)
    assert [(state, amount) for state, amount, _ in till.rewards()] == [("CANCELLED", 0)]


def test_nobody_in_a_payout_is_erased(till):
    till.make()
    before = everything(till)
    with pytest.raises(CannotErase) as refused:
        erase_(till)
    assert refused.value.code == "payout"
    assert everything(till) == before


def test_what_is_still_to_be_read_would_make_them_known_again(till):
    with at_work(till.world.merchant):
        InboundEvent.objects.filter(delivery_id="1").update(state="WAITING", handled_at=None)
    with pytest.raises(CannotErase) as refused:
        erase_(till)
    assert refused.value.code == "unread"


def test_who_comes_again_is_new_and_gets_no_second_offer(till):  # hostile 123
    gone = erase_(till, FRIEND)
    world = till.world
    with at_work(world.merchant) as now:
        assert (ErasedMark.objects.count(), was_here(FRIEND, at=now)) == (1, True)
        assert not was_here("friend2@friend.example", at=now)
        theirs = ErasedMark.objects.get()
        assert (theirs.had_paid, theirs.was_referred) == (True, True)
    settled = world.take(snapshot(world.now, token=world.click()), number="77", email=FRIEND)
    assert settled.order.customer_id != gone.pk
    assert (settled.order.outcome, settled.referral.state) == ("BLOCKED", "BLOCKED")
    assert settled.rewards == []


def test_news_of_an_old_order_tell_nothing_of_them_again(till):
    gone = erase_(till, FRIEND)
    till.world.take(snapshot(till.world.now), number="1", email=FRIEND)
    with at_work(till.world.merchant):
        assert Order.objects.get(external_id="1").customer_id == gone.pk
        assert Customer.objects.get(pk=gone.pk).email == ""
        assert not Advocate.objects.filter(customer=gone).exists()


def test_an_erased_advocate_is_not_let_back_in_and_earns_nothing(till):
    erase_(till)
    world = till.world
    with at_work(world.merchant) as now:
        advocate = Advocate.objects.get(pk=world.advocate.pk)
        with pytest.raises(AdvocateStateError):
            unban_advocate(advocate=advocate, by=SYSTEM, now=now)
        assert not Link.objects.filter(advocate=advocate, retired_at=None).exists()
    settled = world.take(snapshot(world.now, token=world.click()), number="78", email="new@friend.example")
    with at_work(world.merchant):
        assert not Reward.objects.filter(order=settled.order, recipient=world.advocate.customer_id).exists()


def test_a_reward_settled_in_the_very_moment_is_given_up_later(till):
    gone = erase_(till)
    with at_work(till.world.merchant) as now:
        again = {"state": "HELD", "cancelled_at": None, "released_at": None, "rejected_at": None, "reason": ""}
        Reward.objects.filter(recipient=gone).update(**again, release_at=now + 9 * DAY, amount_minor=2000)
    sweep(till.world.merchant.tenant_ref())
    assert [state for state, *_ in till.rewards()] == ["CANCELLED"]


def test_erased_twice_is_erased_once(till):
    gone = erase_(till)
    with at_work(till.world.merchant) as now:
        before = Customer.objects.get(pk=gone.pk).erased_at
        erase_person(customer=gone, by=SYSTEM, now=now)
        assert Customer.objects.get(pk=gone.pk).erased_at == before
        assert Event.objects.filter(code="customer.erased").count() == 1


def test_the_page_says_what_goes_and_the_button_needs_both_ticks(till):
    client, world = owner(till.world), till.world
    with at_work(world.merchant):
        path = f"{base(world)}/customers/{public(Customer.objects.get(email=DANA))}"
    page = text_of(client.get(f"{path}/erase"))
    assert all(words in page for words in ("1 note", "1 account for payouts", "1 reward: €20.00"))
    client.post(f"{path}/erase/now", {"gives_up": "on"})
    client.post(f"{path}/erase/now", {"sure": "on"})
    with at_work(world.merchant):
        assert Customer.objects.filter(email=DANA).exists()
    done = client.post(f"{path}/erase/now", {"sure": "on", "gives_up": "on"}, follow=True)
    assert all(words in text_of(done) for words in ("The person is erased.", "Erased person"))
    assert client.get(f"{path}/erase").status_code == 404


def test_who_only_supports_does_not_erase(till):
    support = signed_in(member(till.world.merchant, "support@nordlicht.example", Role.SUPPORT))
    with at_work(till.world.merchant):
        path = f"{base(till.world)}/customers/{public(Customer.objects.get(email=DANA))}"
    assert support.get(f"{path}/erase").status_code == 404
    assert support.post(f"{path}/erase/now", {"sure": "on", "gives_up": "on"}).status_code == 404


def test_the_page_asks_the_database_at_most_twenty_times(till, django_assert_max_num_queries):
    with at_work(till.world.merchant):
        path = f"{base(till.world)}/customers/{public(Customer.objects.get(email=DANA))}/erase"
    client = owner(till.world)
    client.get(path)
    with django_assert_max_num_queries(20 + 4):  # and what begins and ends a transaction
        assert client.get(path).status_code == 200
