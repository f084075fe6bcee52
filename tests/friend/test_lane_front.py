"""The lane in front of granian: an answer comes when its click is in Redis, from whichever thread put it there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from granian.server import mp
from granian.wsgi import _callback_wrapper

from kit.proxies import settler
from kit.tenancy import TenantRef
from kit.wire import Wire
from referral_saas.friend.counting import Book
from referral_saas.friend.stream import Click
from referral_saas.lane import front
from referral_saas.lane.application import Lane
from tests.cast import World, a_world
from tests.faults.redis import hang_up
from tests.friend.lanes import Unasked, ask, django_alone, environ_of
from tests.friend.test_offer_page import clicks
from tracking.stream import STREAM

pytestmark = pytest.mark.django_db

NOBODY_TRUSTED = settler([])


class Protocol:
    """Where granian takes an answer."""

    def __init__(self, redis: Any = None) -> None:
        self.answers: list[tuple[int, list[tuple[str, str]], bytes]] = []
        self.clicks_by_then = 0
        self._redis = redis

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.clicks_by_then = self._redis.xlen(STREAM) if self._redis else 0
        self.answers.append((status, headers, body))


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def lane(live_redis: Any, world: World) -> Iterator[Lane]:
    """It knows the link already."""
    with django_alone() as django:
        lane = Lane(django, Book(Wire(settings.REDIS_URL)))
        ask(lane, path(world, REMOTE_ADDR="198.51.100.1"))
        live_redis.delete(STREAM)
        yield lane


def path(world: World, **said: str) -> dict[str, Any]:
    return environ_of(f"/r/{world.link.code}", **said)


def server_with(lane: Lane, *, options: dict[str, Any] | None = None, access_log: str | None = None) -> Any:
    """What granian calls with each request."""
    return front._with_front(_callback_wrapper, lane.take, NOBODY_TRUSTED, lane, options or {}, access_log)


def test_granian_is_made_as_the_front_expects(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mp._wsgi_call_wrap is _callback_wrapper
    monkeypatch.setattr(mp, "_wsgi_call_wrap", _callback_wrapper)  # put back afterwards
    front.stand_in_front(lambda environ, respond: bool(respond(204, [], b"taken")) or True, NOBODY_TRUSTED)
    protocol = Protocol()
    mp._wsgi_call_wrap(Unasked(), {}, None)(protocol, environ_of("/"))
    assert protocol.answers == [(204, [], b"taken")]


def test_under_another_server_nothing_stands_in_front(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "granian.server.mp")
    front.stand_in_front(lambda *_: True, NOBODY_TRUSTED)
    assert mp._wsgi_call_wrap is _callback_wrapper


def test_the_click_is_in_redis_before_the_answer(lane: Lane, world: World, live_redis: Any) -> None:
    protocol = Protocol(live_redis)
    server_with(lane)(protocol, path(world))
    ((status, headers, body),) = protocol.answers
    assert (status, protocol.clicks_by_then, dict(headers)["Content-Length"]) == (200, 1, str(len(body)))


def test_what_is_djangos_gets_there_as_the_server_said_it(world: World, live_redis: Any) -> None:
    """The client is settled once: on a copy for the lane, and by the WSGI application for itself."""
    seen: list[dict[str, Any]] = []

    def django(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ)
        start_response("200 OK", [("X-From", "django")])
        return [b"django"]

    behind = Lane(django, Book(Wire(settings.REDIS_URL)))
    trusting = settler([])
    call = front._with_front(_callback_wrapper, behind.take, trusting, behind, {}, None)
    protocol = Protocol()
    call(protocol, environ_of("/w/nordlicht", REMOTE_ADDR="::ffff:203.0.113.7"))
    assert protocol.answers == [(200, [("X-From", "django")], b"django")]
    assert seen[0]["REMOTE_ADDR"] == "::ffff:203.0.113.7"


@pytest.mark.parametrize("said", [{"options": {"url_path_prefix": "/x"}}, {"access_log": "%(addr)s"}])
def test_nothing_stands_before_a_server_that_wants_to_see_every_request(
    lane: Lane, world: World, said: dict[str, Any]
) -> None:
    assert server_with(lane, **said).__wrapped__ is lane


def test_without_redis_the_click_is_in_postgres_before_the_answer(lane: Lane, world: World, live_redis: Any) -> None:
    lane._book = Book(Wire("unix:///nowhere/at/all?db=0"))
    protocol = Protocol()
    server_with(lane)(protocol, path(world))
    assert ([answer[0] for answer in protocol.answers], live_redis.xlen(STREAM), clicks(world)) == ([200], 0, 1)


def test_what_can_be_kept_nowhere_is_lost_and_the_friend_gets_their_answer_all_the_same(world: World) -> None:
    """Of a merchant that is not there, say: nothing that the database or its pool would refuse."""
    book, answered = Book(Wire("unix:///nowhere/at/all?db=0")), list[str]()
    click, nobody = Click(b"no entry", b"address", b"mark"), TenantRef(uuid4())
    book.take_down_then(click, nobody, lambda: answered.append("later"))
    book.take_down(click, nobody)
    assert (answered, book.lost) == (["later"], 2)


def test_a_connection_that_was_closed_meanwhile_costs_nobody_their_answer(
    lane: Lane, world: World, live_redis: Any
) -> None:
    hang_up(live_redis, lane._book.wire)
    protocol = Protocol(live_redis)
    server_with(lane)(protocol, path(world))
    assert ([answer[0] for answer in protocol.answers], clicks(world)) == ([200], 2)


def test_a_friend_who_has_gone_keeps_nobody_else_from_their_answer(lane: Lane, world: World, live_redis: Any) -> None:
    """Their answer has no place to go to any more; those of the same exchange are given all the same."""

    class Gone(Protocol):
        def response_bytes(self, *answer: Any) -> None:
            server(after, path(world, REMOTE_ADDR="198.51.100.9"))  # comes meanwhile, to be asked for next
            raise RuntimeError("gone")

    server, after = server_with(lane), Protocol(live_redis)
    server(Gone(), path(world))
    assert ([answer[0] for answer in after.answers], after.clicks_by_then) == ([200], 2)
