"""The WSGI application in front of Django's."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from django.db import DatabaseError
from psycopg_pool import PoolTimeout

from kit.lru import Lru
from kit.proxies import WsgiApplication
from kit.wire import WireDown
from referral_saas.friend.counting import Book
from referral_saas.friend.visits import Visitor, make_visit, referrer_host
from referral_saas.lane import shelf
from referral_saas.lane.plans import Plan, Sketch
from referral_saas.lane.records import CHANGED, Entry, unpack
from referral_saas.lane.requests import Environ, Headers, View, has_telling_cookie, spelling_of, view_of
from referral_saas.lane.slots import Header, Slots
from tracking.humans import LONGEST_AGENT, client_of, opens_a_page

logger = logging.getLogger(__name__)

#: What was looked at so long ago is looked at again before it is used. Changes are seen within five seconds.
FRESH_SECONDS = 2.0
#: Bounds of a process's memory: about a kilobyte for a link, fifteen for a plan.
MOST_LINKS, MOST_PLANS = 20_000, 1_000

Answer = tuple[str, list[Header], bytes]
Trouble = (DatabaseError, PoolTimeout)


class Lane:
    """Answers what it knows for sure; everything else is Django's."""

    def __init__(self, django: WsgiApplication, book: Book, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._django = django
        self._book = book
        self._clock = clock
        self._shelf = shelf.Shelf(book.wire)
        self._links: Lru[str, Entry] = Lru(MOST_LINKS)
        self._plans: Lru[tuple[str, View], Plan] = Lru(MOST_PLANS)
        self._slots = Slots.new()
        self._drawing = Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = None
        if environ["PATH_INFO"].startswith("/r/"):
            try:
                answer = self._answer(environ)
            except Exception:  # whatever it is, Django can still answer
                logger.exception("The lane left a request to Django.")
        if answer is None:
            return self._django(environ, start_response)
        status, headers, body = answer
        start_response(status, headers)
        return [body]

    def _answer(self, environ: Environ) -> Answer | None:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD") or environ.get("SCRIPT_NAME"):
            return None
        cookies = environ.get("HTTP_COOKIE")
        if cookies and has_telling_cookie(cookies):
            return None
        agent = environ.get("HTTP_USER_AGENT", "")[:LONGEST_AGENT]
        person = not client_of(agent).is_program and opens_a_page(method, Headers(environ))
        view = view_of(
            environ.get("HTTP_HOST", ""), environ["wsgi.url_scheme"], environ.get("HTTP_ACCEPT_LANGUAGE", ""), person
        )
        now = self._clock()
        entry = self._entry(environ["PATH_INFO"], now) if view else None
        plan = self._plan(entry, view, now) if entry and view else None
        if entry is None or plan is None:
            return None
        return self._filled(entry, plan, agent, environ)

    def _filled(self, entry: Entry, plan: Plan, agent: str, environ: Environ) -> Answer:
        token = ""
        if plan.counts:
            visitor = Visitor(agent, referrer_host(environ.get("HTTP_REFERER", "")), environ.get("REMOTE_ADDR", ""))
            visit = make_visit(entry.parts, visitor, plan.salt, time.time_ns() // 1_000_000 + plan.ahead_ms)
            self._book.take_down(visit.entry, visit.browser, visit.address, plan.ref)
            token = visit.token
        headers, body = plan.drawn.fill((entry.name, entry.initials, entry.code, token.encode()))
        return plan.drawn.status, headers, body

    # --- links ---

    def _entry(self, path: str, now: float) -> Entry | None:
        entry = self._links.get(path)
        if entry is not None and now - entry.checked < FRESH_SECONDS:
            return entry
        return self._looked_up(path, entry, now)

    def _looked_up(self, path: str, known: Entry | None, now: float) -> Entry | None:
        spelling = spelling_of(path)
        if spelling is None:
            return None
        try:
            data, keep = self._shelf.read(spelling), True
        except WireDown:
            data, keep = None, False
        if data is None or data == CHANGED:
            keep = keep and data is None
            try:
                record = shelf.load(spelling)
            except Trouble:
                return self._as_before(known, now)
            data = record.pack() if record else None
            if data and keep and self._book.has_room():
                self._shelf.put(spelling, data)
        if known is not None and known.data == data:
            return self._as_before(known, now)
        record = unpack(data) if data else None
        if record is None or data is None:
            self._links.drop(path)
            return None
        return self._links.put(path, Entry(data, record, spelling, now))

    def _as_before(self, known: Entry | None, now: float) -> Entry | None:
        if known is not None:
            known.checked = now
        return known

    # --- plans ---

    def _plan(self, entry: Entry, view: View, now: float) -> Plan | None:
        plan = self._plans.get((entry.shape, view))
        if plan is not None and now - plan.checked < FRESH_SECONDS and self._is_in_time(plan):
            return plan
        return self._checked(entry, view, plan, now)

    def _is_in_time(self, plan: Plan) -> bool:
        return time.time_ns() // 1_000_000 + plan.ahead_ms < plan.until_ms

    def _checked(self, entry: Entry, view: View, known: Plan | None, now: float) -> Plan | None:
        try:
            stamp = self._shelf.stamp(entry.record.merchant_id)
        except WireDown:
            stamp = None
        if known is not None and stamp is not None and stamp == known.stamp and self._is_in_time(known):
            known.checked = now
            return known
        if stamp is None:
            self._shelf.renew_stamp(entry.record.merchant_id)
        return self._drawn(entry, view, known, stamp, now)

    def _drawn(self, entry: Entry, view: View, known: Plan | None, stamp: bytes | None, now: float) -> Plan | None:
        """One at a time draws; the others find what was drawn meanwhile. In trouble the old one is better than none."""
        key = (entry.shape, view)
        with self._drawing:
            current = self._plans.get(key)
            if current is not None and current is not known and now - current.checked < FRESH_SECONDS:
                return current
            sketch = Sketch(entry.spelling, entry.record, view, self._slots)
            try:
                plan = sketch.plan(self._django, stamp=stamp, checked=now)
            except Trouble:
                plan = None
            if plan is None and known is not None:
                known.checked = now
                return known
            return self._plans.put(key, plan) if plan else None
