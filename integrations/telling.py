"""What mails to the team say of connections: the floor that writes them knows none."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from engagement.trouble_mail import ConnectionTold
from integrations.models import Connection
from integrations.selectors import connections, events_set_aside
from kit.many import any_of


def connection_told(key: UUID | None) -> ConnectionTold | None:
    """None once it was disconnected."""
    found = connections().filter(pk=key).first() if key else None
    if found is None:
        return None
    health = Connection.Health
    return ConnectionTold(found.pk, found.name, found.health == health.FAILING, found.health == health.OFF)


def messages_aside(among: Collection[UUID] | None = None) -> int:
    """How many messages of shops nobody could read; of all, or among some."""
    found = events_set_aside()
    return (found if among is None else found.filter(any_of("pk", among))).count()
