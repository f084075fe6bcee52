"""The lane and Django as two WSGI applications in one process, asked the same."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import responses
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import translation

from referral_saas.lane.application import Lane
from tests.friend.conftest import PHONE

_TOKEN = re.compile(rb"v1\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}\.[0-9]+\.[A-Za-z0-9_-]{22}")

_TOKEN_TEXT = re.compile(_TOKEN.pattern.decode())


@dataclass(frozen=True)
class Asked:
    """An answer as the web server would send it."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def token(self) -> str:
        """What is carried to the shop: in the page, or in the address of a redirect."""
        told = self.body + " ".join(value for _name, value in self.headers).encode()
        found = _TOKEN.search(told)
        return found[0].decode() if found else ""

    def without_token(self) -> tuple[str, list[tuple[str, str]], bytes]:
        """For comparing: all but what is new with every visit."""
        headers = [
            (name, _TOKEN.sub(b"TOKEN", value.encode("latin-1")).decode("latin-1")) for name, value in self.headers
        ]
        return self.status, sorted(headers), _TOKEN.sub(b"TOKEN", self.body)


class Clockwork:
    """A monotonic clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Unasked:
    """In place of Django where nothing may reach it."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise AssertionError("Django was asked.")


def environ_of(path: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    """``headers`` as HTTP_... names; a friend's phone where nothing else is said."""
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "203.0.113.7",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "HTTP_HOST": "testserver",
        "HTTP_USER_AGENT": PHONE,
        **headers,
    }


def ask(application: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> Asked:
    told: list[Any] = []
    with translation.override("en"):  # the language of the answer stays in force on this thread otherwise
        chunks = application(environ, lambda status, headers, *_: told.extend((status, headers)))
        body = b"".join(chunks)
        if close := getattr(chunks, "close", None):
            close()
    return Asked(told[0], list(told[1]), body)


def in_front(lane: Lane) -> Callable[..., Iterable[bytes]]:
    """The lane as a server asks it that lets the answer come later; what it does not take, it answers as WSGI."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        told: list[Any] = []
        if not lane.take({**environ}, lambda *answer: told.append(answer)):
            return lane(environ, start_response)
        ((status, headers, body),) = told
        start_response(f"{status} {responses[status]}", headers)
        return [body]

    return application


@contextmanager
def django_alone() -> Iterator[WSGIHandler]:
    """Django without its habit of closing the test's own connection after each request."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield WSGIHandler()
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
