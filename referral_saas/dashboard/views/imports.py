"""Tables of customers, advocates and orders: checked first, changed only after a second press, all or nothing.

Between the two presses the file travels in the page, signed; nothing of it is kept on the server.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import compress, decompress

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.actions.imports import (
    ADVOCATE_COLUMNS,
    CUSTOMER_COLUMNS,
    BadImport,
    Imported,
    Plan,
    import_advocates,
    import_customers,
    plan_advocate_import,
    plan_customer_import,
)
from kit.csvio import CsvProblem, Problem, Table, read_table
from kit.signing import sign_value, unsign_value
from referral_saas.dashboard.answers import done
from referral_saas.dashboard.forms.imports import AdvocateTableForm, TableForm
from referral_saas.dashboard.frame import Desk, DeskRequest, form_page, show
from rewards.actions.imports import ORDER_COLUMNS, import_orders, plan_order_import, preview

LARGEST = 2_000_000
MOST_ROWS = 20_000
#: Every advocate is enrolled by themselves, so a file is done within seconds.
MOST_ADVOCATES = 1_000
SHOWN = 5
#: A file waits in an open page for the second press this long at most (seconds, real time).
WAITS = 3_600


@dataclass(frozen=True)
class Kind:
    """One kind of table. ``plan`` reads without writing, ``apply`` writes the plan or raises BadImport.

    ``foresee`` tells what applying would do where reading alone finds every fault; else it is tried and taken back.
    """

    name: str
    columns: Sequence[str]
    plan: Callable[[Desk, Table], Plan[Any]]
    apply: Callable[[Desk, Plan[Any], TableForm], Imported]
    form: type[TableForm] = TableForm
    most_rows: int = MOST_ROWS
    foresee: Callable[[Desk, Plan[Any]], Imported] | None = None


@dataclass
class Check:
    """What became of looking at a file."""

    problems: list[Problem] = field(default_factory=list)
    would: Imported | None = None
    headers: list[str] = field(default_factory=list)
    sample: list[list[str]] = field(default_factory=list)
    rows: int = 0
    mapping: dict[str, str] = field(default_factory=dict)
    payload: str = ""


@form_page("customer.import")
def customers(request: DeskRequest) -> HttpResponse:
    return _serve(request, CUSTOMERS, "/customers")


@form_page("advocate.edit")
def advocates(request: DeskRequest) -> HttpResponse:
    return _serve(request, ADVOCATES, "/advocates")


@form_page("order.record")
def orders(request: DeskRequest) -> HttpResponse:
    return _serve(request, ORDERS, "/orders")


def _serve(request: DeskRequest, kind: Kind, back: str) -> HttpResponse:
    is_second = request.method == "POST" and "payload" in request.POST
    form = kind.form(request.POST or None, request.FILES or None, needs_file=not is_second)
    if request.method == "POST" and form.is_valid():
        return _second(request, kind, form, back) if is_second else _first(request, kind, form)
    return _page(request, kind, form, status=422 if form.errors else 200)


def _first(request: DeskRequest, kind: Kind, form: TableForm) -> HttpResponse:
    """Look at the file: row errors, or what it would change. Nothing stays changed."""
    check = _checked(request.desk, kind, form, form.cleaned_data["file"].read())
    return _page(request, kind, form, check=check, status=422 if check.problems else 200)


def _second(request: DeskRequest, kind: Kind, form: TableForm, back: str) -> HttpResponse:
    data = _unpacked(request.desk, kind, request.POST["payload"])
    if data is None:
        form.add_error(None, _("This page has waited too long. Choose the file again."))
        return _page(request, kind, kind.form(needs_file=True), problem=form.non_field_errors()[0], status=422)
    try:
        told = kind.apply(request.desk, kind.plan(request.desk, _table(kind, data)), form)
    except (BadImport, CsvProblem) as error:
        return _page(request, kind, form, check=Check(problems=error.problems), status=422)
    return done(request, back, result_text(told))


def _checked(desk: Desk, kind: Kind, form: TableForm, data: bytes) -> Check:
    try:
        table = _table(kind, data)
        plan = kind.plan(desk, table)
        return _seen(desk, kind, table, plan, _tried(desk, kind, plan, form), data)
    except (BadImport, CsvProblem) as error:
        return Check(problems=error.problems)


def _tried(desk: Desk, kind: Kind, plan: Plan[Any], form: TableForm) -> Imported:
    """Really do it and take it back: what the page promises is what the second press will do."""
    if kind.foresee:
        return kind.foresee(desk, plan)
    with transaction.atomic():
        told = kind.apply(desk, plan, form)
        transaction.set_rollback(True)
    return told


def _seen(desk: Desk, kind: Kind, table: Table, plan: Plan[Any], would: Imported, data: bytes) -> Check:
    return Check(
        would=would,
        headers=list(table.headers),
        sample=table.rows[:SHOWN],
        rows=len(table.rows),
        mapping=plan.mapping,
        payload=_packed(desk, kind, data),
    )


def _table(kind: Kind, data: bytes) -> Table:
    return read_table(data, max_rows=kind.most_rows, max_bytes=LARGEST)


def _salt(desk: Desk, kind: Kind) -> str:
    """A file checked for one workspace and purpose is worth nothing for another."""
    return f"dashboard.import.{kind.name}.{desk.merchant.pk}"


def _packed(desk: Desk, kind: Kind, data: bytes) -> str:
    text = b64encode(compress(data, 9)).decode("ascii")
    return sign_value(text, salt=_salt(desk, kind), key=settings.SECRET_KEY)


def _unpacked(desk: Desk, kind: Kind, text: str) -> bytes | None:
    older = settings.SECRET_KEY_FALLBACKS
    value = unsign_value(text, salt=_salt(desk, kind), key=settings.SECRET_KEY, fallback_keys=older, max_age=WAITS)
    return decompress(b64decode(value)) if isinstance(value, str) else None


def _page(request: DeskRequest, kind: Kind, form: TableForm, *, status: int = 200, **more: Any) -> HttpResponse:
    told = {"kind": kind.name, "columns": columns_of(kind.columns), "check": None}
    context = {"form": form, "back_url": f"/w/{request.desk.merchant.slug}/{kind.name}", **told, **more}
    return show(request, f"dashboard/imports/{kind.name}.html", context, status=status)


def result_text(told: Imported) -> str:
    parts = [
        ngettext("%(n)s added", "%(n)s added", told.added) % {"n": told.added},
        ngettext("%(n)s completed", "%(n)s completed", told.updated) % {"n": told.updated},
        ngettext("%(n)s unchanged", "%(n)s unchanged", told.unchanged) % {"n": told.unchanged},
    ]
    return _("Import done: %(parts)s.") % {"parts": ", ".join(parts)}


def columns_of(names: Sequence[str]) -> list[tuple[str, str]]:
    """What each column holds."""
    texts = {
        "email": _("E-mail address. Needed."),
        "name": _("Name"),
        "country": _("Two letters, like DE"),
        "orders": _("How many orders this person has paid so far"),
        "first_paid_at": _("Day of the first paid order, like 2026-03-31"),
        "external_id": _("The customer's number in your shop"),
        "kind": _("customer, employee, partner or influencer; empty means customer"),
        "place": _("A shop, city or team"),
        "order_id": _("Order number. Needed."),
        "amount": _("After discounts, without tax and shipping, like 49.90. Needed."),
        "tax": _("The tax on the amount, where a program counts tax"),
        "shipping": _("What shipping cost, where a program counts it"),
        "currency": _("Three letters, like EUR; empty means the workspace's"),
        "placed_at": _("Day or moment of the order, like 2026-03-31. Needed."),
        "code": _("The code used, if any"),
        "status": _("paid, pending or cancelled; disputed, won or lost for a disputed payment; empty means paid"),
    }
    return [(name, texts[name]) for name in names]


# --- the three kinds ----------------------------------------------------------------------------------------------


def _plan_customers(desk: Desk, table: Table) -> Plan[Any]:
    return plan_customer_import(table=table, now=desk.now)


def _apply_customers(desk: Desk, plan: Plan[Any], form: TableForm) -> Imported:
    return import_customers(plan=plan, by=desk.by, now=desk.now)


def _plan_advocates(desk: Desk, table: Table) -> Plan[Any]:
    return plan_advocate_import(table=table, now=desk.now)


def _apply_advocates(desk: Desk, plan: Plan[Any], form: TableForm) -> Imported:
    assert isinstance(form, AdvocateTableForm)
    return import_advocates(plan=plan, program=form.chosen_program, by=desk.by, now=desk.now)


def _plan_orders(desk: Desk, table: Table) -> Plan[Any]:
    return plan_order_import(table=table, now=desk.now)


def _apply_orders(desk: Desk, plan: Plan[Any], form: TableForm) -> Imported:
    return import_orders(plan=plan, by=desk.by, now=desk.now)


def _foresee_orders(desk: Desk, plan: Plan[Any]) -> Imported:
    return preview(plan, desk.now)


CUSTOMERS = Kind("customers", CUSTOMER_COLUMNS, _plan_customers, _apply_customers)
ADVOCATES = Kind("advocates", ADVOCATE_COLUMNS, _plan_advocates, _apply_advocates, AdvocateTableForm, MOST_ADVOCATES)
ORDERS = Kind("orders", ORDER_COLUMNS, _plan_orders, _apply_orders, foresee=_foresee_orders)
