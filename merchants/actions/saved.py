"""Lists with filters, kept under a name. Every verb holds the workspace's lock: no two get one name, nobody gets more
than there may be, and nothing is kept for somebody who is leaving meanwhile.

Somebody's own is nobody else's business and stands in no log. What the team shares does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kit.tenancy import current_merchant_id, transaction_required
from kit.text import clean_text
from merchants import events
from merchants.locks import workspace_for_update
from merchants.models import Membership, SavedView
from merchants.permissions import can
from merchants.saved import LONGEST_NAME

#: Of one list: of one person, and of the team.
MOST = 20


class ViewRefused(Exception):
    """Nothing changed. ``field`` is the one to mend; the message is for the person who tried."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class ViewGone(ViewRefused):
    """It was removed meanwhile, or is no longer theirs to change."""


def may_change(view: SavedView, seat: Membership) -> bool:
    """One's own; of the team's those that one has made, and for owners and admins all."""
    if not view.is_shared:
        return bool(view.owner_id == seat.user_id)
    is_theirs = view.owner_id == seat.user_id and can(seat.role, "view.share")
    return is_theirs or can(seat.role, "workspace.manage")


@transaction_required
def keep_view(*, list: str, name: str, query: str, is_shared: bool, seat: Membership, now: datetime) -> SavedView:
    """``query`` is what the list itself made of its address. Kept already under this name, nothing happens.

    Raises ViewRefused.
    """
    workspace_for_update()
    actor, words = _still_here(seat), _cleaned(name)
    _refuse_unless_sharing(actor, is_shared)
    if not query:
        raise ViewRefused("query", _("Narrow or sort the list first: a view keeps that."))
    among = _beside(list, actor, is_shared)
    same = among.filter(name_key=_key(words)).first()
    if same and same.query == query:
        kept: SavedView = same
        return kept
    _refuse_taken(same)
    _refuse_more(among)
    told = {"list": list, "query": query, "name": words, "name_key": _key(words)}
    view: SavedView = SavedView.objects.create(**told, owner_id=actor.user_id, is_shared=is_shared, made_at=now)
    if is_shared:
        _record("view.shared", view, actor, now, is_first=True)
    return view


@transaction_required
def change_view(*, view: SavedView, name: str, is_shared: bool, seat: Membership, now: datetime) -> SavedView:
    """Call it otherwise, share it, or keep it to oneself again, which only who made it can. Raises ViewRefused."""
    workspace_for_update()
    actor, words = _still_here(seat), _cleaned(name)
    found = _still_theirs(view, actor)
    moves = found.is_shared != is_shared
    if moves and found.owner_id != actor.user_id:
        raise ViewRefused("is_shared", _("Only who made it can take it away from the team without removing it."))
    if moves:
        _refuse_unless_sharing(actor, is_shared)
    if not moves and found.name == words:
        return found
    among = _beside(found.list, actor, is_shared).exclude(pk=found.pk)
    _refuse_taken(among.filter(name_key=_key(words)).first())
    if moves:
        _refuse_more(among)
    found.name, found.name_key, found.is_shared = words, _key(words), is_shared
    found.save(update_fields=["name", "name_key", "is_shared"])
    if moves:
        _record("view.shared" if is_shared else "view.removed", found, actor, now)
    elif is_shared:
        _record("view.renamed", found, actor, now)
    return found


@transaction_required
def drop_view(*, view: SavedView, seat: Membership, now: datetime) -> None:
    """Raises ViewGone."""
    workspace_for_update()
    actor = _still_here(seat)
    found = _still_theirs(view, actor)
    if found.is_shared:
        _record("view.removed", found, actor, now)
    found.delete()


@transaction_required
def leave_views(*, user_id: Any) -> None:
    """Somebody leaves the team: their own views go, the team keeps those they shared. The workspace is locked."""
    theirs = SavedView.objects.filter(owner_id=user_id)
    theirs.filter(is_shared=False).delete()
    theirs.update(owner=None)


def _still_here(seat: Membership) -> Membership:
    """As their seat is now: they may have left, or their role have changed, while we waited."""
    found = Membership.objects.filter(pk=seat.pk, merchant_id=current_merchant_id()).first()
    if found is None:
        raise ViewGone("", _("You are no longer in this team."))
    return found


def _still_theirs(view: SavedView, actor: Membership) -> SavedView:
    found: SavedView | None = SavedView.objects.filter(pk=view.pk).first()
    if found is None or not may_change(found, actor):
        raise ViewGone("", _("This view was removed meanwhile, or is no longer yours to change."))
    return found


def _cleaned(name: str) -> str:
    words = " ".join(clean_text(name).split())
    if not words:
        raise ViewRefused("name", _("Give it a name."))
    if len(words) > LONGEST_NAME:
        raise ViewRefused("name", _("A name has %(most)s characters at most.") % {"most": LONGEST_NAME})
    return words


def _key(words: str) -> str:
    return words.casefold()


def _beside(list: str, actor: Membership, is_shared: bool) -> Any:
    """Those whose names must differ, and which are counted together."""
    ours = SavedView.objects.filter(list=list, is_shared=is_shared)
    return ours if is_shared else ours.filter(owner_id=actor.user_id)


def _refuse_unless_sharing(actor: Membership, is_shared: bool) -> None:
    if is_shared and not can(actor.role, "view.share"):
        raise ViewRefused("is_shared", _("Your role keeps views for itself alone."))


def _refuse_taken(same: SavedView | None) -> None:
    if same is not None:
        raise ViewRefused("name", _("There is a view of this name already. Take another name, or remove that one."))


def _refuse_more(among: Any) -> None:
    if among.count() >= MOST:
        said = _("There are %(most)s views of this list already: remove one first.")
        raise ViewRefused("", said % {"most": MOST})


def _record(code: str, view: SavedView, actor: Membership, now: datetime, *, is_first: bool = False) -> None:
    """Without its name, which may be a person's."""
    by, data = events.by_user(actor.user_id), {"list": view.list}
    events.record(code, subject=view, by=by, now=now, data=data, is_first=is_first)
