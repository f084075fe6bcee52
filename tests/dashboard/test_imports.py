"""Tables: looked at without changing anything, then all or nothing, and safe to repeat."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from advocates.actions.customers import know_customer
from advocates.models import Advocate, Customer
from kit.days import local_date
from merchants.models import Event, Outbox, WakeUp
from rewards.models import LedgerEntry, Reward, RewardBlock
from tests.cast import a_world, at_work
from tests.dashboard.desk import base, owner, text_of
from tests.facts import snapshot
from tracking.actions.claims import begin_claim
from tracking.models import Order, OrderFact, Referral

pytestmark = pytest.mark.django_db

PEOPLE = b"E-mail;Name;Orders;First order date\r\nnora@x.example;Nora;3;2026-01-31\r\nOle@x.example;Ole;;\r\n"


def upload(client, world, kind: str, data: bytes, **more: str):
    file = SimpleUploadedFile("table.csv", data, "text/csv")
    return client.post(f"{base(world)}/{kind}/import", {"file": file, **more})


def payload_of(answer) -> str:
    return re.search(r'name="payload" value="([^"]+)"', answer.content.decode())[1]


def confirm(client, world, kind: str, checked, **more: str):
    return client.post(f"{base(world)}/{kind}/import", {"payload": payload_of(checked), **more})


def traces(world) -> dict[str, int]:
    with at_work(world.merchant):
        models = (Customer, Advocate, Order, OrderFact, Referral, Reward, LedgerEntry, Event, Outbox)
        counted = {model.__name__: model.objects.count() for model in models}
        return counted | {"WakeUp": WakeUp.objects.filter(merchant=world.merchant).count()}


def would(answer) -> tuple[int, int, int]:
    told = answer.context["check"].would
    return told.added, told.updated, told.unchanged


def test_customers_are_checked_then_imported_then_known():
    world = a_world()
    client, before = owner(world), traces(world)
    checked = upload(client, world, "customers", PEOPLE)
    assert (checked.status_code, would(checked), traces(world)) == (200, (2, 0, 0), before)
    assert confirm(client, world, "customers", checked)["Location"] == f"{base(world)}/customers"
    with at_work(world.merchant):
        nora = Customer.objects.get(email="nora@x.example")
        assert (nora.imported_orders, nora.source) == (3, "IMPORT")
        assert nora.first_paid_at.isoformat() == "2026-01-30T23:00:00+00:00"
        assert Customer.objects.get(email="ole@x.example").first_paid_at is None
    after = traces(world)
    again = upload(client, world, "customers", PEOPLE)
    assert would(again) == (0, 0, 2)
    confirm(client, world, "customers", again)
    assert traces(world)["Customer"] == after["Customer"]


FAULTY = [
    (b"email,orders\r\nnobody,1\r\n", "Row 2"),
    (b"email\r\na@x.example\r\nA@x.example\r\n", "same person as in row 2"),
    (b"name\r\nNora\r\n", "Name one column"),
    (b"", "empty"),
    (b"PK\x03\x04", "workbook"),
    (b"email\r\n" + b"x" * 2_000_001, "larger than 2 MB"),
]


def test_a_table_with_a_fault_changes_nothing():
    world = a_world()
    client, before = owner(world), traces(world)
    for data, told in FAULTY:
        answer = upload(client, world, "customers", data)
        assert (answer.status_code, told in text_of(answer)) == (422, True), told
        assert 'name="payload"' not in answer.content.decode()
    assert traces(world) == before


def test_a_payload_of_another_purpose_workspace_or_hand_is_refused():
    world, other = a_world(), a_world(owner="charlie@halcyon.example", name="Halcyon")
    client, before = owner(world), traces(world)
    checked = upload(client, world, "customers", PEOPLE)
    assert confirm(client, world, "orders", checked).status_code == 422
    assert confirm(owner(other), other, "customers", checked).status_code == 422
    forged = client.post(f"{base(world)}/customers/import", {"payload": payload_of(checked)[:-2] + "xx"})
    assert (forged.status_code, "Choose the file again" in text_of(forged)) == (422, True)
    assert traces(world) == before


def test_advocates_are_enrolled_all_or_none():
    world = a_world()
    client, before = owner(world), traces(world)
    data = b"email,name,kind\r\nnora@x.example,Nora,employee\r\ndana@advocate.example,,\r\n"
    checked = upload(client, world, "advocates", data, program="freunde")
    assert (would(checked), traces(world)) == ((1, 0, 1), before)
    assert confirm(client, world, "advocates", checked, program="freunde").status_code == 302
    with at_work(world.merchant):
        assert Advocate.objects.get(customer__email="nora@x.example").kind == "EMPLOYEE"
        Advocate.objects.filter(customer__email="nora@x.example").update(state="BANNED")
    before = traces(world)
    answer = upload(client, world, "advocates", data + b"ole@x.example,Ole,\r\n", program="freunde")
    assert (answer.status_code, "Row 2: This person was banned" in text_of(answer)) == (422, True)
    assert traces(world) == before


def orders_csv(world, *rows: str) -> bytes:
    return "\r\n".join(["order_id,email,name,amount,currency,placed_at,code,status", *rows, ""]).encode()


def test_orders_are_attributed_and_rewarded_and_a_repeat_changes_nothing():
    world = a_world()
    client, before = owner(world), traces(world)
    day = local_date(world.now, "Europe/Berlin").isoformat()
    data = orders_csv(
        world,
        f"A1,eve@friend.example,Eve,100.00,,{day},{world.link.code},paid",
        f'A2,gil@friend.example,Gil,"49,90",EUR,{day},,pending',
    )
    checked = upload(client, world, "orders", data)
    assert (would(checked), traces(world)) == ((2, 0, 0), before)
    assert confirm(client, world, "orders", checked).status_code == 302
    with at_work(world.merchant):
        order = Order.objects.get(external_id="A1")
        assert (order.platform, order.base_minor, order.outcome) == ("table", 10000, "ATTRIBUTED")
        assert Reward.objects.get().amount_minor == 1000
        assert Order.objects.get(external_id="A2").paid_at is None
    after = traces(world)
    again = upload(client, world, "orders", data)
    assert would(again) == (0, 0, 2)
    confirm(client, world, "orders", again)
    assert traces(world) == after
    cancelled = upload(client, world, "orders", data.replace(b",paid", b",cancelled"))
    assert would(cancelled) == (0, 1, 1)
    confirm(client, world, "orders", cancelled)
    with at_work(world.merchant):
        assert Reward.objects.get().state == "CANCELLED"
    assert would(upload(client, world, "orders", data.replace(b",paid", b",cancelled"))) == (0, 0, 2)


def test_a_disputed_order_waits_and_a_lost_one_is_cancelled():  # hostile 76
    world = a_world(count_tax=True, count_shipping=True)
    client, day = owner(world), local_date(world.now, "Europe/Berlin").isoformat()

    def told(status: str) -> bytes:
        row = f"A1,eve@friend.example,Eve,100.00,19.00,5.00,,{day},{world.link.code},{status}"
        head = "order_id,email,name,amount,tax,shipping,currency,placed_at,code,status"
        return f"{head}\r\n{row}\r\n".encode()

    def ends(status: str) -> tuple[str, int, list[str]]:
        confirm(client, world, "orders", upload(client, world, "orders", told(status)))
        with at_work(world.merchant):
            reward, blocks = Reward.objects.get(), RewardBlock.objects.filter(lifted_at=None)
            return reward.state, reward.amount_minor, list(blocks.values_list("kind", flat=True))

    assert ends("paid") == ("HELD", 1240, [])
    assert ends("disputed") == ("HELD", 1240, ["DISPUTE"])
    assert would(upload(client, world, "orders", told("disputed"))) == (0, 0, 1)
    assert would(upload(client, world, "orders", told("lost"))) == (0, 1, 0)
    assert ends("won") == ("HELD", 1240, [])
    assert ends("lost") == ("CANCELLED", 0, [])


WRONG_ROWS = [
    ("1001,eve@friend.example,,10,,{day},,paid", "known already"),
    ("B1,eve,,10,,{day},,paid", "no e-mail address"),
    ("B1,eve@friend.example,,0,,{day},,paid", "nothing to refer"),
    ("B1,eve@friend.example,,1.234,,{day},,paid", "Row 2"),
    ("B1,eve@friend.example,,10,XXX,{day},,paid", "three letters"),
    ("B1,eve@friend.example,,10,,2199-01-01,,paid", "future"),
    ("B1,eve@friend.example,,10,,{day},,refunded", "one of paid, pending, cancelled"),
    (",eve@friend.example,,10,,{day},,paid", "needs its number"),
]


def test_one_wrong_row_keeps_the_whole_file_out():
    world = a_world()
    world.take(snapshot(world.now))
    client, before = owner(world), traces(world)
    day = local_date(world.now, "Europe/Berlin").isoformat()
    for row, told in WRONG_ROWS:
        data = orders_csv(world, row.format(day=day), f"G1,gil@friend.example,,10,,{day},,paid")
        answer = upload(client, world, "orders", data)
        assert (answer.status_code, told in text_of(answer)) == (422, True), text_of(answer)
    assert traces(world) == before


def test_a_day_without_a_time_is_not_before_the_claim_of_that_day():
    world = a_world()
    with at_work(world.merchant) as now:
        friend = know_customer(email="hana@friend.example", source="CLAIM", now=now)
        begin_claim(link=world.link, friend=friend, click_id=None, name_shown=False, now=now)
    day = local_date(world.now, "Europe/Berlin").isoformat()
    client = owner(world)
    data = orders_csv(world, f"A1,hana@friend.example,,100,,{day},,paid")
    confirm(client, world, "orders", upload(client, world, "orders", data))
    with at_work(world.merchant):
        assert Referral.objects.get().matched_by == "EMAIL"
