"""Pause, resume, ban and let back in. Referrals and rewards that exist are untouched: they are decided on their own."""

from __future__ import annotations

from datetime import datetime

from advocates.locks import advocate_for_update
from advocates.models import Advocate
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants import events

State = Advocate.State
#: verb -> (states it starts from, state it ends in). What is not here is refused.
MOVES: dict[str, tuple[frozenset[str], str]] = {
    "paused": (frozenset({State.ACTIVE}), State.PAUSED),
    "resumed": (frozenset({State.PAUSED}), State.ACTIVE),
    "banned": (frozenset({State.INVITED, State.ACTIVE, State.PAUSED}), State.BANNED),
    "unbanned": (frozenset({State.BANNED}), State.ACTIVE),
}


class AdvocateStateError(Exception):
    """Not possible from the state the advocate is in; nothing changed."""

    def __init__(self, state: str, verb: str) -> None:
        super().__init__(f"An advocate who is {state} cannot be {verb}.")
        self.state, self.verb = state, verb


@transaction_required
def pause_advocate(*, advocate: Advocate, by: str, now: datetime) -> Advocate:
    """Their links bring no new claims until resumed."""
    return _move(advocate, "paused", by=by, now=now)


@transaction_required
def resume_advocate(*, advocate: Advocate, by: str, now: datetime) -> Advocate:
    return _move(advocate, "resumed", by=by, now=now)


@transaction_required
def ban_advocate(*, advocate: Advocate, by: str, now: datetime, reason: str = "") -> Advocate:
    """As paused, and every portal session ends. ``reason`` is a code, never a person's words."""
    return _move(advocate, "banned", by=by, now=now, reason=clean_text(reason, max_length=60))


@transaction_required
def unban_advocate(*, advocate: Advocate, by: str, now: datetime) -> Advocate:
    return _move(advocate, "unbanned", by=by, now=now)


def _move(advocate: Advocate, verb: str, *, by: str, now: datetime, **data: str) -> Advocate:
    found = advocate_for_update(advocate.pk)
    starts, end = MOVES[verb]
    if found.state not in starts or found.customer.erased_at is not None:
        raise AdvocateStateError(found.state, verb)
    before, found.state = found.state, end
    if end == State.BANNED:
        found.session_epoch += 1
    found.save(update_fields=["state", "session_epoch"])
    given = {key: value for key, value in data.items() if value}
    events.record(f"advocate.{verb}", subject=found, by=by, now=now, data={"before": before, **given})
    return found
