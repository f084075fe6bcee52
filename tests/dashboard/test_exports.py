"""Lists as files: exactly the rows that are shown, whatever breaks meanwhile, and for nobody but who asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from advocates.actions.tags import add_tag, remove_tag
from advocates.models import Customer
from exports import steps
from exports.actions import KEPT_FOR, MOST_OPEN
from exports.lists import bundles, lists
from exports.models import PART, Export, ExportPart
from exports.selectors import FileGone
from merchants.events import SYSTEM
from merchants.models import Event, Membership, Role, WakeUp
from referral_saas.dashboard.lists.known import LISTS
from referral_saas.dashboard.lists.listed import Written
from referral_saas.dashboard.lists.titles import FILTERS
from referral_saas.dashboard.lists.titles import LISTS as TITLES
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.reader import ForSomebody
from tests.cast import World, at_work, workspace_of
from tests.dashboard.desk import a_busy_world, as_role, base, owner, text_of
from tests.dashboard.files import asked, download, many_customers, rows_of_file, shown_ids, text_of_file
from tests.once import for_a_file
from tracking.models import Order

pytestmark = pytest.mark.django_db

built, busy = for_a_file(a_busy_world)


def only_export(world: World) -> Export:
    with at_work(world.merchant):
        found: Export = Export.objects.get()
        return found


def rows_kept(world: World) -> list[object]:
    with at_work(world.merchant):
        models = (Export, ExportPart, Event, WakeUp)
        return [list(model.objects.order_by("pk").values()) for model in models]


# --- exactness ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(LISTS))
def test_every_list_has_a_title_and_a_file_with_its_columns(busy: World, name: str) -> None:
    head, *lines = text_of_file(owner(busy), busy.merchant, name).removeprefix("\ufeff").splitlines()
    assert head.split(",") == list(LISTS[name].columns)
    assert name in TITLES
    with at_work(busy.merchant):
        seat = Membership.objects.get(merchant=busy.merchant, role=Role.OWNER)
        fields = LISTS[name].filters(Written(QueryDict("")), ForSomebody(seat)).fields
    assert set(fields) - {"sort"} <= set(FILTERS)
    assert only_export(busy).state == Export.State.READY
    if name in ("advocates", "customers", "orders", "referrals", "rewards", "clicks", "ledger", "audit"):
        assert lines


@pytest.mark.parametrize(
    ("name", "query"),
    [("orders", ""), ("orders", "outcome=ATTRIBUTED"), ("orders", "q=gil%40friend.example"), ("orders", "sort=oldest"),
     ("customers", "sort=email"), ("customers", "sort=name&source=API"), ("rewards", "state=DUE&sort=oldest"),
     ("referrals", "program=freunde&from=2020-01-01"), ("orders", "outcome=NONSENSE&sort=nonsense"),
     ("advocates", "q=nobody%40there.example")],
)  # fmt: skip
def test_the_file_has_the_rows_that_are_shown_in_their_order(busy: World, name: str, query: str) -> None:
    client = owner(busy)
    rows = rows_of_file(client, busy.merchant, name, query)
    assert [row["id"] for row in rows] == shown_ids(client, f"{base(busy)}/{name}?size=2&{query}")


@pytest.mark.parametrize("sort", ["", "name"])
def test_all_pages_and_parts_make_one_file(busy: World, sort: str) -> None:
    many_customers(busy, PART + 1)
    client = owner(busy)
    rows = rows_of_file(client, busy.merchant, "customers", f"source=IMPORT&sort={sort}")
    shown = shown_ids(client, f"{base(busy)}/customers?size=200&source=IMPORT&sort={sort}")
    assert [row["id"] for row in rows] == shown
    assert len(set(shown)) == len(shown) > PART
    export = only_export(busy)
    assert export.rows == export.rows_done == export.lines == len(shown)


def test_one_row_makes_a_file_and_none_makes_one_with_headers(busy: World) -> None:
    client = owner(busy)
    [row] = rows_of_file(client, busy.merchant, "orders", "q=5")
    assert row["number"] == "5"
    assert rows_of_file(client, busy.merchant, "orders", "from=2199-01-01") == []


def test_money_stands_in_both_ways_and_times_in_utc(busy: World) -> None:
    rows = rows_of_file(owner(busy), busy.merchant, "orders")
    with at_work(busy.merchant):
        order = Order.objects.get(external_id="1")
    [row] = [row for row in rows if row["id"] == public(order)]
    assert (row["currency"], row["base_minor"]) == ("EUR", str(order.base_minor))
    assert row["net_base"] == f"{order.net_base_minor // 100}.{order.net_base_minor % 100:02}"
    assert row["received_at"] == f"{order.received_at:%Y-%m-%dT%H:%M:%SZ}"


def test_formulas_are_disarmed_and_numbers_stay(busy: World) -> None:  # hostile 114
    names = ["=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)", "\t1", "plain", "plain;=1+1"]
    with at_work(busy.merchant) as now:
        for number, name in enumerate(names):
            told = {"email": f"e{number}@x.example", "email_key": f"e{number}@x.example", "name": name}
            Customer.objects.create(**told, source="HAND", created_at=now)
    rows = rows_of_file(owner(busy), busy.merchant, "customers", "source=HAND&sort=email")
    assert [row["name"] for row in rows] == [*(f"'{name}" for name in names[:5]), "plain", "plain;'=1+1"]
    ledger = rows_of_file(owner(busy), busy.merchant, "ledger")
    assert all(not row["debit"].startswith("'") for row in ledger)


# --- as of one moment, once, whatever breaks --------------------------------------------------------------------------


def test_rows_are_settled_at_one_moment(busy: World) -> None:
    """What comes, changes or goes after that neither doubles nor moves anything."""
    client, ref = owner(busy), busy.merchant.tenant_ref()
    page = asked(client, busy.merchant, "orders", "outcome=ATTRIBUTED")
    shown = shown_ids(client, f"{base(busy)}/orders?outcome=ATTRIBUTED")
    assert steps.go_on(ref, busy.merchant)
    with at_work(busy.merchant) as now:
        Order.objects.filter(external_id="2").update(outcome="BLOCKED", received_at=now - timedelta(days=90))
        Order.objects.filter(external_id="4").update(outcome="ATTRIBUTED")
    steps.sweep(ref)
    text = b"".join(download(client, page).streaming_content).decode()
    assert [line.partition(",")[0] for line in text.splitlines()[1:]] == shown


class Breaking:
    """A list whose lines break once, after so many parts."""

    def __init__(self, name: str, after: int) -> None:
        self.real, self.after = LISTS[name], after
        self.need, self.columns, self.keys = self.real.need, self.real.columns, self.real.keys

    def lines_of(self, *told: Any) -> Any:
        self.after -= 1
        for at, line in enumerate(self.real.lines_of(*told)):
            if self.after < 0 and at == 500:
                self.after = 1_000
                raise RuntimeError("the worker dies in the middle of a part")
            yield line


BREAKING: dict[str, Any] = {}


def test_what_breaks_half_way_goes_on_from_the_last_part(busy: World, settings: Any) -> None:
    many_customers(busy, 2 * PART + 1)
    client, ref = owner(busy), busy.merchant.tenant_ref()
    settings.EXPORT_LISTS, BREAKING["customers"] = f"{__name__}.BREAKING", Breaking("customers", after=1)
    page = asked(client, busy.merchant, "customers")
    assert steps.sweep(ref) is not None
    export = only_export(busy)
    assert (export.state, export.attempts, export.rows_done) == ("WRITING", 1, PART)
    assert download(client, page).status_code == 409
    assert "1,000 of 2,0" in text_of(client.get(page))
    with at_work(busy.merchant):
        Export.objects.update(next_try_at=export.asked_at - timedelta(days=900))
    steps.sweep(ref)
    assert only_export(busy).attempts == 0, "a part was written: what broke before is no reason to give up"
    text = b"".join(download(client, page).streaming_content).decode()
    assert [line.partition(",")[0] for line in text.splitlines()[1:]] == shown_ids(
        client, f"{base(busy)}/customers?size=200"
    )


def test_what_breaks_five_times_is_given_up_and_nothing_of_it_stays(busy: World, settings: Any) -> None:
    client, ref = owner(busy), busy.merchant.tenant_ref()
    settings.EXPORT_LISTS = f"{__name__}.BREAKING"
    page = asked(client, busy.merchant, "orders")
    for _ in range(5):
        BREAKING["orders"] = Wrong("orders")
        long_ago = only_export(busy).asked_at - timedelta(days=900)
        with at_work(busy.merchant):
            Export.objects.update(next_try_at=long_ago)
        steps.sweep(ref)
    export = only_export(busy)
    assert (export.state, export.problem, export.attempts) == ("FAILED", "broke", 5)
    with at_work(busy.merchant):
        assert not ExportPart.objects.exists()
        assert Event.objects.get(code="export.failed").data == {"list": "orders", "problem": "broke"}
    assert "There is no file" in text_of(client.get(page))
    assert download(client, page).status_code == 409


class Wrong(Breaking):
    """Lines that do not fit the columns are never written."""

    def __init__(self, name: str) -> None:
        super().__init__(name, after=0)

    def lines_of(self, *told: Any) -> Any:
        return ([*line, "more"] for line in self.real.lines_of(*told))


def test_a_filter_that_is_gone_makes_no_file_of_more_rows_than_were_asked_for(busy: World) -> None:
    client = owner(busy)
    with at_work(busy.merchant) as now:
        add_tag(customer=busy.advocate.customer, word="regular", by=SYSTEM, now=now)
    page = asked(client, busy.merchant, "advocates", "tag=regular")
    with at_work(busy.merchant) as now:
        remove_tag(customer=busy.advocate.customer, word="regular", by=SYSTEM, now=now)
    steps.sweep(busy.merchant.tenant_ref())
    export = only_export(busy)
    assert (export.state, export.problem, export.attempts) == ("FAILED", "filter_gone", 0)
    with at_work(busy.merchant):
        assert not ExportPart.objects.exists()
    assert "for example a tag" in text_of(client.get(page))


def test_sweeping_again_changes_nothing(busy: World) -> None:
    client = owner(busy)
    text_of_file(client, busy.merchant, "orders")
    before = rows_kept(busy)
    due = steps.sweep(busy.merchant.tenant_ref())
    assert rows_kept(busy) == before
    assert due == only_export(busy).expires_at - busy.merchant.clock_offset


def test_a_small_list_does_not_wait_behind_a_large_one(busy: World) -> None:
    many_customers(busy, 2 * PART + 1)
    client, ref = owner(busy), busy.merchant.tenant_ref()
    asked(client, busy.merchant, "customers")
    assert [steps.go_on(ref, busy.merchant) for _ in range(2)] == [True, True]
    small = asked(client, busy.merchant, "orders")
    for _ in range(3):
        steps.go_on(ref, busy.merchant)
    assert download(client, small).status_code == 200
    with at_work(busy.merchant):
        assert Export.objects.get(list="customers").rows_done == PART


# --- asking -----------------------------------------------------------------------------------------------------------


def test_pressing_twice_asks_once(busy: World) -> None:
    client = owner(busy)
    page = asked(client, busy.merchant, "orders", "outcome=BLOCKED&size=2&after=x")
    assert asked(client, busy.merchant, "orders", "outcome=BLOCKED") == page
    assert only_export(busy).query == "outcome=BLOCKED"
    with at_work(busy.merchant):
        assert Event.objects.filter(code="export.asked").count() == 1
        assert WakeUp.objects.filter(kind="exports").count() == 1


def test_a_workspace_has_so_many_under_way_at_once(busy: World) -> None:  # hostile 98
    client = owner(busy)
    for number in range(MOST_OPEN):
        asked(client, busy.merchant, "orders", f"q={number}")
    before = rows_kept(busy)
    answer = client.post(f"{base(busy)}/exports/of/orders?q=more", follow=True)
    assert "20 files are being written" in text_of(answer)
    assert rows_kept(busy) == before


def test_the_log_says_who_took_which_list_and_no_person(busy: World) -> None:
    rows = rows_of_file(owner(busy), busy.merchant, "orders", "q=gil%40friend.example&sort=oldest")
    with at_work(busy.merchant):
        told = {event.code: event for event in Event.objects.filter(code__startswith="export.")}
        by = f"user:{Membership.objects.get(merchant=busy.merchant, role=Role.OWNER).user_id}"
    assert {code: event.data for code, event in told.items()} == {
        "export.asked": {"list": "orders", "filters": ["q"]},
        "export.ready": {"list": "orders", "filters": ["q"], "rows": len(rows)},
    }
    assert {event.by for event in told.values()} == {by}
    assert "Orders · 1 line · narrowed by: Search" in text_of(owner(busy).get(f"{base(busy)}/audit"))


# --- for whom, and how long -------------------------------------------------------------------------------------------


def test_only_who_asked_has_it(busy: World) -> None:
    page = asked(owner(busy), busy.merchant, "orders")
    steps.sweep(busy.merchant.tenant_ref())
    admin = as_role(busy, Role.ADMIN)
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    before = rows_kept(busy)
    charlie = owner(World(other, busy.program, busy.advocate, busy.link, busy.now))
    foreign = page.replace(base(busy), f"/w/{other.slug}")
    for client, address in ((admin, page), (charlie, page), (charlie, foreign)):
        assert client.get(address).status_code == 404
        assert download(client, address).status_code == 404
    assert "No exports yet" in text_of(admin.get(f"{base(busy)}/exports"))
    assert rows_kept(busy) == before


@pytest.mark.parametrize(
    ("name", "role"), [("payouts", Role.MARKETER), ("audit", Role.SUPPORT), ("nothing", Role.OWNER)]
)
def test_a_list_one_may_not_see_cannot_be_exported(busy: World, name: str, role: Role) -> None:
    client = as_role(busy, role) if role != Role.OWNER else owner(busy)
    before = rows_kept(busy)
    assert client.post(f"{base(busy)}/exports/of/{name}").status_code == 404
    assert rows_kept(busy) == before


@pytest.mark.parametrize("when", ["before", "after"])
def test_another_role_has_no_file_of_the_old_one(busy: World, when: str) -> None:
    client = as_role(busy, Role.FINANCE)
    page = asked(client, busy.merchant, "payouts")
    if when == "after":
        steps.sweep(busy.merchant.tenant_ref())
    Membership.objects.filter(merchant=busy.merchant, role=Role.FINANCE).update(role=Role.ANALYST)
    steps.sweep(busy.merchant.tenant_ref())
    assert download(client, page).status_code == 404
    assert only_export(busy).state == ("READY" if when == "after" else "FAILED")
    assert "role" in text_of(client.get(page))
    assert "Download" not in text_of(client.get(page))
    assert "Download" not in text_of(client.get(f"{base(busy)}/exports"))
    Membership.objects.filter(merchant=busy.merchant, role=Role.ANALYST).delete()
    assert client.get(page).status_code == download(client, page).status_code == 404


def test_a_file_is_removed_after_seven_days_and_says_so(busy: World) -> None:
    client = owner(busy)
    page = asked(client, busy.merchant, "orders", "q=gil%40friend.example")
    steps.sweep(busy.merchant.tenant_ref())
    merchant = busy.merchant
    merchant.clock_offset += KEPT_FOR
    merchant.save(update_fields=["clock_offset"])
    assert download(client, page).status_code == 410  # nobody has come by yet
    assert steps.sweep(merchant.tenant_ref()) is None
    export = only_export(busy)
    assert (export.state, export.query) == ("REMOVED", "")
    with at_work(merchant):
        assert not ExportPart.objects.exists()
        assert Event.objects.get(code="export.removed").data == {"list": "orders", "rows": 1}
    assert download(client, page).status_code == 410
    assert "This file was kept until" in text_of(client.get(page))
    assert "Removed 1 line" in text_of(client.get(f"{base(busy)}/exports"))


def test_the_download_names_the_list_and_is_kept_by_no_cache(busy: World) -> None:
    page = asked(owner(busy), busy.merchant, "reviews-decided")
    steps.sweep(busy.merchant.tenant_ref())
    answer = download(owner(busy), page)
    assert answer["Content-Disposition"].startswith('attachment; filename="reviews-decided-20')
    assert (answer["Cache-Control"], answer["Content-Type"]) == ("no-store", "text/csv; charset=utf-8")
    assert answer.streaming
    assert next(iter(answer.streaming_content)).startswith(b"\xef\xbb\xbfid,")


def test_a_file_that_is_removed_under_way_does_not_look_whole(busy: World) -> None:
    many_customers(busy, PART)
    page = asked(owner(busy), busy.merchant, "customers")
    steps.sweep(busy.merchant.tenant_ref())
    parts = iter(download(owner(busy), page).streaming_content)
    next(parts)
    with at_work(busy.merchant):
        ExportPart.objects.all().delete()
    with pytest.raises(FileGone):
        next(parts)


def test_pages_of_exports_ask_little_and_no_more_for_many(busy: World) -> None:
    client = owner(busy)
    page = asked(client, busy.merchant, "rewards", "state=DUE")

    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    cost(page)
    of_list, of_page = cost(f"{base(busy)}/exports"), cost(page)
    for query in ("state=HELD", "side=FRIEND", "sort=oldest"):
        asked(client, busy.merchant, "rewards", query)
    assert cost(f"{base(busy)}/exports") == of_list <= 20
    assert of_page <= 20


def test_every_list_asks_at_most_twenty_times(busy: World) -> None:
    client = owner(busy)
    for listing in LISTS.values():
        client.get(f"{base(busy)}{listing.path}")
        with CaptureQueriesContext(connection) as caught:
            assert client.get(f"{base(busy)}{listing.path}?sort=oldest&size=1").status_code == 200
        assert len(caught) <= 20, (listing.name, len(caught))


def test_the_worker_knows_the_lists_of_the_dashboard() -> None:
    assert django_settings.EXPORT_LISTS == "referral_saas.dashboard.lists.known.LISTS"
    assert set(lists()) == set(LISTS) == set(TITLES) - set(bundles())
