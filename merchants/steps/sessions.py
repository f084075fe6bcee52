"""Signing out elsewhere. What is deleted here is refused with the next request."""

from __future__ import annotations

from uuid import UUID

from merchants.models import Session, User


def end_session(user: User, handle: UUID) -> bool:
    """One session of this person; False where they have none of that name."""
    gone, _each = Session.objects.filter(user=user, handle=handle).delete()
    return bool(gone)


def end_sessions(user: User, *, keep: str = "") -> int:
    """All of this person's but the one whose key is ``keep``; how many they were."""
    gone, _each = Session.objects.filter(user=user).exclude(session_key=keep).delete()
    return gone
