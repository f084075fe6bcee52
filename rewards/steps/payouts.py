"""Marking many lines: each in its own short transaction, so that whatever ends it half-way has left whole lines only.

What is still to be marked is what the lines say; doing it again does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.clock import now_for
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import merchant_of
from rewards.actions.payouts.lines import PayoutError
from rewards.actions.payouts.results import mark_line_failed, mark_line_paid
from rewards.models import PayoutLine


@dataclass(frozen=True, slots=True)
class Mark:
    """``reason`` empty: paid."""

    line: PayoutLine
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """``others``: lines that somebody else had marked meanwhile; they are as that person said."""

    done: int
    others: int


@transaction_forbidden
def mark_lines(ref: TenantRef, *, marks: Sequence[Mark], by: str) -> Marked:
    done = sum(_mark(ref, mark, by) for mark in marks)
    return Marked(done, len(marks) - done)


def _mark(ref: TenantRef, mark: Mark, by: str) -> bool:
    merchant = merchant_of(ref)

    def marked() -> bool:
        try:
            _write(mark, by, now_for(merchant))
        except PayoutError:
            return False
        return True

    return in_tenant_transaction(ref, marked)


def _write(mark: Mark, by: str, now: datetime) -> None:
    if mark.reason:
        mark_line_failed(line=mark.line, reason=mark.reason, reference=mark.reference, by=by, now=now)
    else:
        mark_line_paid(line=mark.line, reference=mark.reference, by=by, now=now)
