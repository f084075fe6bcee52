"""Deleting one's own account."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from merchants.actions.team import LastOwner
from privacy.leaving import leaving_of
from privacy.steps.accounts import delete_account
from referral_saas.dashboard.forms.account import DeletionForm
from referral_saas.security_mail import tell_deleted


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def delete(request: Any) -> HttpResponse:
    form = DeletionForm(request.POST if request.method == "POST" else None, email=request.user.email)
    if form.is_valid() and _deleted(request, form):
        logout(request)
        messages.success(request, _("Your account is deleted."))
        return redirect("account_login")
    context = {"form": form, "leaving": leaving_of(request.user)}
    return render(request, "account/delete.html", context, status=422 if form.errors else 200)


def _deleted(request: Any, form: DeletionForm) -> bool:
    address = request.user.email
    try:
        delete_account(user=request.user, now=timezone.now())
    except LastOwner:  # the page says where
        form.add_error(None, _("A workspace still needs you: nothing was deleted."))
        return False
    tell_deleted(address)
    return True
