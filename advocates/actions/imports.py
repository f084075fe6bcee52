"""Customers and advocates from tables: first a plan that changes nothing, then all of it or nothing.

Importing a file again is safe: people are found by their address, blanks are filled, the earliest payment and the
larger number of orders stay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from advocates.actions.customers import BadEmail, fill_blanks, new_customer
from advocates.actions.enrol import NotEligible, enrol_advocate
from advocates.locks import customers_for_update
from advocates.models import Advocate, Customer
from advocates.selectors import customers_by_former_key
from imports.names import guess
from kit.cells import PLAIN, Style, iso_day
from kit.csvio import CsvProblem, Problem, Table
from kit.days import start_of_day, zone_info
from kit.tenancy import BeginAgain, transaction_required
from merchants import events
from merchants.locks import workspace_for_update
from merchants.selectors import workspace
from programs.models import Program

Row = TypeVar("Row")

CUSTOMER_COLUMNS = ("email", "name", "first_name", "last_name", "country", "orders", "first_paid_at", "external_id")
ADVOCATE_COLUMNS = ("email", "name", "first_name", "last_name", "kind", "place")
BATCH = 1_000
#: Advocates are enrolled one by one; after so many somebody who waits is told.
TELLING = 50
MOST_PROBLEMS = 1_000
#: Of a cell at fault; characters.
LONGEST_VALUE = 200
MOST_ORDERS = 1_000_000


#: Rows that were written and are told of in between.
Told = Callable[[int], None]


class BadImport(CsvProblem):
    """Nothing was imported; ``problems`` tells the first rows at fault."""


class BadCell(ValueError):
    """The message is for the person with the file; ``column`` is the one of ours that it is about."""

    def __init__(self, message: str, column: str = "") -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Plan(Generic[Row]):
    """What an import would do. ``errors`` are the first problems; with any of them nothing can be imported."""

    rows: list[Row]
    errors: list[Problem]
    #: Column of ours -> header in the file, as it was understood.
    mapping: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Place:
    """How what a row says about days is to be read."""

    zone: str
    style: Style
    now: datetime


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


@transaction_required
def plan_customer_import(
    *, table: Table, mapping: Mapping[str, str] | None = None, style: Style = PLAIN, now: datetime
) -> Plan[Customer]:
    """Read every row into an unsaved customer. Days without a time are days in the workspace's zone."""
    place = _Place(workspace().time_zone, style, now)
    understood = understood_in(table, mapping, "customers", CUSTOMER_COLUMNS)
    return read_plan(table, understood, lambda _number, cells: _customer_in(cells, place), _key_of)


def understood_in(
    table: Table, mapping: Mapping[str, str] | None, kind: str, columns: Collection[str]
) -> dict[str, str]:
    """Columns of ours and the headers they are read from: as told, else by their names."""
    if mapping is None:
        return guess(kind, table.headers, columns)
    return {column: header for column, header in mapping.items() if column in columns and header in table.headers}


@transaction_required
def import_customers(*, plan: Plan[Customer], by: str, now: datetime, told: Told | None = None) -> Imported:
    """Write the plan. Raises BadImport when it has errors. One event for the whole file."""
    if plan.errors:
        raise BadImport(plan.errors)
    done = store_customers(plan.rows, told)
    data = {"added": done.added, "updated": done.updated, "unchanged": done.unchanged}
    events.record("customer.imported", subject=workspace_for_update(), by=by, now=now, data=data)
    return done


@transaction_required
def store_customers(people: Sequence[Customer], told: Told | None = None) -> Imported:
    """Insert who is new and complete who is known. Always in the order of keys, so that two imports queue up."""
    ordered = sorted(people, key=_key_of)
    added = updated = 0
    for start in range(0, len(ordered), BATCH):
        some = {person.email_key: person for person in ordered[start : start + BATCH]}
        told_of_merged = [(into, some.pop(key)) for key, into in customers_by_former_key(list(some)).items()]
        Customer.objects.bulk_create(some.values(), ignore_conflicts=True)
        if customers_by_former_key(list(some)):  # their row went while we waited for it, and we made it anew
            raise BeginAgain("Somebody in the file was merged meanwhile.")
        standing = customers_for_update(list(some))
        known = [row for row in standing if row.pk != some[row.email_key].pk]
        changed = [row for row in known if _complete(row, some[row.email_key])]
        Customer.objects.bulk_update(changed, COMPLETED, batch_size=200)
        updated += _complete_merged(told_of_merged)
        added, updated = added + len(standing) - len(known), updated + len(changed)
        if told:
            told(start + len(some) + len(told_of_merged))
    return Imported(added=added, updated=updated, unchanged=len(ordered) - added - updated)


def _complete_merged(told: Sequence[tuple[Customer, Customer]]) -> int:
    """Of people who were merged into somebody, that somebody learns what was told. Gives how many rows it changed."""
    held = {row.pk: row for row in customers_for_update([into.email_key for into, _told in told])} if told else {}
    changed = {held[into.pk] for into, person in told if into.pk in held and _complete(held[into.pk], person)}
    Customer.objects.bulk_update(changed, COMPLETED, batch_size=200)
    return len(changed)


COMPLETED = ["name", "country", "language", "external_id", "first_paid_at", "imported_orders"]


@transaction_required
def plan_advocate_import(
    *, table: Table, mapping: Mapping[str, str] | None = None, style: Style = PLAIN, now: datetime
) -> Plan[AdvocateRow]:
    understood = understood_in(table, mapping, "advocates", ADVOCATE_COLUMNS)
    read = partial(_advocate_in, now=now)
    return read_plan(table, understood, read, lambda row: row.person.email_key)


@transaction_required
def import_advocates(
    *, plan: Plan[AdvocateRow], program: Program, by: str, now: datetime, told: Told | None = None
) -> Imported:
    """Enrol everybody in the plan; each gets a link and the mail that tells them. Raises BadImport.

    Whoever may not take part is a problem of their row; the caller's transaction must then be rolled back.
    """
    if plan.errors:
        raise BadImport(plan.errors)
    store_customers([row.person for row in plan.rows])
    people = _by_key([row.person.email_key for row in plan.rows])
    added, problems = 0, []
    for index, row in enumerate(plan.rows, start=1):
        try:
            enrolled = enrol_advocate(
                program=program, customer=people[row.person.email_key], by=by, now=now, kind=row.kind, place=row.place
            )
            added += enrolled.created
        except NotEligible as error:
            header = plan.mapping.get("email", "")
            problems.append(Problem(row.number, not_eligible_text(error.reason), header, row.person.email))
        if told and index % TELLING == 0:
            told(index)
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
        found.update(customers_by_former_key([key for key in keys[start : start + BATCH] if key not in found]))
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
    understood: Mapping[str, str],
    read: Callable[[int, dict[str, str]], Row],
    key: Callable[[Row], str],
    needed: Sequence[str] = ("email",),
) -> Plan[Row]:
    """The rows of a table, read one by one; the first problems instead where there are any."""
    missing = [column for column in needed if column not in understood]
    if missing:
        return Plan([], [Problem(1, missing_text(column)) for column in missing], dict(understood))
    rows: list[Row] = []
    errors: list[Problem] = []
    seen: dict[str, int] = {}
    for number, cells in _records(table, understood):
        try:
            row = read(number, cells)
            _refuse_twin(seen, key(row), number, understood)
            rows.append(row)
        except BadCell as error:
            errors.append(_problem(error, number, cells, understood))
        if len(errors) >= MOST_PROBLEMS:
            break
    return Plan(rows, errors, dict(understood))


def _problem(error: BadCell, number: int, cells: Mapping[str, str], understood: Mapping[str, str]) -> Problem:
    value = cells.get(error.column, "")[:LONGEST_VALUE]
    return Problem(number, str(error), understood.get(error.column, ""), value)


def _records(table: Table, mapping: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, record in table.records():
        yield number, {column: record[header] for column, header in mapping.items()}


def missing_text(column: str) -> str:
    if column == "email":
        return _("Name one column “email”: people are known by their address.")
    return _("Name one column “%(column)s”: every row needs it.") % {"column": column}


def _refuse_twin(seen: dict[str, int], key: str, number: int, columns: Collection[str]) -> None:
    if key in seen:
        person, order = _("This is the same person as in row %(row)s."), _("This is the same order as in row %(row)s.")
        is_order = "order_id" in columns
        raise BadCell((order if is_order else person) % {"row": seen[key]}, "order_id" if is_order else "email")
    seen[key] = number


def _key_of(person: Customer) -> str:
    return person.email_key


def _customer_in(cells: Mapping[str, str], place: _Place) -> Customer:
    person = _person_in(cells, place.now)
    person.imported_orders = _orders(cells.get("orders", ""))
    person.first_paid_at = moment_in(cells.get("first_paid_at", ""), place.zone, place.now, place.style)
    if person.imported_orders and person.first_paid_at is None:
        person.first_paid_at = place.now  # they paid once, at the latest now: enough to know that they are not new
    if person.first_paid_at:
        person.imported_orders = max(person.imported_orders, 1)
    return person


def _person_in(cells: Mapping[str, str], now: datetime) -> Customer:
    country = cells.get("country", "").strip()
    try:
        person = new_customer(
            email=cells["email"],
            name=name_in(cells),
            country=country,
            external_id=_id_in(cells.get("external_id", "")),
            source=Customer.Source.IMPORT,
            now=now,
        )
    except BadEmail as error:
        raise BadCell(_("“%(text)s” is no e-mail address.") % {"text": cells["email"][:100]}, "email") from error
    if country and not person.country:
        message = _("Write the country as its two letters, like DE; not “%(text)s”.") % {"text": country[:50]}
        raise BadCell(message, "country")
    return person


def name_in(cells: Mapping[str, str]) -> str:
    """The whole name, or its parts put together: in Chinese the family name comes first and nothing between."""
    first, last = cells.get("first_name", ""), cells.get("last_name", "")
    if cells.get("name") or not (first or last):
        return cells.get("name", "")
    parts = [last, first] if _is_chinese(first + last) else [first, last]
    return ("" if _is_chinese(first + last) else " ").join(part for part in parts if part)


def _is_chinese(text: str) -> bool:
    return all("\u3400" <= sign <= "\u9fff" for sign in text)


def _id_in(text: str) -> str:
    """Shops put an apostrophe before a number so that a spreadsheet keeps all of its digits."""
    return text.removeprefix("'") if text.removeprefix("'").isdigit() else text


def _advocate_in(number: int, cells: Mapping[str, str], *, now: datetime) -> AdvocateRow:
    kind = cells.get("kind", "").strip().upper() or Advocate.Kind.CUSTOMER
    if kind not in Advocate.Kind.values:
        raise BadCell(
            _("Write the kind as customer, employee, partner or influencer; not “%(text)s”.") % {"text": kind[:50]},
            "kind",
        )
    return AdvocateRow(number, _person_in(cells, now), Advocate.Kind(kind), cells.get("place", ""))


def _orders(text: str) -> int:
    text = text.strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and int(text) <= MOST_ORDERS):
        message = _("Write the number of orders as a whole number; not “%(text)s”.") % {"text": text[:50]}
        raise BadCell(message, "orders")
    return int(text)


def moment_in(
    text: str, zone: str, now: datetime, style: Style = PLAIN, column: str = "first_paid_at"
) -> datetime | None:
    """A day of the zone, or a moment; a moment without an offset is wall time in the zone."""
    text = text.strip()
    if not text:
        return None
    try:
        moment = _parsed(iso_day(text, style.days), zone)
    except (ValueError, OverflowError) as error:
        raise BadCell(_("Write the day like 2026-03-31; not “%(text)s”.") % {"text": text[:50]}, column) from error
    if moment > now:
        raise BadCell(_("“%(text)s” lies in the future.") % {"text": text[:50]}, column)
    return moment


def _parsed(text: str, zone: str) -> datetime:
    # Exports often set the offset off with a space: "2026-03-31 10:00:00 +0200".
    head, separator, offset = text.rpartition(" ")
    joined = head + offset if separator and offset[:1] in "+-" else text
    moment = datetime.fromisoformat(joined)
    if len(text) <= 10:
        return start_of_day(moment.date(), zone)
    # In UTC: databases take fewer offsets than people write.
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=zone_info(zone))
