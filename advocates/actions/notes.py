"""What the team writes down about a person, for the team alone.

A note stays as it was written, so that nobody reads later what was never said. Its author may take it away for a day,
because words may land with the wrong person; owners and admins at any time, because a person may ask for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from advocates.actions.refusals import Refused
from advocates.locks import customer_for_update
from advocates.models import Customer, Note
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants import events
from merchants.models import Membership
from merchants.permissions import can

LONGEST_NOTE, MOST_NOTES = 2000, 200
#: The same words by the same hand within this span are a second press.
PRESSED_TWICE = timedelta(minutes=10)
AUTHOR_MAY_REMOVE_FOR = timedelta(days=1)


@transaction_required
def add_note(*, customer: Customer, text: str, member: Membership, now: datetime) -> Note:
    """Raises Refused. The event says that there is a note, never what it says."""
    words = clean_text(text).strip()
    if not words:
        raise Refused("text", _("Write something first."))
    if len(words) > LONGEST_NOTE:
        raise Refused("text", _("A note has %(most)s characters at most.") % {"most": LONGEST_NOTE})
    found = customer_for_update(customer.pk)
    notes = Note.objects.filter(customer=found)
    last: Note | None = notes.order_by("-at", "-pk").first()
    if last and (last.text, last.written_by_id) == (words, member.user_id) and now - last.at < PRESSED_TWICE:
        return last
    if notes.count() >= MOST_NOTES:
        raise Refused("text", _("There are %(most)s notes on this person: remove some first.") % {"most": MOST_NOTES})
    note: Note = Note.objects.create(customer=found, text=words, written_by_id=member.user_id, at=now)
    _record("note.added", note, member, now)
    return note


@transaction_required
def remove_note(*, note: Note, member: Membership, now: datetime) -> None:
    """Raises Refused where it is somebody else's or too old. Gone already, nothing happens."""
    if not may_remove(note, member, now):
        raise Refused("text", _("Only whoever wrote a note may remove it, for a day. Owners and admins always may."))
    customer_for_update(note.customer_id)
    gone, _by_kind = Note.objects.filter(pk=note.pk).delete()
    if gone:
        _record("note.removed", note, member, now)


def may_remove(note: Note, member: Membership, now: datetime) -> bool:
    is_fresh = now - note.at < AUTHOR_MAY_REMOVE_FOR
    return can(member.role, "workspace.manage") or (note.written_by_id == member.user_id and is_fresh)


def _record(code: str, note: Note, member: Membership, now: datetime) -> None:
    by = events.by_user(member.user_id)
    events.record(code, subject=note.customer, by=by, now=now, data={"note": str(note.pk)})
