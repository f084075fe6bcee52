"""Django's sessions in the database, each with whose it is: so that people see where they are signed in, and end it.

What a page shows of a session (device, first and last seen) is written with the session itself and costs no statement
of its own. No address of the network is kept, and of the browser no more than its name (kit.devices).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from kit.asked import asked_often
from kit.devices import device_of
from merchants.models import Session

#: How far "last seen" may be behind: a session is written again at most so often only to say that it is in use.
SEEN_AGAIN_AFTER = timedelta(minutes=10)


class SessionStore(DatabaseStore):
    """SESSION_ENGINE. What is said of a session lies in its data, so it outlives the new key that signing in gives."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        """As Django has it, but for what the question costs: every page begins with it."""
        for row in _living(str(self.session_key), timezone.now()):
            return cast(Session, row)
        self._session_key = None
        return None

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        now = timezone.now()
        data.setdefault("handle", uuid4().hex)
        if SESSION_KEY in data:
            data["seen"] = now.isoformat()
            data.setdefault("began", data["seen"])
        row = cast(Session, super().create_model_instance(data))
        row.user_id, row.device, row.handle = data.get(SESSION_KEY), data.get("device", ""), UUID(hex=data["handle"])
        row.began_at, row.seen_at = _moment(data.get("began")) or now, now
        return row


@asked_often
def _living(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


def note_device(request: HttpRequest) -> None:
    """For whoever has just signed in."""
    request.session["device"] = device_of(request.headers.get("User-Agent", ""))


class SeenAgain:
    """Stands below SessionMiddleware: the session of somebody who comes again is written anew, at most every ten
    minutes. A session that the page did not open is left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed and SESSION_KEY in request.session:
            seen = _moment(request.session.get("seen"))
            if seen is None or timezone.now() - seen > SEEN_AGAIN_AFTER:
                request.session.modified = True
        return response


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
