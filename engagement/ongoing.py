"""Whether what the team was told of today is still so. Where it was mended meanwhile, the next one is news again."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from kit.many import any_of
from merchants.models import Event
from rewards.actions.setbacks import setbacks_aside
from rewards.models import Reward

#: Of a crowd these many tell enough.
MOST = 1_000


def goes_on(code: str, *, since: datetime, until: datetime) -> bool:
    """Of what began then. Of events that nobody can mend (a reminder) always."""
    is_open = _OPEN.get(code)
    if is_open is None:
        return True
    began = Event.objects.filter(code=code, at__gte=since, at__lte=until).order_by("-at", "-pk")
    return is_open(list(began.values_list("subject_id", flat=True)[:MOST]))


def _rewards(ids: Collection[UUID]) -> bool:
    return bool(Reward.objects.filter(any_of("pk", ids), state=Reward.State.FAILED).exists())


def _setbacks(ids: Collection[UUID]) -> bool:
    return bool(setbacks_aside().filter(any_of("pk", ids)).exists())


def _messages(ids: Collection[UUID]) -> bool:
    return bool(import_string(settings.TROUBLE_TOLD["messages"])(ids))


_OPEN: dict[str, Callable[[Collection[UUID]], bool]] = {
    "reward.failed": _rewards,
    "setback.set_aside": _setbacks,
    "event.set_aside": _messages,
}
