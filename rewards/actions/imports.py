"""Orders from a table: first a plan that changes nothing, then its rows, as many at a time as whoever asks says.

Columns: order_id, email, name (or first_name and last_name), amount, tax, shipping, currency, placed_at, code, status.
Importing a file again changes nothing; a row that says something new about an order is its next version. An order whose
payment is disputed has the status disputed, and in the end won or lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from advocates.actions.imports import BadCell, Imported, Plan, moment_in, name_in, read_plan, understood_in
from kit.cells import PLAIN, Style, iso_day, plain_number
from kit.csvio import Problem, Table
from kit.days import add_days
from kit.many import any_of
from kit.money import MoneyError, is_currency, parse_minor
from kit.tenancy import transaction_required
from kit.text import clean_text, normalise_email
from merchants.selectors import workspace
from rewards.actions.sales import TABLE, Sale, dispute_data, sale_data, tell_sale
from tracking.facts import OrderKey, PersonIn
from tracking.models import Order, OrderFact
from tracking.rules import DisputeStatus

ORDER_COLUMNS = (
    "order_id", "email", "name", "first_name", "last_name", "amount", "tax", "shipping", "currency", "placed_at",
    "code", "status",
)  # fmt: skip
NEEDED = ("order_id", "email", "amount", "placed_at")
#: Disputes are about paid orders: how the row's order stands, and its dispute.
DISPUTED = {"disputed": DisputeStatus.OPENED, "won": DisputeStatus.WON, "lost": DisputeStatus.LOST}
STATUSES = ("paid", "pending", "cancelled", *DISPUTED)
#: What shops call it. What a refund gave back in part is not told by a word, so such an order is asked about.
STATUS_WORDS = {
    "completed": "paid", "processing": "paid", "complete": "paid", "done": "paid", "captured": "paid",
    "bezahlt": "paid", "abgeschlossen": "paid", "erledigt": "paid", "in bearbeitung": "paid", "opłacone": "paid",
    "zrealizowane": "paid", "pagato": "paid", "completato": "paid", "已付款": "paid", "已完成": "paid",
    "已支付": "paid",
    "open": "pending", "on hold": "pending", "authorized": "pending", "unpaid": "pending", "pending payment": "pending",
    "offen": "pending", "ausstehend": "pending", "oczekujące": "pending", "in attesa": "pending", "待付款": "pending",
    "canceled": "cancelled", "voided": "cancelled", "failed": "cancelled", "refunded": "cancelled",
    "storniert": "cancelled", "abgebrochen": "cancelled", "erstattet": "cancelled", "anulowane": "cancelled",
    "zwrócone": "cancelled", "annullato": "cancelled", "rimborsato": "cancelled", "已取消": "cancelled",
    "已退款": "cancelled",
}  # fmt: skip
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
    style: Style


@transaction_required
def plan_order_import(
    *, table: Table, mapping: Mapping[str, str] | None = None, style: Style = PLAIN, now: datetime
) -> Plan[OrderRow]:
    """Read every row. Days without a time are days in the workspace's zone; no currency means the workspace's.

    The rows of the plan are in the order in which the orders were placed.
    """
    home = workspace()
    place = _Place(home.currency, home.time_zone, now, style)
    understood = understood_in(table, mapping, "orders", ORDER_COLUMNS)
    plan = read_plan(
        _orders_of(table, understood), understood, lambda number, cells: _row(number, cells, place), _key_of, NEEDED
    )
    rows = sorted(plan.rows, key=lambda row: (row.sale.placed_at, row.sale.number))
    header = understood.get("order_id", "")
    known_already = _("This order is known already: it came from the shop or was recorded by hand.")
    known = [Problem(row.number, known_already, header, row.sale.number) for row in known_elsewhere(rows)]
    return Plan(_as_known(rows), [*plan.errors, *known], plan.mapping)


def _orders_of(table: Table, understood: Mapping[str, str]) -> Table:
    """Without the further articles of an order: some shops give each a row, with the amount in the first one alone."""
    number, amount = understood.get("order_id"), understood.get("amount")
    if number is None or amount is None:
        return table
    at, amount_at, seen, kept = table.headers.index(number), table.headers.index(amount), set[str](), list[int]()
    for index, cells in enumerate(table.rows):
        if cells[amount_at] or cells[at] not in seen:
            kept.append(index)
        seen.add(cells[at])
    numbers = [table.row_numbers[index] for index in kept]
    return replace(table, rows=[table.rows[index] for index in kept], row_numbers=numbers)


@transaction_required
def write_orders(*, rows: Sequence[OrderRow], by: str, now: datetime) -> Imported:
    """Settle some rows. An order that came from the shop since the file was checked is left as it is: it is known."""
    late = {row.number for row in known_elsewhere(rows)}
    rows = [row for row in rows if row.number not in late]
    before = preview(rows, now)
    for row in rows:
        tell_sale(key=OrderKey(TABLE, row.sale.number), sale=row.sale, by=by, now=now)
    return replace(before, unchanged=before.unchanged + len(late))


@transaction_required
def preview(rows: Sequence[OrderRow], now: datetime) -> Imported:
    """What importing would do: orders that are new, that change, and that are known as they are."""
    told: dict[str, dict[str, object]] = {}
    numbers = [row.sale.number for row in rows]
    known = OrderFact.objects.filter(
        any_of("order__external_id", numbers), order__platform=TABLE, kind=OrderFact.Kind.SNAPSHOT
    )
    for number, data in known.order_by("as_of", "digest").values_list("order__external_id", "data"):
        told[number] = data
    disputes = _disputes_told(numbers)
    same = sum(
        _says_the_same(row.sale, told.get(row.sale.number), now) and _is_told(row.sale, disputes) for row in rows
    )
    return Imported(added=len(rows) - len(told), updated=len(told) - same, unchanged=same)


def _says_the_same(sale: Sale, told: dict[str, object] | None, now: datetime) -> bool:
    return told is not None and sale_data(sale, told, now) == told


def _disputes_told(numbers: list[str]) -> dict[str, dict[str, object]]:
    known = OrderFact.objects.filter(
        any_of("order__external_id", numbers), order__platform=TABLE, kind=OrderFact.Kind.DISPUTE
    )
    return dict(known.order_by("as_of", "digest").values_list("order__external_id", "data"))


def _is_told(sale: Sale, disputes: dict[str, dict[str, object]]) -> bool:
    return sale.dispute is None or disputes.get(sale.number) == dispute_data(sale.dispute)


def known_elsewhere(rows: Sequence[OrderRow]) -> list[OrderRow]:
    """Orders that the shop or somebody of the team told before: importing one would count it twice."""
    numbers = [written for row in rows for written in _spellings(row.sale.number)]
    others = Order.objects.exclude(platform=TABLE)
    known = {*others.filter(any_of("external_id", numbers)).values_list("external_id", flat=True)}
    known |= {*others.filter(any_of("number", numbers)).values_list("number", flat=True)}
    return [row for row in rows if known.intersection(_spellings(row.sale.number))]


def _as_known(rows: Sequence[OrderRow]) -> list[OrderRow]:
    """With its number as an earlier table wrote it: #1001 and 1001 are one order."""
    numbers = [written for row in rows for written in _spellings(row.sale.number)]
    found = Order.objects.filter(any_of("external_id", numbers), platform=TABLE)
    known = {*found.values_list("external_id", flat=True)}
    return [_spelled_as(row, known) for row in rows]


def _spelled_as(row: OrderRow, known: Collection[str]) -> OrderRow:
    told = row.sale.number
    number = next((written for written in (told, *_spellings(told)) if written in known), told)
    return row if number == told else replace(row, sale=replace(row.sale, number=number))


def _key_of(row: OrderRow) -> str:
    return row.sale.number.removeprefix("#")


def _spellings(number: str) -> tuple[str, str]:
    plain = number.removeprefix("#")
    return plain, f"#{plain}"


def _row(number: int, cells: Mapping[str, str], place: _Place) -> OrderRow:
    currency = cells.get("currency", "").strip().upper() or place.currency
    status = _status(cells.get("status", ""))
    if not is_currency(currency):
        message = _("Write the currency as its three letters, like EUR; not “%(text)s”.") % {"text": currency[:50]}
        raise BadCell(message, "currency")
    return OrderRow(number, _sale(cells, currency, status, place))


def _status(text: str) -> str:
    """As we call it; what shops say is understood, whatever stands between its words."""
    told = " ".join(re.split(r"[\s_-]+", text.strip().lower())).removeprefix("wc ")
    status = STATUS_WORDS.get(told, told) or "paid"
    if status not in STATUSES:
        said = {"choices": ", ".join(STATUSES), "text": text[:50]}
        raise BadCell(_("Write the status as one of %(choices)s; not “%(text)s”.") % said, "status")
    return status


def _sale(cells: Mapping[str, str], currency: str, status: str, place: _Place) -> Sale:
    placed_at, day_from = _placed(cells["placed_at"], place)
    return Sale(
        number=_order_id(cells["order_id"]),
        person=PersonIn(email=_email(cells["email"]), name=clean_text(name_in(cells), max_length=200)),
        amount_minor=_amount(cells["amount"], currency, place.style),
        currency=currency,
        placed_at=placed_at,
        day_from=day_from,
        code=cells.get("code", "").strip()[:80],
        is_paid=status == "paid" or status in DISPUTED,
        is_cancelled=status == "cancelled",
        tax_minor=_part(cells, "tax", currency, place.style),
        shipping_minor=_part(cells, "shipping", currency, place.style),
        dispute=DISPUTED.get(status),
    )


def _placed(text: str, place: _Place) -> tuple[datetime, datetime | None]:
    """The moment; of a mere day its last one (or now), so that no order is before the click or claim of its day."""
    moment = moment_in(text, place.zone, place.now, place.style, "placed_at")
    if moment is None:
        raise BadCell(_("Say when the order was placed, like 2026-03-31."), "placed_at")
    if len(iso_day(text, place.style.days)) > DAY:
        return moment, None
    last = add_days(moment, 1, place.zone) - timedelta(seconds=1)
    return min(last, place.now), moment


def _order_id(text: str) -> str:
    if not text or len(text) > 120:
        raise BadCell(_("Every order needs its number, of 120 characters at most."), "order_id")
    return text


def _email(text: str) -> str:
    address = normalise_email(text)
    if address is None:
        raise BadCell(_("“%(text)s” is no e-mail address.") % {"text": text[:100]}, "email")
    return address


def _amount(text: str, currency: str, style: Style) -> int:
    amount = _minor(text, "amount", currency, style)
    if not amount:
        raise BadCell(_("An order of nothing is nothing to refer."), "amount")
    return amount


def _part(cells: Mapping[str, str], column: str, currency: str, style: Style) -> int:
    """Tax or shipping: an empty cell is none."""
    text = cells.get(column, "")
    return _minor(text, column, currency, style) if text.strip() else 0


def _minor(text: str, column: str, currency: str, style: Style) -> int:
    try:
        return parse_minor(_with_point(plain_number(text, style.decimal)), currency)
    except MoneyError as error:
        raise BadCell(str(error), column) from error


def _with_point(text: str) -> str:
    """A comma before one or two last digits is a decimal mark where no point stands; spreadsheets write it so."""
    whole, comma, rest = text.strip().rpartition(",")
    return f"{whole}.{rest}" if comma and "." not in text and rest.isdigit() and len(rest) <= 2 else text
