"""Finding lines of the audit: by who, what, when and of which thing; page by page, and only one's own workspace's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit.days import local_date
from merchants.actions.keys import create_key
from merchants.actions.team import remove_member
from merchants.events import SHOP, SYSTEM, by_api_key, by_user, record
from merchants.models import ApiKey, Event, Membership, Merchant, Role, User, Workspace
from referral_saas.dashboard.audit_choices import SORTS, codes_by_sort
from referral_saas.dashboard.event_titles import TITLES
from tests.cast import at_work, member, user, workspace_of
from tests.dashboard.desk import signed_in, text_of
from tests.once import for_a_file

pytestmark = pytest.mark.django_db


def made() -> dict[str, Any]:
    """Lines of five days: of the owner, of Bob who has left, of a key, of the shop, of nobody; and another shop's."""
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    alice, bob = user("alice@nordlicht.example"), member(merchant, "bob@nordlicht.example", Role.ADMIN)
    key = lines_of_five_days(merchant, alice, bob)
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    with at_work(other) as now:
        record("team.changed", subject=Workspace.objects.get(), by=by_user(bob.pk), now=now)
    return {"merchant": merchant, "alice": alice, "bob": bob, "key": key}


def lines_of_five_days(merchant: Merchant, alice: User, bob: User) -> ApiKey:
    with at_work(merchant) as now:
        workspace = Workspace.objects.get()
        owner = Membership.objects.get(merchant=merchant, user=alice)
        key: ApiKey = create_key(kind=ApiKey.Kind.SECRET, name="Till", by=by_user(alice.pk), now=now).key
        for days, by in enumerate((by_user(alice.pk), by_user(bob.pk), by_api_key(key.pk), SHOP, SYSTEM)):
            for code in ("program.edited", "reward.held"):
                record(code, subject=workspace, by=by, now=now - timedelta(days=days + 1))
        record("program.edited", subject=key, by=by_user(bob.pk), now=now - timedelta(days=9))
        remove_member(membership=Membership.objects.get(merchant=merchant, user=bob), by=owner, now=now)
    return key


built, own = for_a_file(made)


def found(own: dict[str, Any], **asked: object) -> list[tuple[str, str]]:
    address = f"/w/{own['merchant'].slug}/audit"
    answer = signed_in(own["alice"]).get(address, asked)
    assert answer.status_code == 200
    return [(row.event.code, row.event.by) for row in answer.context["rows"]]


def test_by_who(own: dict[str, Any]) -> None:
    bob, key = by_user(own["bob"].pk), by_api_key(own["key"].pk)
    assert found(own, by=bob) == [("reward.held", bob), ("program.edited", bob), ("program.edited", bob)]
    assert found(own, by=key) == [("reward.held", key), ("program.edited", key)]
    assert found(own, by=SHOP) == [("reward.held", SHOP), ("program.edited", SHOP)]
    said = text_of(signed_in(own["alice"]).get(f"/w/{own['merchant'].slug}/audit"))
    for word in ("alice@nordlicht.example", "bob@nordlicht.example", "Till", "The shop", "Automatic"):
        assert word in said


def test_by_what_happened_and_by_all_of_its_sort(own: dict[str, Any]) -> None:
    assert {code for code, _by in found(own, code="program.edited")} == {"program.edited"}
    assert len(found(own, code="program.edited")) == 6
    assert {code for code, _by in found(own, code="team.")} == {"team.removed"}
    assert found(own, code="program.", by=SYSTEM) == [("program.edited", SYSTEM)]


def test_by_days_and_by_the_thing(own: dict[str, Any]) -> None:
    with at_work(own["merchant"]) as now:
        day = local_date(now - timedelta(days=2), Workspace.objects.get().time_zone)
    bob = by_user(own["bob"].pk)
    assert found(own, **{"from": day, "to": day}) == [("reward.held", bob), ("program.edited", bob)]
    assert found(own, subject=own["key"].pk, by=bob) == [("program.edited", bob)]
    assert found(own, subject=uuid4()) == []


@pytest.mark.parametrize(
    "asked", [{"by": "user:nobody"}, {"by": "' OR 1=1"}, {"code": "nothing."}, {"subject": "x"}, {"from": "32.13."}]
)
def test_what_is_not_understood_is_left_out(own: dict[str, Any], asked: dict[str, str]) -> None:
    assert found(own, **asked) == found(own)


def test_pages_follow_each_other_and_keep_what_was_asked(own: dict[str, Any]) -> None:
    client, seen = signed_in(own["alice"]), []
    address = f"/w/{own['merchant'].slug}/audit?code=program.&size=2"
    while address:
        answer = client.get(address)
        seen += [row.event.pk for row in answer.context["rows"]]
        address = answer.context["page"].next_url
        assert not address or "code=program." in address
    with at_work(own["merchant"]):
        wanted = Event.objects.filter(code="program.edited").order_by("-at", "-pk").values_list("pk", flat=True)
        assert seen == list(wanted)


def test_a_page_costs_the_same_with_more_lines_people_and_keys(own: dict[str, Any]) -> None:
    client, address = signed_in(own["alice"]), f"/w/{own['merchant'].slug}/audit?by={SYSTEM}"
    before = statements(client, address)
    with at_work(own["merchant"]) as now:
        for number in range(5):
            create_key(kind=ApiKey.Kind.SECRET, name=f"Key {number}", by=by_user(own["alice"].pk), now=now)
            record("reward.held", subject=Workspace.objects.get(), by=SYSTEM, now=now)
    for number in range(5):
        member(own["merchant"], f"more{number}@nordlicht.example", Role.ANALYST)
    assert statements(client, address) == before <= 20


def statements(client: Any, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        client.get(address)
    return len(seen)


def test_whoever_did_little_is_found_by_an_index_that_leaves_out_what_nobody_did(own: dict[str, Any]) -> None:
    """Postgres has to see that a person's lines are none of those that are left out."""
    with at_work(own["merchant"]) as now, connection.cursor() as cursor:
        told = {"code": "reward.held", "subject_kind": "reward", "seq": 1, "by": SYSTEM, "at": now, "data": {}}
        Event.objects.bulk_create(Event(subject_id=uuid4(), **told) for _ in range(2000))  # of few any index will do
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        assert "event_by" in Event.objects.filter(by=by_user(UUID(int=7))).order_by("-at", "-pk")[:51].explain()


def test_every_code_is_offered_once() -> None:
    offered = [code for codes in codes_by_sort().values() for code in codes]
    assert sorted(offered) == sorted(TITLES)
    assert {f"{sort}." for sort in SORTS} <= set(codes_by_sort())
