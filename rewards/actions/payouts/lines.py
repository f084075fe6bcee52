"""The lines of a payout that can still be changed: calculated from what is owed, as often as anybody likes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.tenancy import transaction_required
from merchants.events import record
from merchants.selectors import workspace
from rewards.locks import payout_for_update
from rewards.models import Payout, PayoutItem, PayoutLine
from rewards.payable import OPEN, Due, accounts_of, due_by_recipient, minimum_in, payout_policy, waiting_for_form
from rewards.rules.payouts import Choice, LeftOut, Owed, left_out

Line = PayoutLine.State


class PayoutError(Exception):
    """This cannot be done (any more): HTTP 409. ``code`` says why; nothing was changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a line has to be."""

    due: Due
    state: str
    reason: str


@transaction_required
def write_lines(payout: Payout) -> bool:
    """Bring the lines to what is owed now. Returns whether anything about who is paid what has changed.

    What people decided about a line stays. The caller holds the payout.
    """
    standing = {line.recipient_id: line for line in PayoutLine.objects.filter(payout=payout)}
    items = _items_of(standing.values())
    wanted = _wanted(payout, standing)
    paid_before = {key: items[line.pk] for key, line in standing.items() if line.state == Line.INCLUDED}
    paid_now = {key: want.due.items() for key, want in wanted.items() if want.state == Line.INCLUDED}
    _remove(payout, [line.pk for key, line in standing.items() if key not in wanted])
    lines = [_write(payout, key, want, standing.get(key)) for key, want in sorted(wanted.items())]
    changed = [line for line in lines if items.get(line.pk) != wanted[line.recipient_id].due.items()]
    _write_items(changed, wanted)
    return paid_before != paid_now


def _items_of(lines: Iterable[PayoutLine]) -> defaultdict[UUID, set[tuple[UUID, int, bool]]]:
    found: defaultdict[UUID, set[tuple[UUID, int, bool]]] = defaultdict(set)
    rows = PayoutItem.objects.filter(line__in=list(lines))
    for line_id, *item in rows.values_list("line_id", "reward_id", "amount_minor", "is_correction"):
        found[line_id].add((item[0], item[1], item[2]))
    return found


def _wanted(payout: Payout, standing: dict[UUID, PayoutLine]) -> dict[UUID, Wanted]:
    due = due_by_recipient(unit=payout.unit, cut_off_at=payout.cut_off_at)
    have_account, wait_for_form = accounts_of(due), waiting_for_form(due)
    minimum = minimum_in(payout.unit, policy=payout_policy(), currency=workspace().currency)
    wanted = {}
    for key, one in due.items():
        choice = _choice(standing.get(key))
        owed = Owed(one.amount_minor, key in have_account, key in wait_for_form, choice)
        why = left_out(owed, minimum_minor=minimum)
        by_hand = LeftOut.BY_HAND if choice == Choice.TAKE_IN else ""
        wanted[key] = Wanted(one, Line.EXCLUDED, why) if why else Wanted(one, Line.INCLUDED, by_hand)
    return wanted


def _choice(line: PayoutLine | None) -> Choice:
    if line is None or line.reason != LeftOut.BY_HAND:
        return Choice.NONE
    return Choice.TAKE_IN if line.state == Line.INCLUDED else Choice.LEAVE_OUT


def _remove(payout: Payout, line_ids: list[UUID]) -> None:
    if line_ids:
        PayoutItem.objects.filter(line__in=line_ids).delete()
        PayoutLine.objects.filter(payout=payout, pk__in=line_ids).delete()


def _write(payout: Payout, recipient_id: UUID, want: Wanted, line: PayoutLine | None) -> PayoutLine:
    told = {"amount_minor": want.due.amount_minor, "state": want.state, "reason": want.reason}
    if line is None:
        made: PayoutLine = PayoutLine.objects.create(payout=payout, recipient_id=recipient_id, **told)
        return made
    if any(getattr(line, name) != value for name, value in told.items()):
        for name, value in told.items():
            setattr(line, name, value)
        line.save(update_fields=list(told))
    return line


def _write_items(lines: list[PayoutLine], wanted: dict[UUID, Wanted]) -> None:
    PayoutItem.objects.filter(line__in=lines).delete()
    PayoutItem.objects.bulk_create(
        PayoutItem(line=line, reward_id=reward_id, amount_minor=amount, is_correction=is_correction)
        for line in lines
        for reward_id, amount, is_correction in sorted(wanted[line.recipient_id].due.items())
    )


# --- what people decide ---------------------------------------------------------------------------------------------


@transaction_required
def refresh_payout(*, payout: Payout, now: datetime) -> bool:
    """The same preview again, from what is owed now. Returns whether who is paid what has changed."""
    return write_lines(preview_for_update(payout))


@transaction_required
def leave_out(*, line: PayoutLine, by: str, now: datetime) -> None:
    """Not this time; what they are owed waits for the next payout."""
    _decide(line, from_state=Line.INCLUDED, to_state=Line.EXCLUDED, code="payout.left_out", by=by, now=now)


@transaction_required
def take_in(*, line: PayoutLine, by: str, now: datetime) -> None:
    """Pay them after all: who was left out by hand, or is below the minimum. Nothing else can be waived."""
    if line.reason not in (LeftOut.BY_HAND, LeftOut.BELOW_MINIMUM):
        raise PayoutError("line_cannot_be_taken_in")
    _decide(line, from_state=Line.EXCLUDED, to_state=Line.INCLUDED, code="payout.taken_in", by=by, now=now)


def _decide(line: PayoutLine, *, from_state: str, to_state: str, code: str, by: str, now: datetime) -> None:
    payout = preview_for_update(line.payout)
    rows = PayoutLine.objects.filter(pk=line.pk, state=from_state)
    if not rows.update(state=to_state, reason=LeftOut.BY_HAND):
        raise PayoutError("line_changed")
    record(code, subject=payout, by=by, now=now, data={"line_id": str(line.pk), "amount_minor": line.amount_minor})
    write_lines(payout)


def preview_for_update(payout: Payout) -> Payout:
    locked = open_for_update(payout)
    if locked.state != Payout.State.PREVIEW:
        raise PayoutError("payout_waits_for_approval")
    return locked


def open_for_update(payout: Payout) -> Payout:
    locked = payout_for_update(payout.pk)
    if locked.state not in OPEN:
        raise PayoutError("payout_not_open")
    return locked
