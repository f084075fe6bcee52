"""The test clock of a sandbox. It only moves forward."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from kit.clock import database_now
from kit.tenancy import current_merchant_id, transaction_required
from merchants import events
from merchants.locks import merchant_for_update, workspace_for_update
from merchants.models import Merchant
from merchants.wakeups import wake

LONGEST_STEP = timedelta(days=400)


class ClockRefused(ValueError):
    """The clock was not moved; the message says why."""


@transaction_required
def advance_clock(*, merchant: Merchant, by: timedelta, who: str, now: datetime) -> datetime:
    """Move the sandbox's clock forward by ``by`` and wake every kind of work. Returns the merchant's new time.

    Wake-ups are kept in real time, so what became due by the step would otherwise come up at its old moment.
    """
    workspace, sandbox = workspace_for_update(), merchant_for_update()
    if merchant.pk != current_merchant_id() or not sandbox.is_sandbox:
        raise ClockRefused(_("Only a sandbox has a clock that can be moved."))
    if not timedelta(0) < by <= LONGEST_STEP:
        raise ClockRefused(_("Move the clock forward, by 400 days at most at a time."))
    sandbox.clock_offset += by
    sandbox.save(update_fields=["clock_offset"])
    merchant.clock_offset = sandbox.clock_offset
    real_now = database_now()
    for kind in settings.SWEEPS:
        wake(kind, due_at=real_now)
    events.record("clock.advanced", subject=workspace, by=who, now=now, data={"seconds": int(by.total_seconds())})
    time_there: datetime = real_now + sandbox.clock_offset
    return time_there
