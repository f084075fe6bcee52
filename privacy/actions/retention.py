"""How long a merchant keeps what it need not keep: never longer than the platform does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings

from exports.actions import KEPT_FOR, keep_shorter
from integrations.steps.inbox import BODIES_KEPT
from kit.tenancy import transaction_required
from merchants.events import record
from merchants.locks import workspace_for_update
from merchants.models import Workspace

#: In a month nearly all orders come, and the clicks before one help to tell fraud.
SHORTEST_CLICK = 30
#: Fewer days and a delivery set aside could not be looked into any more.
SHORTEST_DELIVERY = 3
#: Offers are open for weeks; a friend who comes back is still known.
SHORTEST_FRIEND, LONGEST_FRIEND = 30, 1095
LIMITS: dict[str, tuple[int, int]] = {
    "click_retention_days": (SHORTEST_CLICK, settings.CLICK_RETENTION_DAYS),
    "delivery_retention_days": (SHORTEST_DELIVERY, BODIES_KEPT.days),
    "file_retention_days": (1, KEPT_FOR.days),
    "friend_retention_days": (SHORTEST_FRIEND, LONGEST_FRIEND),
}


class OutOfRange(ValueError):
    """``field`` cannot be so many days; nothing changed."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field, (self.least, self.most) = field, LIMITS[field]


@dataclass(frozen=True, slots=True)
class Spans:
    """Days. None: as long as the platform keeps it, and friends who never bought for ever."""

    click_retention_days: int | None
    delivery_retention_days: int | None
    file_retention_days: int | None
    friend_retention_days: int | None


@transaction_required
def keep_for(*, spans: Spans, by: str, now: datetime) -> Workspace:
    """From now on, and for what is there. Raises OutOfRange."""
    wanted = asdict(spans)
    for field, (least, most) in LIMITS.items():
        if wanted[field] is not None and not least <= wanted[field] <= most:
            raise OutOfRange(field)
    workspace = workspace_for_update()
    changed = [field for field in wanted if getattr(workspace, field) != wanted[field]]
    for field in changed:
        setattr(workspace, field, wanted[field])
    if changed:
        workspace.save(update_fields=changed)
        record("workspace.changed", subject=workspace, by=by, now=now, data={"fields": changed})
    if "file_retention_days" in changed:
        keep_shorter()
    return workspace
