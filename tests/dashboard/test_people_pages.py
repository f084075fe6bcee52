"""Lists and pages of people, referrals, orders and rewards: who sees them, what they say, and at what cost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.actions.customers import new_customer
from advocates.models import Advocate, Customer
from referral_saas.dashboard import people_urls
from referral_saas.dashboard.paths import public
from rewards.models import Reward
from tests.cast import a_world, at_work, enrolled, user, workspace_of
from tests.dashboard.desk import a_busy_world, base, owner, signed_in, text_of
from tests.dashboard.files import text_of_file
from tests.facts import snapshot
from tests.once import for_a_file
from tracking.models import Claim, Order, Referral

pytestmark = pytest.mark.django_db

LISTS = ["advocates", "customers", "referrals", "orders", "rewards", "clicks", "claims"]
MODELS = {"advocates": Advocate, "customers": Customer, "referrals": Referral, "orders": Order, "rewards": Reward}


built, busy = for_a_file(a_busy_world)


def test_empty_lists_say_what_will_come():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    client = signed_in(user("alice@nordlicht.example"))
    for name in LISTS:
        answer = client.get(f"/w/{merchant.slug}/{name}")
        assert (answer.status_code, "yet" in text_of(answer)) == (200, True)
        assert "Nothing fits" in text_of(client.get(f"/w/{merchant.slug}/{name}?from=2020-01-01"))


def test_lists_cost_the_same_with_one_and_with_three_rows():
    world = a_world()
    client = owner(world)

    def add(n: int) -> None:
        world.take(snapshot(world.now, token=world.click()), number=f"N{n}", email=f"friend{n}@friend.example")
        advocate = enrolled(world.merchant, world.program, f"adv{n}@advocate.example")
        told = {"program": world.program, "terms": world.program.terms, "advocate": advocate, "link": world.link}
        with at_work(world.merchant) as now:
            Claim.objects.create(state="REFUSED", claimed_at=now, expires_at=now, friend=advocate.customer, **told)

    def costs() -> dict[str, int]:
        return {name: cost(client, f"{base(world)}/{name}") for name in LISTS}

    add(1)
    costs()
    with_one = costs()
    add(2)
    add(3)
    assert costs() == with_one


def cost(client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_csv_holds_the_rows_that_are_shown(busy):
    client = owner(busy)
    for folder, model in MODELS.items():
        page = client.get(f"{base(busy)}/{folder}").content.decode()
        lines = text_of_file(client, busy.merchant, folder)
        with at_work(busy.merchant):
            keys = [public(row) for row in model.objects.all()]
        assert all(key in lines and f"/{folder}/{key}" in page for key in keys)


def test_paging_shows_every_row_once_forwards_and_back(busy):
    client, seen = owner(busy), []
    address = f"{base(busy)}/orders?size=2"
    back = ""
    while address:
        page = client.get(address).context["page"]
        seen += [row.external_id for row in page.rows]
        back, address = page.previous_url or back, page.next_url
    assert sorted(seen) == ["1", "2", "3", "4", "5"]
    assert [row.external_id for row in client.get(back).context["page"].rows] == seen[2:4] or len(seen) == 5
    first = client.get(f"{base(busy)}/orders?size=2&before=nonsense&after=2026-01-01~x").context["page"]
    assert [row.external_id for row in first.rows] == seen[:2]


def test_a_list_is_counted_only_as_far_as_it_says():
    world = a_world()
    client, page = owner(world), f"{base(world)}/customers"
    with at_work(world.merchant) as now:
        here = Customer.objects.count()
        people = [new_customer(email=f"c{n}@x.example", name="C", source="API", now=now) for n in range(5_001 - here)]
        Customer.objects.bulk_create(people)
    assert "More than 5,000 in all" in text_of(client.get(page))
    with at_work(world.merchant):
        Customer.objects.filter(pk=people[0].pk).delete()
    told = text_of(client.get(page))
    assert ("5,000 in all" in told, "More than" in told) == (True, False)


def test_filters_of_orders(busy):
    client = owner(busy)
    for query, found in (
        ("outcome=BLOCKED", ["3"]),
        ("outcome=ATTRIBUTED&program=freunde", ["2", "1"]),
        ("q=gil@friend.example", ["4"]),
        ("q=5", ["5"]),
        ("from=2199-01-01", []),
        ("outcome=NONSENSE&program=nobody&from=x&advocate=adv_x", ["5", "4", "3", "2", "1"]),
    ):
        rows = client.get(f"{base(busy)}/orders?{query}").context["page"].rows
        assert [row.external_id for row in rows] == found, query


def test_people_are_found_by_the_beginning_of_name_or_address(busy):
    enrolled(busy.merchant, busy.program, "Zola.x@googlemail.com", "Émile Zola")
    client = owner(busy)

    def found(text: str) -> list[str]:
        rows = client.get(f"{base(busy)}/customers", {"q": text}).context["page"].rows
        return sorted(row.email for row in rows)

    assert found("han") == ["hana@friend.example"]
    assert found("HANA K") == ["hana@friend.example"]
    assert found("Gil@Friend.example") == ["gil@friend.example"]
    assert found("émil") == ["zola.x@googlemail.com"]
    assert found("zola.x@gmail.com") == ["zola.x@googlemail.com"]
    assert found("%") == found("'") == []
    rows = client.get(f"{base(busy)}/advocates?q=dana").context["page"].rows
    assert [row.customer.email for row in rows] == ["dana@advocate.example"]


def test_figures_of_an_advocate_equal_the_rows_they_open(busy):
    client = owner(busy)
    page = client.get(f"{base(busy)}/advocates/{public(busy.advocate)}")
    of_advocate = page.context["of_advocate"]
    for name in ("clicks", "claims", "referrals", "rewards"):
        side = "side=ADVOCATE&" if name == "rewards" else ""
        rows = client.get(f"{base(busy)}/{name}?{side}{of_advocate}").context["page"].rows
        assert page.context[name] == len(rows) > 0, name
    assert page.context["clicks"] == sum(line.clicks for line in page.context["lines"])
    assert busy.link.code in page.content.decode()


def test_sums_of_rewards_equal_the_rows_they_open(busy):
    client = owner(busy)
    [sums] = client.get(f"{base(busy)}/rewards").context["sums"]
    held = client.get(f"{base(busy)}/rewards?state=HELD").context["page"].rows
    assert sums.held_minor == sum(row.amount_minor for row in held) == 1500 + 2000
    assert not client.get(f"{base(busy)}/rewards?state=DUE").context["page"].rows
    assert not client.get(f"{base(busy)}/rewards?state=PAID").context["page"].rows
    assert not client.get(f"{base(busy)}/rewards?state=STOPPED").context["page"].rows


def test_the_decision_is_told_in_words_with_every_touch(busy):
    with at_work(busy.merchant):
        order = Order.objects.get(external_id="3")
        blocked = Referral.objects.get(order=order)
    said = text_of(owner(busy).get(f"{base(busy)}/orders/{public(order)}"))
    assert "The advocate bought this for themselves." in said
    assert "Dana Muster" in said
    said = text_of(owner(busy).get(f"{base(busy)}/referrals/{public(blocked)}"))
    assert "The advocate bought this for themselves." in said
    assert "Version 1" in said


def test_a_reward_page_shows_a_balanced_ledger_and_what_is_missing(busy):
    with at_work(busy.merchant):
        reward = Reward.objects.get(order__external_id="1")
    answer = owner(busy).get(f"{base(busy)}/rewards/{public(reward)}")
    book = answer.context["postings"]
    assert book.debit_minor == book.credit_minor == 2000 + 500
    assert "Waiting for shipment" in text_of(answer)
    assert "€20.00 became €15.00" in text_of(answer)


def test_every_list_is_led_to_from_a_list_or_a_page_of_one_thing(busy):
    """What a role may not use is led to nowhere: tests/crawl, on every page as everybody."""
    with at_work(busy.merchant):
        order, reward = Order.objects.get(external_id="4"), Reward.objects.first()
    rows = [f"orders/{public(order)}", f"rewards/{public(reward)}", f"advocates/{public(busy.advocate)}"]
    client = owner(busy)
    pages = [*rows, *LISTS, "reviews", "settings"]
    bodies = " ".join(client.get(f"{base(busy)}/{page}").content.decode() for page in pages)
    for pattern in people_urls.urlpatterns:
        if "/" not in (route := str(pattern.pattern)):
            led_to = f'"{base(busy)}/{route}'
            assert f'{led_to}"' in bodies or f"{led_to}?" in bodies or route in ("clicks", "claims", "sharers")


def test_sums_of_rewards_are_the_same_whichever_state_is_shown(busy):
    client = owner(busy)
    every = client.get(f"{base(busy)}/rewards").context["sums"]
    for query in ("state=HELD", "state=PAID", "state=CANCELLED", "state=STOPPED"):
        assert client.get(f"{base(busy)}/rewards?{query}").context["sums"] == every
    assert client.get(f"{base(busy)}/rewards?program=freunde&side=FRIEND").context["sums"] == []
