"""Clicks that were answered while web processes or Redis were killed by SIGKILL: is each of them kept?"""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from uuid import UUID

import psycopg
from django.conf import settings

from bench.lane_world import Valkey, Visitors
from bench.processes import children_of
from bench.web import server_on
from kit.signing import parse_click_token
from tracking.stream import FIELD, STREAM, unpack

SENDERS = 6
KILLS = 5
BETWEEN = 1.0
_TOKEN = re.compile(rb"v1\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}\.[0-9]+\.[A-Za-z0-9_-]{22}")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def killed_web(port: int, codes: list[str], visitors: Visitors, valkey: Valkey, owner_url: str) -> tuple[int, int]:
    """(answered, lost) while web processes are killed; the server starts new ones."""

    def kill() -> None:
        for worker in children_of(server_on(port)):
            os.kill(worker, signal.SIGKILL)
            break

    return _while_killing(kill, port, codes, visitors, valkey, owner_url)


def killed_redis(port: int, codes: list[str], visitors: Visitors, valkey: Valkey, owner_url: str) -> tuple[int, int]:
    """(answered, lost) while Redis is killed and comes back after half a second."""

    def kill() -> None:
        valkey.kill()
        time.sleep(0.5)
        valkey.start()

    return _while_killing(kill, port, codes, visitors, valkey, owner_url)


def _while_killing(
    kill: Callable[[], None], port: int, codes: list[str], visitors: Visitors, valkey: Valkey, owner_url: str
) -> tuple[int, int]:
    answered: list[UUID] = []
    stopped = threading.Event()
    requests = visitors.clicks(codes)
    guard = threading.Lock()

    def sending() -> None:
        while not stopped.is_set():
            _send_until_broken(port, requests, guard, answered, stopped)

    threads = [threading.Thread(target=sending) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        time.sleep(BETWEEN)
        kill()
    time.sleep(BETWEEN)
    stopped.set()
    for thread in threads:
        thread.join()
    kept = _in_stream(valkey) | _in_tables(owner_url)
    return len(answered), len(set(answered) - kept)


def _send_until_broken(
    port: int, requests: Iterator[bytes], guard: threading.Lock, answered: list[UUID], stopped: threading.Event
) -> None:
    """Only a whole answer counts as one."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=15) as line:
            while not stopped.is_set():
                with guard:
                    request = next(requests)
                line.sendall(request)
                answered.append(_click_in(_answer(line)))
    except OSError:
        time.sleep(0.02)


def _answer(line: socket.socket) -> bytes:
    come = b""
    while True:
        piece = line.recv(65536)
        if not piece:
            raise ConnectionError("closed")
        come += piece
        head = come.find(b"\r\n\r\n")
        length = _LENGTH.search(come, 0, head) if head >= 0 else None
        if length and len(come) - head - 4 >= int(length[1]):
            return come


def _click_in(answer: bytes) -> UUID:
    found = _TOKEN.search(answer)
    token = parse_click_token(found[0].decode() if found else "", keys=settings.CLICK_TOKEN_KEYS)
    if token is None:
        raise AssertionError(f"An answer without a token: {answer[:300]!r}")
    return token.click_id


def _in_stream(valkey: Valkey) -> set[UUID]:
    return {unpack(fields[FIELD]).click_id for _id, fields in valkey.client().xrange(STREAM)}  # type: ignore[union-attr]


def _in_tables(owner_url: str) -> set[UUID]:
    with psycopg.connect(owner_url) as connection:
        return {click for (click,) in connection.execute("SELECT id FROM tracking_click")}
