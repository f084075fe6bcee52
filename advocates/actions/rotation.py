"""A link that got out is replaced: strangers meet a kind page, genuine friends keep what they have.

Tokens, claims and typed codes from before the rotation stay valid (tracking.actions.attribute); only who opens the old
link from then on gets nothing. Within a day it can be undone: then both codes work.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from advocates.actions.links import make_link
from advocates.locks import advocate_for_update
from advocates.models import Advocate, Channel, Link
from advocates.selectors import link_at
from kit.tenancy import transaction_required
from merchants import events

#: How long somebody may think better of it: later too many people have met the kind page.
UNDO_FOR = timedelta(days=1)


class RotationError(Exception):
    """Refused, nothing changed. ``code``: already_retired, not_rotated or too_late."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def rotate_link(*, link: Link, by: str, now: datetime) -> Link:
    """Retire the link because it leaked, and give its advocate a fresh code for the same channel and placement.

    A former code that goes on answering beside its successor is only retired: the successor did not leak. Returns the
    link that is shared from now on; the event has the advocate told. Raises RotationError.
    """
    advocate, old = _held(link)
    if old.retired_at is not None:
        raise RotationError("already_retired")
    old.retired_at, old.retired_for = now, Link.Retired.LEAK
    with transaction.atomic():  # the old one leaves its place before the new one takes it
        old.save(update_fields=["retired_at", "retired_for"])
        new = link_at(advocate, Channel(old.channel), old.placement) or _successor(advocate, old, now)
        Link.objects.filter(pk=old.pk).update(replaced_by_id=new.pk)
    _record("link.rotated", advocate, old, new, by, now)
    return new


@transaction_required
def undo_rotation(*, link: Link, by: str, now: datetime) -> Link:
    """The old code answers again and is the one that is shared; the new one goes on answering beside it, for it was
    mailed. Raises RotationError."""
    advocate, old = _held(link)
    if old.retired_at is None or old.retired_for != Link.Retired.LEAK or old.replaced_by_id is None:
        raise RotationError("not_rotated")
    if not can_undo(old, now):
        raise RotationError("too_late")
    new: Link = Link.objects.get(pk=old.replaced_by_id)
    shown = link_at(advocate, Channel(old.channel), old.placement)
    if shown is not None:  # steps back before the old one takes its place again
        Link.objects.filter(pk=shown.pk).update(replaced_by_id=old.pk)
    old.retired_at, old.retired_for, old.replaced_by = None, "", None
    old.save(update_fields=["retired_at", "retired_for", "replaced_by"])
    _record("link.rotation_undone", advocate, old, new, by, now)
    return old


def can_undo(link: Link, now: datetime) -> bool:
    return link.retired_at is not None and now < link.retired_at + UNDO_FOR


def _held(link: Link) -> tuple[Advocate, Link]:
    """The advocate's lock guards all of their links; the row is read again under it."""
    advocate = advocate_for_update(link.advocate_id)
    return advocate, Link.objects.get(pk=link.pk)


def _successor(advocate: Advocate, old: Link, now: datetime) -> Link:
    """A generated code: a chosen one would be guessed by whoever has the old one. It leads where the old one led."""
    new = make_link(advocate, old.channel, old.placement, now)
    if old.destination or old.utm:
        new.destination, new.utm = old.destination, old.utm
        new.save(update_fields=["destination", "utm"])
    return new


def _record(code: str, advocate: Advocate, old: Link, new: Link, by: str, now: datetime) -> None:
    data = {"link": str(old.pk), "channel": old.channel, "instead": str(new.pk)}
    events.record(code, subject=advocate, by=by, now=now, data=data)
