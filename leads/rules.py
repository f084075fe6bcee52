"""The way of a lead: its stages, which step may follow which, and what each end asks for. Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Stage(StrEnum):
    NEW = "NEW"
    QUALIFIED = "QUALIFIED"
    MEETING = "MEETING"
    NEGOTIATION = "NEGOTIATION"
    WON = "WON"
    LOST = "LOST"


#: Still talking, in the order in which it goes.
OPEN = (Stage.NEW, Stage.QUALIFIED, Stage.MEETING, Stage.NEGOTIATION)
ENDED = (Stage.WON, Stage.LOST)
#: Where a sale that is taken back leads: they were about to sign.
BEFORE_WON = Stage.NEGOTIATION


class No(StrEnum):
    """Why a step is not taken."""

    UNKNOWN = "unknown_stage"
    MOVED = "moved_meanwhile"
    SAME = "same_stage"
    NEEDS_REASON = "needs_reason"
    NEEDS_AMOUNT = "needs_amount"
    IS_WON = "is_won"


def step_refused(at: Stage, expected: str, to: str) -> No | None:
    """``expected``: the stage that whoever pressed the button saw. A won lead leaves its stage by taking back the sale
    alone; won and lost are reached by their own verbs, which ask for what belongs to them."""
    if to not in set(OPEN):
        return No.UNKNOWN
    return end_refused(at, expected) or (No.SAME if at == to else None)


def end_refused(at: Stage, expected: str) -> No | None:
    """The same for winning and losing, whose own end is no place to begin."""
    if at != expected:
        return No.MOVED
    return No.IS_WON if at == Stage.WON else None


def next_stage(at: Stage) -> Stage | None:
    """The one that usually follows; after the talks comes an end, which nobody suggests."""
    place = OPEN.index(at) + 1 if at in OPEN else len(OPEN)
    return OPEN[place] if place < len(OPEN) else None


def is_overdue(stage: Stage, due_date: date | None, today: date) -> bool:
    """The next step should have been taken by now. On the day itself there is still time."""
    return due_date is not None and stage in OPEN and due_date < today
