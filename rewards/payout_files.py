"""Payouts as tables: what the bank is given, and what it says became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from kit.csvio import MOST_PROBLEMS, CsvProblem, Problem, Table, write_table
from kit.ids import parse_public_id, public_id
from kit.money import to_major_text
from rewards import sealing
from rewards.models import Payout, PayoutLine
from rewards.rules.payouts import NotPaid

PAYMENT_COLUMNS = ("line", "recipient", "email", "method", "account", "amount", "currency", "purpose")
RESULT_COLUMNS = ("line", "status", "reference", "reason")

#: What banks and people write, and what it means.
PAID_WORDS = frozenset({"paid", "ok", "success", "succeeded", "done", "booked", "acsc", "accp"})
FAILED_WORDS = frozenset({"failed", "rejected", "returned", "error", "rjct"})


def line_id(line: PayoutLine) -> str:
    """Our name for a line in files: what comes back from the bank finds it by this."""
    return public_id("pln", line.pk)


def payments_csv(payout: Payout, *, shop: str) -> str:
    """One row for each transfer still to be made, accounts in full. Raises CannotUnseal when a key is gone."""
    lines = PayoutLine.objects.filter(payout=payout, state=PayoutLine.State.INCLUDED).select_related("recipient")
    return write_table(PAYMENT_COLUMNS, [_payment(line, payout, shop) for line in lines.order_by("pk")])


def _payment(line: PayoutLine, payout: Payout, shop: str) -> list[object]:
    details = sealing.unseal(line.sealed)
    purpose = f"{shop} {payout.number} {line_id(line)}"
    amount = to_major_text(line.amount_minor, payout.unit)
    return [
        line_id(line),
        details["holder"],
        line.recipient.email,
        line.method,
        details["account"],
        amount,
        payout.unit,
        purpose,
    ]


@dataclass(frozen=True, slots=True)
class Result:
    """What the bank says of one line. ``is_known``: the line says so already."""

    line: PayoutLine
    is_paid: bool
    reference: str
    reason: str
    is_known: bool


def read_results(table: Table, payout: Payout) -> list[Result]:
    """Every row understood, or CsvProblem with what is wrong by row. Writes nothing."""
    names = {header.casefold(): header for header in table.headers}
    missing = [name for name in ("line", "status") if name not in names]
    if missing:
        raise CsvProblem([Problem(1, _("The column “%(name)s” is missing.") % {"name": missing[0]})])
    lines = {line.pk: line for line in PayoutLine.objects.filter(payout=payout)}
    results: list[Result] = []
    problems: list[Problem] = []
    for number, row in table.records():
        cells = {name: row[header] for name, header in names.items() if name in RESULT_COLUMNS}
        found = _result(cells, lines, {result.line.pk for result in results})
        if isinstance(found, Result):
            results.append(found)
        else:
            problems.append(Problem(number, found))
    if problems:
        raise CsvProblem(problems[:MOST_PROBLEMS])
    return results


def _result(cells: Mapping[str, str], lines: Mapping[UUID, PayoutLine], seen: set[UUID]) -> Result | str:
    """The result, or what is wrong with the row."""
    state, key = PayoutLine.State, parse_public_id("pln", cells["line"].strip())
    line = lines.get(key) if key else None
    said = cells["status"].strip().casefold()
    if line is None or line.state == state.EXCLUDED:
        return _("“%(line)s” is no line that this payout pays.") % {"line": cells["line"][:60]}
    if said not in PAID_WORDS | FAILED_WORDS:
        return _("“%(status)s” is no status: write paid or failed.") % {"status": cells["status"][:60]}
    if line.pk in seen:
        return _("“%(line)s” is there twice.") % {"line": cells["line"][:60]}
    is_paid = said in PAID_WORDS
    wanted = state.PAID if is_paid else state.FAILED
    if line.state not in (state.INCLUDED, wanted):
        return _("“%(line)s” was marked otherwise already. Marks are final.") % {"line": cells["line"][:60]}
    return Result(line, is_paid, cells.get("reference", "")[:120], _reason(cells), is_known=line.state == wanted)


def _reason(cells: Mapping[str, str]) -> str:
    told = cells.get("reason", "").strip().casefold()
    return told if told in set(NotPaid) else NotPaid.OTHER


def to_do(results: list[Result]) -> Iterator[Result]:
    return (result for result in results if not result.is_known)
