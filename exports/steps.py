"""Writing lists down, part by part, and removing files whose time is over."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import translation

from exports.actions import (
    finish,
    give_up,
    keys_of,
    note_trouble,
    part_to_write,
    remove_next,
    settle_bundle,
    settle_rows,
    write_part,
)
from exports.lists import FilterGone, WritableList, bundles, lists, need_of
from exports.locks import next_to_write
from exports.models import Export, ExportPart
from exports.selectors import next_expiry, next_try_at, still_may
from kit.clock import database_now, now_for, real_time
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import Membership, Merchant, merchant_of
from merchants.selectors import team
from merchants.wakeups import wake

logger = logging.getLogger(__name__)

#: Seconds of one merchant's turn; the rest is due at once again, after the others had theirs.
LONGEST_TURN = 5.0
#: When exports are looked at again that another worker is at.
LOOK_AGAIN = timedelta(seconds=1)


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Remove what is over, write what is asked for; returns when (real time) there is something to do again."""
    merchant, ends_at = merchant_of(ref), time.monotonic() + LONGEST_TURN
    while in_tenant_transaction(ref, lambda: remove_next(now=now_for(merchant))):
        pass
    while go_on(ref, merchant):
        if time.monotonic() > ends_at:
            _ring_again(ref)
            return None
    return in_tenant_transaction(ref, lambda: _next_due(merchant))


def _ring_again(ref: TenantRef) -> None:
    """At once, behind whoever waits: nobody at a page has to sit out the pause between two regular rings."""
    in_tenant_transaction(ref, lambda: wake("exports", due_at=database_now()))


def go_on(ref: TenantRef, merchant: Merchant) -> bool:
    """One more part of some export, in a transaction of its own. False when there is none to be taken."""
    claimed: list[UUID] = []

    def work() -> None:
        claimed.clear()
        export = next_to_write(at=database_now())
        if export is not None:
            claimed.append(export.pk)
            _write_some(export, now=now_for(merchant))

    try:
        in_tenant_transaction(ref, work)
    except Exception:
        if not claimed:
            raise
        logger.exception("export %s broke", claimed[0])
        in_tenant_transaction(ref, lambda: note_trouble(export_id=claimed[0], now=now_for(merchant)))
    return bool(claimed)


def _write_some(export: Export, *, now: datetime) -> None:
    need, seat = need_of(export.list), team().filter(user_id=export.user_id).first()
    if need is None:
        give_up(export=export, problem="list_gone", now=now)
    elif seat is None or not still_may(export, seat, need):
        give_up(export=export, problem="not_allowed", now=now)
    else:
        with translation.override(export.language):
            _write_as(seat, export, now=now)


def _write_as(seat: Membership, export: Export, *, now: datetime) -> None:
    known = lists().get(export.list)
    if export.state == Export.State.WAITING:
        _settle(seat, export, known, now=now)
    elif (part := part_to_write(export)) is None:
        finish(export=export, now=now)
    elif known is None:
        _write_of_bundle(export, part)
    else:
        _write(export, part, known, seat)


def _settle(seat: Membership, export: Export, known: WritableList | None, *, now: datetime) -> None:
    if known is None:
        settle_bundle(export=export, files=bundles()[export.list].files, now=now)
        return
    try:
        keys = known.keys(seat, export.query)
    except FilterGone:
        give_up(export=export, problem="filter_gone", now=now)
    else:
        settle_rows(export=export, keys=keys, headers=known.columns, now=now)


def _write_of_bundle(export: Export, part: ExportPart) -> None:
    known = bundles()[export.list]
    width = next(len(one.columns) for one in known.files if one.name == part.file)
    write_part(export=export, part=part, lines=known.lines_of(part.file, keys_of(part)), width=width)


def _write(export: Export, part: ExportPart, known: WritableList, seat: Membership) -> None:
    lines = known.lines_of(seat, export.query, keys_of(part))
    write_part(export=export, part=part, lines=lines, width=len(known.columns))


def _next_due(merchant: Merchant) -> datetime | None:
    """What is due by now is in other hands, or it would be done."""
    soon, over = database_now() + LOOK_AGAIN, next_expiry()
    dues = [next_try_at(), real_time(over, merchant) if over else None]
    known = [max(due, soon) for due in dues if due]
    return min(known) if known else None
