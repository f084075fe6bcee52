from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from advocates.actions.magic import LASTS, MOST_OPEN, QUIET_FOR, magic_token, make_magic_link, use_magic_link
from advocates.actions.standing import AdvocateStateError, ban_advocate
from advocates.models import Advocate, MagicLink
from kit.clock import database_now
from kit.signing import sign_value
from merchants.actions.clock import advance_clock
from merchants.models import Event, Merchant
from tests.cast import at_work, enrolled, live_program, workspace_of
from tests.races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


@pytest.fixture
def advocate(merchant) -> Advocate:
    return enrolled(merchant, live_program(merchant))


def a_link(merchant: Merchant, advocate: Advocate) -> MagicLink:
    with at_work(merchant) as now:
        return make_magic_link(advocate=advocate, now=now)


def use(merchant: Merchant, token: str) -> Advocate | None:
    with at_work(merchant) as now:
        return use_magic_link(token=token, now=now)


def age(merchant: Merchant, by: timedelta) -> None:
    with at_work(merchant):
        for link in MagicLink.objects.all():
            MagicLink.objects.filter(pk=link.pk).update(expires_at=link.expires_at - by)


def test_a_link_lets_in_once(merchant, advocate):
    link = a_link(merchant, advocate)
    with at_work(merchant):
        event = Event.objects.get(code="advocate.magic_link")
        assert (event.subject_id, event.data) == (advocate.pk, {"magic_link": str(link.pk)})
    assert LASTS - timedelta(minutes=1) < link.expires_at - database_now() <= LASTS
    assert use(merchant, magic_token(link)) == advocate
    assert use(merchant, magic_token(link)) is None
    with at_work(merchant):
        assert MagicLink.objects.get().used_at is not None


def test_an_old_link_lets_nobody_in(merchant, advocate):
    link = a_link(merchant, advocate)
    age(merchant, LASTS)
    assert use(merchant, magic_token(link)) is None
    with at_work(merchant):
        assert MagicLink.objects.get().used_at is None


def test_a_clock_that_moves_locks_nobody_out(merchant, advocate):
    link = a_link(merchant, advocate)
    with at_work(merchant) as now:
        advance_clock(merchant=merchant, by=timedelta(days=30), who="system", now=now)
    assert use(merchant, magic_token(link)) == advocate


def test_forged_tokens_let_nobody_in(merchant, advocate):
    link = a_link(merchant, advocate)
    forged = [
        "",
        str(link.pk),
        magic_token(link)[:-1],
        sign_value(str(link.pk), salt="portal.magic-link", key="another key"),
        sign_value(str(link.pk), salt="team.invitation", key=settings.SECRET_KEY),
        sign_value(7, salt="portal.magic-link", key=settings.SECRET_KEY),
    ]
    assert [use(merchant, token) for token in forged] == [None] * len(forged)


def test_another_merchants_portal_does_not_know_the_link(merchant, advocate):
    link = a_link(merchant, advocate)
    assert use(workspace_of("charlie@halcyon.example", "Halcyon"), magic_token(link)) is None
    assert use(merchant, magic_token(link)) == advocate


def test_the_banned_get_no_link_and_their_old_one_is_dead(merchant, advocate):
    link = a_link(merchant, advocate)
    with at_work(merchant) as now:
        ban_advocate(advocate=advocate, by="system", now=now)
        with pytest.raises(AdvocateStateError):
            make_magic_link(advocate=advocate, now=now)
    assert use(merchant, magic_token(link)) is None


def test_asking_again_at_once_sends_nothing_new(merchant, advocate):
    first = a_link(merchant, advocate)
    assert a_link(merchant, advocate) == first
    age(merchant, QUIET_FOR)
    assert a_link(merchant, advocate) != first
    with at_work(merchant):
        assert Event.objects.filter(code="advocate.magic_link").count() == 2


def test_only_a_few_are_open_at_a_time(merchant, advocate):
    for _ask in range(MOST_OPEN + 3):
        a_link(merchant, advocate)
        age(merchant, QUIET_FOR)
    with at_work(merchant):
        assert MagicLink.objects.count() == MOST_OPEN


def test_a_used_link_may_be_followed_by_a_new_one_at_once(merchant, advocate):
    link = a_link(merchant, advocate)
    use(merchant, magic_token(link))
    assert a_link(merchant, advocate) != link


@pytest.mark.django_db(transaction=True)
def test_used_twice_at_once_it_lets_in_once():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    advocate = enrolled(merchant, live_program(merchant))
    token = magic_token(a_link(merchant, advocate))
    let_in = at_once(*[lambda: use(merchant, token)] * 4)
    assert sorted(one is None for one in let_in) == [False, True, True, True]
