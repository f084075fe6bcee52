"""Who is in a payout and who waits, and on which days payouts are. Pure: amounts and days in, answers out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kit.days import start_of_day

WEEKLY, MONTHLY, QUARTERLY = "WEEKLY", "MONTHLY", "QUARTERLY"


class LeftOut(StrEnum):
    """Why somebody is not paid this time. What they are owed waits for the next payout."""

    BY_HAND = "by_hand"
    OWES_MORE = "owes_more"
    TAX_FORM = "tax_form"
    NO_ACCOUNT = "no_account"
    BELOW_MINIMUM = "below_minimum"


class NotPaid(StrEnum):
    """Why a transfer did not arrive, as the bank says it."""

    ACCOUNT_WRONG = "account_wrong"
    ACCOUNT_CLOSED = "account_closed"
    RETURNED = "returned"
    CALLED_OFF = "called_off"
    OTHER = "other"


class Choice(StrEnum):
    """What a person decided about a line; it outlives every new calculation."""

    NONE = ""
    TAKE_IN = "in"
    LEAVE_OUT = "out"


@dataclass(frozen=True, slots=True)
class Owed:
    """One recipient. ``amount_minor``: released less taken back, maybe negative."""

    amount_minor: int
    has_account: bool = True
    needs_form: bool = False
    choice: Choice = Choice.NONE


def left_out(owed: Owed, *, minimum_minor: int) -> LeftOut | None:
    """None: they are paid. Only the minimum can be waived by hand; without an account nobody could be paid."""
    if owed.choice == Choice.LEAVE_OUT:
        return LeftOut.BY_HAND
    if owed.amount_minor <= 0:
        return LeftOut.OWES_MORE
    if owed.needs_form:
        return LeftOut.TAX_FORM
    if not owed.has_account:
        return LeftOut.NO_ACCOUNT
    if owed.amount_minor < minimum_minor and owed.choice != Choice.TAKE_IN:
        return LeftOut.BELOW_MINIMUM
    return None


def needs_second_person(total_minor: int, *, limit_minor: int | None, is_comparable: bool) -> bool:
    """``limit_minor`` None: never. In another currency than the limit nothing can be compared, so always."""
    return limit_minor is not None and (not is_comparable or total_minor > limit_minor)


def cut_off_of(last_day: date, *, zone: str, now: datetime) -> datetime:
    """The end of that day in the merchant's zone, and never later than now."""
    return min(start_of_day(last_day + timedelta(days=1), zone), now)


def first_payout_day(cycle: str, earliest: date) -> date:
    """The first day of payout on or after ``earliest``: Mondays, firsts of the month, or firsts of the quarter."""
    if cycle == WEEKLY:
        return earliest + timedelta(days=-earliest.weekday() % 7)
    if cycle == MONTHLY:
        return earliest if earliest.day == 1 else _next_month(earliest)
    day = earliest if earliest.day == 1 else _next_month(earliest)
    while day.month % 3 != 1:
        day = _next_month(day)
    return day


def payout_day_for(released_on: date, *, cycle: str, cut_off_days: int, earliest: date) -> date:
    """On which day something released that day is paid, at the soonest ``earliest``."""
    return first_payout_day(cycle, max(released_on + timedelta(days=cut_off_days), earliest))


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
