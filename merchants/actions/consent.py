"""Whether friend pages may remember a visit."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from kit.tenancy import transaction_required
from merchants import events
from merchants.actions.workspaces import BadSetting
from merchants.locks import workspace_for_update
from merchants.models import Workspace


@transaction_required
def change_consent(*, consent: str, by: str, now: datetime) -> Workspace:
    """Counts for every visit from now on. Raises BadSetting; then nothing was changed."""
    if consent not in Workspace.Consent.values:
        raise BadSetting("consent", _("Choose one of the ways on the list."))
    found = workspace_for_update()
    before, found.consent = found.consent, consent
    if before != consent:
        found.save(update_fields=["consent"])
        data = {"consent": consent, "before": before}
        events.record("workspace.consent_changed", subject=found, by=by, now=now, data=data)
    return found
