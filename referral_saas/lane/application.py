"""The WSGI application in front of Django's."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable
from functools import partial
from threading import Lock
from typing import Any, NamedTuple

from django.db import DatabaseError
from psycopg_pool import PoolTimeout

from kit.lru import Lru
from kit.proxies import WsgiApplication
from kit.tenancy import TenantRef
from kit.wire import WireDown
from referral_saas.friend.counting import Book
from referral_saas.friend.stream import Click
from referral_saas.friend.visits import Visitor, make_visit, referrer_host
from referral_saas.lane import shelf
from referral_saas.lane.feed import Feed
from referral_saas.lane.front import Respond
from referral_saas.lane.plans import InTrouble, Plan, Sketch
from referral_saas.lane.records import CHANGED, Entry, unpack
from referral_saas.lane.requests import Environ, Spelling, View, has_telling_cookie, opens_page, spelling_of, view_of
from referral_saas.lane.slots import Header, Slots
from tracking.humans import LONGEST_AGENT, client_of

logger = logging.getLogger(__name__)

#: Bounds of a process's memory: about a kilobyte for a link, fifteen for a plan.
MOST_LINKS, MOST_PLANS = 20_000, 1_000

#: Plans whose time is over are let go of this often.
TIDIED_SECONDS = 3600.0
#: A page that could not be drawn anew is used on for so long before the next try.
TROUBLE_MS = 2_000

Trouble = (DatabaseError, PoolTimeout, InTrouble)


class Answer(NamedTuple):
    """``click``: what has to be taken down before it is given."""

    status: str
    headers: list[Header]
    body: bytes
    click: Click | None
    ref: TenantRef


class Lane:
    """Answers what it knows for sure; everything else is Django's."""

    def __init__(self, django: WsgiApplication, book: Book, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._django = django
        self._book = book
        self._clock = clock
        self._shelf = shelf.Shelf(book.wire)
        self._links: Lru[str, Entry] = Lru(MOST_LINKS)
        self._plans: Lru[tuple[str, View], Plan] = Lru(MOST_PLANS)
        self._feed = Feed(book.wire, clock=clock)
        self._slots = Slots.new()
        self._drawing = Lock()
        self._tidied = clock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self._answer(environ)
        if answer is None:
            return self._django(environ, start_response)
        if answer.click is not None:
            self._book.take_down(answer.click, answer.ref)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def take(self, environ: Environ, respond: Respond) -> bool:
        """The same where the server lets the answer come later: False for what is Django's. ``respond`` is called when
        the click is in Redis, by the thread that put it there; this one is free by then."""
        answer = self._answer(environ)
        if answer is None:
            return False
        send = partial(respond, int(answer.status[:3]), answer.headers, answer.body)
        if answer.click is None:
            send()
        else:
            self._book.take_down_then(answer.click, answer.ref, send)
        return True

    def _answer(self, environ: Environ) -> Answer | None:
        path = environ["PATH_INFO"]
        if not path.startswith("/r/") and path.count("/") != 1:
            return None
        try:
            return self._of_link(path, environ)
        except Exception:  # whatever it is, Django can still answer
            logger.exception("The lane left a request to Django.")
            return None

    def _of_link(self, path: str, environ: Environ) -> Answer | None:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD") or environ.get("SCRIPT_NAME"):
            return None
        cookies = environ.get("HTTP_COOKIE")
        if cookies and has_telling_cookie(cookies):
            return None
        agent = environ.get("HTTP_USER_AGENT", "")[:LONGEST_AGENT]
        person = not client_of(agent).is_program and opens_page(environ)
        view = view_of(
            environ.get("HTTP_HOST", ""), environ["wsgi.url_scheme"], environ.get("HTTP_ACCEPT_LANGUAGE", ""), person
        )
        if view is None:
            return None
        now = self._clock()
        self._feed.follow(now)
        entry = self._entry(path, view.own_host, now)
        plan = self._plan(entry, view, now) if entry else None
        if entry is None or plan is None:
            return None
        return self._filled(entry, plan, agent, environ)

    def _filled(self, entry: Entry, plan: Plan, agent: str, environ: Environ) -> Answer:
        token, click = "", None
        if plan.counts:
            visitor = Visitor(agent, referrer_host(environ.get("HTTP_REFERER", "")), environ.get("REMOTE_ADDR", ""))
            token, click = make_visit(entry.parts, visitor, plan.salt, self._business_ms(plan))
        headers, body = plan.drawn.fill((entry.name, entry.initials, entry.code, token.encode()))
        return Answer(plan.drawn.status, headers, body, click, plan.ref)

    # --- links ---

    def _entry(self, path: str, own_host: str, now: float) -> Entry | None:
        entry = self._links.get(own_host + path)
        if entry is not None and self._feed.is_fresh(entry.checked, entry.pulse, now):
            return entry
        spelling = spelling_of(path, own_host)
        return self._looked_up(spelling, own_host + path, entry, now) if spelling else None

    def _looked_up(self, spelling: Spelling, key: str, known: Entry | None, now: float) -> Entry | None:
        try:
            data = self._data_of(spelling)
        except Trouble:
            return self._as_before(known, now)
        if known is not None and known.data == data:
            return self._as_before(known, now)
        record = unpack(data) if data else None
        if record is None or data is None:
            self._links.drop(key)
            return None
        return self._links.put(key, Entry(data, record, spelling, self._feed.pulse(record.merchant_id), now))

    def _data_of(self, spelling: Spelling) -> bytes | None:
        """From Redis, else from the database; then Redis gets it, unless it has just changed."""
        try:
            data, may_keep = self._shelf.read(spelling), True
        except WireDown:
            data, may_keep = None, False
        if data is not None and data != CHANGED:
            return data
        record = shelf.load(spelling)
        if record is None:
            return None
        if may_keep and data is None and self._book.has_room():
            self._shelf.put(spelling, record.pack())
        return record.pack()

    def _as_before(self, known: Entry | None, now: float) -> Entry | None:
        if known is not None:
            known.checked = now
        return known

    # --- plans ---

    def _plan(self, entry: Entry, view: View, now: float) -> Plan | None:
        plan = self._plans.get((entry.shape, view))
        if plan is not None and self._feed.is_fresh(plan.checked, entry.pulse, now) and self._is_in_time(plan):
            return plan
        return self._checked(entry, view, plan, now)

    def _is_in_time(self, plan: Plan) -> bool:
        return self._business_ms(plan) < plan.until_ms

    def _business_ms(self, plan: Plan) -> int:
        return time.time_ns() // 1_000_000 + plan.ahead_ms

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
        """One at a time draws; the others find what was drawn meanwhile. In trouble the old one is better than none;
        a link that is not there any more, on a host that was given up, say, is forgotten."""
        key = (entry.shape, view)
        with self._drawing:
            current = self._plans.get(key)
            if current is not None and current is not known and self._feed.is_fresh(current.checked, entry.pulse, now):
                return current
            sketch = Sketch(entry.spelling, entry.record, view, self._slots)
            try:
                plan = sketch.plan(self._django, stamp=stamp, checked=now)
            except Trouble:
                return self._used_on(known, now)
            if plan is None:
                self._plans.drop(key)
                self._shelf.mark_changed(entry.spelling)
                entry.checked = -math.inf
                return None
            self._let_go_of_old_plans(now)
            return self._plans.put(key, plan)

    def _let_go_of_old_plans(self, now: float) -> None:
        """They hold secrets that addresses are hashed with, which are destroyed in time: in memory too, also where
        nobody opens the link any more."""
        if now - self._tidied > TIDIED_SECONDS:
            self._tidied = now
            self._plans.drop_where(lambda plan: not self._is_in_time(plan))

    def _used_on(self, known: Plan | None, now: float) -> Plan | None:
        if known is not None:
            known.checked = now
            known.until_ms = max(known.until_ms, self._business_ms(known) + TROUBLE_MS)
        return known
