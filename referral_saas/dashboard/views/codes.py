"""Uploading codes into a program's pools, or into the pool of a kind of reward."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imports.models import Import
from insights.programs import Stock, stock_of
from programs.actions.stock import BadCodes, Fault, Uploaded, upload_codes
from programs.models import CodePool
from programs.rules import Fulfilment
from programs.selectors import codes_of_kind
from referral_saas.dashboard.access import kind_for, program_for
from referral_saas.dashboard.answers import done
from referral_saas.dashboard.forms.codes import CodesForm
from referral_saas.dashboard.frame import DeskRequest, form_page, show
from referral_saas.dashboard.importing.targets import of_kind as target_of_kind
from referral_saas.dashboard.importing.targets import of_pool
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.views.imports import brought


@form_page("program.edit")
def codes(request: DeskRequest, program_slug: str, purpose: str) -> HttpResponse:
    program, purpose = program_for(program_slug), purpose.upper()
    if purpose not in CodePool.Purpose.values or program.archived_at:
        raise Http404
    form = CodesForm(request.POST or None, request.FILES or None)
    if form.is_valid() and (one := _file_of(request, form, of_pool(program, purpose))):
        return done(request, f"/imports/{public(one)}")
    if form.is_pasted and (uploaded := _uploaded(request, form, program=program, purpose=purpose)):
        return done(request, f"/programs/{program.slug}", _said(uploaded))
    context = {
        "program": program,
        "purpose": CodePool.Purpose(purpose),
        "stock": stock_of(program.pk)[purpose],
        "form": form,
    }
    return show(request, "dashboard/codes.html", context, status=422 if form.errors else 200)


@form_page("program.edit")
def of_kind(request: DeskRequest, public_id: str) -> HttpResponse:
    kind = kind_for(public_id)
    if kind.fulfilment != Fulfilment.COUPON_POOL or kind.archived_at:
        raise Http404
    form = CodesForm(request.POST or None, request.FILES or None)
    if form.is_valid() and (one := _file_of(request, form, target_of_kind(kind))):
        return done(request, f"/imports/{public(one)}")
    if form.is_pasted and (uploaded := _uploaded(request, form, kind=kind)):
        return done(request, f"/kinds/{public_id}", _said(uploaded))
    left, total = codes_of_kind(kind)
    context = {"kind": kind, "stock": Stock(left, total), "form": form}
    return show(request, "dashboard/kinds/codes.html", context, status=422 if form.errors else 200)


def _file_of(request: DeskRequest, form: CodesForm, target: str) -> Import | None:
    """A file is looked at like every other before its codes are taken."""
    file = form.cleaned_data.get("file")
    return brought(request, form, "codes", target, file) if file else None


def _uploaded(request: DeskRequest, form: CodesForm, **whose: Any) -> Uploaded | None:
    try:
        return upload_codes(codes=form.cleaned_data["codes"], by=request.desk.by, now=request.desk.now, **whose)
    except BadCodes as error:
        for fault in error.faults:
            form.add_error("pasted", _fault_words(fault))
        return None


def _fault_words(fault: Fault) -> str:
    if fault.code == "too_long":
        return _("Line %(row)s is longer than 80 characters.") % {"row": fault.row}
    return _("Line %(row)s has a space inside: codes are one word.") % {"row": fault.row}


def _said(uploaded: Uploaded) -> str:
    added = ngettext("%(count)s code was added.", "%(count)s codes were added.", uploaded.added)
    words = added % {"count": uploaded.added}
    if not uploaded.known:
        return words
    known = ngettext("%(count)s was known already.", "%(count)s were known already.", uploaded.known)
    return f"{words} {known % {'count': uploaded.known}}"
