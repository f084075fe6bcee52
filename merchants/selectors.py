"""Reads of the control plane and of the workspace that more than one caller needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, Func, Q, QuerySet

from kit.asked import asked_often, the_one
from kit.clock import database_now
from kit.many import any_of
from kit.tenancy import current_merchant_id
from merchants.models import (
    ApiKey,
    Door,
    Event,
    Host,
    Invitation,
    Membership,
    Merchant,
    SavedView,
    User,
    Workspace,
)

# --- before the tenant is known ---------------------------------------------------------------------------------


def door_for(kind: str, key: str) -> Door | None:
    """Whose is this key, hook or link? None for unknown ones and those of closed workspaces. Needs no tenant."""
    return next(iter(_doors(kind, key)), None)


@asked_often
def _doors(kind: str, key: str) -> QuerySet[Door]:
    """One at most: a key is one merchant's."""
    doors = Door.objects.select_related("merchant").filter(merchant__status=Merchant.Status.ACTIVE)
    return doors.filter(kind=kind, key=key)


def own_host(name: str) -> Door | None:
    """The merchant whose friend pages are served on a host of their own; ``name`` in small letters, without a port."""
    return door_for(Door.Kind.HOST, name)


def memberships_of(user: User) -> QuerySet[Membership]:
    """The workspaces this person may enter, by name; real ones before sandboxes."""
    return _memberships(user.pk)


def _memberships(user_id: UUID) -> QuerySet[Membership]:
    memberships = Membership.objects.select_related("merchant").filter(user_id=user_id)
    return memberships.filter(merchant__status=Merchant.Status.ACTIVE).order_by(
        "merchant__is_sandbox", "merchant__name", "merchant__pk"
    )


def seats_of(user: User) -> list[Membership]:
    """All of ``memberships_of`` with the person; each knows when it was asked (``asked_at``, real time)."""
    return _seats(user.pk)


@asked_often
def _seats(user_id: UUID) -> QuerySet[Membership]:
    clock = Func(function="clock_timestamp", output_field=DateTimeField())
    return _memberships(user_id).select_related("user").annotate(asked_at=clock)


def invitation_by_id(invitation_id: UUID) -> Invitation | None:
    return Invitation.objects.select_related("merchant", "invited_by").filter(pk=invitation_id).first()


def invitations_for(user: User) -> QuerySet[Invitation]:
    """Open invitations (real time) sent to the address this person signs in with, newest first."""
    invitations = Invitation.objects.select_related("merchant", "invited_by").filter(email=user.email.lower())
    still_open = invitations.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=database_now())
    return still_open.filter(merchant__status=Merchant.Status.ACTIVE).order_by("-pk")


# --- of the merchant in scope -----------------------------------------------------------------------------------


def merchant() -> Merchant:
    return Merchant.objects.get(pk=current_merchant_id())


def workspace() -> Workspace:
    """The settings of the merchant in scope."""
    found: Workspace = the_one(_workspaces(), Workspace)
    return found


@asked_often
def _workspaces() -> QuerySet[Workspace]:
    return Workspace.objects.select_related("merchant")


#: Of the workspace: its database was restored from a backup (rewards.actions.restored).
RESTORED_EVENT = "workspace.restored"


def restored_at() -> datetime | None:
    """When (business time) this workspace last came out of a backup; None for most, for ever."""
    rows = Event.objects.filter(subject_id=current_merchant_id(), code=RESTORED_EVENT)
    at: datetime | None = rows.order_by("-seq").values_list("at", flat=True).first()
    return at


def team() -> QuerySet[Membership]:
    members = Membership.objects.select_related("user", "merchant").filter(merchant_id=current_merchant_id())
    return members.order_by("joined_at", "pk")


def member_by_id(membership_id: UUID) -> Membership | None:
    return team().filter(pk=membership_id).first()


def open_invitations() -> QuerySet[Invitation]:
    """Not yet accepted or withdrawn and still valid (real time), newest first."""
    invitations = Invitation.objects.select_related("invited_by").filter(merchant_id=current_merchant_id())
    return invitations.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=database_now()).order_by("-pk")


def api_keys() -> QuerySet[Any]:
    """Keys in use first, then the revoked ones; newest first."""
    return ApiKey.objects.select_related("created_by").order_by("revoked_at", "-created_at", "-pk")


def publishable_key() -> ApiKey | None:
    """The key for the shop's snippet: the newest publishable one in use."""
    keys = ApiKey.objects.filter(kind=ApiKey.Kind.PUBLISHABLE, revoked_at=None)
    found: ApiKey | None = keys.order_by("-created_at", "-pk").first()
    return found


def hosts() -> QuerySet[Any]:
    """Hosts of the merchant's own, oldest first."""
    return Host.objects.order_by("created_at", "pk")


def host_by_id(host_id: UUID) -> Host | None:
    found: Host | None = hosts().filter(pk=host_id).first()
    return found


def host_in_use() -> str:
    """The host that links of this merchant are written with; empty: the one all merchants share."""
    return next((host for (host,) in _hosts_in_use()), "")


@asked_often
def _hosts_in_use() -> QuerySet[Any]:
    return hosts().filter(use=Host.Use.PAGES, state=Host.State.VERIFIED).values_list("host")


def views_of(list: str, seat: Membership) -> list[SavedView]:
    """What this person sees kept of a list: their own, then the team's, by name."""
    return _views_of(list, seat.user_id)


@asked_often
def _views_of(list: str, user_id: UUID) -> QuerySet[Any]:
    return _seen_by(user_id).filter(list=list)


def all_views(seat: Membership) -> list[SavedView]:
    """Of every list."""
    return _all_views(seat.user_id)


@asked_often
def _all_views(user_id: UUID) -> QuerySet[Any]:
    return _seen_by(user_id)


def _seen_by(user_id: UUID) -> QuerySet[Any]:
    seen = SavedView.objects.filter(Q(is_shared=False, owner_id=user_id) | Q(is_shared=True))
    return seen.order_by("is_shared", "name_key", "pk")


def newest_events() -> QuerySet[Any]:
    """The audit, newest first."""
    return Event.objects.order_by("-at", "-pk")


def events_of(subject_id: UUID, *merged: UUID) -> list[Event]:
    """The timeline of one thing, in the order it happened. ``merged``: what became part of it, with its own past."""
    return _events_of_these([subject_id, *merged]) if merged else _events_of(subject_id)


@asked_often
def _events_of(subject_id: UUID) -> QuerySet[Event]:
    rows: QuerySet[Event] = Event.objects.filter(subject_id=subject_id)
    return rows.order_by("seq")


@asked_often
def events_since(subject_id: UUID, since: datetime) -> QuerySet[Event]:
    """What happened to one thing from a moment on, in the order it happened."""
    rows: QuerySet[Event] = Event.objects.filter(subject_id=subject_id, at__gte=since)
    return rows.order_by("seq")


@asked_often
def _events_of_these(subject_ids: list[UUID]) -> QuerySet[Event]:
    rows: QuerySet[Event] = Event.objects.filter(any_of("subject_id", subject_ids))
    return rows.order_by("at", "pk")
