"""The kinds of files: customers, advocates, orders, codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from advocates.actions.imports import (
    ADVOCATE_COLUMNS,
    CUSTOMER_COLUMNS,
    MOST_PROBLEMS,
    Imported,
    Plan,
    import_advocates,
    import_customers,
    missing_text,
    plan_advocate_import,
    plan_customer_import,
)
from imports.kinds import ImportKind, Job, Planned
from imports.rules import Reading, Tally
from kit.csvio import Problem, Table
from kit.many import any_of
from programs.actions.stock import fault_of, upload_codes
from programs.models import PoolCode
from referral_saas.dashboard.importing.targets import pool_told, program_told
from rewards.actions.imports import ORDER_COLUMNS, plan_order_import, preview, write_orders

CODE_COLUMNS = ("code",)
#: Rows asked for in one statement.
TOGETHER = 5_000


def _tally(done: Imported) -> Tally:
    return Tally(done.added, done.updated, done.unchanged)


def tried(write: Callable[[], Tally]) -> Tally:
    """Really do it and take it back: what is foretold is what will be done."""
    with transaction.atomic():
        told = write()
        transaction.set_rollback(True)
    return told


@dataclass(frozen=True)
class Customers:
    need: str = "customer.import"
    fields: Sequence[str] = CUSTOMER_COLUMNS
    largest: int = 20_000_000
    most_rows: int = 50_000
    at_once: int = 2_000
    part: int = 0

    def read(self, table: Table, reading: Reading, now: datetime) -> Planned:
        return plan_customer_import(table=table, mapping=reading.mapping, style=reading.style, now=now)

    def foresee(self, plan: Any, job: Job) -> Tally:
        return tried(lambda: self.write(plan, 0, len(plan.rows), job))

    def write(self, plan: Any, start: int, stop: int, job: Job) -> Tally:
        return _tally(import_customers(plan=plan, by=job.by, now=job.now, told=job.told))


@dataclass(frozen=True)
class Advocates:
    need: str = "advocate.edit"
    fields: Sequence[str] = ADVOCATE_COLUMNS
    largest: int = 5_000_000
    most_rows: int = 5_000
    at_once: int = 200
    part: int = 0

    def read(self, table: Table, reading: Reading, now: datetime) -> Planned:
        return plan_advocate_import(table=table, mapping=reading.mapping, style=reading.style, now=now)

    def foresee(self, plan: Any, job: Job) -> Tally:
        return tried(lambda: self.write(plan, 0, len(plan.rows), job))

    def write(self, plan: Any, start: int, stop: int, job: Job) -> Tally:
        program = program_told(job.target)
        return _tally(import_advocates(plan=plan, program=program, by=job.by, now=job.now, told=job.told))


@dataclass(frozen=True)
class Orders:
    """Settled row by row: advocates and budgets of a whole file cannot be locked until its last order is settled."""

    need: str = "order.record"
    fields: Sequence[str] = ORDER_COLUMNS
    largest: int = 20_000_000
    most_rows: int = 20_000
    at_once: int = 200
    part: int = 100

    def read(self, table: Table, reading: Reading, now: datetime) -> Planned:
        return plan_order_import(table=table, mapping=reading.mapping, style=reading.style, now=now)

    def foresee(self, plan: Any, job: Job) -> Tally:
        return _tally(preview(plan.rows, job.now))

    def write(self, plan: Any, start: int, stop: int, job: Job) -> Tally:
        return _tally(write_orders(rows=plan.rows[start:stop], by=job.by, now=job.now))


@dataclass(frozen=True)
class Codes:
    need: str = "program.edit"
    fields: Sequence[str] = CODE_COLUMNS
    largest: int = 8_000_000
    most_rows: int = 100_000
    at_once: int = 10_000
    part: int = 0

    def read(self, table: Table, reading: Reading, now: datetime) -> Planned:
        header = reading.mapping.get("code", "")
        if header not in table.headers:
            return Plan([], [Problem(1, missing_text("code"))])
        at = table.headers.index(header)
        told = [(number, row[at]) for number, row in zip(table.row_numbers, table.rows, strict=True) if row[at]]
        errors = [Problem(number, _fault_text(fault), header, code[:200]) for number, code in told
                  if (fault := fault_of(code))]  # fmt: skip
        return Plan([code for _number, code in told], errors[:MOST_PROBLEMS], dict(reading.mapping))

    def foresee(self, plan: Any, job: Job) -> Tally:
        pool_told(job.target)
        wanted = list(dict.fromkeys(plan.rows))
        known = sum(
            PoolCode.objects.filter(any_of("code", wanted[start : start + TOGETHER])).count()
            for start in range(0, len(wanted), TOGETHER)
        )
        return Tally(added=len(wanted) - known, unchanged=len(plan.rows) - len(wanted) + known)

    def write(self, plan: Any, start: int, stop: int, job: Job) -> Tally:
        pool = pool_told(job.target)
        done = upload_codes(
            program=pool.program, kind=pool.kind, purpose=pool.purpose, codes=plan.rows, by=job.by, now=job.now
        )
        return Tally(added=done.added, unchanged=done.known)


def _fault_text(fault: str) -> str:
    if fault == "too_long":
        return _("A code has 80 characters at most: is this the right column?")
    return _("A code is one word: take the space out, or choose another column.")


KINDS: dict[str, ImportKind] = {
    "customers": Customers(),
    "advocates": Advocates(),
    "orders": Orders(),
    "codes": Codes(),
}
