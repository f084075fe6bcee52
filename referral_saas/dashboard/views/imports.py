"""Files that are taken in: chosen, looked at column by column, checked, imported by another press. All or nothing."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from imports.actions import (
    MOST_OPEN,
    Busy,
    TooManyImports,
    Upload,
    ask_for_check,
    bring_file,
    drop,
    read_otherwise,
    start_writing,
    waiting_import,
)
from imports.models import Import
from imports.rules import Reading
from imports.selectors import data_of, faults_of, imports_of, look_at
from kit.csvio import CsvProblem
from kit.language import language_of_page
from referral_saas.dashboard.access import import_for
from referral_saas.dashboard.answers import done, refused, secret_page
from referral_saas.dashboard.forms.imports import AdvocateTableForm, TableForm
from referral_saas.dashboard.frame import Desk, DeskRequest, change, form_page, page, show
from referral_saas.dashboard.import_page import counts_text, form_of, import_context, line_of, reading_context
from referral_saas.dashboard.importing.kinds import KINDS
from referral_saas.dashboard.importing.targets import of_program
from referral_saas.dashboard.importing.words import ABOUT
from referral_saas.dashboard.listing import page_of
from referral_saas.dashboard.paths import public

State = Import.State
#: Whoever may import anything at all; what exactly is asked by the kind of the file.
ANYTHING = "advocate.edit"


# --- choosing a file ----------------------------------------------------------------------------------------------


@form_page("customer.import")
def customers(request: DeskRequest) -> HttpResponse:
    return _chosen(request, "customers", TableForm)


@form_page("advocate.edit")
def advocates(request: DeskRequest) -> HttpResponse:
    return _chosen(request, "advocates", AdvocateTableForm)


@form_page("order.record")
def orders(request: DeskRequest) -> HttpResponse:
    return _chosen(request, "orders", TableForm)


def _chosen(request: DeskRequest, kind: str, form_class: type[TableForm]) -> HttpResponse:
    form = form_class(request.POST or None, request.FILES or None, kind=KINDS[kind])
    if request.method == "POST" and form.is_valid():
        target = of_program(form.chosen_program) if isinstance(form, AdvocateTableForm) else ""
        if one := brought(request, form, kind, target, form.cleaned_data["file"]):
            return done(request, f"/imports/{public(one)}")
    context = {"form": form, "about": ABOUT[kind], "back_url": f"/w/{request.desk.merchant.slug}{ABOUT[kind].path}"}
    return show(request, "dashboard/imports/choose.html", context, status=422 if form.errors else 200)


def brought(request: DeskRequest, form: Any, kind: str, target: str, file: Any) -> Import | None:
    """The file, kept to be looked at; None where it is none, and the form says why."""
    desk, told = request.desk, Upload(kind, target, file.name, file.read())
    language = language_of_page()
    try:
        return bring_file(upload=told, kind=KINDS[kind], user=desk.user, language=language, by=desk.by, now=desk.now)
    except CsvProblem as error:
        for problem in error.problems:
            form.add_error("file", problem.message)
    except TooManyImports:
        why = _("%(most)s files wait in this workspace already. Import or delete one of them first, under Imports.")
        form.add_error(None, why % {"most": MOST_OPEN})
    return None


# --- a file that is there -----------------------------------------------------------------------------------------


@page(ANYTHING)
def listed(request: DeskRequest) -> HttpResponse:
    mine = [name for name, kind in KINDS.items() if request.desk.may(kind.need)]
    found = page_of(request, imports_of(mine), by="uploaded_at")
    context = {"page": found, "lines": [line_of(one) for one in found.rows]}
    return show(request, "dashboard/imports/list.html", context)


@page(ANYTHING)
def one(request: DeskRequest, public_id: str) -> HttpResponse:
    """How far it is; its columns where they are to be looked at, or looked at once more."""
    found = import_for(public_id, request.desk.membership)
    context = import_context(request.desk, found)
    if context["is_open"] and (found.state == State.LOOKED_AT or "columns" in request.GET):
        look = look_at(data_of(found), Reading.of(found.reading))
        return _columns(request, found, reading_context(form_of(found, look), look))
    return show(request, "dashboard/imports/page.html", context)


def _columns(request: DeskRequest, found: Import, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    told = import_context(request.desk, found) | context
    return show(request, "dashboard/imports/columns.html", told, status=status)


@change(ANYTHING)
def check(request: DeskRequest, public_id: str) -> HttpResponse:
    """Read as the form says: once more to be looked at, or the whole file from beginning to end."""
    found = _waiting(request.desk, public_id)
    if found is None:
        return _too_late(request, public_id)
    data = data_of(found)
    look = look_at(data, Reading.of(found.reading))
    form = form_of(found, look, request.POST)
    if form.is_valid() and form.is_read_otherwise:
        read_otherwise(one=found, data=data, reading=form.reading, kind=KINDS[found.kind])
        return done(request, f"/imports/{public_id}", _("The file was read anew: look at the columns once more."))
    if not form.is_valid():
        return _columns(request, found, reading_context(form, look), status=422)
    return _checked(request, found, data, form.reading)


def _checked(request: DeskRequest, found: Import, data: bytes, reading: Reading) -> HttpResponse:
    desk, kind, language = request.desk, KINDS[found.kind], language_of_page()
    ask_for_check(one=found, data=data, reading=reading, kind=kind, language=language, by=desk.by, now=desk.now)
    return done(request, f"/imports/{public(found)}")


@change(ANYTHING)
def start(request: DeskRequest, public_id: str) -> HttpResponse:
    found = _waiting(request.desk, public_id)
    if found is None or found.state != State.CHECKED:
        return _too_late(request, public_id)
    desk, kind, language = request.desk, KINDS[found.kind], language_of_page()
    start_writing(one=found, kind=kind, language=language, by=desk.by, now=desk.now)
    said = _("Import done: %(parts)s.") % {"parts": counts_text(found)} if found.state == State.DONE else ""
    return done(request, f"/imports/{public_id}", said)


@change(ANYTHING)
def discard(request: DeskRequest, public_id: str) -> HttpResponse:
    found = _waiting(request.desk, public_id)
    if found is None:
        return _too_late(request, public_id)
    drop(one=found, by=request.desk.by, now=request.desk.now)
    return done(request, "/imports", _("The file was deleted. Nothing of it was imported."))


def _waiting(desk: Desk, public_id: str) -> Import | None:
    """Locked. None where a worker is at it, or it is over."""
    try:
        return waiting_import(import_for(public_id, desk.membership).pk)
    except Busy:
        return None


def _too_late(request: DeskRequest, public_id: str) -> HttpResponse:
    return refused(request, f"/imports/{public_id}", _("This file has gone on meanwhile: see how far it is."))


@page(ANYTHING)
def faults(request: DeskRequest, public_id: str) -> HttpResponse:
    """The rows at fault as a table: what stands there, what is wrong, what to do."""
    found = import_for(public_id, request.desk.membership)
    told = faults_of(found) if found.state == State.FAULTY else None
    if told is None:
        raise Http404
    response = HttpResponse(told, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.kind}-rows-to-correct.csv"'
    return secret_page(response)
