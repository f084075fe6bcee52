"""Tables: looked at without changing anything, then all or nothing, and safe to repeat."""

from __future__ import annotations

from datetime import timedelta

import pytest

from advocates.actions.customers import know_customer
from advocates.models import Advocate, Customer
from imports.actions import forget_next
from imports.models import Import, ImportFile, KnownShape
from kit.csvio import read_table
from kit.days import local_date
from merchants.models import Event, Membership, Outbox, Role, User, WakeUp
from programs.models import PoolCode
from rewards.actions.imports import plan_order_import
from rewards.models import LedgerEntry, Reward, RewardBlock
from tests.cast import a_world, at_work, member
from tests.dashboard.desk import base, owner, text_of
from tests.dashboard.importing import brought, checked, faults, imported, looked_at, would
from tests.facts import snapshot
from tests.security.stage import browser_of
from tracking.actions.claims import begin_claim
from tracking.models import Order, OrderFact, Referral

pytestmark = pytest.mark.django_db

PEOPLE = b"E-mail;Name;Orders;First order date\r\nnora@x.example;Nora;3;2026-01-31\r\nOle@x.example;Ole;;\r\n"


def traces(world) -> dict[str, int]:
    with at_work(world.merchant):
        models = (Customer, Advocate, Order, OrderFact, Referral, Reward, LedgerEntry, Event, Outbox)
        counted = {model.__name__: model.objects.count() for model in models}
        return counted | {"WakeUp": WakeUp.objects.filter(merchant=world.merchant).count()}


def changed(world, before: dict[str, int]) -> dict[str, int]:
    """How many rows there are more; the file's own are none of them."""
    now = traces(world)
    return {name: now[name] - before[name] for name in now if now[name] != before[name]}


def test_customers_are_checked_then_imported_then_known():
    world = a_world()
    client, before = owner(world), traces(world)
    found = checked(client, world, "customers", PEOPLE)
    assert (found.status_code, would(found), changed(world, before)) == (200, (2, 0, 0), {"Event": 1})
    assert imported(client, found).status_code == 302
    with at_work(world.merchant):
        nora = Customer.objects.get(email="nora@x.example")
        assert (nora.imported_orders, nora.source) == (3, "IMPORT")
        assert nora.first_paid_at.isoformat() == "2026-01-30T23:00:00+00:00"
        assert Customer.objects.get(email="ole@x.example").first_paid_at is None
        assert not ImportFile.objects.exists()
        done = Event.objects.get(code="import.done").data
        assert done == {"kind": "customers", "rows": 2, "added": 2, "updated": 0, "unchanged": 0}
    again = checked(client, world, "customers", PEOPLE)
    assert would(again) == (0, 0, 2)
    imported(client, again)
    assert changed(world, before)["Customer"] == 2
    assert "2 unchanged" in text_of(client.get(f"{base(world)}/imports"))


REFUSED = [
    (b"PK\x03\x04", "Save as"),
    (b"\xd0\xcf\x11\xe0rest", "workbook"),
    (b"email\r\n" + b"x" * 20_000_001, "larger than 20 MB"),
    (b"email\n\x81\x8d\x00", "cannot be read"),
]


def test_what_is_no_table_is_not_kept():
    world = a_world()
    client, before = owner(world), traces(world)
    for data, told in REFUSED:
        answer = brought(client, world, "customers", data)
        assert (answer.status_code, told in text_of(answer)) == (422, True), told
    assert traces(world) == before
    with at_work(world.merchant) as now:
        assert not Import.objects.exists()
        waits = {"kind": "customers", "user_id": Membership.objects.get(role="OWNER").user_id, "uploaded_at": now}
        Import.objects.bulk_create([Import(**waits, state="CHECKED", expires_at=now) for _one in range(20)])
    assert "20 files wait" in text_of(brought(client, world, "customers", PEOPLE))
    assert traces(world) == before


FAULTY = [
    (b"email,orders\r\nnobody,1\r\n", ("2", "email", "nobody", "“nobody” is no e-mail address.")),
    (b"email\r\na@x.example\r\nA@x.example\r\n",
     ("3", "email", "A@x.example", "This is the same person as in row 2.")),
    (b"email,country\na@x.example,=Germany\n",
     ("2", "country", "'=Germany", "Write the country as its two letters, like DE; not “=Germany”.")),
    (b"email,orders\na@x.example\n", ("2", "", "", "1 cells where the first row names 2 columns.")),
]  # fmt: skip


def test_a_table_with_a_fault_changes_nothing_and_its_rows_can_be_downloaded():
    world = a_world()
    client, before = owner(world), traces(world)
    for data, told in FAULTY:
        found = checked(client, world, "customers", data)
        assert faults(found) == [told]
        assert imported(client, found).status_code == 302
        rows = client.get(f"{found.request['PATH_INFO']}/rows.csv")
        assert rows["Cache-Control"] == "no-store"
        table = read_table(rows.content)
        assert (table.headers, table.rows) == (["Row", "Column", "Value", "What is wrong"], [list(told)])
    assert changed(world, before) == {"Event": len(FAULTY)}


def test_a_missing_column_is_asked_for_and_one_chosen_by_hand_is_remembered():
    world = a_world()
    client = owner(world)
    data = b"Anrede;Kontakt\nFrau;nora@x.example\n"
    missing = checked(client, world, "customers", data)
    assert (missing.status_code, "every row needs it" in text_of(missing)) == (422, True)
    page = brought(client, world, "customers", data)["Location"]
    client.post(f"{page}/check", looked_at(client, page) | {"of_email": "Kontakt"})
    assert would(client.get(page)) == (1, 0, 0)
    second = brought(client, world, "customers", data.replace(b"nora", b"ida"))["Location"]
    assert looked_at(client, second)["of_email"] == "Kontakt"
    with at_work(world.merchant):
        assert "nora" not in str(KnownShape.objects.get().reading)
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    theirs = brought(owner(other), other, "customers", data)["Location"]
    assert "of_email" not in {name for name, told in looked_at(owner(other), theirs).items() if told}


def test_what_was_found_out_can_be_changed():
    world = a_world()
    client = owner(world)
    page = brought(client, world, "customers", "email,name\nmichal@x.example,Michał\n".encode("cp1250"))["Location"]
    told = looked_at(client, page)
    assert (told["encoding"], told["delimiter"], told["of_name"]) == ("cp1250", ",", "name")
    client.post(f"{page}/check", told | {"delimiter": ";"})
    assert client.get(page).context["one"].state == "LOOKED_AT"
    assert client.get(page).context["headers"] == ["email,name"]
    client.post(f"{page}/check", looked_at(client, page) | {"delimiter": ",", "encoding": "cp1252", "again": "1"})
    assert client.get(page).context["sample"] == [["michal@x.example", "Micha³"]]


def test_dates_that_could_mean_two_days_are_asked_about():
    world = a_world()
    client = owner(world)
    data = b"email;first order;orders\nnora@x.example;01/02/2026;1\n"
    asked = checked(client, world, "customers", data)
    assert (asked.status_code, "Your file could mean both" in text_of(asked)) == (422, True)
    page = brought(client, world, "customers", data)["Location"]
    client.post(f"{page}/check", looked_at(client, page) | {"date_order": "mdy"})
    client.post(f"{page}/start")
    with at_work(world.merchant):
        nora = Customer.objects.get(email="nora@x.example")
        assert local_date(nora.first_paid_at, "Europe/Berlin").isoformat() == "2026-01-02"
    again = brought(client, world, "customers", data)["Location"]
    assert looked_at(client, again)["date_order"] == "mdy"


def test_a_file_is_of_one_workspace_and_of_who_may_import_such():
    world, other = a_world(), a_world(owner="charlie@halcyon.example", name="Halcyon")
    found = checked(owner(world), world, "customers", PEOPLE)
    page, before = found.request["PATH_INFO"], traces(world)
    theirs = page.replace(base(world), base(other))
    support = member(world.merchant, "sue@nordlicht.example", Role.SUPPORT)
    for client, path in ((owner(other), theirs), (browser_of(support), page)):
        assert client.get(path).status_code == 404
        assert client.post(f"{path}/start").status_code == 404
    assert traces(world) == before


def test_a_file_that_nobody_imports_goes_after_a_day():
    world = a_world()
    client = owner(world)
    page = checked(client, world, "customers", PEOPLE).request["PATH_INFO"]
    with at_work(world.merchant) as now:
        assert forget_next(now=now + timedelta(hours=23)) is None
        assert forget_next(now=now + timedelta(hours=25)) is not None
        assert not ImportFile.objects.exists()
        assert Event.objects.filter(code="import.dropped").count() == 1
    assert client.post(f"{page}/start").status_code == 302
    with at_work(world.merchant):
        assert Import.objects.get().state == "DROPPED"
        assert not Customer.objects.filter(email="nora@x.example").exists()


def test_advocates_are_enrolled_all_or_none():
    world = a_world()
    client, before = owner(world), traces(world)
    data = b"email,name,kind\r\nnora@x.example,Nora,employee\r\ndana@advocate.example,,\r\n"
    found = checked(client, world, "advocates", data, program="freunde")
    assert (would(found), changed(world, before)) == ((1, 0, 1), {"Event": 1})
    imported(client, found)
    with at_work(world.merchant):
        assert Advocate.objects.get(customer__email="nora@x.example").kind == "EMPLOYEE"
        Advocate.objects.filter(customer__email="nora@x.example").update(state="BANNED")
    before = traces(world)
    found = checked(client, world, "advocates", data + b"ole@x.example,Ole,\r\n", program="freunde")
    assert faults(found) == [("2", "email", "nora@x.example", "This person was banned from the program.")]
    assert changed(world, before) == {"Event": 1}


def test_codes_come_by_the_same_way():
    world = a_world()
    client, path = owner(world), "programs/freunde/codes/reward"
    page = brought(client, world, "codes", b"A-1\nA-2\nA-2\n", path=path)["Location"]
    assert "Column 1" in text_of(client.get(page))
    User.objects.update(language="de")  # a column without a name is the same one to a colleague
    assert "Spalte 1" in text_of(client.get(page))
    assert client.post(f"{page}/check", looked_at(client, page)).status_code == 302
    User.objects.update(language="en")
    plain = client.get(page)
    assert would(plain) == (2, 0, 1)
    imported(client, plain)
    named = checked(client, world, "codes", b"Code;Used\nA-2;0\nA-3;0\n", path=path)
    assert would(named) == (1, 0, 1)
    assert faults(checked(client, world, "codes", b"Code\nA 4\nA-5\n", path=path)) == [
        ("2", "Code", "A 4", "A code is one word: take the space out, or choose another column.")
    ]
    with at_work(world.merchant):
        assert PoolCode.objects.filter(code__startswith="A-").count() == 2


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
    found = checked(client, world, "orders", data)
    assert (would(found), changed(world, before)) == ((2, 0, 0), {"Event": 1})
    assert imported(client, found).status_code == 302
    with at_work(world.merchant):
        order = Order.objects.get(external_id="A1")
        assert (order.platform, order.base_minor, order.outcome) == ("table", 10000, "ATTRIBUTED")
        assert Reward.objects.get().amount_minor == 1000
        assert Order.objects.get(external_id="A2").paid_at is None
    after = traces(world)
    again = checked(client, world, "orders", data.replace(b"\nA1", b"\n#A1"))
    assert would(again) == (0, 0, 2)
    imported(client, again)
    assert changed(world, after) == {"Event": 2}
    cancelled = checked(client, world, "orders", data.replace(b",paid", b",cancelled"))
    assert would(cancelled) == (0, 1, 1)
    imported(client, cancelled)
    with at_work(world.merchant):
        assert Reward.objects.get().state == "CANCELLED"
    assert would(checked(client, world, "orders", data.replace(b",paid", b",cancelled"))) == (0, 0, 2)


def test_a_disputed_order_waits_and_a_lost_one_is_cancelled():  # hostile 76
    world = a_world(count_tax=True, count_shipping=True)
    client, day = owner(world), local_date(world.now, "Europe/Berlin").isoformat()

    def told(status: str) -> bytes:
        row = f"A1,eve@friend.example,Eve,100.00,19.00,5.00,,{day},{world.link.code},{status}"
        head = "order_id,email,name,amount,tax,shipping,currency,placed_at,code,status"
        return f"{head}\r\n{row}\r\n".encode()

    def ends(status: str) -> tuple[str, int, list[str]]:
        imported(client, checked(client, world, "orders", told(status)))
        with at_work(world.merchant):
            reward, blocks = Reward.objects.get(), RewardBlock.objects.filter(lifted_at=None)
            return reward.state, reward.amount_minor, list(blocks.values_list("kind", flat=True))

    assert ends("paid") == ("HELD", 1240, [])
    assert ends("disputed") == ("HELD", 1240, ["DISPUTE"])
    assert would(checked(client, world, "orders", told("disputed"))) == (0, 0, 1)
    assert would(checked(client, world, "orders", told("lost"))) == (0, 1, 0)
    assert ends("won") == ("HELD", 1240, [])
    assert ends("lost") == ("CANCELLED", 0, [])


WRONG_ROWS = [
    ("1001,eve@friend.example,,10,,{day},,paid", "known already"),
    ("B1,eve,,10,,{day},,paid", "no e-mail address"),
    ("B1,eve@friend.example,,0,,{day},,paid", "nothing to refer"),
    ("B1,eve@friend.example,,1.234,,{day},,paid", "Row 2"),
    ("B1,eve@friend.example,,10,XXX,{day},,paid", "three letters"),
    ("B1,eve@friend.example,,10,,2199-01-01,,paid", "future"),
    ("B1,eve@friend.example,,10,,{day},,partially_refunded", "one of paid, pending, cancelled"),
    (",eve@friend.example,,10,,{day},,paid", "needs its number"),
]


def test_one_wrong_row_keeps_the_whole_file_out():
    world = a_world()
    world.take(snapshot(world.now))
    client, before = owner(world), traces(world)
    day = local_date(world.now, "Europe/Berlin").isoformat()
    for row, told in WRONG_ROWS:
        data = orders_csv(world, row.format(day=day), f"G1,gil@friend.example,,10,,{day},,paid")
        with at_work(world.merchant) as now:
            [problem] = plan_order_import(table=read_table(data), now=now).errors
        assert (problem.row, told in problem.message or told == "Row 2") == (2, True), problem
    assert len(faults(checked(client, world, "orders", data))) == 1
    assert changed(world, before) == {"Event": 1}


def test_a_day_without_a_time_is_not_before_the_claim_of_that_day():
    world = a_world()
    with at_work(world.merchant) as now:
        friend = know_customer(email="hana@friend.example", source="CLAIM", now=now)
        begin_claim(link=world.link, friend=friend, click_id=None, name_shown=False, now=now)
    day = local_date(world.now, "Europe/Berlin").isoformat()
    client = owner(world)
    data = orders_csv(world, f"A1,hana@friend.example,,100,,{day},,paid")
    imported(client, checked(client, world, "orders", data))
    with at_work(world.merchant):
        assert Referral.objects.get().matched_by == "EMAIL"
