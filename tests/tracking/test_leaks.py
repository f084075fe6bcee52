"""Links that got out: when the rule says so, what is kept of it, and that a rotation keeps genuine friends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.actions.codes import add_link, renew_code
from advocates.actions.rotation import UNDO_FOR, RotationError
from advocates.models import Link
from advocates.selectors import link_at, link_by_code
from kit.clock import database_now
from kit.ids import uuid7
from merchants.events import SYSTEM
from merchants.models import Event
from tests.cast import World, a_world, at_work
from tests.facts import DAY, snapshot
from tests.once import undone
from tracking.actions.clicks import record_clicks
from tracking.actions.leaks import (
    LeakError,
    dismiss_leak,
    find_leaks,
    is_leaking,
    leaking_since,
    reopen_leak,
    rotate_leak,
    undo_leak_rotation,
)
from tracking.models import Leak, LinkDay, Order, Referral
from tracking.rules.leaks import Found, Kind, Spread, Typed, Visit, judge
from tracking.steps import leaks
from tracking.stream import ClickEntry, milliseconds_of

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OLD = Spread(now=NOW, made_at=NOW - 60 * DAY, days_before=(2, 4, 1))


def visits(count: int, *, every: timedelta = MINUTE, site: str = "", network: str = "n{}") -> list[Visit]:
    """The newest now, each from a network of its own unless said otherwise."""
    return [Visit(NOW - n * every, network.format(n), site) for n in range(count)]


def kinds(found: Found | None) -> list[Kind]:
    return [sign.kind for sign in found.signs] if found else []


# --- the rule ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spread", "expected"),
    [
        (OLD, []),
        (replace(OLD, visits=visits(30)), []),
        # which site led here anybody can claim: visits alone need many networks, one person's are never enough
        (replace(OLD, visits=visits(11, site="www.retailmenot.com")), []),
        (replace(OLD, visits=visits(12, site="www.retailmenot.com")), [Kind.COUPON_SITE]),
        (replace(OLD, visits=visits(59, site="www.retailmenot.com", network="one")), []),
        # with an order from there, or by a stranger: three, or one among many sites; below one of those a subdomain
        (replace(OLD, visits=visits(2, site="www.retailmenot.com"), sold_from_sites=1), []),
        (replace(OLD, visits=visits(3, site="www.retailmenot.com"), sold_from_sites=1), [Kind.COUPON_SITE]),
        (replace(OLD, visits=visits(3, site="www.retailmenot.com"), typed=[Typed(NOW, True)]), [Kind.COUPON_SITE]),
        (replace(OLD, visits=visits(3, site="www.retailmenot.com"), typed=[Typed(NOW, False)]), []),
        (replace(OLD, visits=visits(3, site="www.retailmenot.com", network="one"), sold_from_sites=1), []),
        (replace(OLD, visits=visits(13, site="blog.example"), sold_from_sites=1), []),
        (
            replace(
                OLD,
                visits=[Visit(NOW, "n", f"s{n}.example") for n in range(5)] + visits(1, site="retailmenot.com"),
                sold_from_sites=1,
            ),
            [Kind.COUPON_SITE],
        ),
        (replace(OLD, visits=visits(19, site="retailmenot.com"), quiet_sites=frozenset({"retailmenot.com"})), []),
        (replace(OLD, visits=visits(12, site="retailmenot.com"), speaks_to_crowds=True), [Kind.COUPON_SITE]),
        # networks within an hour: forty and ten times the ordinary day, five times that for crowds
        (replace(OLD, visits=visits(40)), [Kind.NETWORKS]),
        (replace(OLD, visits=visits(40), speaks_to_crowds=True), []),
        (replace(OLD, visits=visits(40, every=2 * MINUTE)), []),
        (replace(OLD, visits=visits(40, network="one")), []),
        (replace(OLD, visits=visits(40, network="")), []),
        (replace(OLD, visits=visits(40), days_before=[30] * 28), []),
        (replace(OLD, visits=visits(200, every=MINUTE / 4), speaks_to_crowds=True), [Kind.NETWORKS]),
        (replace(OLD, visits=visits(40), quiet=frozenset({Kind.NETWORKS})), []),
        # visits of a day against the link's own past; the sample is not all
        (replace(OLD, visits=visits(60, network="one")), [Kind.VELOCITY]),
        (replace(OLD, visits=visits(59, network="one")), []),
        (replace(OLD, visits=visits(5), visits_today=900), [Kind.VELOCITY]),
        (replace(OLD, visits=visits(60, network="one"), days_before=(13,)), []),
        (replace(OLD, visits=visits(60, network="one"), days_before=()), []),
        (replace(OLD, visits=visits(60, network="one"), made_at=NOW - 6 * DAY), []),
        # strangers with the code
        (replace(OLD, typed=[Typed(NOW - MINUTE, True)] * 5), []),
        (replace(OLD, typed=[Typed(NOW - MINUTE, True)] * 6), [Kind.TYPED]),
        (replace(OLD, typed=[Typed(NOW - MINUTE, False)] * 60), []),
        (replace(OLD, typed=[Typed(NOW - 2 * DAY, True)] * 60), []),
        (replace(OLD, typed=[Typed(NOW, True)] * 6 + [Typed(NOW - 3 * DAY, True)] * 56), []),
        (replace(OLD, typed=[Typed(NOW, True)] * 29, speaks_to_crowds=True), []),
    ],
)
def test_the_rule(spread: Spread, expected: list[Kind]) -> None:
    assert kinds(judge(spread)) == expected


def test_the_strongest_sign_comes_first_and_all_numbers_are_kept() -> None:
    seen = [*visits(70), *visits(3, site="retailmenot.com"), *visits(1, site="blog.example")]
    found = judge(replace(OLD, visits=seen, typed=[Typed(NOW - 5 * MINUTE, True)] * 6))
    assert found is not None
    assert kinds(found) == list(Kind)
    assert (found.kind, found.since) == (Kind.COUPON_SITE, NOW - 69 * MINUTE)
    coupon, typed, networks, velocity = found.to_json()["signs"]
    assert (coupon["site"], coupon["visits"], coupon["hosts"]) == ("retailmenot.com", 3, 2)
    assert (typed["orders"], typed["usual"]) == (6, 0.0)
    assert (networks["networks"], velocity["visits"], velocity["busiest"]) == (60, 74, 4)


# --- stored -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), undone():
        yield a_world()


@pytest.fixture
def world(built: World) -> Iterator[World]:
    with undone():
        yield built


def podcast(world: World) -> Link:
    with at_work(world.merchant) as now:
        told = {"channel": "LINK", "placement": "Podcast Morgenkaffee", "by": SYSTEM}
        return add_link(advocate=world.advocate, **told, now=now - 60 * DAY)


def opened(world: World, link: Link, count: int, *, site: str = "", ago: timedelta = timedelta(0)) -> None:
    with at_work(world.merchant) as now:
        entries = [entry(world, link, now - ago - n * MINUTE / 4, site, f"network{n:015}") for n in range(count)]
        record_clicks(entries=entries, now=now)


def entry(world: World, link: Link, at: datetime, site: str, network: str) -> ClickEntry:
    keys = {"merchant_id": world.merchant.pk, "link_id": link.pk, "program_id": world.program.pk}
    said = {"channel": "LINK", "variant": "", "device": "phone", "agent": "", "referrer": site, "salt": 1}
    return ClickEntry(click_id=uuid7(), at_ms=milliseconds_of(at), address=network, network=network, **keys, **said)


def found_in(world: World) -> list[Leak]:
    leaks.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        return list(Leak.objects.select_related("link").order_by("pk"))


@pytest.fixture
def leaked(world: World) -> Leak:
    """The podcast's link was seen on a coupon site."""
    link = podcast(world)
    opened(world, link, 12, site="www.retailmenot.com")
    [leak] = found_in(world)
    return leak


@pytest.mark.django_db
def test_a_leak_names_the_share_it_got_out_from(world: World, leaked: Leak) -> None:
    assert (leaked.link.placement, leaked.kind, leaked.state) == ("Podcast Morgenkaffee", "COUPON_SITE", "OPEN")
    [sign] = leaked.seen["signs"]
    assert (sign["site"], sign["sites"], sign["visits"]) == ("www.retailmenot.com", ["www.retailmenot.com"], 12)
    with at_work(world.merchant):
        assert (is_leaking(leaked.link_id), is_leaking(world.link.pk)) == (True, False)
        assert leaking_since(leaked.link_id) == leaked.since <= leaked.found_at
        [told] = Event.objects.filter(code="link.leaked")
        assert (told.subject_id, told.data["kind"], told.data["link"]) == (
            leaked.pk,
            "COUPON_SITE",
            str(leaked.link_id),
        )


@pytest.mark.django_db
def test_an_open_leak_is_told_once_and_learns_what_is_new(world: World, leaked: Leak) -> None:
    opened(world, leaked.link, 80)
    [again] = found_in(world)
    assert (again.pk, again.since, again.found_at) == (leaked.pk, leaked.since, leaked.found_at)
    assert [sign["kind"] for sign in again.seen["signs"]] == ["COUPON_SITE", "NETWORKS"]
    with at_work(world.merchant):
        assert Event.objects.filter(code="link.leaked").count() == 1


@pytest.mark.django_db
def test_codes_typed_by_strangers_need_no_click(world: World) -> None:
    for n in range(6):
        placed = world.now - n * MINUTE
        fact = snapshot(placed, codes=[(world.link.code, 0)], number=f"#T{n}")
        world.take(fact, number=f"T{n}", email=f"stranger{n}@friend.example", now=world.now)
    [leak] = found_in(world)
    assert (leak.link_id, leak.kind, leak.seen["signs"][0]["orders"]) == (world.link.pk, "TYPED", 6)


@pytest.mark.django_db
def test_an_ordinary_link_is_left_in_peace_and_a_sweep_costs_the_same_for_many(world: World) -> None:
    links = [podcast(world)]
    opened(world, links[0], 5)

    def cost() -> int:
        with CaptureQueriesContext(connection) as caught, at_work(world.merchant) as now:
            assert find_leaks(now=now, real_now=database_now()) == []
        return len(caught)

    one = cost()
    with at_work(world.merchant) as now:
        links += [
            add_link(advocate=world.advocate, channel="LINK", placement=f"Place {n}", by=SYSTEM, now=now)
            for n in range(3)
        ]
    for link in links[1:]:
        opened(world, link, 5)
    assert cost() == one


@pytest.mark.django_db
def test_what_somebody_left_as_it_is_stays_so(world: World, leaked: Leak) -> None:
    with at_work(world.merchant) as now:
        dismiss_leak(leak=leaked, by="user:x", now=now)
        assert not is_leaking(leaked.link_id)
    [left] = found_in(world)
    assert (left.state, left.decided_by, left.new_link_id) == ("DISMISSED", "user:x", None)
    opened(world, leaked.link, 12, site="coupons.com")
    _, new = found_in(world)
    assert (new.state, new.seen["signs"][0]["sites"]) == ("OPEN", ["coupons.com"])
    with at_work(world.merchant) as now, pytest.raises(LeakError, match="decided_already"):
        reopen_leak(leak=left, by="user:x", now=now)


# --- rotation ---------------------------------------------------------------------------------------------------------


def rotated(world: World, leak: Leak) -> Leak:
    with at_work(world.merchant) as now:
        return rotate_leak(leak=leak, by="user:x", now=now)


@pytest.mark.django_db
def test_a_rotation_gives_the_same_share_a_new_link(world: World, leaked: Leak) -> None:
    done = rotated(world, leaked)
    with at_work(world.merchant):
        old, new = Link.objects.get(pk=leaked.link_id), Link.objects.get(pk=done.new_link_id)
        assert (done.state, done.decided_by, done.decided_at) == ("ROTATED", "user:x", old.retired_at)
        assert (old.retired_for, old.replaced_by_id) == ("leak", new.pk)
        assert (new.channel, new.placement, new.retired_at) == (old.channel, old.placement, None)
        assert link_at(world.advocate, "LINK", "Podcast Morgenkaffee") == new != old
        assert (link_by_code(old.code), link_by_code(new.code)) == (None, new)
        assert is_leaking(old.pk)
        assert not is_leaking(new.pk)
        assert [link_at(world.advocate, "LINK", "")] == [world.link]
        [told] = Event.objects.filter(code="link.rotated")
        assert (told.subject_id, told.data["instead"]) == (world.advocate.pk, str(new.pk))


@pytest.mark.django_db
def test_genuine_friends_keep_their_advocate_and_later_codes_are_nobodys(world: World, leaked: Leak) -> None:
    code, before = leaked.link.code, world.now - MINUTE
    token = world.click(leaked.link)
    rotated(world, leaked)
    with at_work(world.merchant) as now:
        later = now + MINUTE
    world.take(snapshot(later, token=token), number="1", email="eve@friend.example", now=later)
    world.take(snapshot(before, codes=[(code, 0)]), number="2", email="finn@friend.example", now=later)
    world.take(snapshot(later, codes=[(code, 0)]), number="3", email="gil@friend.example", now=later)
    with at_work(world.merchant):
        outcomes = dict(Order.objects.values_list("external_id", "outcome"))
        assert outcomes == {"1": "ATTRIBUTED", "2": "ATTRIBUTED", "3": "NOT_REFERRED"}
        assert set(Referral.objects.values_list("link_id", flat=True)) == {leaked.link_id}


@pytest.mark.django_db
def test_a_rotation_is_undone_within_a_day_and_both_links_work(world: World, leaked: Leak) -> None:
    done = rotated(world, leaked)
    with at_work(world.merchant) as now:
        back = undo_leak_rotation(leak=done, by="user:y", now=now)
        old, new = Link.objects.get(pk=leaked.link_id), Link.objects.get(pk=done.new_link_id)
        assert (back.state, back.new_link_id, back.decided_at, back.decided_by) == ("OPEN", None, None, "")
        assert (old.retired_at, old.retired_for, old.replaced_by_id, new.replaced_by_id) == (None, "", None, old.pk)
        assert (link_by_code(old.code), link_by_code(new.code)) == (old, new)
        assert link_at(world.advocate, "LINK", "Podcast Morgenkaffee") == old
        assert Event.objects.filter(code="link.rotation_undone", subject_id=world.advocate.pk).count() == 1
    again = rotated(world, back)
    assert again.new_link_id not in (old.pk, new.pk)


@pytest.mark.django_db
def test_refusals_change_nothing(world: World, leaked: Leak) -> None:
    done = rotated(world, leaked)
    before = everything(world)
    with at_work(world.merchant) as now:
        for act, wanted in (
            (rotate_leak, "decided_already"),
            (dismiss_leak, "decided_already"),
            (reopen_leak, "not_decided"),
        ):
            with pytest.raises(LeakError, match=wanted):
                act(leak=done, by="user:x", now=now)
        with pytest.raises(RotationError, match="too_late"):
            undo_leak_rotation(leak=done, by="user:x", now=now + UNDO_FOR)
    assert everything(world) == before


def everything(world: World) -> list[object]:
    with at_work(world.merchant):
        rows: list[object] = [list(model.objects.order_by("pk").values_list()) for model in (Leak, Link, LinkDay)]
        return [*rows, Event.objects.count()]


@pytest.mark.django_db
def test_a_former_code_that_leaks_is_only_retired(world: World) -> None:
    link = podcast(world)
    with at_work(world.merchant) as now:
        shown = renew_code(link=link, by=SYSTEM, now=now)
    opened(world, link, 12, site="retailmenot.com")
    [leak] = found_in(world)
    done = rotated(world, leak)
    assert (leak.link_id, done.new_link_id) == (link.pk, shown.pk)
    with at_work(world.merchant) as now:
        undo_leak_rotation(leak=done, by=SYSTEM, now=now)
