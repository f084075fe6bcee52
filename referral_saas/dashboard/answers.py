"""How a view ends after its work: back to a page, with a word on what was done or why not."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect

from referral_saas.dashboard.frame import DeskRequest


def done(request: DeskRequest, path: str, said: str = "") -> HttpResponse:
    """To a page of this workspace (``path`` begins with a slash or is empty for Home)."""
    if said:
        messages.success(request, said)
    return redirect(f"/w/{request.desk.merchant.slug}{path}")


def refused(request: DeskRequest, path: str, why: str) -> HttpResponse:
    """For ``@change`` and ``@form_page``: nothing of this request is kept, and the page one comes back to says why."""
    transaction.set_rollback(True)
    messages.error(request, why)
    return redirect(f"/w/{request.desk.merchant.slug}{path}")


def point_out(form: BaseForm, field: str, message: str) -> None:
    """Beside the field it is about, or above the form where it is about none."""
    form.add_error(field if field in form.fields else None, message)


def secret_page(response: HttpResponse) -> HttpResponse:
    """A page with something that is shown once: no cache may keep it."""
    response["Cache-Control"] = "no-store"
    return response
