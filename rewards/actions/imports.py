"""Orders from a table: first a plan that changes nothing, then all of it or nothing.

Columns: order_id, email, name, amount, tax, shipping, currency, placed_at, code, status. Importing a file again changes
nothing; a row that says something new about an order is its next version. An order whose payment is disputed has the
status disputed, and in the end won or lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from advocates.actions.imports import BadCell, BadImport, Imported, Plan, guess_mapping, moment_in, read_plan
from kit.csvio import Problem, Table
from kit.days import add_days
from kit.money import MoneyError, is_currency, parse_minor
from kit.tenancy import transaction_required
from kit.text import clean_text, normalise_email
from merchants.selectors import workspace
from rewards.actions.sales import TABLE, Sale, dispute_data, sale_data, tell_sale
from tracking.facts import OrderKey, PersonIn
from tracking.models import Order, OrderFact
from tracking.rules import DisputeStatus

ORDER_COLUMNS = ("order_id", "email", "name", "amount", "tax", "shipping", "currency", "placed_at", "code", "status")
NEEDED = ("order_id", "email", "amount", "placed_at")
#: Disputes are about paid orders: how the row's order stands, and its dispute.
DISPUTED = {"disputed": DisputeStatus.OPENED, "won": DisputeStatus.WON, "lost": DisputeStatus.LOST}
STATUSES = ("paid", "pending", "cancelled", *DISPUTED)
ALIASES = {
    "order": "order_id", "order number": "order_id", "order no": "order_id", "number": "order_id",
    "customer email": "email", "customer name": "name",
    "taxes": "tax", "vat": "tax", "shipping cost": "shipping",
    "net": "amount", "net amount": "amount", "subtotal": "amount",
    "date": "placed_at", "order date": "placed_at", "created at": "placed_at",
    "discount code": "code", "coupon": "code", "financial status": "status", "payment status": "status",
}  # fmt: skip
#: Every order is settled by itself in the one transaction of the file, so a file is done within seconds.
MOST_ORDERS = 300
#: How long a day without a time is, written out.
DAY = 10


@dataclass(frozen=True, slots=True)
class OrderRow:
    number: int
    sale: Sale


@dataclass(frozen=True, slots=True)
class _Place:
    currency: str
    zone: str
    now: datetime


@transaction_required
def plan_order_import(*, table: Table, now: datetime) -> Plan[OrderRow]:
    """Read every row. Days without a time are days in the workspace's zone; no currency means the workspace's."""
    home = workspace()
    place = _Place(home.currency, home.time_zone, now)
    plan = read_plan(
        table, _mapping(table), ORDER_COLUMNS, lambda number, cells: _row(number, cells, place), _key_of, NEEDED
    )
    if len(plan.rows) > MOST_ORDERS:
        too_many = _("The file has more than %(limit)s orders: split it.") % {"limit": MOST_ORDERS}
        return Plan(plan.rows, [Problem(0, too_many), *plan.errors], plan.mapping)
    return Plan(plan.rows, [*plan.errors, *_known_elsewhere(plan.rows)], plan.mapping)


@transaction_required
def import_orders(*, plan: Plan[OrderRow], by: str, now: datetime) -> Imported:
    """Settle every row, in the order in which the orders were placed. Raises BadImport when the plan has errors."""
    before = preview(plan, now)
    for row in sorted(plan.rows, key=lambda row: (row.sale.placed_at, row.sale.number)):
        tell_sale(key=OrderKey(TABLE, row.sale.number), sale=row.sale, by=by, now=now)
    return before


@transaction_required
def preview(plan: Plan[OrderRow], now: datetime) -> Imported:
    """What importing would do: orders that are new, that change, and that are known as they are. Raises BadImport."""
    if plan.errors:
        raise BadImport(plan.errors)
    told: dict[str, dict[str, object]] = {}
    numbers = [row.sale.number for row in plan.rows]
    known = OrderFact.objects.filter(
        order__platform=TABLE, order__external_id__in=numbers, kind=OrderFact.Kind.SNAPSHOT
    )
    for number, data in known.order_by("as_of", "digest").values_list("order__external_id", "data"):
        told[number] = data
    disputes = _disputes_told(numbers)
    same = sum(
        _says_the_same(row.sale, told.get(row.sale.number), now) and _is_told(row.sale, disputes) for row in plan.rows
    )
    return Imported(added=len(plan.rows) - len(told), updated=len(told) - same, unchanged=same)


def _says_the_same(sale: Sale, told: dict[str, object] | None, now: datetime) -> bool:
    return told is not None and sale_data(sale, told, now) == told


def _disputes_told(numbers: list[str]) -> dict[str, dict[str, object]]:
    known = OrderFact.objects.filter(order__platform=TABLE, order__external_id__in=numbers, kind=OrderFact.Kind.DISPUTE)
    return dict(known.order_by("as_of", "digest").values_list("order__external_id", "data"))


def _is_told(sale: Sale, disputes: dict[str, dict[str, object]]) -> bool:
    return sale.dispute is None or disputes.get(sale.number) == dispute_data(sale.dispute)


def _known_elsewhere(rows: list[OrderRow]) -> list[Problem]:
    """An order that the shop or somebody of the team told before: importing it would count it twice."""
    numbers = [written for row in rows for written in _spellings(row.sale.number)]
    others = Order.objects.exclude(platform=TABLE)
    known = {*others.filter(external_id__in=numbers).values_list("external_id", flat=True)}
    known |= {*others.filter(number__in=numbers).values_list("number", flat=True)}
    message = _("This order is known already: it came from the shop or was recorded by hand.")
    return [Problem(row.number, message) for row in rows if known.intersection(_spellings(row.sale.number))]


def _mapping(table: Table) -> dict[str, str]:
    """Our columns among the headers; what they are called elsewhere only where our own name is absent."""
    found = guess_mapping(table.headers, ORDER_COLUMNS)
    for header in table.headers:
        column = ALIASES.get(header.casefold().replace("_", " ").strip(), "")
        if column and header not in found.values():
            found.setdefault(column, header)
    return found


def _key_of(row: OrderRow) -> str:
    return row.sale.number.removeprefix("#")


def _spellings(number: str) -> tuple[str, str]:
    plain = number.removeprefix("#")
    return plain, f"#{plain}"


def _row(number: int, cells: Mapping[str, str], place: _Place) -> OrderRow:
    currency = cells.get("currency", "").strip().upper() or place.currency
    status = cells.get("status", "").strip().lower() or "paid"
    if not is_currency(currency):
        raise BadCell(_("Write the currency as its three letters, like EUR; not “%(text)s”.") % {"text": currency[:50]})
    if status not in STATUSES:
        said = {"choices": ", ".join(STATUSES), "text": status[:50]}
        raise BadCell(_("Write the status as one of %(choices)s; not “%(text)s”.") % said)
    return OrderRow(number, _sale(cells, currency, status, place))


def _sale(cells: Mapping[str, str], currency: str, status: str, place: _Place) -> Sale:
    placed_at, day_from = _placed(cells["placed_at"], place)
    return Sale(
        number=_order_id(cells["order_id"]),
        person=PersonIn(email=_email(cells["email"]), name=clean_text(cells.get("name", ""), max_length=200)),
        amount_minor=_amount(cells["amount"], currency),
        currency=currency,
        placed_at=placed_at,
        day_from=day_from,
        code=cells.get("code", "").strip()[:80],
        is_paid=status == "paid" or status in DISPUTED,
        is_cancelled=status == "cancelled",
        tax_minor=_part(cells.get("tax", ""), currency),
        shipping_minor=_part(cells.get("shipping", ""), currency),
        dispute=DISPUTED.get(status),
    )


def _placed(text: str, place: _Place) -> tuple[datetime, datetime | None]:
    """The moment; of a mere day its last one (or now), so that no order is before the click or claim of its day."""
    moment = moment_in(text, place.zone, place.now)
    if moment is None:
        raise BadCell(_("Say when the order was placed, like 2026-03-31."))
    if len(text.strip()) > DAY:
        return moment, None
    last = add_days(moment, 1, place.zone) - timedelta(seconds=1)
    return min(last, place.now), moment


def _order_id(text: str) -> str:
    if not text or len(text) > 120:
        raise BadCell(_("Every order needs its number, of 120 characters at most."))
    return text


def _email(text: str) -> str:
    address = normalise_email(text)
    if address is None:
        raise BadCell(_("“%(text)s” is no e-mail address.") % {"text": text[:100]})
    return address


def _amount(text: str, currency: str) -> int:
    amount = _minor(text, currency)
    if not amount:
        raise BadCell(_("An order of nothing is nothing to refer."))
    return amount


def _part(text: str, currency: str) -> int:
    """Tax or shipping: an empty cell is none."""
    return _minor(text, currency) if text.strip() else 0


def _minor(text: str, currency: str) -> int:
    try:
        return parse_minor(_with_point(text), currency)
    except MoneyError as error:
        raise BadCell(str(error)) from error


def _with_point(text: str) -> str:
    """A comma before one or two last digits is a decimal mark where no point stands; spreadsheets write it so."""
    whole, comma, rest = text.strip().rpartition(",")
    return f"{whole}.{rest}" if comma and "." not in text and rest.isdigit() and len(rest) <= 2 else text
