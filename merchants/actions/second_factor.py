"""Whether everybody who works here has to have a second factor. API keys are no people, and stay as they are."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from kit.tenancy import current_merchant_id, transaction_required
from merchants import events
from merchants.actions.team import NotAllowed, TeamError
from merchants.locks import merchant_for_update, workspace_for_update
from merchants.models import Membership
from merchants.permissions import can
from merchants.staff_selectors import has_second_factor


class FirstYourself(TeamError):
    """Who asks it of everybody has to have it."""


@transaction_required
def need_second_factor(*, needed: bool, by: Membership, now: datetime) -> None:
    """An owner's word, of whoever is owner by then. Said twice it changes nothing."""
    workspace, merchant = workspace_for_update(), merchant_for_update()
    actor = Membership.objects.filter(pk=by.pk, merchant_id=current_merchant_id()).select_related("user").first()
    if actor is None or not can(actor.role, "workspace.guard"):
        raise NotAllowed(_("Only an owner decides this."))
    if needed and not has_second_factor(actor.user):
        raise FirstYourself(_("Set up two-factor for yourself first."))
    if merchant.needs_second_factor == needed:
        return
    merchant.needs_second_factor = needed
    merchant.save(update_fields=["needs_second_factor"])
    code = "workspace.second_factor_needed" if needed else "workspace.second_factor_optional"
    events.record(code, subject=workspace, by=events.by_user(actor.user_id), now=now)
