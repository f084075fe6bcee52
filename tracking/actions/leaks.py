"""Links that got out: found by the sweep, decided by a person. Advocates are not blamed; their friends keep all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from advocates.actions.rotation import rotate_link, undo_rotation
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.selectors import workspace
from tracking.actions.again import ask_again_of_leak
from tracking.leak_facts import Suspect, links_to_judge
from tracking.locks import leak_for_update
from tracking.models import Leak
from tracking.rules.leaks import Found, judge

State = Leak.State


class LeakError(Exception):
    """Refused, nothing changed. ``code``: decided_already, not_decided or one_of_advocates.actions.rotation."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# --- asking -----------------------------------------------------------------------------------------------------------


def is_leaking(link_id: UUID) -> bool:
    """Whether the link got out, be it replaced by now or not. One look at an index."""
    return leaking_since(link_id) is not None


def leaking_since(link_id: UUID) -> datetime | None:
    """Since when: what came before that is above suspicion. None for a link that did not get out."""
    found = Leak.objects.filter(link_id=link_id, state__in=[State.OPEN, State.ROTATED])
    since: datetime | None = found.values_list("since", flat=True).first()
    return since


# --- finding ----------------------------------------------------------------------------------------------------------


@transaction_required
def find_leaks(*, now: datetime, real_now: datetime) -> list[Leak]:
    """Judge every link that was used much lately. The team is told of new leaks, open ones learn what is new."""
    found = []
    for suspect in links_to_judge(now=now, real_now=real_now, zone=workspace().time_zone):
        if signs := judge(suspect.spread):
            found += _note(suspect, signs, now)
    return found


def _note(suspect: Suspect, found: Found, now: datetime) -> list[Leak]:
    """The row, if it is a new one. Of two sweeps at once one writes it; a decided link is left alone."""
    leak = Leak(link=suspect.link, kind=found.kind, seen=found.to_json(), since=found.since, found_at=now)
    Leak.objects.bulk_create([leak], ignore_conflicts=True)
    if not Leak.objects.filter(pk=leak.pk).exists():
        _learn(suspect, found)
        return []
    data = {"link": str(leak.link_id), "advocate": str(suspect.link.advocate_id), "kind": leak.kind}
    record("link.leaked", subject=leak, by=SYSTEM, now=now, data=data)
    ask_again_of_leak(leak=leak, now=now)
    return [leak]


def _learn(suspect: Suspect, found: Found) -> None:
    """Numbers of an open leak follow what happens; since when stays what it was."""
    Leak.objects.filter(link=suspect.link, state=State.OPEN).update(kind=found.kind, seen=found.to_json())


# --- deciding ---------------------------------------------------------------------------------------------------------


@transaction_required
def rotate_leak(*, leak: Leak, by: str, now: datetime) -> Leak:
    """Replace the link (advocates.actions.rotation). Raises LeakError; the second of two people gets it."""
    locked = _locked(leak, State.OPEN, "decided_already")
    locked.new_link = rotate_link(link=locked.link, by=by, now=now)
    return _decide(locked, State.ROTATED, by, now)


@transaction_required
def undo_leak_rotation(*, leak: Leak, by: str, now: datetime) -> Leak:
    """Within a day: the old link works again, and the leak is to be decided anew. Raises LeakError or RotationError."""
    locked = _locked(leak, State.ROTATED, "not_decided")
    undo_rotation(link=locked.link, by=by, now=now)
    return _open_again(locked)


@transaction_required
def dismiss_leak(*, leak: Leak, by: str, now: datetime) -> Leak:
    """It is as it should be, such as a link in a newspaper. The same sign stays quiet for a month. Raises LeakError."""
    locked = _locked(leak, State.OPEN, "decided_already")
    record("leak.dismissed", subject=locked, by=by, now=now, data={"link": str(locked.link_id)})
    return _decide(locked, State.DISMISSED, by, now)


@transaction_required
def reopen_leak(*, leak: Leak, by: str, now: datetime) -> Leak:
    """Look at it again after all, and the sweep at who came by it since. Raises LeakError where the link has another
    leak that stands."""
    locked = _locked(leak, State.DISMISSED, "not_decided")
    if is_leaking(locked.link_id):
        raise LeakError("decided_already")
    record("leak.reopened", subject=locked, by=by, now=now, data={"link": str(locked.link_id)})
    opened = _open_again(locked)
    ask_again_of_leak(leak=opened, now=now)
    return opened


def _locked(leak: Leak, state: str, otherwise: str) -> Leak:
    locked = leak_for_update(leak.pk)
    if locked.state != state:
        raise LeakError(otherwise)
    return locked


def _decide(leak: Leak, state: State, by: str, now: datetime) -> Leak:
    leak.state, leak.decided_by, leak.decided_at = state, by, now
    leak.save(update_fields=["state", "decided_by", "decided_at", "new_link"])
    return leak


def _open_again(leak: Leak) -> Leak:
    leak.state, leak.decided_by, leak.decided_at, leak.new_link = State.OPEN, "", None, None
    leak.save(update_fields=["state", "decided_by", "decided_at", "new_link"])
    return leak
