"""Before a workspace: the way in, a new workspace, joining a team."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from engagement import addresses
from kit.clock import database_now, now_for
from kit.signing import unsign_value
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.actions.team import TeamError, accept_invitation
from merchants.actions.workspaces import BadSetting
from merchants.models import Invitation, Membership, Merchant
from merchants.selectors import invitation_by_id, invitations_for, memberships_of
from merchants.steps.workspaces import open_workspace
from referral_saas.dashboard.answers import point_out
from referral_saas.dashboard.forms.workspace import NewWorkspaceForm


@require_GET
def start(request: Any) -> HttpResponse:
    """Signed in: the only workspace, or the list; signed out: what this is."""
    if not request.user.is_authenticated:
        return render(request, "dashboard/landing.html", {"story": _story()})
    seats, invited = list(memberships_of(request.user)), list(invitations_for(request.user))
    if not invited and len(seats) < 2:
        return redirect(f"/w/{seats[0].merchant.slug}" if seats else "/workspaces/new")
    asks = [(invitation, urlsplit(addresses.invitation(invitation.pk)).path) for invitation in invited]
    return render(request, "dashboard/workspaces.html", {"seats": seats, "invitations": asks})


def _story() -> list[dict[str, str]]:
    """One referral as the landing page tells it."""
    return [
        {"title": _("Dana shares her link"), "text": _("By copying it, in a chat or as a QR code.")},
        {"title": _("Her friend gets a code and buys"), "text": _("Your shop tells us by itself.")},
        {"title": _("The reward is held"), "text": _("Until the return window has closed. A refund makes it smaller.")},
        {"title": _("The reward is delivered"), "text": _("Dana hears about it, and her friend can join too.")},
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_workspace(request: Any) -> HttpResponse:
    form = NewWorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (merchant := _opened(request, form)):
        return redirect(f"/w/{merchant.slug}/setup")
    context = {"form": form, "has_others": memberships_of(request.user).exists()}
    return render(request, "dashboard/new_workspace.html", context, status=422 if form.errors else 200)


def _opened(request: Any, form: NewWorkspaceForm) -> Merchant | None:
    try:
        return open_workspace(user=request.user, language=request.user.language, **form.cleaned_data)
    except BadSetting as error:
        point_out(form, error.field, str(error))
        return None


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Any, token: str) -> HttpResponse:
    """The mailed link. It alone admits nobody: the invited address must sign in."""
    invitation = _invitation(token)
    if invitation is None or _is_closed(invitation):
        return render(request, "dashboard/join_closed.html", {"invitation": invitation}, status=410)
    if request.method == "POST" and request.user.is_authenticated:
        return _joined(request, invitation)
    return render(request, "dashboard/join.html", _join_context(request, invitation))


def _joined(request: Any, invitation: Invitation) -> HttpResponse:
    try:
        membership = _accepted(request, invitation)
    except TeamError as error:
        context = {**_join_context(request, invitation), "problem": str(error)}
        return render(request, "dashboard/join.html", context, status=409)
    return redirect(f"/w/{membership.merchant.slug}")


def _accepted(request: HttpRequest, invitation: Invitation) -> Membership:
    with tenant_scope(invitation.tenant_ref()), tenant_transaction():
        return accept_invitation(invitation=invitation, user=request.user, now=now_for(invitation.merchant))  # type: ignore[arg-type]


def _join_context(request: Any, invitation: Invitation) -> dict[str, Any]:
    user, back = request.user, urlencode({"next": request.path})
    return {
        "invitation": invitation,
        "is_theirs": user.is_authenticated and user.email.lower() == invitation.email,
        "login_url": f"{reverse('account_login')}?{back}",
        "signup_url": f"{reverse('account_signup')}?{back}",
        "logout_url": f"{reverse('account_logout')}?{back}",
    }


def _invitation(token: str) -> Invitation | None:
    older = settings.SECRET_KEY_FALLBACKS
    value = unsign_value(token, salt=addresses.INVITATION, key=settings.SECRET_KEY, fallback_keys=older)
    try:
        return invitation_by_id(UUID(str(value)))
    except ValueError:
        return None


def _is_closed(invitation: Invitation) -> bool:
    is_over = invitation.expires_at <= database_now() or invitation.merchant.status != Merchant.Status.ACTIVE
    return bool(invitation.accepted_at or invitation.withdrawn_at or is_over)
