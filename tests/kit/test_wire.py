"""Redis asked by hand: every kind of answer, connections that were closed, a server that is not there; and sharing."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Barrier, Thread
from typing import Any

import pytest
from django.conf import settings

from kit.lru import Lru
from kit.signing import hmac_sha256
from kit.together import MOST, Together
from kit.wire import PAUSE_SECONDS, Wire, WireDown, WireError, packed
from tests.faults.redis import hang_up


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wire(live_redis: Any) -> Wire:
    return Wire(settings.REDIS_URL)


def test_every_kind_of_answer(wire: Wire) -> None:
    assert wire.ask(packed(b"SET", b"a", b"1|\r\n\xff")) == b"OK"
    assert wire.ask(packed(b"GET", b"a")) == b"1|\r\n\xff"
    assert wire.ask(packed(b"GET", b"none")) is None
    assert wire.ask(packed(b"APPEND", b"a", b"x" * 200_000)) == 200_005
    assert wire.ask(packed(b"GET", b"a")) == b"1|\r\n\xff" + b"x" * 200_000
    assert wire.ask(packed(b"MGET", b"none", b"none")) == [None, None]
    assert wire.ask(packed(b"EVAL", b"return {1, {'b', false}}", b"0")) == [1, [b"b", None]]


def test_an_error_is_an_error_and_the_connection_goes_on(wire: Wire) -> None:
    with pytest.raises(WireError, match="unknown command"):
        wire.ask(packed(b"NOSUCH"))
    one, other = wire.ask_all([packed(b"NOSUCH"), packed(b"PING")])
    assert (isinstance(one, WireError), other) == (True, b"PONG")


def test_a_connection_closed_behind_our_back_is_opened_anew(wire: Wire, live_redis: Any) -> None:
    wire.ask(packed(b"PING"))
    hang_up(live_redis, wire)
    assert wire.ask(packed(b"PING")) == b"PONG"


def test_who_is_not_there_is_not_asked_again_for_a_moment() -> None:
    clock = Clock()
    wire = Wire("unix:///nowhere/at/all?db=0", clock=clock)
    for expected in ("ConnectionError", "quiet"):
        with pytest.raises(WireDown, match=expected):
            wire.ask(packed(b"PING"))
    clock.now += PAUSE_SECONDS
    with pytest.raises(WireDown, match="ConnectionError"):
        wire.ask(packed(b"PING"))


def test_everything_that_is_asked_together_is_asked_once() -> None:
    asked: list[int] = []
    together = Together(asked.extend)
    start = Barrier(8)

    def ask(first: int) -> None:
        start.wait()
        for number in range(first, first + 300):
            together.ask(number)

    threads = [Thread(target=ask, args=(number * 1000,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(asked) == [first * 1000 + number for first in range(8) for number in range(300)]


def test_who_comes_while_somebody_asks_need_not_wait_and_is_asked_for_next() -> None:
    """Seven come from another thread while the first asks: they go on at once, and are asked for in one exchange."""
    exchanges: list[list[int]] = []

    def ask_all(numbers: Sequence[int]) -> None:
        if not exchanges:
            others = Thread(target=lambda: [together.ask(number) for number in range(1, 8)])
            others.start()
            others.join(30)
        exchanges.append([*numbers])

    together = Together(ask_all)
    together.ask(0)
    assert exchanges == [[0], [1, 2, 3, 4, 5, 6, 7]]


def test_an_exchange_is_no_longer_than_it_may_be() -> None:
    sizes: list[int] = []

    def ask_all(numbers: Sequence[int]) -> None:
        if not sizes:
            for number in range(MOST + 1):
                together.ask(number)
        sizes.append(len(numbers))

    together = Together(ask_all)
    together.ask(0)
    assert sizes == [1, MOST, 1]


def test_memory_is_bounded_and_the_least_asked_for_goes() -> None:
    kept: Lru[str, int] = Lru(2)
    for number, name in enumerate(("a", "b")):
        kept.put(name, number)
    kept.get("a")
    kept.put("c", 2)
    assert (kept.get("a"), kept.get("b"), kept.get("c"), len(kept)) == (0, None, 2, 2)
    kept.drop("a")
    assert len(kept) == 1


def test_what_is_over_is_let_go_of() -> None:
    kept: Lru[str, int] = Lru(5)
    for number, name in enumerate("abc"):
        kept.put(name, number)
    kept.drop_where(lambda value: value != 1)
    assert (kept.get("b"), len(kept)) == (1, 1)


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 200])
def test_a_mac_with_a_kept_key_is_the_usual_one(length: int) -> None:
    import hmac

    key = bytes(range(200))[:length]
    assert hmac_sha256(key, b"message") == hmac.digest(key, b"message", "sha256")
