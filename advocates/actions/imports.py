"""Customers and advocates from tables: first a plan that changes nothing, then all of it or nothing.

Importing a file again is safe: people are found by their address, blanks are filled, the earliest payment and the
larger number of orders stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from advocates.actions.customers import BadEmail, fill_blanks, new_customer
from advocates.actions.enrol import NotEligible, enrol_advocate
from advocates.locks import customers_for_update
from advocates.models import Advocate, Customer
from kit.csvio import Problem, Table
from kit.days import start_of_day, zone_info
from kit.tenancy import transaction_required
from merchants import events
from merchants.locks import workspace_for_update
from merchants.selectors import workspace
from programs.models import Program

Row = TypeVar("Row")

CUSTOMER_COLUMNS = ("email", "name", "country", "orders", "first_paid_at", "external_id")
ADVOCATE_COLUMNS = ("email", "name", "kind", "place")
ALIASES = {
    "e-mail": "email", "email address": "email", "e-mail address": "email", "mail": "email", "full name": "name",
    "country code": "country", "orders count": "orders", "total orders": "orders", "number of orders": "orders",
    "first paid at": "first_paid_at", "first order": "first_paid_at", "first order date": "first_paid_at",
    "customer id": "external_id", "id": "external_id", "type": "kind", "location": "place", "branch": "place",
}  # fmt: skip
BATCH = 1_000
MOST_PROBLEMS = 20
MOST_ADVOCATES = 5_000
MOST_ORDERS = 1_000_000


class BadImport(ValueError):
    """Nothing was imported; ``problems`` tells the first rows at fault."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.row}: {problem.message}" for problem in problems))
        self.problems = list(problems)


class BadCell(ValueError):
    """The message is for the person with the file."""


@dataclass(frozen=True, slots=True)
class Plan(Generic[Row]):
    """What an import would do. ``errors`` are the first problems; with any of them nothing can be imported."""

    rows: list[Row]
    errors: list[Problem]
    #: Column of ours -> header in the file, as it was understood.
    mapping: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AdvocateRow:
    number: int
    person: Customer
    kind: Advocate.Kind
    place: str


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    updated: int
    unchanged: int


def guess_mapping(headers: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """Our columns found among the headers, by name or by what other systems call them."""
    found: dict[str, str] = {}
    for header in headers:
        name = header.casefold().replace("_", " ").strip()
        column = ALIASES.get(name, name.replace(" ", "_"))
        if column in columns:
            found.setdefault(column, header)
    return found


@transaction_required
def plan_customer_import(*, table: Table, mapping: Mapping[str, str] | None = None, now: datetime) -> Plan[Customer]:
    """Read every row into an unsaved customer. Days without a time are days in the workspace's zone."""
    zone = workspace().time_zone
    return read_plan(table, mapping, CUSTOMER_COLUMNS, lambda _number, cells: _customer_in(cells, zone, now), _key_of)


@transaction_required
def import_customers(*, plan: Plan[Customer], by: str, now: datetime) -> Imported:
    """Write the plan. Raises BadImport when it has errors. One event for the whole file."""
    if plan.errors:
        raise BadImport(plan.errors)
    done = store_customers(plan.rows)
    data = {"added": done.added, "updated": done.updated, "unchanged": done.unchanged}
    events.record("customer.imported", subject=workspace_for_update(), by=by, now=now, data=data)
    return done


@transaction_required
def store_customers(people: Sequence[Customer]) -> Imported:
    """Insert who is new and complete who is known. Always in the order of keys, so that two imports queue up."""
    ordered = sorted(people, key=_key_of)
    added = updated = 0
    for start in range(0, len(ordered), BATCH):
        told = {person.email_key: person for person in ordered[start : start + BATCH]}
        Customer.objects.bulk_create(told.values(), ignore_conflicts=True)
        standing = customers_for_update(list(told))
        known = [row for row in standing if row.pk != told[row.email_key].pk]
        changed = [row for row in known if _complete(row, told[row.email_key])]
        Customer.objects.bulk_update(changed, COMPLETED, batch_size=200)
        added, updated = added + len(standing) - len(known), updated + len(changed)
    return Imported(added=added, updated=updated, unchanged=len(ordered) - added - updated)


COMPLETED = ["name", "country", "language", "external_id", "first_paid_at", "imported_orders"]


@transaction_required
def plan_advocate_import(*, table: Table, mapping: Mapping[str, str] | None = None, now: datetime) -> Plan[AdvocateRow]:
    plan = read_plan(
        table,
        mapping,
        ADVOCATE_COLUMNS,
        lambda number, cells: _advocate_in(number, cells, now),
        lambda row: row.person.email_key,
    )
    if len(plan.rows) > MOST_ADVOCATES:
        too_many = _("The file has more than %(limit)s advocates: split it.") % {"limit": MOST_ADVOCATES}
        return Plan(plan.rows, [Problem(0, too_many), *plan.errors], plan.mapping)
    return plan


@transaction_required
def import_advocates(*, plan: Plan[AdvocateRow], program: Program, by: str, now: datetime) -> Imported:
    """Enrol everybody in the plan; each gets a link and the mail that tells them. Raises BadImport.

    Whoever may not take part is a problem of their row; the caller's transaction must then be rolled back.
    """
    if plan.errors:
        raise BadImport(plan.errors)
    store_customers([row.person for row in plan.rows])
    people = _by_key([row.person.email_key for row in plan.rows])
    added, problems = 0, []
    for row in plan.rows:
        try:
            enrolled = enrol_advocate(
                program=program, customer=people[row.person.email_key], by=by, now=now, kind=row.kind, place=row.place
            )
            added += enrolled.created
        except NotEligible as error:
            problems.append(Problem(row.number, not_eligible_text(error.reason)))
    if problems:
        raise BadImport(problems[:MOST_PROBLEMS])
    return Imported(added=added, updated=0, unchanged=len(plan.rows) - added)


def not_eligible_text(reason: str) -> str:
    """Why somebody may not take part, for the merchant."""
    texts = {
        "program_draft": _("The program is not published yet."),
        "program_ended": _("The program has ended."),
        "not_a_customer": _("This person has not bought before, which the program asks for."),
        "too_few_orders": _("This person has fewer orders than the program asks for."),
        "other_country": _("The program is not open to this person's country."),
        "banned": _("This person was banned from the program."),
    }
    return texts.get(reason) or _("This person cannot take part.")


def _by_key(keys: list[str]) -> dict[str, Customer]:
    found: dict[str, Customer] = {}
    for start in range(0, len(keys), BATCH):
        rows = Customer.objects.filter(email_key__in=keys[start : start + BATCH])
        found.update({row.email_key: row for row in rows})
    return found


def _complete(standing: Customer, told: Customer) -> bool:
    """Take over what is new, in memory: blanks, an earlier first payment, more orders."""
    changed = bool(fill_blanks(standing, told))
    if told.first_paid_at and (standing.first_paid_at is None or told.first_paid_at < standing.first_paid_at):
        standing.first_paid_at, changed = told.first_paid_at, True
    if told.imported_orders > standing.imported_orders:
        standing.imported_orders, changed = told.imported_orders, True
    return changed


# --- reading ----------------------------------------------------------------------------------------------------


def read_plan(
    table: Table,
    mapping: Mapping[str, str] | None,
    columns: Sequence[str],
    read: Callable[[int, dict[str, str]], Row],
    key: Callable[[Row], str],
    needed: Sequence[str] = ("email",),
) -> Plan[Row]:
    """The rows of a table, read one by one; the first problems instead where there are any."""
    understood = _understood(table, mapping, columns)
    missing = [column for column in needed if column not in understood]
    if missing:
        return Plan([], [Problem(1, missing_text(column)) for column in missing], understood)
    rows: list[Row] = []
    errors: list[Problem] = []
    seen: dict[str, int] = {}
    for number, cells in _records(table, understood):
        try:
            row = read(number, cells)
            _refuse_twin(seen, key(row), number, columns)
            rows.append(row)
        except BadCell as error:
            errors.append(Problem(number, str(error)))
        if len(errors) >= MOST_PROBLEMS:
            break
    return Plan(rows, errors, understood)


def _understood(table: Table, mapping: Mapping[str, str] | None, columns: Sequence[str]) -> dict[str, str]:
    if mapping is None:
        return guess_mapping(table.headers, columns)
    return {column: header for column, header in mapping.items() if column in columns and header in table.headers}


def _records(table: Table, mapping: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, record in table.records():
        yield number, {column: record[header] for column, header in mapping.items()}


def missing_text(column: str) -> str:
    if column == "email":
        return _("Name one column “email”: people are known by their address.")
    return _("Name one column “%(column)s”: every row needs it.") % {"column": column}


def _refuse_twin(seen: dict[str, int], key: str, number: int, columns: Sequence[str]) -> None:
    if key in seen:
        person, order = _("This is the same person as in row %(row)s."), _("This is the same order as in row %(row)s.")
        raise BadCell((order if "order_id" in columns else person) % {"row": seen[key]})
    seen[key] = number


def _key_of(person: Customer) -> str:
    return person.email_key


def _customer_in(cells: Mapping[str, str], zone: str, now: datetime) -> Customer:
    person = _person_in(cells, now)
    person.imported_orders = _orders(cells.get("orders", ""))
    person.first_paid_at = moment_in(cells.get("first_paid_at", ""), zone, now)
    if person.imported_orders and person.first_paid_at is None:
        person.first_paid_at = now  # they paid once, at the latest now: enough to know that they are not new
    if person.first_paid_at:
        person.imported_orders = max(person.imported_orders, 1)
    return person


def _person_in(cells: Mapping[str, str], now: datetime) -> Customer:
    country = cells.get("country", "").strip()
    try:
        person = new_customer(
            email=cells["email"],
            name=cells.get("name", ""),
            country=country,
            external_id=cells.get("external_id", ""),
            source=Customer.Source.IMPORT,
            now=now,
        )
    except BadEmail as error:
        raise BadCell(_("“%(text)s” is no e-mail address.") % {"text": cells["email"][:100]}) from error
    if country and not person.country:
        raise BadCell(_("Write the country as its two letters, like DE; not “%(text)s”.") % {"text": country[:50]})
    return person


def _advocate_in(number: int, cells: Mapping[str, str], now: datetime) -> AdvocateRow:
    kind = cells.get("kind", "").strip().upper() or Advocate.Kind.CUSTOMER
    if kind not in Advocate.Kind.values:
        raise BadCell(
            _("Write the kind as customer, employee, partner or influencer; not “%(text)s”.") % {"text": kind[:50]}
        )
    return AdvocateRow(number, _person_in(cells, now), Advocate.Kind(kind), cells.get("place", ""))


def _orders(text: str) -> int:
    text = text.strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and int(text) <= MOST_ORDERS):
        raise BadCell(_("Write the number of orders as a whole number; not “%(text)s”.") % {"text": text[:50]})
    return int(text)


def moment_in(text: str, zone: str, now: datetime) -> datetime | None:
    """A day of the zone, or a moment; a moment without an offset is wall time in the zone."""
    text = text.strip()
    if not text:
        return None
    try:
        moment = _parsed(text, zone)
    except (ValueError, OverflowError) as error:
        raise BadCell(_("Write the day like 2026-03-31; not “%(text)s”.") % {"text": text[:50]}) from error
    if moment > now:
        raise BadCell(_("“%(text)s” lies in the future.") % {"text": text[:50]})
    return moment


def _parsed(text: str, zone: str) -> datetime:
    # Exports often set the offset off with a space: "2026-03-31 10:00:00 +0200".
    head, separator, offset = text.rpartition(" ")
    joined = head + offset if separator and offset[:1] in "+-" else text
    moment = datetime.fromisoformat(joined)
    if len(text) <= 10:
        return start_of_day(moment.date(), zone)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone_info(zone))
