"""After a restore: what may have been given between the backup and now, which the restored rows cannot know. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

#: Why a try, a stop or a refusal stands there: it comes from a restore.
RESTORED = "restored"
#: The end of a hold is an estimate until the parcel has arrived; news of that brings it forward by a week at most.
CAN_COME_FORWARD = timedelta(days=7)


def may_be_out(*, is_held: bool, release_at: datetime | None, restored_at: datetime) -> bool:
    """Whether it may be with the person although the rows call it open. What waits for shipment is asked about once
    it has a date (hold_was_over)."""
    if not is_held:
        return True
    return release_at is not None and release_at <= restored_at + CAN_COME_FORWARD


def hold_was_over(*, release_at: datetime | None, restored_at: datetime) -> bool:
    """Whether what is to be released now may have been released before the restore already: its order came after the
    backup and was told again, or news that was told again brought its date forward."""
    return release_at is not None and release_at <= restored_at
