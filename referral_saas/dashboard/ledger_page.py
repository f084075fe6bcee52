"""What the page of the ledger and its files are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from insights.days import Days
from insights.ledger import AccountSum, Movement
from kit.days import local_date
from kit.ids import public_id
from kit.language import language_of_page
from kit.units import plain_amount
from kit.wording import month as month_text
from referral_saas.dashboard.event_words import names_of
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.paths import path_of, public
from referral_saas.dashboard.reward_page import posting_text
from rewards.actions.audit import last_check
from rewards.ledger_words import ACCOUNTS, account_text, difference_text
from rewards.models import Account, LedgerEntry, Posting

COLUMNS = ("posting", "date", "at_utc", "what", "code", "account", "account_code", "unit", "debit", "credit", "program",
           "reward", "order", "recipient")  # fmt: skip
SUMMARY_COLUMNS = ("from", "until", "account", "account_code", "unit", "opening", "debit", "credit", "closing")
#: Months to choose from.
MONTHS = 13


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account in words with its balance on the side it is on."""

    code: str
    label: str
    explained: str
    debit_minor: int | None
    credit_minor: int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """All accounts of one unit; both columns add up to the same."""

    unit: str
    lines: list[AccountLine]

    @property
    def debit_minor(self) -> int:
        return sum(line.debit_minor or 0 for line in self.lines)

    @property
    def credit_minor(self) -> int:
        return sum(line.credit_minor or 0 for line in self.lines)


def sheets_of(sums: Iterable[AccountSum]) -> list[Sheet]:
    by_unit: dict[str, dict[str, int]] = {}
    for one in sums:
        by_unit.setdefault(one.unit, {})[one.account] = one.amount_minor
    return [Sheet(unit, [_line(account, found) for account in ACCOUNTS if account in found])
            for unit, found in by_unit.items()]  # fmt: skip


def _line(account: Account, found: dict[str, int]) -> AccountLine:
    amount = found[account]
    sides = (amount, None) if amount > 0 else (None, -amount)
    return AccountLine(account.value, str(account.label), account_text(account), *sides)


@dataclass(frozen=True, slots=True)
class Side:
    account: str
    unit: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PostingRow:
    """One posting: what it is about, and its entries by side."""

    title: str
    about: str
    url: str
    at: datetime
    debits: list[Side]
    credits: list[Side]


def posting_rows(postings: Sequence[Posting], *, base: str) -> list[PostingRow]:
    """One statement for all entries. Each row leads to its reward, else its order, else its program."""
    entries = _entries_of(postings, Q())
    return [_row(posting, entries.get(posting.pk, []), base) for posting in postings]


def _entries_of(postings: Sequence[Posting], which: Q) -> dict[UUID, list[LedgerEntry]]:
    found: dict[UUID, list[LedgerEntry]] = {}
    rows = LedgerEntry.objects.filter(which, posting__in=[posting.pk for posting in postings])
    for entry in rows.order_by("posting_id", "-amount_minor", "account"):
        found.setdefault(entry.posting_id, []).append(entry)
    return found


def _row(posting: Posting, entries: list[LedgerEntry], base: str) -> PostingRow:
    about = posting.reward or posting.order or posting.program
    words = public(about) if about != posting.program else str(posting.program)
    return PostingRow(
        title=posting_text(posting.kind),
        about=words,
        url=path_of(base, about),
        at=posting.at,
        debits=[_side(entry) for entry in entries if entry.amount_minor > 0],
        credits=[_side(entry) for entry in entries if entry.amount_minor < 0],
    )


def _side(entry: LedgerEntry) -> Side:
    return Side(str(entry.get_account_display()), entry.unit, abs(entry.amount_minor))


def export_lines(postings: list[Posting], *, zone: str, entries: Q) -> Iterator[list[object]]:
    """One line per entry, both sides of a posting together. Of people only their ids."""
    found = _entries_of(postings, entries)
    for posting in postings:
        for entry in found.get(posting.pk, []):
            yield _export_line(posting, entry, zone)


def _export_line(posting: Posting, entry: LedgerEntry, zone: str) -> list[object]:
    amount = plain_amount(abs(entry.amount_minor), entry.unit)
    sides = [amount, ""] if entry.amount_minor > 0 else ["", amount]
    when = [local_date(posting.at, zone), posting.at.isoformat()]
    what = [posting_text(posting.kind), posting.kind, str(entry.get_account_display()), entry.account, entry.unit]
    reward, order = posting.reward, posting.order
    whose = public_id("cus", reward.recipient_id) if reward else ""
    order_id = order.pk if order else reward.order_id if reward else None
    things = [posting.program.name, public(reward) if reward else "", public_id("ord", order_id) if order_id else ""]
    return [public_id("pst", posting.pk), *when, *what, *sides, *things, whose]


def summary_line(one: Movement, days: Days) -> list[object]:
    """Balances with a sign (plus is debit), movements without."""
    amounts = (one.opening_minor, one.debit_minor, one.credit_minor, one.closing_minor)
    label = str(Account(one.account).label)
    return [days.first, days.last, label, one.account, one.unit, *(plain_amount(each, one.unit) for each in amounts)]


def months(now: datetime, zone: str) -> list[tuple[str, str]]:
    """(2026-05, May 2026), this month first."""
    first = local_date(now, zone).replace(day=1)
    found = []
    for _count in range(MONTHS):
        found.append((f"{first:%Y-%m}", month_text(first, language_of_page())))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def check_context(desk: Desk) -> dict[str, Any]:
    """The last check of the books: when, by whom, and what it found."""
    event = last_check()
    if event is None:
        return {"checked": None}
    language = language_of_page()
    return {
        "checked": event,
        "checked_by": names_of([event.by])[event.by],
        "differences": [
            {"text": difference_text(told, language), "url": _url(desk, told)} for told in event.data["found"]
        ],
    }


def _url(desk: Desk, told: dict[str, Any]) -> str:
    folders = {"reward": ("rewards", "rwd"), "order": ("orders", "ord")}
    if told["kind"] not in folders:
        return ""
    folder, prefix = folders[told["kind"]]
    return f"/w/{desk.merchant.slug}/{folder}/{public_id(prefix, UUID(told['id']))}"
